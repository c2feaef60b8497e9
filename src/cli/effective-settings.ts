import { parseDocument } from 'yaml';
import type { Experiment, TargetSource } from '../experiment/experiment.ts';
import { formatFraction, formatWait } from '../experiment/format-units.ts';
import type { Source } from './command.ts';

/** One setting as it will be in force. */
export interface Setting {
  readonly name: string;
  readonly value: string;
  readonly from: 'flag' | 'environment' | 'file' | 'default';
}

/**
 * The settings in force, each with where its value comes from: flag over environment over file over default. `sources`
 * are those of the flags, `filters` the values of `--filter`; `shown` shortens paths.
 */
export function effectiveSettings(
  experiment: Experiment,
  text: string,
  sources: Readonly<Record<string, Source>>,
  filters: readonly string[],
  shown: (path: string) => string,
): readonly Setting[] {
  const document = parseDocument(text);
  return settingsOf(experiment, shown).map(([name, value]) => {
    const filtered = filters.some((filter) => name === `matrix.${filter.split('=')[0] ?? ''}`);
    const source = filtered ? sources['filter'] : sources[name];
    const given = source === 'flag' || source === 'environment';
    const inFile = document.hasIn(name.split('.'));
    return { name, value: String(value), from: given ? source : inFile ? 'file' : 'default' };
  });
}

function blocksText({ blocks, adaptive }: Experiment): string {
  if (adaptive === undefined) return String(blocks);
  const { min, precision, budgetSeconds } = adaptive;
  const budget = budgetSeconds === undefined ? '' : `, ${formatWait(budgetSeconds)} at most`;
  return `${min} to ${blocks}, until ±${formatFraction(precision)}${budget}`;
}

function settingsOf(
  experiment: Experiment,
  shown: (path: string) => string,
): readonly (readonly [name: string, value: unknown])[] {
  const { target, limits, phases, sampling, validity, matrix, baseline } = experiment;
  const seconds = (value: number): string => `${value} s`;
  const unset = 'not set';
  return [
    ['target', targetText(target.source, shown)],
    ['target.args', JSON.stringify(target.args)],
    ['target.port', target.port ?? unset],
    ['runner', experiment.runner],
    ['limits.cpus', limits.cpus ?? unset],
    ['limits.memory', limits.memoryBytes === undefined ? unset : `${limits.memoryBytes} B`],
    ['limits.pids', limits.pids],
    ['limits.required', limits.required],
    ['gomaxprocs', experiment.gomaxprocs ?? 'from limits.cpus'],
    ['matrix.gogc', matrix.gogc.join(', ')],
    ['matrix.gomemlimit', matrix.gomemlimit.join(', ')],
    ['matrix.workload', matrix.workload.join(', ')],
    ['baseline.gogc', baseline.gogc],
    ['baseline.gomemlimit', baseline.gomemlimit],
    ['phases.warmup', seconds(phases.warmupSeconds)],
    ['phases.settle', seconds(phases.settleSeconds)],
    ['phases.measure', seconds(phases.measureSeconds)],
    ['phases.drain', seconds(phases.drainSeconds)],
    ['blocks', blocksText(experiment)],
    ['seed', experiment.seed ?? 'a new one each time'],
    ['sampling.outside', `${sampling.outsideHz}/s`],
    ['sampling.inside', `${sampling.insideHz}/s`],
    ['sampling.source', sampling.inside],
    ['sampling.gctrace', sampling.gctrace],
    ['validity.retries', validity.retries],
    ['confidence', experiment.confidence],
    ['primaries', experiment.primaries.join(', ')],
    ...(experiment.assert === undefined ? [] : [['assert', assertText(experiment.assert)] as const]),
  ];
}

function assertText(assertions: NonNullable<Experiment['assert']>): string {
  const off = assertions.filter(({ level }) => level === 'off').length;
  return `${assertions.length} ${assertions.length === 1 ? 'entry' : 'entries'}${off === 0 ? '' : `, ${off} of them off`}`;
}

function targetText(source: TargetSource, shown: (path: string) => string): string {
  switch (source.kind) {
    case 'package':
      return `package ${shown(source.directory)}`;
    case 'module':
      return `module ${source.package}@${source.version}`;
    case 'binary':
      return `binary ${shown(source.path)}`;
    case 'image':
      return `image ${source.reference}`;
    case 'dockerfile':
      return `dockerfile ${shown(source.file)}`;
    case 'simulated':
      return 'simulated: a model, and no program';
  }
}
