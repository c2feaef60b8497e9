import assert from 'node:assert/strict';
import test from 'node:test';
import type { Reading, TrialRecord } from '../../src/results/format.ts';
import { QuickWatch } from '../../src/sweep/quick-figures.ts';

test('GC CPU is that of the cycles of the window, not the mean since the process began', () => {
  const watch = new QuickWatch('gogc=50');
  const cycle = (at: number, gcCpuFraction: number): Reading => ({
    at,
    probe: 'expvar',
    v: { gcCpuFraction, lastGcUnixSeconds: 1000 + at },
  });
  watch.reading(cycle(5, 0.5));
  watch.phase('measure');
  watch.reading(cycle(10, 0.1));
  watch.reading(cycle(20, 0.08));
  const { gcCpuFraction } = watch.figures({ startUnixSeconds: 1000 } as TrialRecord);
  assert.ok(Math.abs((gcCpuFraction ?? 0) - 0.06) < 1e-9, String(gcCpuFraction));
  const one = new QuickWatch('gogc=50');
  one.phase('measure');
  one.reading(cycle(10, 0.1));
  assert.equal(one.figures({ startUnixSeconds: 1000 } as TrialRecord).gcCpuFraction, undefined);
});

test('figures of two sources are not mixed: a group that held earlier trials counts on from them', () => {
  const watch = new QuickWatch('gogc=50');
  watch.phase('measure');
  for (const second of [0, 1, 2]) {
    watch.reading({ at: second, probe: 'proc', v: { cpuSeconds: 1 + second / 2, rssAnonBytes: 10 } });
    watch.reading({ at: second, probe: 'cgroup', v: { cgroupCpuSeconds: 30 + second / 2, cgroupAnonBytes: 30 } });
  }
  const { anonBytes, cpuPerRequestSeconds } = watch.figures({
    startUnixSeconds: 1000,
    work: { completed: 100 },
  } as TrialRecord);
  assert.equal(anonBytes, 10);
  assert.equal(cpuPerRequestSeconds, 0.01);
});
