import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { windowedGcCpu } from '../../src/analysis/windowed-gc-cpu.ts';
import { expvarProbe } from '../../src/probe/expvar.ts';
import { GctraceReader } from '../../src/probe/gctrace.ts';
import { pprofProbe } from '../../src/probe/pprof-tail.ts';
import type { Figures } from '../../src/probe/probe.ts';
import { processStartUnixSeconds } from '../../src/probe/proc.ts';
import { prometheusProbe } from '../../src/probe/prometheus.ts';
import { requirement } from '../requirements.ts';
import { figure } from './fixtures.ts';
import { buildHeapd, startHeapd } from './heapd.ts';

const within = (): AbortSignal => AbortSignal.timeout(20_000);
/** One, so that a stop of the world costs what gctrace says even where there are fewer CPUs than GOMAXPROCS. */
const procs = 1;

test('four ways to measure GC CPU in a window agree, and the lifetime mean does not', requirement('go'), async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'gctune-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const env = { GOGC: '200', GOMAXPROCS: String(procs), GODEBUG: 'gctrace=1' };
  await using daemon = await startHeapd(await buildHeapd(folder), ['--live=8MiB', '--startup-burn=500ms'], env);
  await using expvar = expvarProbe(daemon.address, '/debug/vars');
  await using prometheus = prometheusProbe(daemon.address, '/metrics');
  await using pprof = pprofProbe(daemon.address, '/debug/pprof');
  const start = processStartUnixSeconds(daemon.pid) ?? assert.fail('no start of the process');

  const work = async (): Promise<void> => {
    for (let session = 0; session < 100; session += 1) await daemon.get(`/work?session=${session}&garbage=4MiB`);
  };
  /** All three sources between the same two GC cycles. */
  const edge = async (): Promise<Readonly<Record<'expvar' | 'prometheus' | 'pprof', Figures>>> => {
    for (;;) {
      const first = (await expvar.read(within())) ?? {};
      const second = (await prometheus.read(within())) ?? {};
      const third = (await pprof.read(within())) ?? {};
      if (first.numGc === third.numGc) return { expvar: first, prometheus: second, pprof: third };
    }
  };
  await work();
  const before = await edge();
  await work();
  const after = await edge();
  const lines = (await daemon.stop()).split('\n');

  const [from, to] = [figure(before.expvar, 'numGc'), figure(after.expvar, 'numGc')];
  assert.ok(to - from >= 10, `only ${to - from} cycles`);
  const ofEdges = (source: 'expvar' | 'pprof'): number => {
    const [first, last] = [before[source], after[source]].map((figures) => ({
      gcCpuFraction: figure(figures, 'gcCpuFraction'),
      uptimeSeconds: figure(figures, 'lastGcUnixSeconds') - start,
    }));
    return windowedGcCpu(first ?? assert.fail(), last ?? assert.fail()) ?? assert.fail('no window');
  };
  const windowed = ofEdges('expvar');
  const near = (what: string, value: number, tolerance: number): void =>
    assert.ok(Math.abs(value / windowed - 1) < tolerance, `${what} says ${value}, GCCPUFraction ${windowed}`);

  near('pprof', ofEdges('pprof'), 1e-9);

  const reader = new GctraceReader();
  const cycles = lines.flatMap((line) => reader.push(line, 0)?.v ?? []);
  const inside = cycles.filter(({ cycle = 0 }) => cycle > from && cycle <= to);
  assert.deepEqual([inside.length, reader.gaps, reader.dropped], [to - from, 0, 0]);
  const traced = inside.reduce((sum, { cycleGcCpuSeconds = NaN }) => sum + cycleGcCpuSeconds, 0);
  const seconds = figure(after.expvar, 'lastGcUnixSeconds') - figure(before.expvar, 'lastGcUnixSeconds');
  // gctrace keeps two digits of each figure.
  near('gctrace', traced / (procs * seconds), 0.05);

  // runtime/metrics since Go 1.20. The process is a little older than the clock of its runtime.
  if (after.prometheus.gcCpuSeconds !== undefined) {
    const grew = (key: keyof Figures): number => figure(after.prometheus, key) - figure(before.prometheus, key);
    near('/cpu/classes', grew('gcCpuSeconds') / grew('classesTotalCpuSeconds'), 0.02);
  }

  // The start-up burn at GOGC=10 is in the mean of the whole life, and not in the window.
  assert.ok(figure(after.expvar, 'gcCpuFraction') > 1.3 * windowed, 'the lifetime mean is no measure of a window');
});
