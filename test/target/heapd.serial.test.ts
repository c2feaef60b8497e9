import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, suite, test } from 'node:test';
import { tmpdir } from 'node:os';
import { execa } from 'execa';
import { requirement } from '../requirements.ts';
import { goBuild } from './hello.ts';

const directory = resolve(import.meta.dirname, '../../experiments/targets/heapd');

suite('heapd', requirement('go'), () => {
  let folder = '';
  let program = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gctune-heapd-'));
    program = await goBuild(directory, join(folder, 'heapd'), ['-trimpath']);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** Starts it on a free port. */
  const start = (...args: string[]) =>
    execa(program, ['--listen', '127.0.0.1:0', ...args], { reject: false, timeout: 60_000 });

  /** The address in the line that says it is ready. */
  const ready = async (daemon: ReturnType<typeof start>): Promise<string> => {
    const address = await new Promise<string>((found, failed) => {
      createInterface(daemon.stderr).on('line', (line) => {
        const [, text] = /^heapd ready on (\S+)$/.exec(line) ?? [];
        if (text !== undefined) found(text);
      });
      void daemon.then(() => failed(new Error('heapd ended before it was ready')));
    });
    return `http://${address}`;
  };

  test('passes its own tests, go vet and gofmt', async () => {
    const options = { cwd: directory, env: { GOTOOLCHAIN: 'local' } };
    await execa('go', ['vet', '.'], options);
    await execa('go', ['test', '.'], options);
    assert.equal((await execa('gofmt', ['-l', '.'], options)).stdout, '');
    assert.match(await readFile(join(directory, 'go.mod'), 'utf8'), /^go 1\.19$/m);
  });

  test('says when it is ready, serves, and stops on SIGTERM with code 0', async () => {
    const daemon = start('--live=1MiB');
    const base = await ready(daemon);
    assert.equal((await fetch(`${base}/healthz`)).status, 200);
    const answer = await fetch(`${base}/work?session=5&garbage=64KiB`);
    assert.partialDeepStrictEqual(await answer.json(), { session: 5, version: 1 });
    const vars = (await (await fetch(`${base}/debug/vars`)).json()) as Record<string, Record<string, number>>;
    assert.equal(vars['heapd']?.['requests'], 1);
    assert.ok((vars['memstats']?.['TotalAlloc'] ?? 0) > 1 << 20);
    daemon.kill('SIGTERM');
    assert.equal((await daemon).exitCode, 0);
  });

  test('overrides GOGC when told to, and says so', async () => {
    const daemon = start('--live=1MiB', '--gogc-override=33');
    const base = await ready(daemon);
    assert.match(await (await fetch(`${base}/metrics`)).text(), /^go_memstats_heap_sys_bytes \d/m);
    assert.partialDeepStrictEqual(await (await fetch(`${base}/debug/heapd`)).json(), { gogc_override: 33 });
    daemon.kill('SIGTERM');
    await daemon;
  });

  test('fails as its test aids say', async () => {
    const crashed = await start('--crash-at-start');
    assert.equal(crashed.exitCode, 2);
    assert.match(crashed.stderr, /^panic: heapd: crash asked for/);
    assert.equal((await start('--live=1MiB', '--exit-after=1ms')).exitCode, 3);
    assert.equal((await start('--live=banana')).exitCode, 2);

    const stubborn = start('--live=1MiB', '--ignore-sigterm', '--leak=100MiB');
    const base = await ready(stubborn);
    stubborn.kill('SIGTERM');
    let leaked = 0;
    while (leaked === 0) {
      leaked = ((await (await fetch(`${base}/debug/heapd`)).json()) as { leaked_bytes: number }).leaked_bytes;
    }
    stubborn.kill('SIGKILL');
    assert.equal((await stubborn).signal, 'SIGKILL');
  });
});
