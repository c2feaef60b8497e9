import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { cgroupProbe, parseFlatKeyed } from '../../src/probe/cgroup.ts';
import { parseContainerStats } from '../../src/probe/docker-stats.ts';
import type { Figures } from '../../src/probe/probe.ts';
import { parseProcStat } from '../../src/linux/proc-stat.ts';
import { parseStatus } from '../../src/probe/proc.ts';
import { parsePs } from '../../src/probe/ps.ts';

suite('/proc (after proc.rst)', () => {
  const status = [
    'Name:\tRSS: VmRSS: 1 kB',
    'State:\tS (sleeping)',
    `Groups:\t${'1000 '.repeat(500)}`,
    'VmPeak:\t 1234567 kB',
    'VmHWM:\t   40000 kB',
    'VmRSS:\t   30000 kB',
    'RssAnon:\t   20000 kB',
    'RssFile:\t    9000 kB',
    'RssShmem:\t    1000 kB',
    'VmSwap:\t     100 kB',
    'Threads:\t7',
    '',
  ].join('\n');

  test('kB of status are KiB', () => {
    assert.deepEqual(parseStatus(status), {
      peakRssBytes: 40_960_000,
      rssBytes: 30_720_000,
      rssAnonBytes: 20_480_000,
      rssFileBytes: 9_216_000,
      swapBytes: 102_400,
      threads: 7,
    });
  });

  test('a zombie has no memory', () => {
    assert.equal(parseStatus('Name:\theapd\nState:\tZ (zombie)\nThreads:\t1\n'), undefined);
    assert.equal(parseStatus(''), undefined);
  });

  const after =
    'S 1 10 10 0 -1 4194560 1 2 3 4 250 125 9 9 20 0 7 0 987654 1 2 18446744073709551615 3 4 140723412345678 5';
  for (const name of ['heapd', 'a b', 'a) R 1 2', ') ) S 0 (', '(((', '']) {
    test(`stat of a program named ${JSON.stringify(name)}`, () => {
      assert.deepEqual(parseProcStat(`77 (${name}) ${after}\n`), {
        state: 'S',
        parent: 1,
        group: 10,
        cpuTicks: 375,
        childCpuTicks: 18,
        startTicks: 987654,
        startStack: '140723412345678',
      });
    });
  }

  test('where a stack begins is not told of a process that may not be looked into', () => {
    for (const told of ['0', '-1', 'x']) {
      assert.equal(parseProcStat(`77 (heapd) ${after.replace('140723412345678', told)}`)?.startStack, undefined, told);
    }
  });

  test('a stat that is cut off or no stat says nothing', () => {
    for (const text of [
      '',
      '77 (heapd',
      '77 (heapd) S 1 2',
      `77 (heapd) ${after.replace('250', '-1')}`,
      ' '.repeat(99),
    ]) {
      assert.equal(parseProcStat(text), undefined, text);
    }
  });
});

suite('cgroups (after the kernel documents)', () => {
  /** Reads a folder made of these files. */
  async function read(
    t: TestContext,
    version: 1 | 2,
    files: Readonly<Record<string, string>>,
  ): Promise<Figures | undefined> {
    const root = await mkdtemp(join(tmpdir(), 'gctune-test-'));
    t.after(() => rm(root, { recursive: true, force: true }));
    for (const [path, text] of Object.entries(files)) {
      await mkdir(join(root, path, '..'), { recursive: true });
      await writeFile(join(root, path), text);
    }
    const controller = (name: string): string => (version === 1 ? join(root, name) : root);
    await using probe = cgroupProbe({
      version,
      memory: controller('memory'),
      cpu: controller('cpu'),
      cpuacct: controller('cpuacct'),
    });
    return await probe.read(AbortSignal.timeout(5000));
  }

  const version1 = {
    'memory/memory.stat':
      'cache 5\nrss 7\nmapped_file 3\nhierarchical_memory_limit 9223372036854771712\ntotal_cache 6\ntotal_rss 8192\n',
    'memory/memory.usage_in_bytes': '12288\n',
    'memory/memory.max_usage_in_bytes': '16384\n',
    'memory/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 2\n',
    'cpuacct/cpuacct.usage': '2500000000\n',
    'cpu/cpu.stat': 'nr_periods 50\nnr_throttled 4\nthrottled_time 250000000\n',
  };
  const figures = {
    cgroupAnonBytes: 8192,
    cgroupFileBytes: 6,
    cgroupUsageBytes: 12288,
    cgroupPeakBytes: 16384,
    cgroupCpuSeconds: 2.5,
    periods: 50,
    throttledPeriods: 4,
    throttledSeconds: 0.25,
    oomKills: 2,
  };
  const version2 = {
    'memory.stat': 'anon 8192\nfile 6\nkernel_stack 1\nfile_mapped 3\nanon_thp 0\n',
    'memory.current': '12288\n',
    'memory.peak': '16384\n',
    'memory.events': 'low 0\nhigh 0\nmax 3\noom 2\noom_kill 2\noom_group_kill 0\n',
    'cpu.stat':
      'usage_usec 2500000\nuser_usec 2000000\nsystem_usec 500000\nnr_periods 50\nnr_throttled 4\nthrottled_usec 250000\n',
  };

  test('both versions give the same figures for the same facts', async (t) => {
    assert.deepEqual(await read(t, 1, version1), figures);
    assert.deepEqual(await read(t, 2, version2), { ...figures, highEvents: 0 });
  });

  test('what a kernel lacks is left out', async (t) => {
    const { 'memory.peak': _peak, ...old } = version2;
    const { cgroupPeakBytes: _bytes, ...rest } = figures;
    assert.deepEqual(await read(t, 2, old), { ...rest, highEvents: 0 });
    assert.deepEqual(await read(t, 2, { 'memory.current': 'max\n', 'cpu.stat': 'usage_usec 5\nnr_periods\n' }), {
      cgroupCpuSeconds: 0.000005,
    });
  });

  test('a cgroup that is gone says nothing', async (t) => {
    assert.equal(await read(t, 1, {}), undefined);
    assert.equal(await read(t, 2, {}), undefined);
  });

  test('only whole numbers are counters', () => {
    assert.deepEqual(
      [...parseFlatKeyed('a 1\nb max\nc -1\nd 1.5\n\ne\nf 2')],
      [
        ['a', 1],
        ['f', 2],
      ],
    );
  });
});

suite('ContainerStats (synthetic, after the Engine API)', () => {
  const cpu_stats = {
    cpu_usage: { total_usage: 2_500_000_000, usage_in_usermode: 1, usage_in_kernelmode: 2 },
    system_cpu_usage: 9e15,
    online_cpus: 2,
    throttling_data: { periods: 50, throttled_periods: 4, throttled_time: 250_000_000 },
  };
  const figures = {
    cgroupAnonBytes: 8192,
    cgroupUsageBytes: 12288,
    cgroupCpuSeconds: 2.5,
    periods: 50,
    throttledPeriods: 4,
    throttledSeconds: 0.25,
  };

  test('cgroup v1 has a peak and calls anonymous memory rss', () => {
    const memory_stats = { usage: 12288, max_usage: 16384, limit: 1e9, stats: { rss: 1, total_rss: 8192, cache: 5 } };
    assert.deepEqual(parseContainerStats({ cpu_stats, memory_stats }), { ...figures, cgroupPeakBytes: 16384 });
  });

  test('cgroup v2 has no peak and calls it anon', () => {
    const memory_stats = { usage: 12288, limit: 1e9, stats: { anon: 8192, file: 5 } };
    assert.deepEqual(parseContainerStats({ cpu_stats, memory_stats }), figures);
  });

  test('a container that has ended, or no container at all', () => {
    const ended = { cpu_stats: { cpu_usage: { total_usage: 0 }, throttling_data: {} }, memory_stats: {} };
    for (const answer of [ended, {}, null, undefined, 'gone', 5, [], { memory_stats: null, cpu_stats: null }]) {
      assert.equal(parseContainerStats(answer), undefined);
    }
  });
});

test('ps of Linux, macOS and BSD', () => {
  const megabyte = 1024 * 1024;
  for (const [text, seconds] of [
    [' 1024 00:00:07\n', 7],
    [' 1024 01:02:03\n', 3723],
    [' 1024 2-03:04:05\n', 183845],
    ['  1024   0:01.23\n', 1.23],
    ['  1024 123:45.67\n', 7425.67],
    ['  1024   0:01,23\n', 1.23],
  ] as const) {
    const figures = parsePs(text);
    assert.equal(figures?.rssBytes, megabyte, text);
    assert.ok(Math.abs((figures.cpuSeconds ?? NaN) - seconds) < 1e-9, `${text} gave ${figures.cpuSeconds}`);
  }
  for (const text of [
    '',
    '\n',
    'RSS TIME\n',
    '1024',
    '-1 0:01.00',
    '1024 0:01.00\n2048 0:02.00',
    `${'9'.repeat(400)} 0:01`,
  ]) {
    assert.equal(parsePs(text), undefined, text);
  }
});
