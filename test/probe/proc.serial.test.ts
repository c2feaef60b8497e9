import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseProcStat } from '../../src/linux/proc-stat.ts';
import { parseStatus, procProbe } from '../../src/probe/proc.ts';
import { requirement } from '../requirements.ts';
import { buildHeapd, startHeapd } from './heapd.ts';
import { assertSound, textsLike } from './sound.ts';

const linux = { skip: process.platform === 'linux' ? false : 'needs Linux' };
const never = new AbortController().signal;
const status = [
  'Name:\tThreads:\t99',
  'Umask:\t0022',
  'VmHWM:\t   65432 kB',
  'VmRSS:\t   61234 kB',
  'RssAnon:\t   50000 kB',
  'RssFile:\t   11234 kB',
  'RssShmem:\t       0 kB',
  'VmSwap:\t       4 kB',
  'Threads:\t7',
  'Cpus_allowed:\t3',
].join('\n');
const stat = '42 (a b) S 1 42 42 0 -1 4194560 100 0 0 0 250 75 0 0 20 0 7 0 123456 1000 200';

describe('/proc', () => {
  test('no text makes them throw, or give what is no figure', () => {
    fc.assert(
      fc.property(textsLike(status + stat), (text) => {
        assertSound(parseStatus(text));
        const { state: _, startStack: __, ...numbers } = parseProcStat(text) ?? { state: '', startStack: undefined };
        assertSound(numbers as Record<string, number>);
      }),
    );
  });

  test('its own CPU time lies between what Node says before and after', linux, async () => {
    await using probe = procProbe(process.pid);
    const used = (): number => (process.cpuUsage().user + process.cpuUsage().system) / 1e6;
    const until = used() + 0.3;
    while (used() < until);
    const before = used();
    const figures = await probe.read(never);
    const after = used();
    const seconds = figures?.cpuSeconds ?? assert.fail('no CPU time');
    // User and system time are each cut to a tick of a hundredth.
    assert.ok(seconds >= before - 0.03 && seconds <= after + 0.01, `${before} ${seconds} ${after}`);
  });

  test('a process that has ended has nothing more to say', linux, async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'inherit'] });
    await once(child, 'spawn');
    const probe = procProbe(child.pid ?? 0);
    assert.ok(((await probe.read(never))?.rssBytes ?? 0) > 0);
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.equal(await probe.read(never), undefined);
    await probe[Symbol.asyncDispose]();
    await probe[Symbol.asyncDispose]();
    assert.throws(() => procProbe(child.pid ?? 0), /ENOENT/);
  });

  test(
    'RSS agrees with what the kernel counts page by page',
    { skip: linux.skip || requirement('go').skip },
    async (t) => {
      const folder = await mkdtemp(join(tmpdir(), 'gctune-proc-'));
      t.after(() => rm(folder, { recursive: true, force: true }));
      await using heapd = await startHeapd(await buildHeapd(folder), ['--live=32MiB'], {});
      await using probe = procProbe(heapd.pid);
      const figures = (await probe.read(never)) ?? assert.fail('nothing');
      const exact = (name: string): number => {
        const text = readFileSync(`/proc/${heapd.pid}/smaps_rollup`, 'utf8');
        return Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(text)?.[1]) * 1024;
      };
      // The counters of status are kept by CPU and summed with a delay (Documentation/filesystems/proc.rst).
      const near = (a: number | undefined, b: number): void =>
        assert.ok(Math.abs((a ?? NaN) - b) <= 2 * 2 ** 20, `${a} is not near ${b}`);
      near(figures.rssBytes, exact('Rss'));
      near(figures.rssAnonBytes, exact('Anonymous'));
      near((figures.rssAnonBytes ?? 0) + (figures.rssFileBytes ?? 0), figures.rssBytes ?? 0);
      assert.ok((figures.rssAnonBytes ?? 0) > 32 * 2 ** 20);
      assert.ok((figures.peakRssBytes ?? 0) >= (figures.rssBytes ?? Infinity));
    },
  );
});
