import type { z } from 'zod';
import type { Diagnostic } from '../../errors.ts';
import { kindOf, type Fault } from '../schema/leaf.ts';
import { nearest } from '../../text/nearest.ts';
import { plainText } from '../../text/plain-text.ts';
import { quote } from '../../units/units.ts';
import type { Path, YamlSource } from './yaml-source.ts';

/** A problem with a value of the file, before it is known where that stands. */
export interface Problem {
  readonly code: string;
  readonly path: Path;
  /** The key is at fault rather than its value. */
  readonly atKey?: boolean;
  readonly message: string;
  readonly hint?: string;
  /** The keys, beside the path, that would mend it: one that is missing, one that was probably meant. */
  readonly keys?: readonly string[];
}

type JsonSchema = Readonly<Record<string, unknown>>;
type Issue = z.core.$ZodIssue;

/** Says where in the file a problem is; the message begins with the path of what it is about. */
export function locate({ code, path, atKey, message, hint }: Problem, source: YamlSource): Diagnostic {
  const place = pathText(path);
  return {
    code,
    message: place === '' ? message : `${place}: ${message}`,
    at: atKey === true ? source.keyAt(path) : source.valueAt(path),
    ...(hint === undefined ? {} : { hint }),
  };
}

/** The problems that zod's issues stand for, in our words. `schema` is the JSON Schema that the issues are of. */
export function diagnose(issues: readonly Issue[], source: YamlSource, schema: JsonSchema): Problem[] {
  const problems = issues
    .flatMap((issue) => flatten(issue, []))
    .flatMap(([issue, path]) => explain(issue, path, source, schema));
  // A key that is only mistyped is not missing as well.
  const mistyped = problems.filter(({ code }) => code === 'unknown-key');
  return problems.filter(
    ({ code, path, keys = [] }) =>
      code !== 'missing-key' ||
      !mistyped.some(
        (other) =>
          pathText(other.path.slice(0, -1)) === pathText(path) && other.keys?.some((key) => keys.includes(key)),
      ),
  );
}

/** An issue of a union is replaced by those of the alternative that was most likely meant. */
function flatten(issue: Issue, prefix: Path): (readonly [Issue, Path])[] {
  const path = [...prefix, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))];
  if (issue.code !== 'invalid_union') return [[issue, path]];
  const isOtherKind = (inner: readonly Issue[]): boolean =>
    inner.some(({ code, path: at }) => at.length === 0 && code !== 'unrecognized_keys');
  const fitting = issue.errors.filter((inner) => !isOtherKind(inner));
  const [closest] = fitting.toSorted((a, b) => a.length - b.length);
  return (closest ?? issue.errors[0] ?? []).flatMap((inner) => flatten(inner, path));
}

function explain(issue: Issue, path: Path, source: YamlSource, schema: JsonSchema): Problem[] {
  const value = path.reduce<unknown>(
    (inside, step) => (inside as Record<string, unknown> | undefined)?.[step],
    source.value,
  );
  const here = schemaAt(schema, path);
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, path, here, schema));
  if (value === undefined) {
    const key = String(path.at(-1));
    const hint = exampleOf(here, key);
    return [
      {
        code: 'missing-key',
        path: path.slice(0, -1),
        atKey: true,
        message: `the key ${quote(key)} is missing`,
        keys: [key],
        ...hint,
      },
    ];
  }
  if (value === null) {
    const hint = exampleOf(here, String(path.at(-1))).hint ?? 'give it a value, or remove the line';
    return [{ code: 'empty-value', path, atKey: true, message: 'there is no value', hint }];
  }
  switch (issue.code) {
    case 'custom': {
      const fault = issue.params?.['fault'] as Fault | undefined;
      if (fault === undefined)
        return [{ code: 'empty-list', path, message: 'there is none', ...exampleOf(here, path.at(-1)) }];
      const atKey = issue.params?.['atKey'] === true;
      return [
        {
          code: fault.code,
          path,
          atKey,
          message: fault.problem,
          hint: fault.hint,
          ...(fault.keys && { keys: fault.keys }),
        },
      ];
    }
    case 'invalid_type': {
      const expected = issue.expected === 'array' ? 'a list' : 'a mapping';
      const message = `expected ${expected}, not ${kindOf(value)}`;
      return [{ code: 'wrong-type', path, message, ...exampleOf(here, path.at(-1)) }];
    }
    case 'too_small':
      return [{ code: 'empty-list', path, message: 'the list is empty', ...exampleOf(here, path.at(-1)) }];
    case 'invalid_key': {
      const key = String(path.at(-1));
      const hint = KEY_RULES[String(path.at(-2))] ?? 'choose another name';
      return [{ code: 'bad-name', path: path.slice(0, -1), message: `${quote(key)} cannot be a name here`, hint }];
    }
    default:
      return [{ code: 'bad-value', path, message: issue.message }];
  }
}

const KEY_RULES: Readonly<Record<string, string>> = {
  services: 'write small letters, digits, - and _, at most 31 of them, the first one a letter',
  ports: 'write small letters, digits, - and _, at most 31 of them, the first one a letter',
  workloads: 'write letters, digits, - and _, at most 63 of them, the first one a letter or digit',
  env: 'write letters, digits and _, the first one not a digit',
  headers: 'write the name of a header field, such as content-type',
};

/** Keys that experiment files once had at top level, and what to write today. */
const FORMER_KEYS: ReadonlyMap<string, string> = new Map([
  [
    'companion',
    'write the second instance as a service: services: { peer: { module: …, args: […], port: …, prepare: […] } }, as experiments/kubo-exchange.yaml does',
  ],
]);

function unknownKey(key: string, path: Path, here: readonly JsonSchema[], schema: JsonSchema): Problem {
  const instead = path.length === 0 ? FORMER_KEYS.get(key) : undefined;
  if (instead !== undefined) {
    const message = 'there is no such key any more';
    return { code: 'former-key', path: [key], atKey: true, message, hint: instead };
  }
  const siblings = here.flatMap((node) => Object.keys((node['properties'] as JsonSchema | undefined) ?? {}));
  const meant = nearest(key, siblings);
  const elsewhere = meant === undefined ? homeOf(key, schema, []) : undefined;
  const hint =
    meant !== undefined
      ? `did you mean ${meant}?`
      : elsewhere !== undefined
        ? `${key} belongs ${elsewhere.length === 0 ? 'at top level' : `under ${pathText(elsewhere)}`}`
        : `known keys: ${[...new Set(siblings)].join(', ')}`;
  return {
    code: 'unknown-key',
    path: [...path, key],
    atKey: true,
    message: 'unknown key',
    hint,
    keys: meant === undefined ? [] : [meant],
  };
}

/** Where in the grammar a key is known, if at one place that needs no name or number. */
function homeOf(key: string, node: JsonSchema, path: Path): Path | undefined {
  const properties = (node['properties'] as Readonly<Record<string, JsonSchema>> | undefined) ?? {};
  if (Object.hasOwn(properties, key)) return path;
  for (const [name, child] of Object.entries(properties)) {
    const found = homeOf(key, child, [...path, name]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The parts of a JSON Schema that describe what stands at a path; several where there are alternatives. */
function schemaAt(schema: JsonSchema, path: Path): readonly JsonSchema[] {
  const alternatives = (node: JsonSchema): JsonSchema[] => [
    node,
    ...((node['anyOf'] as JsonSchema[] | undefined) ?? []),
  ];
  return path.reduce<readonly JsonSchema[]>(
    (nodes, step) =>
      nodes.flatMap((node) => {
        const properties = (node['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>;
        const child = Object.hasOwn(properties, step)
          ? properties[step]
          : (node['items'] ?? node['additionalProperties']);
        return typeof child === 'object' && child !== null ? alternatives(child as JsonSchema) : [];
      }),
    alternatives(schema),
  );
}

/** `for example gogc: [25,50]`, from the examples of the schema. JSON is YAML too. */
function exampleOf(here: readonly JsonSchema[], key: string | number | undefined): { hint?: string } {
  const example = here.flatMap((node) => (node['examples'] as unknown[] | undefined) ?? [])[0];
  if (example === undefined) return {};
  const text =
    typeof example === 'string' ? example : JSON.stringify(example).replaceAll(',', ', ').replaceAll('":', '": ');
  return { hint: typeof key === 'string' ? `for example ${key}: ${text}` : `for example ${text}` };
}

/** `matrix.gogc[1]`. Keys come from the file and are made harmless for a terminal. */
function pathText(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    const plain = plainText(step);
    const shown = /^[A-Za-z0-9_-]{1,80}$/.test(plain) && plain === step ? plain : quote(step);
    return text === '' ? shown : `${text}.${shown}`;
  }, '');
}
