import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleName } from '../../src/export/exposition.ts';
import { TrialSamples } from '../../src/export/trial-samples.ts';
import type { Reading } from '../../src/results/format.ts';

type Taken = Readonly<Record<string, readonly (readonly [ms: number, value: number])[]>>;

/** The samples of some readings of a trial that began at second 1000, by name and what its labels have beside the probe. */
function samplesOf(
  readings: readonly Reading[],
  trial: {
    readonly window?: { readonly startSeconds: number; readonly endSeconds: number };
    readonly gomaxprocs?: number;
  } = {},
): Taken {
  const taken: Record<string, [number, number][]> = {};
  const { window, gomaxprocs = 2 } = trial;
  const record = { startUnixSeconds: 1000, processStartUnixSeconds: 1001, phases: [], ...(window && { window }) };
  const samples = new TrialSamples({ trial: 't' }, { record, gomaxprocs }, (family, labels) => {
    const own: [number, number][] = [];
    taken[`${sampleName(family)}${labels.replace('trial="t",', '')}`] = own;
    return (ms, value) => own.push([ms, value]);
  });
  samples.window();
  for (const reading of readings) samples.reading(reading);
  return taken;
}

test('a figure is a sample at the time of its reading; two within a millisecond keep their order', () => {
  const taken = samplesOf([
    { at: 1.5, probe: 'proc', v: { rssBytes: 1 } },
    { at: 1.5001, probe: 'proc', v: { rssBytes: 2 } },
    { at: 1.5001, probe: 'ps', v: { rssBytes: 3 } },
    { at: 2, probe: 'proc', v: { rssBytes: 4 } },
  ]);
  assert.deepEqual(taken, {
    'gctune_process_resident_memory_bytes{probe="proc"}': [
      [1_001_500, 1],
      [1_001_501, 2],
      [1_002_000, 4],
    ],
    'gctune_process_resident_memory_bytes{probe="ps"}': [[1_001_500, 3]],
  });
});

test('Go’s memory is stacks and the rest, which add up to Sys − HeapReleased', () => {
  const taken = samplesOf([
    { at: 1, probe: 'expvar', v: { sysBytes: 100, heapReleasedBytes: 30, stackInuseBytes: 20 } },
  ]);
  assert.deepEqual(taken['gctune_go_memory_used_bytes{probe="expvar",go_memory_type="stack"}'], [[1_001_000, 20]]);
  assert.deepEqual(taken['gctune_go_memory_used_bytes{probe="expvar",go_memory_type="other"}'], [[1_001_000, 50]]);
});

test('the collector’s CPU time is a counter, whatever tells it, and never falls', () => {
  const taken = samplesOf([
    { at: 1, probe: 'memory', v: { gcCpuSeconds: 0.5, gcCpuFraction: 0.9, lastGcUnixSeconds: 1003, numGc: 1 } },
    // Two processors, of which the collector had a tenth for 4 s, then a mean that was rounded down.
    { at: 5, probe: 'expvar', v: { gcCpuFraction: 0.1, lastGcUnixSeconds: 1005, numGc: 1 } },
    { at: 6, probe: 'expvar', v: { gcCpuFraction: 0.0999, lastGcUnixSeconds: 1005, numGc: 1 } },
    { at: 7, probe: 'expvar', v: { gcCpuFraction: 0, lastGcUnixSeconds: 0, numGc: 0 } },
    { at: 1, probe: 'gctrace', v: { cycleGcCpuSeconds: 0.25 } },
    { at: 2, probe: 'gctrace', v: { cycleGcCpuSeconds: 0.5 } },
  ]);
  const of = (probe: string): readonly number[] =>
    (taken[`gctune_gc_cpu_seconds_total{probe="${probe}"}`] ?? []).map(([, value]) => value);
  assert.deepEqual(of('memory'), [0.5]);
  assert.deepEqual(of('expvar'), [0.8, 0.8]);
  assert.deepEqual(of('gctrace'), [0.25, 0.75]);
});

test('the window is told again each minute, so that Prometheus does not forget it', () => {
  const taken = samplesOf([], { window: { startSeconds: 10, endSeconds: 140 } });
  const [samples = []] = Object.values(taken);
  assert.deepEqual(samples, [
    [1_000_000, 0],
    [1_010_000, 1],
    [1_070_000, 1],
    [1_130_000, 1],
    [1_140_000, 0],
  ]);
});
