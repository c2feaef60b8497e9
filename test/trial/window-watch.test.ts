import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Levels } from '../../src/experiment/experiment.ts';
import type { ProbeId } from '../../src/experiment/probe-ids.ts';
import type { Reading } from '../../src/results/format.ts';
import { ExcursionWatch } from '../../src/trial/excursion.ts';
import { WindowWatch } from '../../src/trial/window-watch.ts';

const MIB = 2 ** 20;
const levels: Levels = { gogc: 100, gomemlimit: 'off', workload: 'steady' };

function watching(readings: readonly Reading[], more: Partial<Levels> = {}): WindowWatch {
  const watch = new WindowWatch({ ...levels, ...more }, 2, 3);
  for (const reading of readings) watch.add(reading);
  return watch;
}

/** Readings of a window from 2 to 5 s, its edges included, so many a second. */
function every(
  hertz: number,
  probe: ProbeId,
  values: (seconds: number, index: number) => Reading['v'],
): readonly Reading[] {
  const times = Array.from({ length: 3 * hertz }, (_, i) => 2 + i / hertz);
  return [...times, 5.004].map((at, i) => ({ at, probe, v: values(at - 2, i) }));
}

test('the live heap is watched by its goals where the runtime tells it at the ends of the window alone', () => {
  // A trial of the default sweep: /debug/vars twice a second, /metrics at the two edges.
  const edges: readonly Reading[] = [2.001, 5.003].map((at) => ({
    at,
    probe: 'prometheus',
    v: { liveHeapBytes: 5 * MIB, gogcPercent: 100, scanStackBytes: 0.2 * MIB, scanGlobalsBytes: 0.1 * MIB },
  }));
  const growing = every(2, 'expvar', (s, i) => ({ nextGcBytes: (10 + 2 * s) * MIB, numGc: 9 + i }));
  const { live, readings } = watching([...edges, ...growing]).steadiness();
  assert.equal(readings.live, 7);
  assert.ok(live !== undefined && live.value > 0.4 && live.low > 0.3, JSON.stringify(live));

  const level = every(2, 'expvar', (_, i) => ({ nextGcBytes: (10 + 0.1 * (i % 2)) * MIB, numGc: 9 + i }));
  const { live: steady } = watching([...edges, ...level]).steadiness();
  assert.ok(steady !== undefined && Math.abs(steady.value) < 0.02, JSON.stringify(steady));

  const alone = watching(edges).steadiness();
  assert.deepEqual([alone.live, alone.readings.live], [undefined, 2]);
});

test('GOGC that is changed in the middle of the window is found cycle by cycle, though most cycles show what was asked', () => {
  // 40 MiB live; 45 cycles at GOGC=100, then the target calls debug.SetGCPercent(300) for 15.
  const cycles = every(20, 'gctrace', (_, i) => ({
    cycle: i + 1,
    heapLiveBytes: 40 * MIB,
    heapStartBytes: (i < 45 ? 78 : 158) * MIB,
    heapGoalBytes: (i < 45 ? 80 : 160) * MIB,
    stacksBytes: 0,
    globalsBytes: 0,
  }));
  const verdict = watching(cycles).gogcVerdict();
  assert.equal(verdict.ok, false);
  assert.equal(
    verdict.message,
    'the target changes GOGC while it runs: requested 100, effective about 300 from 2.3 s into the window',
  );
  assert.equal(watching(cycles.slice(0, 45)).gogcVerdict().ok, true);
  // Changed early, so that the median is of what came after, it is told as a change too; never in force, as overridden.
  const early = cycles.map((one, i) =>
    i < 15 ? one : { ...one, v: { ...one.v, heapStartBytes: 158 * MIB, heapGoalBytes: 160 * MIB } },
  );
  assert.match(watching(early).gogcVerdict().message, /^the target changes GOGC .* about 300 from 0\.8 s/);
  assert.match(watching(early.slice(15)).gogcVerdict().message, /^the target overrides GOGC: requested 100/);
  // One goal that a large allocation pushed up is no change.
  const pushed = cycles
    .slice(0, 45)
    .map((one, i) => (i === 20 ? { ...one, v: { ...one.v, heapGoalBytes: 200 * MIB } } : one));
  assert.equal(watching(pushed).gogcVerdict().ok, true);
});

test('counters that go back name the process that began anew', () => {
  const restarted = every(2, 'expvar', (s) =>
    s < 1.5 ? { numGc: 300, totalAllocBytes: 9e9 } : { numGc: 4, totalAllocBytes: 1e8 },
  );
  assert.deepEqual(watching(restarted).wentBack, ['NumGC', 'TotalAlloc']);
  const cgroup = every(10, 'cgroup', (s) => ({ cgroupCpuSeconds: s < 2 ? 5 + s : s }));
  assert.deepEqual(watching(cgroup).wentBack, ['the cgroup’s CPU time']);
  // Two sources that are read at two moments do not make one counter.
  const both = [
    ...every(2, 'expvar', (s) => ({ numGc: 10 + s })),
    ...every(1, 'prometheus', (s) => ({ numGc: 9 + s })),
  ];
  assert.deepEqual(watching(both.toSorted((a, b) => a.at - b.at)).wentBack, []);
});

test('the longest time without a sample is that of files of the kernel, edges included', () => {
  const stalled = every(10, 'proc', () => ({ rssBytes: MIB })).filter(({ at }) => at < 3 || at > 4.15);
  assert.ok(Math.abs(watching(stalled).longestGapSeconds - 1.3) < 1e-9);
  const slowPage = [...every(10, 'proc', () => ({ rssBytes: MIB })), ...every(1, 'expvar', () => ({ numGc: 1 }))];
  assert.ok(watching(slowPage.toSorted((a, b) => a.at - b.at)).longestGapSeconds < 0.11);
});

test('what is read after the window’s end says nothing of it', () => {
  const watch = watching(every(10, 'proc', () => ({ rssBytes: MIB, cpuSeconds: 5 })));
  watch.close();
  watch.add({ at: 5.2, probe: 'proc', v: { rssBytes: 9 * MIB, cpuSeconds: 1 } });
  assert.deepEqual([watch.wentBack, watch.steadiness().rss?.high], [[], 0]);
});

test('a goal that keeps two levels is an excursion, whichever the target ends on; noise and growth are none', () => {
  const excursion = (values: readonly number[]): readonly number[] | undefined => {
    const watch = new ExcursionWatch();
    values.forEach((value, i) => watch.add(i, value));
    const found = watch.excursion();
    return found && [found.atSeconds, found.value, found.otherwise];
  };
  assert.deepEqual(excursion([8, 8.2, 7.9, 8.1, 12, 12.1, 11.9]), [4, 12, 8.1]);
  assert.deepEqual(excursion([8, 8.2, 12, 12.1, 11.9, 8, 8.1]), [2, 12, 8.1]);
  assert.equal(excursion([8, 8.2, 12, 7.9, 8.1, 8, 8.1]), undefined);
  assert.equal(excursion([8, 9, 10, 11, 12, 13, 14]), undefined);
  assert.equal(excursion([8, 12, 8, 12, 8, 12, 8, 12]), undefined);
  assert.equal(excursion([8, 8, 12, 12]), undefined);
  assert.deepEqual(excursion(Array.from({ length: 5000 }, (_, i) => (i < 3000 ? 8 : 16)))?.slice(1), [16, 8]);
});
