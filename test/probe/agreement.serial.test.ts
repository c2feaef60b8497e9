import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { windowedGcCpu } from '../../src/go/windowed-gc-cpu.ts';
import { expvarProbe } from '../../src/probe/expvar.ts';
import { GctraceReader } from '../../src/probe/gctrace.ts';
import { pprofProbe } from '../../src/probe/pprof-tail.ts';
import type { Figures } from '../../src/probe/probe.ts';
import { processStartUnixSeconds } from '../../src/runner/proc.ts';
import { prometheusProbe } from '../../src/probe/prometheus.ts';
import { requirement } from '../requirements.ts';
import { figure } from './fixtures.ts';
import { buildHeapd, startHeapd } from './heapd.ts';

const within = (): AbortSignal => AbortSignal.timeout(20_000);
/** One, so that a stop of the world costs what gctrace says even where there are fewer CPUs than GOMAXPROCS. */
const procs = 1;

test('four ways to measure GC CPU in a window agree', requirement('go'), async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'gctune-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const env = { GOGC: '200', GOMAXPROCS: String(procs), GODEBUG: 'gctrace=1' };
  await using daemon = await startHeapd(await buildHeapd(folder), ['--live=8MiB', '--startup-burn=300ms'], env);
  await using expvar = expvarProbe(daemon.address, '/debug/vars');
  await using prometheus = prometheusProbe(daemon.address, '/metrics');
  await using pprof = pprofProbe(daemon.address, '/debug/pprof');
  const start = (await processStartUnixSeconds(daemon.pid)) ?? assert.fail('no start of the process');

  const work = async (): Promise<void> => {
    for (let session = 0; session < 100; session += 1) await daemon.get(`/work?session=${session}&garbage=4MiB`);
  };
  /** All three sources between the same two GC cycles, with none under way. */
  const edge = async (): Promise<Readonly<Record<'expvar' | 'prometheus' | 'pprof', Figures>>> => {
    for (let tries = 0; tries < 200; tries += 1) {
      const first = (await expvar.read(within())) ?? {};
      const second = (await prometheus.read(within())) ?? {};
      const third = (await pprof.read(within())) ?? {};
      // While a cycle is under way the classes hold its first stop already (runtime/mgc.go, accumulateGCPauseTime);
      // between cycles their quotient is GCCPUFraction. Go before 1.20 has no classes.
      const { gcCpuSeconds = NaN, classesTotalCpuSeconds = NaN } = second;
      const ahead = gcCpuSeconds / classesTotalCpuSeconds - figure(first, 'gcCpuFraction');
      if (first.numGc === third.numGc && !(Math.abs(ahead) > 1e-9)) {
        return { expvar: first, prometheus: second, pprof: third };
      }
    }
    return assert.fail('a cycle was under way whenever the sources were read');
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
  const grew = (source: 'expvar' | 'prometheus', key: keyof Figures): number =>
    figure(after[source], key) - figure(before[source], key);
  const seconds = grew('expvar', 'lastGcUnixSeconds');
  // The clock of the runtime starts when the program does, up to a tenth of a second after the process on a busy
  // machine; an error e of the start moves the windowed fraction by e·(F2 − F1)/(u2 − u1).
  const blur = (0.1 * Math.abs(grew('expvar', 'gcCpuFraction'))) / seconds;
  const near = (what: string, value: number, tolerance: number): void =>
    assert.ok(
      Math.abs(value - windowed) < tolerance * windowed + blur,
      `${what} says ${value}, GCCPUFraction ${windowed} ± ${blur}`,
    );

  assert.ok(Math.abs(ofEdges('pprof') / windowed - 1) < 1e-9, 'pprof has the MemStats of expvar');

  const reader = new GctraceReader();
  lines.forEach((line) => reader.push(line, 0));
  const cycles = reader.settle().map(({ v }) => v);
  const inside = cycles.filter(({ cycle = 0 }) => cycle > from && cycle <= to);
  assert.equal(inside.length, to - from);
  const traced = inside.reduce((sum, { cycleGcCpuSeconds = NaN }) => sum + cycleGcCpuSeconds, 0);
  // gctrace keeps two digits of each figure.
  near('gctrace', traced / (procs * seconds), 0.05);

  if (after.prometheus.gcCpuSeconds !== undefined) {
    near('/cpu/classes', grew('prometheus', 'gcCpuSeconds') / grew('prometheus', 'classesTotalCpuSeconds'), 0.01);
  }
});
