import type { MetricId } from '../experiment/metrics.ts';
import type { Warning } from '../experiment/warning.ts';
import type { ReadingKey, RunManifest } from '../results/format.ts';
import type { Figure } from './figure.ts';
import { LEAST_CYCLES } from './gc-figures.ts';
import type { MeasuredTrial } from './trial-readings.ts';
import { INSIDE_PROBES, readingsInWindow } from './trial-readings.ts';

type Figures = Readonly<Partial<Record<MetricId, Figure>>>;
/** What a warning says before it is told which trial it is about. */
type Remark = Omit<Warning, 'cell' | 'trial'>;

/** What the readings of a completed trial give reason to doubt. */
export function trialWarnings(trial: MeasuredTrial, manifest: RunManifest, figures: Figures): readonly Warning[] {
  const remarks = [
    ...readingRemarks(trial),
    ...cycleRemarks(trial, manifest, figures),
    ...settingRemarks(trial, manifest),
    ...workRemarks(trial, figures),
  ];
  return remarks.map((remark) => ({ ...remark, cell: trial.record.cell, trial: trial.record.id }));
}

function readingRemarks(trial: MeasuredTrial): readonly Remark[] {
  const probes = [...trial.readings.keys()];
  const inWindow = probes.some((probe) => readingsInWindow(trial, probe).length > 0);
  if (!inWindow) return [{ code: 'no-readings', message: 'no reading lies in the window' }];
  const remarks: Remark[] = [];
  for (const probe of INSIDE_PROBES) {
    for (const key of ['numGc', 'totalAllocBytes'] as const) {
      if (fell(trial, probe, key)) {
        remarks.push({
          code: 'counter-went-back',
          message: `${key} went back within the window: the target was started anew, its counters do not count`,
        });
      }
    }
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

function cycleRemarks(trial: MeasuredTrial, manifest: RunManifest, figures: Figures): readonly Remark[] {
  const cycles = figures['gc.cycles']?.value;
  const wanted = manifest.experiment.validity.cycles;
  if (cycles === undefined) return [];
  const metric = 'gc.cpu_window';
  const ended = cycles === 0 ? 'no GC cycle ended in the window' : `${cycles} GC cycles ended in the window`;
  if (cycles < LEAST_CYCLES) {
    return [
      { code: 'gc-figures-refused', message: `${ended}: no figure of GC CPU is given under ${LEAST_CYCLES}`, metric },
    ];
  }
  if (cycles < wanted) {
    return [{ code: 'too-few-cycles', message: `${ended}, under the ${wanted} wanted: GC CPU is uncertain`, metric }];
  }
  return [];
}

function settingRemarks(trial: MeasuredTrial, manifest: RunManifest): readonly Remark[] {
  const remarks: Remark[] = [];
  const { gomaxprocs, gogcPercent } = trial.record.effective;
  if (gomaxprocs !== undefined && gomaxprocs !== manifest.gomaxprocs) {
    remarks.push({
      code: 'gomaxprocs-differs',
      message: `GOMAXPROCS was ${gomaxprocs}, not the ${manifest.gomaxprocs} asked for`,
    });
  }
  const asked = trial.levels.gogc === 'off' ? -1 : trial.levels.gogc;
  if (gogcPercent !== undefined && trial.record.effective.gogcEvidence === 'runtime-metrics' && gogcPercent !== asked) {
    remarks.push({
      code: 'gogc-overridden',
      message: `the target overrides GOGC: asked ${asked === -1 ? 'off' : asked}, effective ${gogcPercent}`,
    });
  }
  const limited = INSIDE_PROBES.flatMap((probe) => readingsInWindow(trial, probe)).filter(
    (reading) => reading.v.limiterLastCycle !== undefined,
  );
  const first = limited[0]?.v.limiterLastCycle;
  if (first !== undefined && limited.at(-1)?.v.limiterLastCycle !== first) {
    remarks.push({
      code: 'gc-limiter',
      message: "the runtime's limiter of GC CPU was at work in the window: memory may exceed the limit",
    });
  }
  return remarks;
}

function workRemarks(trial: MeasuredTrial, figures: Figures): readonly Remark[] {
  const remarks: Remark[] = [];
  const latency = trial.record.work?.latency;
  if (latency !== undefined && figures['latency.p999'] === undefined) {
    remarks.push({
      code: 'too-few-requests',
      message: `${latency.count} requests do not tell p99.9, which needs 1000`,
      metric: 'latency.p999',
    });
  }
  return remarks;
}

function fell(trial: MeasuredTrial, probe: (typeof INSIDE_PROBES)[number], key: ReadingKey): boolean {
  const values = readingsInWindow(trial, probe).flatMap((reading) => reading.v[key] ?? []);
  return values.some((value, i) => i > 0 && value < (values[i - 1] as number));
}
