import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hodgesLehmannRatio } from '../src/statistics/hodges-lehmann.ts';
import { attachRuntime } from '../src/runtime-memory/attach.ts';
import { buildHeapd, startHeapd, type Heapd } from '../test/probe/heapd.ts';
import { measured, middle } from './measure.ts';
import type { BenchRow } from './row.ts';

const ATTACHES = 9;
const READS_PER_SECOND = 100;
const READ_SECONDS = 10;
const PERIODS = 20;
const PERIOD_MILLISECONDS = 1000;
const REQUESTS_PER_SECOND = 200;

interface Read {
  readonly attachMilliseconds: number;
  readonly share: number;
}

/** What it takes to find a process's runtime from outside, to read it 100 times a second, and what the process notices of it. */
export async function benchOutside(root: string): Promise<readonly BenchRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'gctune-bench-'));
  try {
    await using heapd = await startHeapd(await buildHeapd(folder), [], {});
    const read = async (...args: readonly string[]): Promise<Read> => {
      const run = await measured(process.execPath, [join(root, 'bench/outside-reader.ts'), String(heapd.pid), ...args]);
      return JSON.parse(run.stdout) as Read;
    };
    const attached: number[] = [];
    for (let i = 0; i < ATTACHES; i += 1) attached.push((await read('1', '0')).attachMilliseconds / 1000);
    const reading = await read(String(READS_PER_SECOND), String(READ_SECONDS));
    const ticking = await read(String(READS_PER_SECOND), String(READ_SECONDS), 'timer');
    const trial = await read(String(READS_PER_SECOND), String(READ_SECONDS), 'trial');
    const share = reading.share - ticking.share;
    const trialShare = trial.share - ticking.share;
    const cost = await costToTheTarget(heapd);
    return [
      {
        name: 'attach to a Go process from outside',
        value: `${middle(attached).toFixed(3)} s`,
        limit: '≤ 0.3 s',
        ok: middle(attached) <= 0.3,
        detail: `median of ${ATTACHES} fresh processes, largest ${Math.max(...attached).toFixed(3)} s`,
      },
      {
        name: `reader’s CPU at ${READS_PER_SECOND} reads a second after 6,000 of them, share of one core`,
        value: `${(share * 100).toFixed(2)} %`,
        limit: '≤ 1 %',
        ok: share <= 0.01,
        detail: `${(reading.share * 100).toFixed(2)} % with, ${(ticking.share * 100).toFixed(2)} % for the timer alone`,
      },
      {
        name: `a trial’s CPU for ${READS_PER_SECOND} looks for a cycle and 10 reads a second, share of one core`,
        value: `${(trialShare * 100).toFixed(2)} %`,
        limit: '≤ 1 %',
        ok: trialShare <= 0.01,
        detail: `${(trial.share * 100).toFixed(2)} % with, ${(ticking.share * 100).toFixed(2)} % for the timers alone`,
      },
      {
        name: `target’s CPU with ${READS_PER_SECOND} reads a second ÷ without`,
        value: cost.value.toFixed(3),
        limit: '1 in the interval',
        ok: (cost.low ?? 0) <= 1,
        detail: `${cost.low?.toFixed(3)}–${cost.high?.toFixed(3)} over ${PERIODS} pairs of ${PERIOD_MILLISECONDS / 1000} s at ${REQUESTS_PER_SECOND} requests a second`,
      },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The target's CPU over periods with and without reading, in turn, under the same load. */
async function costToTheTarget(heapd: Heapd): Promise<ReturnType<typeof hodgesLehmannRatio>> {
  using reader = await attachRuntime(heapd.pid);
  const pairs: [number, number][] = [];
  for (let pair = 0; pair < PERIODS; pair += 1) {
    const period = async (reads: boolean): Promise<number> => {
      const before = cpuNanoseconds(heapd.pid);
      const ticking = setInterval(() => void (reads && reader.read()), 1000 / READS_PER_SECOND);
      const asked: Promise<unknown>[] = [];
      const until = performance.now() + PERIOD_MILLISECONDS;
      for (let next = performance.now(); next < until; next += 1000 / REQUESTS_PER_SECOND) {
        await sleep(Math.max(0, next - performance.now()));
        asked.push(heapd.get(`/work?session=${asked.length}`));
      }
      await Promise.all(asked);
      clearInterval(ticking);
      return cpuNanoseconds(heapd.pid) - before;
    };
    // The order changes, so that a drift of the machine falls on both.
    const first = await period(pair % 2 === 0);
    const second = await period(pair % 2 !== 0);
    pairs.push(pair % 2 === 0 ? [first, second] : [second, first]);
  }
  return hodgesLehmannRatio(pairs, 0.95);
}

/** CPU time of all threads of a process; Go's do not end while it works. */
function cpuNanoseconds(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce(
    (sum, thread) => sum + Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
    0,
  );
}
