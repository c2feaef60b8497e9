import { z } from 'zod';
import { FREE_FACTOR } from '../factors.ts';
import { writeSize, quote } from '../../units/units.ts';
import { size } from './go-settings.ts';
import { leaf, positiveNumber, wholeNumber, wrongKind, type Read } from './leaf.ts';
import { described, listOf } from './parts.ts';

/** What GOTOOLCHAIN fetches, with experiments of the toolchain behind it. */
const TOOLCHAIN = /^(?:local|go1\.[0-9]{1,3}(?:\.[0-9]{1,3}|rc[0-9]{1,2}|beta[0-9]{1,2})?)(?:\+[a-z][a-z0-9]{0,40})*$/;
/** A level names cells, and selectors are split at white space. */
const LEVEL = /^[^\s\p{Cc}]{1,200}$/u;

const toolchain = () =>
  leaf<string>(
    (value) => {
      const hint = 'write a Go release such as go1.26.0, experiments behind it: go1.26.0+nogreenteagc; or local';
      if (typeof value !== 'string') return wrongKind(value, 'a Go toolchain', hint);
      return TOOLCHAIN.test(value)
        ? { value }
        : { code: 'bad-toolchain', problem: `${quote(value)} is not a Go toolchain`, hint };
    },
    { type: 'string', pattern: TOOLCHAIN.source },
    z.string().regex(TOOLCHAIN),
  );

const asText = <T>(schema: z.ZodType<T>, write: (value: T) => string = String) => schema.transform(write);

/** A level as text, or what is wrong with it. */
function readLevel(value: unknown): Read<string> {
  const hint = 'write a text without white space, a number, true or false';
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    return wrongKind(value, 'a level', hint);
  const level = String(value);
  if (level.includes('${')) {
    const problem = `${quote(level)} would be taken from the environment, and levels are shown in every report`;
    return { code: 'bad-level', problem, hint: 'write the value itself, or put it under target.env' };
  }
  if (LEVEL.test(level)) return { value: level };
  const problem = level === '' ? 'the level is empty' : `${quote(level)} cannot name a cell`;
  return { code: 'bad-level', problem, hint };
}

const SCALAR = { type: ['string', 'number', 'boolean'] } as const;
/** One level as text. */
const anyLevel = () => leaf<string>(readLevel, SCALAR, z.string());

/** The keys of `matrix` for the further factors that have a name of their own. */
export const factorLists = {
  version: described(
    listOf(anyLevel()).optional(),
    'Names of target.versions to compare. Default: all of them, in the order of the file.',
    [['old', 'new']],
  ),
  toolchain: described(
    listOf(toolchain()).optional(),
    'Go toolchains to build a package or module with, fetched as GOTOOLCHAIN does; +NAME sets an experiment (GOEXPERIMENT); local is the go on the PATH.',
    [['go1.25.0', 'go1.26.0', 'go1.26.0+nogreenteagc']],
  ),
  gomaxprocs: described(
    listOf(asText(wholeNumber(1, 1024))).optional(),
    'Values of GOMAXPROCS, in the place of gomaxprocs at top level.',
    [[1, 2]],
  ),
  cpus: described(
    listOf(asText(positiveNumber(1024))).optional(),
    'Numbers of CPUs that the target may use, in the place of limits.cpus.',
    [[1, 2]],
  ),
  memory: described(
    listOf(asText(size(), writeSize)).optional(),
    'Memory limits of the target, in the place of limits.memory.',
    [['256MiB', '512MiB']],
  ),
};

/** The same keys of `baseline`. */
export const factorBaselines = Object.fromEntries(
  Object.entries(factorLists).map(([name, list]) => [
    name,
    described(
      (list.unwrap() as z.ZodArray<z.ZodType<string>>).element.optional(),
      `One of matrix.${name}. Default: the first.`,
      ((list.meta()?.examples ?? []) as readonly (readonly unknown[])[]).flatMap((one) => one.slice(0, 1)),
    ),
  ]),
) as unknown as Readonly<Record<keyof typeof factorLists, z.ZodOptional<z.ZodType<string>>>>;

/** What a key `env.NAME` or `args.NAME` may hold: a list of levels, or one. */
type FreeValue = 'list' | 'one';

/**
 * A mapping with the keys `shape` and any of `env.NAME` and `args.NAME`, each a list of levels or one level; those are
 * gathered in `free`, in the order of the file.
 */
export function withFreeFactors<S extends z.ZodRawShape, K extends FreeValue>(shape: S, kind: K) {
  type Free = Readonly<Record<string, K extends 'list' ? readonly string[] : string>>;
  const value = kind === 'list' ? { type: 'array', minItems: 1, items: SCALAR } : SCALAR;
  const one = kind === 'list' ? listOf(anyLevel()) : anyLevel();
  const keys = z.check<Readonly<Record<string, unknown>>>((payload) => {
    const unknown = Object.keys(payload.value).filter((key) => !Object.hasOwn(shape, key) && !FREE_FACTOR.test(key));
    if (unknown.length === 0) return;
    payload.issues.push({ code: 'unrecognized_keys', keys: unknown, input: payload.value });
  });
  // A key that is only mistyped is named whatever else is wrong.
  keys._zod.def.when = ({ value: whole }) => typeof whole === 'object' && whole !== null && !Array.isArray(whole);
  return z
    .object(shape)
    .catchall(z.unknown())
    .check(keys)
    .transform((mapping, context) => {
      const known = Object.fromEntries(Object.entries(mapping).filter(([key]) => Object.hasOwn(shape, key)));
      const free = Object.entries(mapping).flatMap(([key, written]) => {
        if (!FREE_FACTOR.test(key)) return [];
        const read = one.safeParse(written);
        if (read.success) return [[key, read.data] as const];
        for (const issue of read.error.issues)
          context.issues.push({ ...issue, input: written, path: [key, ...issue.path] } as z.core.$ZodRawIssue<never>);
        return [];
      });
      return { ...known, free: Object.fromEntries(free) } as z.output<z.ZodObject<S>> & { readonly free: Free };
    })
    .meta({ patternProperties: { [FREE_FACTOR.source]: value }, additionalProperties: false });
}

/** A combination of levels, whole or in part: the factors that it does not name may have any. */
export const combination = leaf<string>(
  (value) => {
    const hint = 'write factors with a level each, for example {version: new, gogc: 100}';
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return wrongKind(value, 'a mapping of factors to levels', hint);
    const terms: string[] = [];
    for (const [factor, written] of Object.entries(value)) {
      const level = readLevel(written);
      if (!('value' in level)) return { ...level, problem: `${factor}: ${level.problem}` };
      terms.push(`${factor}=${level.value}`);
    }
    return terms.length > 0
      ? { value: terms.join(' ') }
      : { code: 'empty-mapping', problem: 'it names no factor', hint };
  },
  { type: 'object', minProperties: 1, additionalProperties: SCALAR },
  z.string(),
);
