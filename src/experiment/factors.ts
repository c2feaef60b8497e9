import type { Experiment, Levels, Matrix, TargetSource } from './experiment.ts';
import { parseSize } from '../units/units.ts';

/** The factors beside GOGC, GOMEMLIMIT and the workload that have a name of their own; `env.NAME` and `args.NAME` come beside them. */
export const NAMED_FACTORS = ['version', 'toolchain', 'gomaxprocs', 'cpus', 'memory'] as const;

/** `env.NAME` and `args.NAME`: a variable of the target’s environment, a flag of its command line. */
export const FREE_FACTOR = /^(?:env\.[A-Za-z_][A-Za-z0-9_]*|args\.[A-Za-z0-9][A-Za-z0-9_.-]*)$/;

/** A factor beside GOGC, GOMEMLIMIT and the workload. Levels are text, as cells are named by them. */
export interface Factor {
  readonly name: string;
  readonly levels: readonly string[];
  /** The level that the others are contrasted with, at equal levels of everything else. */
  readonly baseline: string;
}

/** The levels of such factors, by the name of the factor. */
export type FactorLevels = Readonly<Record<string, string>>;

/** Whether a factor is one of these. */
export function isFurtherFactor(name: string): boolean {
  return (NAMED_FACTORS as readonly string[]).includes(name) || FREE_FACTOR.test(name);
}

/** Whether a text is a level of the factor, as far as that can be told without the experiment. */
export function isLevel(factor: string, level: string): boolean {
  const number = Number(level);
  switch (factor) {
    case 'gomaxprocs':
      return Number.isInteger(number) && number > 0;
    case 'cpus':
      return number > 0 && Number.isFinite(number);
    case 'memory':
      return 'value' in parseSize(level);
    default:
      return level !== '';
  }
}

/** The factors of a matrix that have several levels. */
export function varyingFactors({ factors = [] }: Pick<Matrix, 'factors'>): readonly Factor[] {
  return factors.filter(({ levels }) => levels.length > 1);
}

/** Every combination of the factors' levels, the last factor the fastest; one without any where there are none. */
export function combinations(factors: readonly Factor[]): readonly FactorLevels[] {
  return factors.reduce<readonly FactorLevels[]>(
    (all, { name, levels }) => all.flatMap((one) => levels.map((level) => ({ ...one, [name]: level }))),
    [{}],
  );
}

/** `version=new cpus=2`: the levels of the factors that vary; empty where none does. */
export function factorsText(matrix: Pick<Matrix, 'factors'>, { factors = {} }: Pick<Levels, 'factors'>): string {
  return varyingFactors(matrix)
    .map(({ name }) => `${name}=${factors[name]}`)
    .join(' ');
}

/** Whether each of a cell's further factors is at its baseline. */
export function atBaseline({ factors = [] }: Pick<Matrix, 'factors'>, levels: Pick<Levels, 'factors'>): boolean {
  return factors.every(({ name, baseline }) => levels.factors?.[name] === baseline);
}

/** The name of a cell's stratum: its workload, with the levels of the further factors that vary. Within it cells differ in GOGC and GOMEMLIMIT alone. */
export function stratumName(matrix: Pick<Matrix, 'factors'>, levels: Levels): string {
  return [levels.workload, factorsText(matrix, levels)].filter((part) => part !== '').join(' ');
}

/** What tells the random draws of one stratum from those of another. */
export function stratumSeed(levels: Levels | undefined): string {
  return [levels?.workload ?? '', ...Object.entries(levels?.factors ?? {}).map((one) => one.join('='))].join(' ');
}

/**
 * The experiment as it is for the cells of a stratum: each further factor’s level in the place of what the file says for all.
 * What runs or models a trial asks this and knows of no factors.
 */
export function experimentAt(experiment: Experiment, { factors }: Pick<Levels, 'factors'>): Experiment {
  return Object.entries(factors ?? {}).reduce(withLevel, experiment);
}

function withLevel(experiment: Experiment, [name, level]: readonly [string, string]): Experiment {
  const { target, limits } = experiment;
  switch (name) {
    case 'version':
      return { ...experiment, target: { ...target, source: versionOf(experiment, level) } };
    case 'toolchain':
      return { ...experiment, target: { ...target, toolchain: level } };
    case 'gomaxprocs':
      return { ...experiment, gomaxprocs: Number(level) };
    case 'cpus':
      return { ...experiment, limits: { ...limits, cpus: Number(level) } };
    case 'memory': {
      const size = parseSize(level);
      if ('problem' in size) throw new Error(`${level} is not a size`);
      return { ...experiment, limits: { ...limits, memoryBytes: size.value } };
    }
    default:
      return {
        ...experiment,
        target: name.startsWith('env.') ? withVariable(target, name.slice(4), level) : withFlag(target, name, level),
      };
  }
}

function versionOf({ target }: Experiment, name: string): TargetSource {
  const source = target.versions?.[name];
  if (source === undefined) throw new Error(`the experiment has no version ${name}`);
  return source;
}

function withVariable(target: Experiment['target'], name: string, level: string): Experiment['target'] {
  return { ...target, env: { ...target.env, [name]: level } };
}

/** The level in the place of `{args.NAME}`, wherever that stands; else as a last argument `-NAME=LEVEL`. */
function withFlag(target: Experiment['target'], name: string, level: string): Experiment['target'] {
  const placeholder = `{${name}}`;
  const fill = (text: string): string => text.replaceAll(placeholder, level);
  const { args, env, prepare } = target;
  const stands = [...args, ...Object.values(env)].some((text) => text.includes(placeholder));
  return {
    ...target,
    args: stands ? args.map(fill) : [...args, `-${name.slice('args.'.length)}=${level}`],
    env: Object.fromEntries(Object.entries(env).map(([key, value]) => [key, fill(value)])),
    prepare: prepare.map((step) => ({ ...step, run: step.run.map(fill) })),
  };
}
