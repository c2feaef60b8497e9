import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { execa } from 'execa';
import fc from 'fast-check';
import { cgroupFigures, cgroupProbe } from '../../src/probe/cgroup.ts';
import { cgroupMounts, parseCgroupMounts } from '../../src/runner/cgroup-mounts.ts';
import { makeCgroup } from '../../src/runner/cgroup.ts';
import { joinArgv } from '../../src/runner/process/trial-cgroup.ts';
import { requirement } from '../requirements.ts';
import { assertSound, textsLike } from './sound.ts';

const recorded = join(import.meta.dirname, '../fixtures/probe/cgroup1');
const never = new AbortController().signal;

const version2 =
  'anon 8192\nanon_thp 0\noom_kill 1\nusage_usec 2500000\nnr_throttled 4\nthrottled_usec 250000\nsome avg10=0.00 avg60=0.00 avg300=0.00 total=5\n';

describe('cgroup files', () => {
  test('version 1, as the kernel wrote them', () => {
    const read = cgroupFigures(1, (_, file) => readFileSync(join(recorded, file), 'utf8'));
    assert.deepEqual(read, {
      cgroupAnonBytes: 34_189_312,
      cgroupFileBytes: 0,
      fileRefaults: 0,
      anonRefaults: 0,
      cgroupUsageBytes: 35_176_448,
      cgroupPeakBytes: 43_212_800,
      cgroupCpuSeconds: 0.572_153_4,
      periods: 14,
      throttledPeriods: 10,
      throttledSeconds: 0.594_615_918,
      oomKills: 0,
    });
  });

  test('version 2, as the kernel’s documentation has it: page cache, refaults, PSI and memory.high', () => {
    const files: Readonly<Record<string, string>> = {
      'memory.stat': 'anon 8192\nfile 40960\nworkingset_refault_anon 7\nworkingset_refault_file 11\n',
      'memory.events': 'low 0\nhigh 5\nmax 0\noom 0\noom_kill 1\noom_group_kill 0\n',
      'memory.high': '1048576\n',
      'memory.pressure':
        'some avg10=0.00 avg60=1.25 avg300=0.00 total=2500000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=500000\n',
      'cpu.pressure': 'some avg10=9.10 avg60=0.00 avg300=0.00 total=750000\n',
      'cpu.stat': 'usage_usec 2500000\nnr_periods 9\nnr_throttled 4\nthrottled_usec 250000\n',
    };
    assert.deepEqual(
      cgroupFigures(2, (_, file) => files[file]),
      {
        cgroupAnonBytes: 8192,
        cgroupFileBytes: 40_960,
        fileRefaults: 11,
        anonRefaults: 7,
        memoryPressureSeconds: 2.5,
        memoryStallSeconds: 0.5,
        cpuPressureSeconds: 0.75,
        cgroupHighBytes: 1_048_576,
        highEvents: 5,
        cgroupCpuSeconds: 2.5,
        periods: 9,
        throttledPeriods: 4,
        throttledSeconds: 0.25,
        oomKills: 1,
      },
    );
    // No limit is the word max, and before Linux 5.9 refaults had one count.
    const older: Readonly<Record<string, string>> = { 'memory.high': 'max\n', 'memory.stat': 'workingset_refault 3\n' };
    assert.deepEqual(
      cgroupFigures(2, (_, file) => older[file]),
      { fileRefaults: 3 },
    );
  });

  test('no text makes them throw, or give what is no figure', () => {
    const like = textsLike(readFileSync(join(recorded, 'memory.stat'), 'utf8') + version2);
    fc.assert(
      fc.property(like, fc.constantFrom(1 as const, 2 as const), (text, version) =>
        assertSound(cgroupFigures(version, () => text)),
      ),
    );
  });

  test('each read tells what is so then, from files that stay open', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'gctune-cgroup-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const usage = join(folder, 'memory.current');
    writeFileSync(usage, '1000\n');
    await using probe = cgroupProbe({ version: 2, memory: folder, cpu: folder, cpuacct: folder });
    assert.deepEqual(await probe.read(never), { cgroupUsageBytes: 1000 });
    writeFileSync(usage, '2000\n');
    assert.deepEqual(await probe.read(never), { cgroupUsageBytes: 2000 });
    await probe[Symbol.asyncDispose]();
  });
});

/** Runs a Node program in a new group until it has said that it is done; gives what the group says then, and after its end. */
async function figuresOf(mounts: Parameters<typeof makeCgroup>[2], program: string) {
  const group = await makeCgroup(
    `gctune-test-probe-${process.pid}`,
    { cpus: undefined, memoryBytes: undefined, pids: undefined },
    mounts,
  );
  const { memory, cpu, cpuacct } = group.paths ?? assert.fail('no group');
  await using probe = cgroupProbe({ version: mounts.version, memory, cpu, cpuacct });
  const [file, ...args] = joinArgv(group, [process.execPath, '-e', program], { PATH: process.env['PATH'] ?? '' });
  const child = execa(file, args, { reject: false, stdin: 'pipe' });
  await once(child.stdout, 'data');
  const during = await probe.read(never);
  await group.remove();
  await child;
  return { during, after: await probe.read(never) };
}

describe('a cgroup of the kernel', requirement('root'), () => {
  const program =
    'const kept = Buffer.alloc(64 << 20, 1); const until = Date.now() + 200; while (Date.now() < until);' +
    'console.log(kept.length); process.stdin.resume()';

  test('of the version in use: memory and CPU of what runs in it, and nothing once it is removed', async (t) => {
    const mounts = await cgroupMounts();
    if (mounts === undefined) return t.skip('needs control groups');
    const { during, after } = await figuresOf(mounts, program);
    const { cgroupAnonBytes, cgroupUsageBytes, cgroupPeakBytes, cgroupCpuSeconds, oomKills } = during ?? {};
    assert.ok((cgroupAnonBytes ?? 0) >= 64 << 20, `${cgroupAnonBytes} B are anonymous`);
    assert.ok((cgroupUsageBytes ?? 0) >= (cgroupAnonBytes ?? Infinity));
    assert.ok(cgroupPeakBytes === undefined || cgroupPeakBytes >= 64 << 20);
    assert.ok((cgroupCpuSeconds ?? 0) > 0.05 && (cgroupCpuSeconds ?? 0) < 60, `${cgroupCpuSeconds} s`);
    assert.equal(oomKills, 0);
    assert.equal(after, undefined);
  });

  test('of version 2 without a memory controller, as hybrid machines have it: CPU alone', async (t) => {
    const mounts = parseCgroupMounts(readFileSync('/proc/self/mountinfo', 'utf8'), '0::/\n');
    if (mounts?.version !== 2) return t.skip('needs a cgroup2 mount');
    const { during, after } = await figuresOf(mounts, program);
    assert.ok((during?.cgroupCpuSeconds ?? 0) > 0.05, `${during?.cgroupCpuSeconds} s`);
    assert.equal(after, undefined);
  });
});
