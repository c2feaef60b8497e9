import type { Experiment } from '../../experiment/experiment.ts';
import { experimentJsonSchema } from '../../experiment/schema/json-schema.ts';
import { redactFile } from '../../experiment/secrets/redact-experiment.ts';
import type { Source } from '../../cli/command.ts';

/** One setting as it will be in force. */
export interface Setting {
  /** Where it stands in the file: `validity.drift`, `workloads.steady.http.rate`, `target.prepare[0].run`. */
  readonly name: string;
  readonly value: string;
  readonly from: 'flag' | 'environment' | 'file' | 'default';
}

/** The part of a JSON Schema that tells which keys there are, and what they are where they are left out. */
interface Shape {
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: Shape | boolean;
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
  /** Of each mapping that takes exactly one of some keys: those keys. */
  readonly oneOf?: readonly { readonly required?: readonly string[] }[];
}

type Path = readonly (string | number)[];
interface Row {
  readonly path: Path;
  readonly value: unknown;
}

const NOT_SET = 'not set';

/**
 * Every setting in force, in the order of the schema, each with where its value comes from: flag over environment over file
 * over default. `file` is its plain value. The keys are those of the schema, so that none can be forgotten; values are as the file writes them, secret
 * ones redacted. `sources` are those of the flags, `filters` the values of `--filter`.
 */
export function effectiveSettings(
  experiment: Experiment,
  file: Readonly<Record<string, unknown>>,
  sources: Readonly<Record<string, Source>>,
  filters: readonly string[],
): readonly Setting[] {
  const filtered = (name: string): boolean => filters.some((filter) => name === `matrix.${filter.split('=')[0] ?? ''}`);
  const inForce = overlay(redactFile(file), experiment, filtered);
  return rowsOf(experimentJsonSchema(), inForce, []).map(({ path, value }) => {
    const name = nameOf(path);
    const source = filtered(name) ? sources['filter'] : sources[name];
    const given = source === 'flag' || source === 'environment';
    return {
      name,
      value: valueText(name, value === undefined ? (computed(experiment)[name] ?? NOT_SET) : value),
      from: given ? source : isIn(file, path) ? 'file' : 'default',
    };
  });
}

/** The file's value with what flags have changed. */
function overlay(
  file: Readonly<Record<string, unknown>>,
  experiment: Experiment,
  filtered: (name: string) => boolean,
): Readonly<Record<string, unknown>> {
  const matrix = Object.fromEntries(
    (['gogc', 'gomemlimit', 'workload'] as const).flatMap((factor) =>
      filtered(`matrix.${factor}`) ? [[factor, experiment.matrix[factor]]] : [],
    ),
  );
  return {
    ...file,
    runner: experiment.runner,
    ...(experiment.seed === undefined ? {} : { seed: experiment.seed }),
    ...(experiment.adaptive === undefined ? { blocks: experiment.blocks } : {}),
    matrix: {
      ...(file['matrix'] as object | undefined),
      ...matrix,
      levels: experiment.matrix.auto === true ? 'auto' : 'given',
    },
  };
}

/** What a key that is left out comes to, where that depends on other keys. */
function computed({ matrix, baseline, primaries, limits }: Experiment): Readonly<Record<string, unknown>> {
  return {
    gomaxprocs: limits.cpus === undefined ? 'the CPUs it may run on' : 'from limits.cpus',
    seed: 'a new one for each run',
    'matrix.workload': matrix.workload,
    'baseline.gogc': baseline.gogc,
    'baseline.gomemlimit': baseline.gomemlimit,
    primaries,
  };
}

/** A row for each key that the schema has at a place, and for each entry of a mapping with free keys and of a list of mappings. */
function rowsOf(shape: Shape, value: unknown, path: Path): readonly Row[] {
  const present = value === undefined ? shape.default : value;
  const [first, ...more] = [shape, ...(shape.anyOf ?? [])].filter((one) => fits(one, present));
  const { properties, additionalProperties, items, oneOf } = first ?? {};
  if (more.length > 0 || first === undefined) return [{ path, value: present }];
  if (Array.isArray(present) && items !== undefined) {
    return present.flatMap((entry, index) => rowsOf(items, entry, [...path, index]));
  }
  const entries = present as Readonly<Record<string, unknown>>;
  if (properties === undefined) {
    return Object.keys(entries).flatMap((key) => rowsOf(additionalProperties as Shape, entries[key], [...path, key]));
  }
  const alternatives = new Set(oneOf?.flatMap(({ required }) => required ?? []));
  return Object.entries(properties)
    .filter(([key]) => !alternatives.has(key) || Object.hasOwn(entries, key))
    .flatMap(([key, inside]) => rowsOf(inside, entries[key], [...path, key]));
}

/** Whether a value is to be taken apart by a shape: it has keys or entries that the shape describes. */
function fits(shape: Shape, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.length > 0 && value.every((entry) => describes(shape.items, entry));
  const keys = Object.keys(value);
  if (shape.properties !== undefined) return keys.every((key) => Object.hasOwn(shape.properties ?? {}, key));
  return typeof shape.additionalProperties === 'object' && keys.length > 0;
}

function describes(shape: Shape | undefined, value: unknown): boolean {
  return shape?.properties !== undefined && fits(shape, value);
}

function nameOf(path: Path): string {
  return path.reduce<string>(
    (name, step) => (typeof step === 'number' ? `${name}[${step}]` : name === '' ? step : `${name}.${step}`),
    '',
  );
}

function isIn(file: unknown, path: Path): boolean {
  let value = file;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return false;
    value = (value as Readonly<Record<string | number, unknown>>)[step];
  }
  return true;
}

function valueText(name: string, value: unknown): string {
  if (value === null) return 'none';
  if (typeof value !== 'object') return typeof value === 'string' ? value : JSON.stringify(value);
  const words = name.startsWith('matrix.') || name === 'primaries';
  if (words && Array.isArray(value)) return value.map(levelText).join(', ');
  if (Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0) return 'none';
  return JSON.stringify(value);
}

/** A level, or the levels of a combination that `include` or `exclude` names. */
function levelText(level: unknown): string {
  if (typeof level !== 'object' || level === null) return String(level);
  return Object.entries(level)
    .map((one) => one.join('='))
    .join(' ');
}
