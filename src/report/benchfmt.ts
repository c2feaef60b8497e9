import type { Analysis, CellAnalysis, WorkloadAnalysis } from '../analysis/analysis.ts';
import type { MetricDefinition } from '../metrics/metrics.ts';
import { cutText } from './words.ts';
import { plainText } from '../text/plain-text.ts';

/** What stands behind a metric's id in the unit: benchstat takes the prefixes of `bytes` for binary ones. */
const SUFFIXES: Readonly<Record<MetricDefinition['unit'], string>> = {
  bytes: 'bytes',
  'bytes-per-second': 'bytes/sec',
  seconds: 'sec',
  fraction: 'frac',
  cores: 'cores',
  count: 'count',
  'per-second': '/sec',
};

/**
 * The trials in the Go benchmark format (golang.org/design/14313-benchmark-format), a line to a trial, so that
 * `benchstat -col /gogc` reads them. The baseline comes first, because benchstat compares with its first column; the
 * A/A cell is a level of its own (`100aa`), so that it is a column beside the others and not folded into the baseline.
 * Warnings are lines that begin with `#`, which readers of the format pass over.
 */
export function benchfmtReport(analysis: Analysis): string {
  const { run, workloads, metrics, warnings } = analysis;
  const cut = cutText(analysis);
  const { buildInfo, digest } = run.artifact;
  const configuration: readonly (readonly [string, unknown])[] = [
    // Files of measured and of simulated runs must not fold into one column.
    ['simulated', run.runner === 'simulated' ? 'true' : undefined],
    ['goos', buildInfo.settings['GOOS']],
    ['goarch', buildInfo.settings['GOARCH']],
    ['pkg', buildInfo.path],
    ['cpu', run.environment['cpu.model']],
    ['go-version', buildInfo.goVersion],
    ['artifact', digest],
    ['gctune-run', run.id],
    ['gctune-version', run.toolVersion],
  ];
  const severalLimits =
    new Set(workloads.flatMap(({ cells }) => cells.map(({ levels }) => levels.gomemlimit))).size > 1;
  const lines = [
    ...(cut === undefined ? [] : [`# ${cut}`]),
    ...warnings.map(
      ({ code, message, cell, trial }) =>
        `# warning ${plainText(code)}: ${plainText([cell ?? trial, message].filter(Boolean).join(': '))}`,
    ),
    ...configuration.flatMap(([key, value]) =>
      typeof value === 'string' && value !== '' ? [`${key}: ${plainText(value)}`] : [],
    ),
    '',
    ...metrics.map(
      (metric) =>
        `Unit ${unitOf(metric)}${metric.better === 'neither' ? '' : ` better=${metric.better}`} assume=nothing`,
    ),
    '',
    ...workloads.flatMap((workload) =>
      baselineFirst(workload).flatMap((cell) =>
        trialLines(nameOf(workload, cell, severalLimits, run.gomaxprocs), cell, metrics),
      ),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

/** The name of a cell as a benchmark, with GOMAXPROCS behind the last dash as Go writes it. */
function nameOf(
  { workload }: WorkloadAnalysis,
  { levels, role }: CellAnalysis,
  severalLimits: boolean,
  gomaxprocs: number,
): string {
  const parts = [
    'BenchmarkGctune',
    `workload=${nameSafe(workload)}`,
    ...(severalLimits ? [`gomemlimit=${levels.gomemlimit}`] : []),
    `gogc=${levels.gogc}${role === 'a-a' ? 'aa' : ''}`,
  ];
  return `${parts.join('/')}-${gomaxprocs}`;
}

function trialLines(name: string, cell: CellAnalysis, metrics: readonly MetricDefinition[]): readonly string[] {
  const trials = new Map<string, string[]>();
  for (const metric of metrics) {
    for (const { trial, value } of cell.values[metric.id] ?? []) {
      const figures = trials.get(trial) ?? [];
      figures.push(`${value} ${unitOf(metric)}`);
      trials.set(trial, figures);
    }
  }
  return [...trials.values()].map((figures) => `${name} 1 ${figures.join(' ')}`);
}

function baselineFirst({ cells }: WorkloadAnalysis): readonly CellAnalysis[] {
  return [...cells.filter(({ baseline }) => baseline), ...cells.filter(({ baseline }) => !baseline)];
}

function unitOf({ id, unit }: MetricDefinition): string {
  return `${id}-${SUFFIXES[unit]}`;
}

/** A part of a benchmark's name: no spaces, and no slash or equals sign, which part names and keys. */
function nameSafe(text: string): string {
  return plainText(text).replace(/[\s/=]+/g, '_');
}
