import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { ExplanationDocument } from '../../src/analysis/explain/explanation-document.ts';
import { buildHeapd, startHeapd } from '../probe/heapd.ts';
import { requirement } from '../requirements.ts';
import { gctune } from './gctune.ts';

const linux = { skip: process.platform === 'linux' ? false : 'needs /proc' };
let folder = '';
let program = '';

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gctune-test-'));
  if (requirement('go').skip === false) program = await buildHeapd(folder);
});
after(() => rm(folder, { recursive: true, force: true }));

/** The parts lead to RSS exactly, and RSS is what /proc says within what moved while the counters were read. */
function assertAddsUp(document: ExplanationDocument): void {
  const { reconciliation: of, source } = document;
  const sum = of.parts.reduce((all, { bytes }) => all + bytes, 0);
  assert.equal(sum, of.goBytes);
  const {
    fileBytes = NaN,
    otherBytes = NaN,
    lazyFreeBytes = 0,
    untouchedBytes = 0,
    swappedBytes = 0,
  } = of.outside ?? {};
  assert.equal(sum - untouchedBytes - swappedBytes + fileBytes + lazyFreeBytes + otherBytes, of.rssBytes);
  assert.equal(of.rssBytes, source.sampling?.rssBeforeBytes);
  assert.ok((source.sampling?.rssAfterBytes ?? 0) > 0);
  assert.ok((source.sampling?.answerBytes ?? 0) > 100);
  assert.deepEqual(of.contradictions, [], 'one read is consistent in itself');
  assert.ok(of.parts.every(({ key }) => key !== 'unsplit'));
}

describe('a running process', { ...requirement('go') }, () => {
  for (const path of ['/debug/vars', '/metrics', '/debug/pprof/heap?debug=1']) {
    test(`${path}: the parts add up to RSS`, linux, async () => {
      await using heapd = await startHeapd(program, [], {});
      const url = `http://127.0.0.1:${heapd.address.port}${path}`;
      const { code, stdout, stderr } = await gctune(['explain', '--url', url, '--pid', String(heapd.pid), '--json']);
      assert.equal(code, 0, stderr);
      const document = JSON.parse(stdout) as ExplanationDocument;
      assertAddsUp(document);
      assert.deepEqual(document.warnings, []);
      assert.ok(readFileSync(`/proc/${heapd.pid}/status`, 'utf8').includes('VmRSS'), 'it still lives');
    });
  }

  for (const [debug, lazy] of [
    ['madvdontneed=0', true],
    ['madvdontneed=1', false],
  ] as const) {
    test(
      `100 MiB that were returned with ${debug} are ${lazy ? 'a row of their own, not memory outside Go' : 'gone from RSS'}`,
      linux,
      async () => {
        await using heapd = await startHeapd(program, ['--return=100MiB'], { GODEBUG: debug });
        const url = `http://127.0.0.1:${heapd.address.port}/debug/vars`;
        const { code, stdout, stderr } = await gctune(['explain', '--url', url, '--pid', String(heapd.pid), '--json']);
        assert.equal(code, 0, stderr);
        const { reconciliation: of, points, view } = JSON.parse(stdout) as ExplanationDocument;
        const { lazyFreeBytes = 0, otherBytes = NaN } = of.outside ?? {};
        const said = points.find(({ topic }) => topic === 'lazy-free')?.text;
        assert.equal(view?.inForce.environment?.GODEBUG, debug);
        assert.ok(Math.abs(otherBytes) < 20 * 2 ** 20, `${otherBytes} B are neither Go’s nor files nor returned`);
        if (lazy) {
          assert.ok(lazyFreeBytes > 80 * 2 ** 20, `${lazyFreeBytes} B lie there still`);
          assert.match(said ?? '', /runs with GODEBUG=madvdontneed=0/);
        } else {
          assert.equal(lazyFreeBytes, 0);
          assert.equal(said, undefined);
        }
      },
    );
  }

  test('without a pid RSS is unknown, and that is said; nothing is asked of the process but one page', async () => {
    await using heapd = await startHeapd(program, [], {});
    const url = `http://127.0.0.1:${heapd.address.port}/debug/vars`;
    const { code, stdout } = await gctune(['explain', '--url', url, '--verbose']);
    assert.equal(code, 0);
    assert.match(stdout, /RSS is unknown/);
    assert.match(stdout, /RSS is missing: how much memory lies outside Go/);
  });
});

describe('a container', { ...requirement('docker', 'go') }, () => {
  const name = `gctune-explain-${process.pid}`;
  before(async () => {
    const archive = execa('tar', ['-C', folder, '-c', 'heapd'], { encoding: 'buffer', stripFinalNewline: false });
    await execa('docker', ['import', '-', name], { input: (await archive).stdout });
  });
  after(async () => {
    await execa('docker', ['rm', '-f', name], { reject: false });
    await execa('docker', ['rmi', '-f', name], { reject: false });
  });

  /** Waits until the container says that it listens. */
  async function ready(): Promise<void> {
    for (const end = Date.now() + 20_000; Date.now() < end;) {
      const { all } = await execa('docker', ['logs', name], { all: true });
      if (all.includes('heapd ready')) return;
    }
    assert.fail('heapd is not ready within 20 s');
  }

  test(
    'its Go process and its port are found, the parts add up, and docker stats is told from RSS',
    linux,
    async () => {
      await execa('docker', ['run', '-d', '--memory', '256m', '--name', name, name, '/heapd', '--listen=0.0.0.0:8080']);
      await ready();
      const answer = await gctune(['explain', '--container', name, '--json']);
      assert.equal(answer.code, 0, answer.stderr);
      const document = JSON.parse(answer.stdout) as ExplanationDocument;
      assertAddsUp(document);
      const { stdout } = await execa('docker', ['inspect', '-f', '{{.State.Pid}}', name]);
      assert.equal(document.source.pid, Number(stdout));
      assert.match(document.source.url ?? '', /:8080\/debug\/vars$/);
      assert.ok(document.points.some(({ topic }) => topic === 'docker-stats'));
      const rows = document.view?.container ?? [];
      const bytesOf = (wanted: string): number | undefined => rows.find(({ key }) => key === wanted)?.bytes;
      assert.equal(bytesOf('rss'), document.reconciliation.rssBytes);
      assert.equal(bytesOf('limit'), 256 * 2 ** 20);
      let sum = 0;
      for (const { kind, bytes, key } of rows.filter((row) => row.kind !== 'apart')) {
        if (kind === 'total' && key !== 'go') assert.equal(sum, bytes, key);
        sum = kind === 'total' ? bytes : sum + bytes;
      }
      assert.deepEqual(document.warnings, []);
    },
  );

  test('one that serves nothing that can be reached is read by its memory', linux, async () => {
    await execa('docker', ['rm', '-f', name]);
    await execa('docker', ['run', '-d', '--name', name, name, '/heapd', '--listen=127.0.0.1:8080', '--endpoints=none']);
    await ready();
    const answer = await gctune(['explain', '--container', name, '--json']);
    assert.equal(answer.code, 0, answer.stderr);
    const { source, reconciliation } = JSON.parse(answer.stdout) as ExplanationDocument;
    assert.equal(source.form, 'memory');
    assert.equal(
      reconciliation.parts.reduce((all, { bytes }) => all + bytes, 0),
      reconciliation.goBytes,
    );
  });

  test('one that is not there or has ended is a plain error', async () => {
    const absent = await gctune(['explain', '--container', `${name}-absent`]);
    assert.equal(absent.code, 2);
    assert.match(absent.stderr, /there is no container/);
    assert.equal((await gctune(['explain', '--container', '../../etc'])).code, 2);
    await execa('docker', ['kill', name], { reject: false });
    const ended = await gctune(['explain', '--container', name]);
    assert.equal(ended.code, 2);
    assert.match(ended.stderr, /is not running/);
  });
});

describe('a process that serves nothing', { skip: requirement('go').skip || linux.skip }, () => {
  test('its memory tells: the parts add up to RSS, and its page is the same', async () => {
    await using heapd = await startHeapd(program, ['--endpoints=none'], { GOGC: '60' });
    const { code, stdout, stderr } = await gctune(['explain', '--pid', String(heapd.pid), '--json']);
    assert.equal(code, 0, stderr);
    const document = JSON.parse(stdout) as ExplanationDocument;
    assert.equal(document.source.form, 'memory');
    assert.match(document.source.goVersion ?? '', /^go1\./);
    assert.equal(document.source.commandLine?.[0], 'heapd');
    assert.equal(document.figures.counters.gogcPercent, 60);
    const { reconciliation: of } = document;
    const sum = of.parts.reduce((all, { bytes }) => all + bytes, 0);
    assert.equal(sum, of.goBytes);
    assert.equal(sum + (of.outside?.fileBytes ?? NaN) + (of.outside?.otherBytes ?? NaN), of.rssBytes);
    assert.deepEqual(document.warnings, []);
  });

  test('where its page is another process’s, what its memory says is left out with a warning', async () => {
    await using one = await startHeapd(program, [], {});
    await using other = await startHeapd(program, ['--live=64MiB'], {});
    const url = `http://127.0.0.1:${one.address.port}/debug/vars`;
    const { code, stdout } = await gctune(['explain', '--url', url, '--pid', String(other.pid), '--json']);
    assert.equal(code, 0);
    const { warnings, figures } = JSON.parse(stdout) as ExplanationDocument;
    assert.match(warnings.join('\n'), /by its own account, and .* in its memory: what its memory says is left out/);
    assert.equal(figures.counters.gogcPercent, undefined, '/debug/vars does not tell it');
  });

  test('without an input the Go processes of this machine are listed, a hostile name among them', async () => {
    const hostile = join(folder, 'evil\u001b[31m|`<b>');
    await copyFile(program, hostile);
    await using heapd = await startHeapd(hostile, [], { GOGC: 'off', GOMEMLIMIT: '1GiB' });
    const json = await gctune(['explain', '--json']);
    assert.equal(json.code, 0, json.stderr);
    const { processes } = JSON.parse(json.stdout) as {
      processes: readonly { pid: number; goVersion: string; figures: Record<string, number> }[];
    };
    const listed = processes.find(({ pid }) => pid === heapd.pid);
    assert.equal(listed?.figures['gogcPercent'], -1);
    assert.equal(listed?.figures['gomemlimitBytes'], 2 ** 30);
    assert.ok((listed?.figures['rssBytes'] ?? 0) > (listed?.figures['heapAllocBytes'] ?? NaN));
    const text = (await gctune(['explain'])).stdout;
    const line = text.split('\n').find((each) => each.trimStart().startsWith(`${heapd.pid} `));
    assert.match(line ?? '', /^ *\d+ +evil\S* +1\.\d+\.\d+ .* off +1\.00 GiB /);
    assert.ok(!text.includes('\u001b'));
  });
});
