import type { Analysis } from '../../analysis/analysis.ts';
import { METRICS } from '../../metrics/metrics.ts';
import { jsonDocument } from '../../text/json-text.ts';
import { plainText } from '../../text/plain-text.ts';
import { counted } from '../../text/words.ts';
import type { MetricUnit } from '../../units/format-units.ts';

/**
 * One unit for each kind of metric, whatever its size: the action compares the numbers of two nights and does not look at
 * their units.
 */
const UNITS: Readonly<Record<MetricUnit, readonly [divisor: number, name: string]>> = {
  bytes: [2 ** 20, 'MiB'],
  'bytes-per-second': [2 ** 20, 'MiB/s'],
  seconds: [1e-3, 'ms'],
  fraction: [0.01, '%'],
  cores: [1, 'cores'],
  count: [1, ''],
  'per-second': [1, '/s'],
};

/** A figure as github-action-benchmark reads it; `extra` is what its chart shows beside a point. */
interface ActionFigure {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly range?: string;
  readonly extra: string;
}

/**
 * The primary metrics of each cell as github-action-benchmark reads them (`tool: customSmallerIsBetter`); metrics of which
 * more is better would be judged the wrong way round, and are left out. The A/A cell is none of the daemon's. The warnings of
 * the run stand with its first figure, since the action keeps all of it for good.
 */
export function actionBenchmarkReport(analysis: Analysis): string {
  const [first, ...others] = figuresOf(analysis);
  if (first === undefined) return jsonDocument([]);
  const warnings = analysis.warnings.map(({ message }) => `warning: ${plainText(message)}`);
  return jsonDocument([{ ...first, extra: [first.extra, ...warnings].join('\n') }, ...others]);
}

function figuresOf({ run, workloads }: Analysis): readonly ActionFigure[] {
  const primaries = run.experiment.primaries.filter((metric) => METRICS[metric].better === 'lower');
  const simulated = run.runner === 'simulated' ? ' (simulated)' : '';
  return workloads.flatMap(({ workload, cells }) =>
    cells
      .filter(({ role }) => role !== 'a-a')
      .flatMap(({ label, estimates }) =>
        primaries.flatMap((metric): readonly ActionFigure[] => {
          const estimate = estimates[metric];
          if (estimate === undefined) return [];
          const [divisor, unit] = UNITS[METRICS[metric].unit];
          const shown = (value: number): number => Number((value / divisor).toPrecision(6));
          const { low, high, n } = estimate;
          return [
            {
              name: plainText(`${workload}, ${label}: ${METRICS[metric].label}${simulated}`),
              unit,
              value: shown(estimate.value),
              ...(low === null || high === null ? {} : { range: `${shown(low)} to ${shown(high)}` }),
              extra: plainText(`n = ${counted(n, 'trial')}, run ${run.id}`),
            },
          ];
        }),
      ),
  );
}
