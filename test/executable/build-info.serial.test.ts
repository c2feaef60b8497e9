import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { suite, test } from 'node:test';
import { execa } from 'execa';
import fc from 'fast-check';
import { readBuildInfo, readBuildInfoFrom, readBinaryPlatform } from '../../src/executable/build-info.ts';
import type { ByteSource } from '../../src/executable/byte-source.ts';
import { byteSourceOf } from './bytes-in-memory.ts';
import { findNpmFile } from '../../src/target/npm-path.ts';
import { platformOfNode } from '../../src/executable/platform.ts';
import type { BuildInfo } from '../../src/results/format.ts';
import { requirement } from '../requirements.ts';
import { goBuild, scratch, writeHello } from '../target/hello.ts';
import { oldElf } from './old-elf.ts';

const heapd = resolve(import.meta.dirname, '../../experiments/targets/heapd');
const oldGo = ['/usr/lib/go-1.19/bin/go'].find(existsSync);

/** What Go's own reader says, in our words. */
async function oracle(path: string): Promise<BuildInfo> {
  const { stdout } = await execa('go', ['version', '-m', '-json', path]);
  const info = JSON.parse(stdout) as {
    GoVersion: string;
    Path?: string;
    Main?: { Path?: string; Version?: string };
    Settings?: { Key: string; Value: string }[];
  };
  return {
    goVersion: info.GoVersion,
    path: info.Path ?? '',
    mainModule: info.Main?.Path ? { path: info.Main.Path, version: info.Main.Version ?? '' } : undefined,
    settings: Object.fromEntries((info.Settings ?? []).map(({ Key, Value }) => [Key, Value])),
  };
}

suite('build info agrees with go version -m', () => {
  test('heapd, built with the go on the PATH', requirement('go'), async (t) => {
    const path = await goBuild(heapd, join(await scratch(t), 'heapd'), []);
    const info = await readBuildInfo(path);
    assert.deepEqual(info, await oracle(path));
    assert.equal(info?.path, 'gctune.dev/heapd');
  });

  test('heapd, built with Go 1.19', oldGo === undefined ? { skip: 'needs Go 1.19' } : requirement('go'), async (t) => {
    const path = await goBuild(heapd, join(await scratch(t), 'heapd'), ['-trimpath'], {}, oldGo);
    const info = await readBuildInfo(path);
    assert.deepEqual(info, await oracle(path));
    assert.match(info?.goVersion ?? '', /^go1\.19/);
  });

  test('the native TypeScript compiler', requirement('go'), async () => {
    const here = platformOfNode(process.platform, process.arch);
    const { path } = await findNpmFile('npm:@typescript/typescript-{platform}-{arch}/lib/tsc', here);
    assert.deepEqual(await readBuildInfo(path), await oracle(path));
    assert.deepEqual(await readBinaryPlatform(path), here);
  });

  for (const [os, arch] of [
    ['darwin', 'arm64'],
    ['linux', 'arm64'],
  ] as const) {
    test(`a stripped program for ${os}/${arch}`, requirement('go'), async (t) => {
      const folder = await scratch(t);
      const flags = ['-ldflags=-s -w -X "main.quoted=a b"', '-trimpath'];
      const path = await goBuild(await writeHello(folder), join(folder, 'program'), flags, { GOOS: os, GOARCH: arch });
      const info = await readBuildInfo(path);
      assert.deepEqual(info, await oracle(path));
      assert.deepEqual([info?.settings['GOOS'], info?.settings['GOARCH']], [os, arch]);
      assert.deepEqual(await readBinaryPlatform(path), { os, arch });
    });
  }

  test('a universal program for macOS, by its first part', requirement('go'), async (t) => {
    const folder = await scratch(t);
    const env = { GOOS: 'darwin', GOARCH: 'arm64' };
    const thin = await readFile(await goBuild(await writeHello(folder), join(folder, 'program'), ['-trimpath'], env));
    const path = join(folder, 'universal');
    const header = Buffer.alloc(4096);
    // mach-o/fat.h: magic, number of parts; type, subtype, offset, size, alignment as a power of two.
    [0xcafebabe, 1, 0x0100000c, 0, header.length, thin.length, 12].forEach((word, i) =>
      header.writeUInt32BE(word, 4 * i),
    );
    await writeFile(path, Buffer.concat([header, thin]));
    const info = await readBuildInfo(path);
    assert.deepEqual(info, await oracle(path));
    assert.equal(info?.path, 'example.com/hello');
    assert.deepEqual(await readBinaryPlatform(path), { os: 'darwin', arch: 'arm64' });
  });

  const modules =
    'path\texample.com/old/cmd\nmod\texample.com/old\tv1.2.3\th1:abc=\ndep\tb.example/x\tv0.1.0\th1:def=\n';
  for (const [wide, littleEndian] of [
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ] as const) {
    const name = `a program of Go 1.16 with ${wide ? 64 : 32} bits, ${littleEndian ? 'little' : 'big'}-endian`;
    test(name, requirement('go'), async (t) => {
      const path = join(await scratch(t), 'old');
      const mark = '0123456789abcdef';
      await writeFile(path, oldElf(wide, littleEndian, 'go1.16.6', mark + modules + mark), { mode: 0o755 });
      const info = await readBuildInfo(path);
      assert.deepEqual(info, await oracle(path));
      assert.deepEqual(info, {
        goVersion: 'go1.16.6',
        path: 'example.com/old/cmd',
        mainModule: { path: 'example.com/old', version: 'v1.2.3' },
        settings: {},
      });
    });
  }
});

suite('files that hold no build info', () => {
  test('Node.js itself is a program, but not one of Go', async () => {
    assert.equal(await readBuildInfo(process.execPath), undefined);
    assert.deepEqual(await readBinaryPlatform(process.execPath), platformOfNode(process.platform, process.arch));
  });

  test('scripts, empty files and other files are no programs', async (t) => {
    const path = join(await scratch(t), 'file');
    for (const content of ['', 'M', 'MZ', '\x7fELF', '#!/bin/sh\nexit\n', '\xff Go buildinf:', 'x'.repeat(10_000)]) {
      await writeFile(path, content, 'latin1');
      assert.equal(await readBuildInfo(path), undefined);
      assert.equal(await readBinaryPlatform(path), undefined);
    }
  });

  test('a file that is not there is an error of the file system', async () => {
    await assert.rejects(readBuildInfo('/nowhere/at/all'), { code: 'ENOENT' });
  });
});

/** Fails a reader that does not come to an end, or that reads far more than there is. */
function watched(bytes: Uint8Array): ByteSource {
  const source = byteSourceOf(bytes);
  let reads = 0;
  let total = 0;
  return {
    sizeBytes: source.sizeBytes,
    read: async (offset, length) => {
      const result = await source.read(offset, length);
      reads += 1;
      total += result.length;
      assert.ok(reads < 1000, 'more than 1000 reads');
      assert.ok(total < 8 * source.sizeBytes + 1024, `${total} bytes read of ${source.sizeBytes}`);
      return result;
    },
  };
}

suite('damaged files', () => {
  /** Each is cut after its headers and build info stay whole: small enough to be copied a thousand times. */
  const damaged = async (whole: Buffer): Promise<void> => {
    assert.notEqual(await readBuildInfoFrom(watched(whole)), undefined);
    const interesting = Math.min(4096, whole.length);
    const change = fc.record({
      at: fc.oneof(
        { weight: 9, arbitrary: fc.nat(interesting - 1) },
        { weight: 1, arbitrary: fc.nat(whole.length - 1) },
      ),
      bytes: fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 8 }), fc.constant(new Uint8Array(8).fill(255))),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
        const bytes = Buffer.from(whole);
        for (const { at, bytes: other } of changes) bytes.set(other.subarray(0, bytes.length - at), at);
        await readBuildInfoFrom(watched(bytes));
      }),
      { numRuns: 200 },
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.nat(interesting), fc.nat(whole.length)), async (length) => {
        await readBuildInfoFrom(watched(whole.subarray(0, length)));
      }),
      { numRuns: 100 },
    );
  };

  test('of Go 1.16 never crash or hang the reader', async () => {
    const mark = '0123456789abcdef';
    for (const wide of [true, false]) await damaged(oldElf(wide, wide, 'go1.16.6', `${mark}path\tx\n${mark}`));
  });

  for (const [os, arch] of [
    ['linux', 'arm64'],
    ['darwin', 'arm64'],
  ] as const) {
    test(`of ${os} never crash or hang the reader`, requirement('go'), async (t) => {
      const folder = await scratch(t);
      const flags = ['-ldflags=-s -w', '-trimpath'];
      const env = { GOOS: os, GOARCH: arch };
      await damaged(await readFile(await goBuild(await writeHello(folder), join(folder, 'program'), flags, env)));
    });
  }
});
