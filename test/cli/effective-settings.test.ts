import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { effectiveSettings, type Setting } from '../../src/commands/plan/effective-settings.ts';
import { experimentJsonSchema } from '../../src/experiment/schema/json-schema.ts';
import { parseExperiment } from '../../src/experiment/parse-experiment.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

function settingsOf(text: string, sources = {}, filters: readonly string[] = []): readonly Setting[] {
  const parsed = parseExperiment(text, 'test.yaml', { directory: '/' });
  if (!('experiment' in parsed)) assert.fail(JSON.stringify(parsed.diagnostics));
  return effectiveSettings(parsed.experiment, parsed.file, sources, filters);
}

interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly oneOf?: readonly { readonly required: readonly string[] }[];
}

/** Every key of the schema that a file may hold beside any other, dotted. */
function schemaKeys(shape: Shape, path: readonly string[]): readonly string[] {
  const alternatives = shape.oneOf?.flatMap(({ required }) => required) ?? [];
  return Object.entries(shape.properties ?? {}).flatMap(([key, inside]) =>
    alternatives.includes(key) ? [] : [[...path, key].join('.'), ...schemaKeys(inside, [...path, key])],
  );
}

/** The place of every value of a file, as settings are named. */
function leaves(value: unknown, name: string): readonly string[] {
  if (typeof value !== 'object' || value === null) return [name];
  if (Array.isArray(value)) return [name, ...value.flatMap((entry, index) => leaves(entry, `${name}[${index}]`))];
  return Object.entries(value).flatMap(([key, inside]) => leaves(inside, name === '' ? key : `${name}.${key}`));
}

/** Whether a setting is shown: by its own row, by rows of its parts, or in the row of what it is part of. */
function shown(settings: readonly Setting[], name: string): boolean {
  const within = (outer: string, inner: string): boolean =>
    inner.startsWith(`${outer}.`) || inner.startsWith(`${outer}[`);
  return settings.some((row) => row.name === name || within(name, row.name) || within(row.name, name));
}

const small = `name: small
target: { package: ., port: auto, args: ['{host}:{port}'], ready: { http: /healthz } }
matrix: { gogc: [25, 100] }
workloads: { steady: { http: { path: /, rate: 10/s } } }
`;

for (const file of globSync('experiments/*.yaml', { cwd: root })) {
  const text = readFileSync(join(root, file), 'utf8');

  test(`every key of the schema is shown of ${file}`, () => {
    const settings = settingsOf(text);
    assert.deepEqual(
      schemaKeys(experimentJsonSchema() as Shape, []).filter((key) => !shown(settings, key)),
      [],
    );
  });

  test(`everything that stands in ${file} is shown as coming from the file`, () => {
    const settings = settingsOf(text).filter(({ from }) => from === 'file');
    assert.deepEqual(
      leaves(parse(text), '').filter((name) => !shown(settings, name)),
      [],
    );
  });
}

test('values are as the file writes them, or the defaults of the schema', () => {
  const settings = new Map(settingsOf(`${small}validity: { drift: 25% }\n`).map((row) => [row.name, row]));
  assert.deepEqual(settings.get('validity.drift'), { name: 'validity.drift', value: '25%', from: 'file' });
  assert.deepEqual(settings.get('validity.lateness'), { name: 'validity.lateness', value: '50ms', from: 'default' });
  assert.deepEqual(settings.get('sampling.paths.pprof')?.value, '/debug/pprof');
  assert.deepEqual(settings.get('limits.pin')?.value, 'true');
  assert.deepEqual(settings.get('profiles.heap')?.value, 'false');
  assert.deepEqual(settings.get('description')?.value, 'not set');
  assert.deepEqual(settings.get('workloads.steady.http.rate')?.value, '10/s');
  assert.deepEqual(settings.get('baseline.gogc')?.value, '100');
});

test('combinations that are left out are shown by their levels', () => {
  const text = small.replace('gogc: [25, 100]', 'gogc: [25, 100], cpus: [1, 2], exclude: [{ cpus: 2, gogc: 25 }]');
  const settings = new Map(settingsOf(text).map((row) => [row.name, row]));
  assert.deepEqual(settings.get('matrix.exclude'), {
    name: 'matrix.exclude',
    value: 'cpus=2 gogc=25',
    from: 'file',
  });
});

test('a flag stands above the file', () => {
  const settings = settingsOf(small, { filter: 'flag', runner: 'environment' }, ['gogc=100']);
  const find = (name: string): Setting | undefined => settings.find((row) => row.name === name);
  assert.equal(find('matrix.gogc')?.from, 'flag');
  assert.equal(find('runner')?.from, 'environment');
  assert.equal(find('matrix.levels')?.from, 'default');
});
