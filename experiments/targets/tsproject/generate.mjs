#!/usr/bin/env node
// Writes a TypeScript workspace for a compiler to check: node generate.mjs OUTDIR [packages]
//
//   tsc -b OUTDIR/tsconfig.solution.json --force   checks package after package: garbage, and a live heap of one package
//   tsc -p OUTDIR                                  checks all as one program: a heap that only grows
//
// The workspace is always the same for the same number of packages: no clock, no randomness. It needs nothing but the
// compiler's own libraries. Every module declares an entity, a generic repository over it, a state machine, a parser and
// derived types, and imports from earlier modules, so that a check has to resolve, infer and relate types across files.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const defaultPackages = 36;
const modulesPerPackage = 4;

const compilerOptions = {
  target: 'es2022',
  lib: ['es2022'],
  module: 'esnext',
  moduleResolution: 'bundler',
  types: [],
  strict: true,
  noEmit: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noImplicitOverride: true,
  noUnusedLocals: true,
  isolatedModules: true,
  skipLibCheck: true,
};

const scalarTypes = [
  'string',
  'number',
  'boolean',
  'Date',
  'readonly string[]',
  'bigint',
  'Money',
  "'low' | 'mid' | 'high'",
];

const core = `/** Types that every module builds on. */
export type Brand<T, Name extends string> = T & { readonly __brand: Name };
export type Id<Name extends string> = Brand<string, Name>;
export interface Money {
  readonly amount: bigint;
  readonly currency: 'EUR' | 'USD' | 'JPY';
}
export type Result<T, E extends Error = Error> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };
export type DeepReadonly<T> = T extends (infer U)[]
  ? readonly DeepReadonly<U>[]
  : T extends Date | bigint | string | number | boolean | null | undefined
    ? T
    : { readonly [K in keyof T]: DeepReadonly<T[K]> };
export type DeepPartial<T> = T extends object ? { [K in keyof T]?: DeepPartial<T[K]> } : T;
export type Paths<T, Depth extends readonly unknown[] = []> = Depth['length'] extends 3
  ? never
  : T extends Date | readonly unknown[] | bigint
    ? never
    : T extends object
      ? { [K in keyof T & string]: K | \`\${K}.\${Paths<T[K], [...Depth, 0]>}\` }[keyof T & string]
      : never;
export type At<T, P extends string> = P extends keyof T
  ? T[P]
  : P extends \`\${infer Head}.\${infer Tail}\`
    ? Head extends keyof T
      ? At<T[Head], Tail>
      : never
    : never;
export type KeysOfType<T, U> = { [K in keyof T]-?: T[K] extends U ? K : never }[keyof T];
export type EventMap<T> = { [K in keyof T & string as \`\${K}Changed\`]: { readonly before: T[K]; readonly after: T[K] } };
export type Getters<T> = { [K in keyof T & string as \`get\${Capitalize<K>}\`]: () => T[K] };

export interface Entity<Name extends string> {
  readonly id: Id<Name>;
  readonly kind: Name;
  readonly revision: number;
}

export abstract class Repository<Name extends string, T extends Entity<Name>> {
  protected readonly items = new Map<Id<Name>, T>();
  private readonly listeners: ((item: DeepReadonly<T>) => void)[] = [];
  abstract readonly name: Name;
  get(id: Id<Name>): Result<T> {
    const item = this.items.get(id);
    return item === undefined ? { ok: false, error: new Error(\`no \${this.name} \${id}\`) } : { ok: true, value: item };
  }
  put(item: T): this {
    this.items.set(item.id, item);
    for (const listener of this.listeners) listener(item as DeepReadonly<T>);
    return this;
  }
  where<K extends keyof T>(key: K, value: T[K]): readonly T[] {
    return [...this.items.values()].filter((item) => item[key] === value);
  }
  groupBy<K extends keyof T>(key: K): Map<T[K], T[]> {
    const groups = new Map<T[K], T[]>();
    for (const item of this.items.values()) groups.set(item[key], [...(groups.get(item[key]) ?? []), item]);
    return groups;
  }
  onChange(listener: (item: DeepReadonly<T>) => void): void {
    this.listeners.push(listener);
  }
}

export type Parser<T> = (input: unknown) => Result<T>;
export type Parsed<P> = P extends Parser<infer T> ? T : never;
export const ok = <T>(value: T): Result<T> => ({ ok: true, value });
export const fail = (message: string): { readonly ok: false; readonly error: Error } => ({ ok: false, error: new Error(message) });
export const text: Parser<string> = (input) => (typeof input === 'string' ? ok(input) : fail('not a text'));
export const count: Parser<number> = (input) => (typeof input === 'number' ? ok(input) : fail('not a number'));
export const flag: Parser<boolean> = (input) => (typeof input === 'boolean' ? ok(input) : fail('not a flag'));
export const list =
  <T>(item: Parser<T>): Parser<readonly T[]> =>
  (input) => {
    if (!Array.isArray(input)) return fail('not a list');
    const values: T[] = [];
    for (const element of input) {
      const result = item(element);
      if (!result.ok) return result;
      values.push(result.value);
    }
    return ok(values);
  };
export const shape =
  <S extends Record<string, Parser<unknown>>>(parsers: S): Parser<{ readonly [K in keyof S]: Parsed<S[K]> }> =>
  (input) => {
    if (typeof input !== 'object' || input === null) return fail('not an object');
    const source = input as Record<string, unknown>;
    const result: Record<string, unknown> = {};
    for (const [key, parser] of Object.entries(parsers)) {
      const value = parser(source[key]);
      if (!value.ok) return value;
      result[key] = value.value;
    }
    return ok(result as { readonly [K in keyof S]: Parsed<S[K]> });
  };
export const pipe = <A, B, C, D>(a: (x: A) => B, b: (x: B) => C, c: (x: C) => D): ((x: A) => D) => (x) => c(b(a(x)));
export const assertNever = (value: never): never => {
  throw new Error(String(value));
};
`;

/** The name of a module's entity, for example \`Invoice17\`. */
function entityName(index) {
  const nouns = [
    'Account',
    'Batch',
    'Claim',
    'Device',
    'Event',
    'Folder',
    'Grant',
    'Host',
    'Invoice',
    'Job',
    'Key',
    'Lease',
  ];
  return `${nouns[index % nouns.length]}${index}`;
}

const packageOf = (index) => `package${Math.floor(index / modulesPerPackage)}`;
const fileOf = (index) => entityName(index).toLowerCase();

/** Earlier modules of the package that a module imports. */
function dependenciesOf(index) {
  const first = index - (index % modulesPerPackage);
  return [index - 1, index - 3].filter((i) => i >= first);
}

/** The source of one module. */
function moduleSource(index) {
  const name = entityName(index);
  const dependencies = dependenciesOf(index);
  const fields = Array.from({ length: 10 }, (_, f) => ({
    name: `field${f}`,
    type: scalarTypes[(index * 3 + f * 5) % scalarTypes.length],
  }));
  const states = ['draft', 'open', 'held', 'done', 'failed'].map((state) => `${state}${index % 5}`);
  const imports = dependencies
    .map((i) => {
      const from = `./${fileOf(i)}`;
      return `import { ${entityName(i)}Repository, parse${entityName(i)} } from '${from}';\nimport type { ${entityName(i)}, ${entityName(i)}State } from '${from}';`;
    })
    .join('\n');
  const links = dependencies
    .map((i) => `  readonly ${fileOf(i)}: Pick<${entityName(i)}, 'id' | 'revision' | 'detail'>;`)
    .join('\n');
  const related = dependencies.map((i) => `  readonly ${fileOf(i)}s = new ${entityName(i)}Repository();`).join('\n');
  const lookups = dependencies
    .map(
      (
        i,
      ) => `  ${fileOf(i)}Of(item: ${name}): Result<readonly [${name}, ${entityName(i)}, ${entityName(i)}State['state']]> {
    const found = this.${fileOf(i)}s.get(item.${fileOf(i)}.id);
    if (!found.ok) return found;
    const parsed = parse${entityName(i)}({ title: found.value.detail.title, size: found.value.revision, tags: [] });
    return parsed.ok ? ok([item, found.value, found.value.state.state] as const) : parsed;
  }`,
    )
    .join('\n');

  return `import { Repository, assertNever, count, flag, list, ok, pipe, shape, text } from '../../../shared/core';
import type { At, DeepPartial, DeepReadonly, Entity, EventMap, Getters, Id, KeysOfType, Money, Parsed, Paths, Result } from '../../../shared/core';
${imports}

export type ${name}State =
${states.map((state, s) => `  | { readonly state: '${state}'; readonly at: Date; readonly detail${s}: ${fields[s].type} }`).join('\n')};

export interface ${name} extends Entity<'${name}'> {
${fields.map((f) => `  readonly ${f.name}: ${f.type};`).join('\n')}
  readonly state: ${name}State;
  readonly detail: { readonly title: string; readonly price: Money; readonly owner: { readonly name: string; readonly age: number } };
${links}
}

export type ${name}Path = Paths<${name}>;
export type ${name}Events = EventMap<Pick<${name}, ${fields.map((f) => `'${f.name}'`).join(' | ')}>>;
export type ${name}Getters = Getters<Pick<${name}, 'field0' | 'field1' | 'field2' | 'detail'>>;
export type ${name}Texts = KeysOfType<${name}, string>;
export type ${name}Owner = At<${name}, 'detail.owner.name'>;

const schema${index} = shape({
  title: text,
  size: count,
  tags: list(shape({ label: text, weight: count, hidden: flag, children: list(text) })),
});
export type ${name}Input = Parsed<typeof schema${index}>;
export const parse${name} = (input: unknown): Result<${name}Input> => {
  const result = schema${index}(typeof input === 'object' && input !== null ? { tags: [], ...input } : input);
  return result.ok ? ok(result.value) : result;
};

export class ${name}Repository extends Repository<'${name}', ${name}> {
  override readonly name = '${name}';
${related}
${lookups}
  byTitle(title: ${name}Owner): readonly ${name}[] {
    return [...this.items.values()].filter(({ detail }) => detail.title === title);
  }
  read<P extends 'detail' | 'detail.title' | 'detail.owner' | 'detail.owner.age'>(item: ${name}, path: P): At<${name}, P> {
    let current: unknown = item;
    for (const key of path.split('.')) current = (current as Record<string, unknown>)[key];
    return current as At<${name}, P>;
  }
  merge(item: ${name}, patch: DeepPartial<Pick<${name}, 'detail'>>): ${name} {
    const { title = item.detail.title, owner } = patch.detail ?? {};
    return { ...item, revision: item.revision + 1, detail: { ...item.detail, title, owner: { ...item.detail.owner, ...owner } } };
  }
}

export function describe${name}(state: ${name}State): string {
  switch (state.state) {
${states.map((state, s) => `    case '${state}':\n      return \`${state} since \${state.at.toISOString()} \${String(state.detail${s})}\`;`).join('\n')}
    default:
      return assertNever(state);
  }
}

export const ${fileOf(index)}Path = (path: ${name}Path): readonly string[] => path.split('.');
export const ${fileOf(index)}Summary = pipe(
  (items: readonly DeepReadonly<${name}>[]) => items.map((item) => ({ id: item.id, title: item.detail.title, age: item.detail.owner.age })),
  (rows) => rows.reduce((all, row) => all.set(row.title, [...(all.get(row.title) ?? []), row]), new Map<string, { id: Id<'${name}'>; title: string; age: number }[]>()),
  (groups) => [...groups].map(([title, rows]) => ({ title, mean: rows.reduce((sum, { age }) => sum + age, 0) / rows.length })),
);
export const ${fileOf(index)}Handlers: { [K in keyof ${name}Events]?: (event: ${name}Events[K]) => void } = {
  field0Changed: ({ before, after }) => void [before, after],
  field1Changed: ({ before, after }) => void [before, after],
};
`;
}

function writeText(directory, name, text) {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, name), text);
}

const writeConfig = (directory, name, config) => writeText(directory, name, `${JSON.stringify(config, null, 2)}\n`);

function generate(directory, packages) {
  writeText(join(directory, 'shared'), 'core.ts', core);
  writeConfig(directory, 'tsconfig.base.json', { compilerOptions });
  writeConfig(directory, 'tsconfig.json', { extends: './tsconfig.base.json', include: ['shared', 'packages'] });
  const names = Array.from({ length: packages }, (_, i) => packageOf(i * modulesPerPackage));
  writeConfig(directory, 'tsconfig.solution.json', {
    files: [],
    references: names.map((name) => ({ path: `./packages/${name}` })),
  });
  for (const [i, name] of names.entries()) {
    const folder = join(directory, 'packages', name);
    writeConfig(folder, 'tsconfig.json', { extends: '../../tsconfig.base.json', include: ['src'] });
    const indexes = Array.from({ length: modulesPerPackage }, (_, m) => i * modulesPerPackage + m);
    for (const index of indexes) writeText(join(folder, 'src'), `${fileOf(index)}.ts`, moduleSource(index));
    writeText(
      join(folder, 'src'),
      'index.ts',
      indexes.map((index) => `export * from './${fileOf(index)}';\n`).join(''),
    );
  }
}

const [directory, packagesText = String(defaultPackages), ...rest] = process.argv.slice(2);
const packages = Number(packagesText);
if (directory === undefined || rest.length > 0 || !Number.isInteger(packages) || packages < 1 || packages > 10_000) {
  process.stderr.write('usage: node generate.mjs OUTDIR [packages, 1 to 10000]\n');
  process.exitCode = 2;
} else {
  generate(directory, packages);
}
