import type { MetricId } from '../../metrics/metrics.ts';
import { METRICS } from '../../metrics/metrics.ts';
import type { Warning } from '../../metrics/warning.ts';
import type { ReadingKey } from '../../results/format.ts';
import { cpuThirds, unevenLoad } from './drift-figures.ts';
import type { Figure } from './figure.ts';
import { LEAST_CYCLES } from './gc-figures.ts';
import type { ReductionTerms } from './reduce-trial.ts';
import type { MeasuredTrial } from './trial-readings.ts';
import { CGROUP_PROBES, RUNTIME_PROBES, type ProbeId } from '../../experiment/probe-ids.ts';
import { readingsInWindow } from './trial-readings.ts';
import { quantity } from '../finding/words.ts';
import { beyond, LEAST_BEYOND, LEAST_FOR_P999 } from './work-figures.ts';

type Figures = Readonly<Partial<Record<MetricId, Figure>>>;
/** What a warning says before it is told which trial it is about. */
type Remark = Omit<Warning, 'cell' | 'trial'>;

const MEBIBYTE = 2 ** 20;
/** Thirds of one trial differ by chance, too; what a cell's trials have in common is judged over all of them (drift-warnings). */
const MOST_CPU_CHANGE = 0.25;

/** What only grows while a process lives, and who reads it. */
const COUNTERS = [
  ['numGc', RUNTIME_PROBES],
  ['totalAllocBytes', RUNTIME_PROBES],
  ['cgroupCpuSeconds', CGROUP_PROBES],
] as const satisfies readonly (readonly [ReadingKey, readonly ProbeId[]])[];

/** What the readings of a completed trial give reason to doubt. */
export function trialWarnings(trial: MeasuredTrial, terms: ReductionTerms, figures: Figures): readonly Warning[] {
  const remarks = [
    ...readingRemarks(trial),
    ...cycleRemarks(terms, figures),
    ...settingRemarks(trial, terms),
    ...workRemarks(trial, figures),
    ...tracedRemarks(figures),
    ...driftRemarks(trial),
  ];
  return remarks.map((remark) => ({ ...remark, cell: trial.record.cell, trial: trial.record.id }));
}

function readingRemarks(trial: MeasuredTrial): readonly Remark[] {
  const probes = [...trial.readings.keys()];
  const inWindow = probes.some((probe) => readingsInWindow(trial, probe).length > 0);
  if (!inWindow) return [{ code: 'no-readings', message: 'the window contains no reading' }];
  const remarks: Remark[] = [];
  for (const [key, of] of COUNTERS) {
    for (const probe of of) {
      if (fell(trial, probe, key)) {
        remarks.push({
          code: 'counter-went-back',
          message: `${key} of ${probe} went backwards during the window: the target restarted, so its counters are not used`,
        });
      }
    }
  }
  if (fell(trial, 'gctrace', 'cycle')) {
    remarks.push({
      code: 'counter-went-back',
      message: 'the cycle numbers in gctrace went backwards during the window: more than one process wrote them',
    });
  }
  if (readingsInWindow(trial, 'proc').some(({ v }) => (v.swapBytes ?? 0) > 0)) {
    remarks.push({
      code: 'swapped',
      message: 'part of the target was swapped out: its resident memory is understated',
      metric: 'memory.anon',
    });
  }
  return remarks;
}

function cycleRemarks({ cycles: wanted }: ReductionTerms, figures: Figures): readonly Remark[] {
  const cycles = figures['gc.cycles']?.value;
  if (cycles === undefined) return [];
  const metric = 'gc.cpu_window';
  const ended = cycles === 0 ? 'no GC cycle ended in the window' : `${cycles} GC cycles ended in the window`;
  if (cycles < LEAST_CYCLES) {
    return [
      { code: 'gc-figures-refused', message: `${ended}: GC CPU is not given with fewer than ${LEAST_CYCLES}`, metric },
    ];
  }
  if (cycles < wanted) {
    return [
      { code: 'too-few-cycles', message: `${ended}, fewer than the ${wanted} wanted: GC CPU is uncertain`, metric },
    ];
  }
  return [];
}

function settingRemarks(trial: MeasuredTrial, terms: ReductionTerms): readonly Remark[] {
  const remarks: Remark[] = [];
  const { gomaxprocs, gogcPercent } = trial.record.effective;
  if (gomaxprocs !== undefined && gomaxprocs !== terms.gomaxprocs) {
    remarks.push({
      code: 'gomaxprocs-differs',
      message: `GOMAXPROCS was ${gomaxprocs}, not the ${terms.gomaxprocs} requested`,
    });
  }
  const asked = trial.levels.gogc === 'off' ? -1 : trial.levels.gogc;
  if (gogcPercent !== undefined && trial.record.effective.gogcEvidence === 'runtime-metrics' && gogcPercent !== asked) {
    remarks.push({
      code: 'gogc-overridden',
      message: `the target overrides GOGC: requested ${asked === -1 ? 'off' : asked}, effective ${gogcPercent}`,
    });
  }
  const limited = RUNTIME_PROBES.flatMap((probe) => readingsInWindow(trial, probe)).filter(
    (reading) => reading.v.limiterLastCycle !== undefined,
  );
  const first = limited[0]?.v.limiterLastCycle;
  if (first !== undefined && limited.at(-1)?.v.limiterLastCycle !== first) {
    remarks.push({
      code: 'gc-limiter',
      message: "the runtime's GC CPU limiter was active during the window: memory may exceed the limit",
    });
  }
  return remarks;
}

function workRemarks(trial: MeasuredTrial, figures: Figures): readonly Remark[] {
  const latency = trial.record.work?.latency;
  if (latency === undefined) return [];
  const remarks: Remark[] = [];
  if (figures['latency.p999'] === undefined) {
    remarks.push({
      code: 'too-few-requests',
      message: `${latency.count} requests are too few for p99.9, which needs ${LEAST_FOR_P999}: ${LEAST_BEYOND} beyond it`,
      metric: 'latency.p999',
    });
  }
  const slowest = beyond(latency, 0.99);
  if (figures['latency.p99'] !== undefined && slowest < LEAST_BEYOND) {
    remarks.push({
      code: 'few-slow-requests',
      message: `p99 of ${latency.count} requests rests on the ${slowest} slowest, so it varies by chance from trial to trial`,
      metric: 'latency.p99',
    });
  }
  return remarks;
}

/** What gctrace says less well than the runtime's own counters, where it is the only source. */
function tracedRemarks(figures: Figures): readonly Remark[] {
  const remarks: Remark[] = [];
  if (figures['gc.cpu_window']?.source === 'gctrace') {
    remarks.push({
      code: 'gctrace-over-counts',
      message:
        'GC CPU is summed from gctrace, the only source: it charges each stop-the-world pause to every P, and was 3 to 85 % ' +
        "above the runtime's own account where both could be read",
      metric: 'gc.cpu_window',
    });
  }
  for (const metric of ['heap.live', 'heap.goal'] as const) {
    const found = figures[metric];
    if (found?.source !== 'gctrace') continue;
    const most = found.value > 0 ? ` (${Math.ceil((100 * MEBIBYTE) / found.value)} % of it)` : '';
    remarks.push({
      code: 'gctrace-floored',
      message: `the ${METRICS[metric].label} comes from gctrace, which rounds sizes down to whole MiB: it may be up to 1 MiB too low${most}`,
      metric,
    });
  }
  return remarks;
}

/** CPU per request that rises or falls throughout the window, and by more than thirds of a short window differ by chance. */
function driftRemarks(trial: MeasuredTrial): readonly Remark[] {
  const uneven = unevenLoad(trial);
  if (uneven !== undefined) {
    const message = `the thirds of the window had different load (${uneven.join(', ')} requests), so drift from the first to the last cannot be assessed; make phases.measure a multiple of three periods of the load`;
    return [{ code: 'uneven-load', message }];
  }
  const found = cpuThirds(trial);
  if (found === undefined) return [];
  const [first, middle, last] = found as [number, number, number];
  const change = last / first - 1;
  if (Math.abs(change) <= MOST_CPU_CHANGE || (middle - first) * (last - middle) <= 0) return [];
  return [
    {
      code: 'cpu-drifts',
      message: `CPU per request ${change > 0 ? 'rose' : 'fell'} by ${quantity(Math.abs(change), 'fraction')} from the first to the last third of the window: it had not reached steady state`,
      metric: 'cpu.per_request',
    },
  ];
}

function fell(trial: MeasuredTrial, probe: ProbeId, key: ReadingKey): boolean {
  const values = readingsInWindow(trial, probe).flatMap((reading) => reading.v[key] ?? []);
  return values.some((value, i) => i > 0 && value < (values[i - 1] as number));
}
