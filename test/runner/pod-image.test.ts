import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import tar from 'tar-stream';
import { writeDockerArchive, type ImageEntry } from '../../src/runner/sidecar/image/docker-archive.ts';
import { parseLdd } from '../../src/runner/sidecar/image/node-files.ts';
import { AGENT_PATH, writePodImage } from '../../src/runner/sidecar/image/pod-image.ts';
import { requirement } from '../requirements.ts';
import { temporaryFolder } from './target-binary.ts';

const signal = AbortSignal.timeout(240_000);
const config = { Entrypoint: ['/a'], Env: [], User: '1:1', WorkingDir: '/', Labels: {} };

interface Packed {
  readonly mode: number | undefined;
  readonly content: Buffer;
}

async function unpack(from: Readable): Promise<ReadonlyMap<string, Packed>> {
  const found = new Map<string, Packed>();
  for await (const entry of from.pipe(tar.extract())) {
    found.set(entry.header.name, { mode: entry.header.mode, content: await buffer(entry) });
  }
  return found;
}

/** The parts of an image as an engine reads them, each digest compared with what it is of. */
async function imageIn(file: string): Promise<{
  readonly id: string;
  readonly tags: readonly string[];
  readonly config: { readonly architecture: string; readonly config: Readonly<Record<string, unknown>> };
  readonly layer: ReadonlyMap<string, Packed>;
}> {
  const parts = await unpack(createReadStream(file));
  const read = (name: string): Buffer => parts.get(name)?.content ?? assert.fail(`no ${name}`);
  const [manifest] = JSON.parse(read('manifest.json').toString()) as [
    { readonly Config: string; readonly RepoTags: readonly string[]; readonly Layers: readonly [string] },
  ];
  const text = read(manifest.Config);
  const id = createHash('sha256').update(text).digest('hex');
  assert.equal(manifest.Config, `${id}.json`);
  const layer = read(manifest.Layers[0]);
  const parsed = JSON.parse(text.toString()) as {
    readonly architecture: string;
    readonly config: Readonly<Record<string, unknown>>;
    readonly rootfs: { readonly diff_ids: readonly string[] };
  };
  assert.deepEqual(parsed.rootfs.diff_ids, [`sha256:${createHash('sha256').update(layer).digest('hex')}`]);
  return { id: `sha256:${id}`, tags: manifest.RepoTags, config: parsed, layer: await unpack(Readable.from([layer])) };
}

test('an image is written as docker save does, and from the same entries with the same bytes', async () => {
  await using folder = await temporaryFolder();
  const from = join(folder.path, 'from');
  writeFileSync(from, 'content', { mode: 0o600 });
  const entries: readonly ImageEntry[] = [
    { kind: 'file', path: 'usr/bin/a', from, mode: 0o755 },
    { kind: 'text', path: 'etc/passwd', text: 'a:x:1:1\n' },
    { kind: 'folder', path: 'tmp', mode: 0o1777 },
  ];
  const write = (name: string, of: readonly ImageEntry[]): Promise<{ readonly id: string; readonly bytes: number }> =>
    writeDockerArchive(join(folder.path, name), { name: 'a:1', architecture: 'amd64', config, entries: of }, signal);
  const written = await write('one.tar', entries);
  await write('two.tar', entries.toReversed());
  const one = readFileSync(join(folder.path, 'one.tar'));
  assert.ok(one.equals(readFileSync(join(folder.path, 'two.tar'))));
  assert.equal(one.length, written.bytes);
  const image = await imageIn(join(folder.path, 'one.tar'));
  assert.deepEqual([image.id, image.tags, image.config.config], [written.id, ['a:1'], config]);
  const layer = [...image.layer].map(([name, { mode, content }]) => [name, mode, content.toString()]);
  assert.deepEqual(layer, [
    ['etc', 0o755, ''],
    ['etc/passwd', 0o644, 'a:x:1:1\n'],
    ['tmp', 0o1777, ''],
    ['usr', 0o755, ''],
    ['usr/bin', 0o755, ''],
    ['usr/bin/a', 0o755, 'content'],
  ]);
});

test('an image that cannot be written whole leaves nothing', async () => {
  await using folder = await temporaryFolder();
  const entries: readonly ImageEntry[] = [{ kind: 'file', path: 'a', from: join(folder.path, 'none'), mode: 0o755 }];
  const image = { name: 'a:1', architecture: 'amd64', config, entries };
  await assert.rejects(writeDockerArchive(join(folder.path, 'a.tar'), image, signal), { code: 'ENOENT' });
  const aborted = AbortSignal.abort(new Error('enough'));
  await assert.rejects(writeDockerArchive(join(folder.path, 'a.tar'), { ...image, entries: [] }, aborted));
  assert.deepEqual(readdirSync(folder.path), []);
});

test('the libraries of a program are those that ldd tells', () => {
  const text = [
    '\tlinux-vdso.so.1 (0x00007f03690ae000)',
    '\tlibm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007f0368d20000)',
    '\tlibatomic.so.1 => not found',
    '\t/lib64/ld-linux-x86-64.so.2 (0x00007f03690b0000)',
  ].join('\n');
  assert.deepEqual(parseLdd(text), {
    found: ['/lib/x86_64-linux-gnu/libm.so.6', '/lib64/ld-linux-x86-64.so.2'],
    missing: ['libatomic.so.1'],
  });
  assert.deepEqual(parseLdd('\tstatically linked'), { found: [], missing: [] });
});

describe('the image for pods', requirement('go'), () => {
  test('holds Node with its libraries, gctune with what it needs, and the agent', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'gctune.tar');
    const written = await writePodImage(
      file,
      { name: 'gctune:test', version: '1.2.3' },
      { env: process.env, signal, onProgress: () => undefined },
    );
    const { id, tags, config: of, layer } = await imageIn(file);
    assert.deepEqual([id, tags], [written.id, ['gctune:test']]);
    const [node = '', main = ''] = of.config['Entrypoint'] as readonly string[];
    const contentOf = (path: string): Buffer => layer.get(path.slice(1))?.content ?? assert.fail(`no ${path}`);
    const digestOf = (path: string): string => `sha256:${createHash('sha256').update(contentOf(path)).digest('hex')}`;
    assert.ok(contentOf(node).equals(readFileSync(process.execPath)));
    assert.ok(contentOf(main).equals(readFileSync(new URL('../../src/main.ts', import.meta.url))));
    assert.equal(digestOf(AGENT_PATH), written.agentDigest);
    assert.equal(layer.get(AGENT_PATH.slice(1))?.mode, 0o755);
    assert.ok([...layer.keys()].some((name) => /\/libc\.so\.6$|\/ld-musl/.test(name)));
    // What is on this machine under names of its own says nothing there.
    assert.ok(
      [...layer.keys()].every((name) => /^(?:usr|lib|lib64|opt|opt\/gctune|etc|tmp|gctune-agent)(?:\/|$)/.test(name)),
    );
    for (const name of ['zod', 'undici', 'tar-stream']) contentOf(`/opt/gctune/node_modules/${name}/package.json`);
    for (const name of ['typescript', '@kubernetes/client-node']) {
      assert.ok(!layer.has(`opt/gctune/node_modules/${name}/package.json`), name);
    }
    assert.equal(existsSync(`${file}.${process.pid}.tmp`), false);
  });
});
