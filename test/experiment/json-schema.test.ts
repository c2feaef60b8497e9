import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { parse } from 'yaml';
import { experimentJsonSchema } from '../../src/experiment/schema/json-schema.ts';
import { experimentSchema } from '../../src/experiment/schema/schema.ts';
import { demoFile, edited } from './demo-file.ts';

const root = new URL('../../', import.meta.url);
const schema = experimentJsonSchema();
const ajv = new Ajv({ allErrors: true, strict: true, strictTypes: false, strictRequired: false });
const accepts = ajv.compile(schema);

function verdicts(text: string): { readonly ajv: boolean; readonly zod: boolean } {
  return { ajv: accepts(parse(text)), zod: experimentSchema.safeParse(parse(text)).success };
}

describe('the JSON Schema', () => {
  test('is committed as it is generated', () => {
    const committed: unknown = JSON.parse(readFileSync(new URL('schema/experiment.schema.json', root), 'utf8'));
    assert.deepEqual(
      committed,
      JSON.parse(JSON.stringify(schema)),
      'run gctune schema > schema/experiment.schema.json',
    );
  });

  test('says of every key what it is for, with an example', () => {
    const missing: string[] = [];
    walk(schema, '', (path, node, isKey) => {
      if (!isKey) return;
      const examples = node['examples'];
      if (typeof node['description'] !== 'string' || !Array.isArray(examples) || examples.length === 0)
        missing.push(path);
    });
    assert.deepEqual(missing, []);
  });

  test('gives only examples and defaults that it accepts itself', () => {
    let examples = 0;
    walk(schema, '', (path, node) => {
      const check = ajv.compile(node);
      for (const value of [
        ...((node['examples'] as unknown[] | undefined) ?? []),
        ...(Object.hasOwn(node, 'default') ? [node['default']] : []),
      ]) {
        examples++;
        assert.ok(check(value), `${path}: ${JSON.stringify(value)}: ${ajv.errorsText(check.errors)}`);
      }
    });
    assert.ok(examples > 100);
  });

  for (const name of readdirSync(new URL('experiments/', root)).filter((file) => file.endsWith('.yaml'))) {
    test(`accepts experiments/${name}, as the reader does`, () => {
      const text = readFileSync(new URL(`experiments/${name}`, root), 'utf8');
      assert.deepEqual(verdicts(text), { ajv: true, zod: true }, ajv.errorsText(accepts.errors));
      assert.match(text, /^# yaml-language-server: \$schema=\.\.\/schema\/experiment\.schema\.json\n/);
    });
  }
});

describe('the JSON Schema and the reader refuse the same', () => {
  const edits: readonly (readonly [string, string])[] = [
    ['blocks: 6', 'blocks: 0'],
    ['blocks: 6', 'blocks: 6.5'],
    ['blocks: 6', 'blocks: "6"'],
    ['blocks: 6', 'blocks:'],
    ['blocks: 6', 'blocs: 6'],
    ['blocks: 6', 'seed: -1'],
    ['blocks: 6', 'confidence: 49%'],
    ['blocks: 6', 'confidence: 100%'],
    ['blocks: 6', 'primaries: [memory.anno]'],
    ['blocks: 6', 'validity: { drift: 101% }'],
    ['blocks: 6', 'assert: []'],
    ['blocks: 6', 'assert: [{ metric: memory.anon, max: much }]'],
    ['blocks: 6', 'assert: [{ metric: memory.anon, max: 5MiB, level: warning }]'],
    ['blocks: 6', 'sampling: { inside: 0/s }'],
    ['blocks: 6', 'sampling: { gctrace: yes }'],
    ['name: demo', 'name: de mo'],
    ['name: demo\n', ''],
    ['[50, 100]', '[]'],
    ['[50, 100]', '[0]'],
    ['[50, 100]', '[OFF]'],
    ['[50, 100]', '["50"]'],
    ['[50, 100]', '[3000000000]'],
    ['[50, 100]', '50'],
    ['  workload: [steady]', '  gomemlimit: [64MB]'],
    ['  workload: [steady]', '  gomemlimit: [0]'],
    ['  workload: [steady]', '  gomemlimit: [1.5]'],
    ['64MiB', '64M'],
    ['measure: 3s', 'measure: 0s'],
    ['measure: 3s', 'measure: 3'],
    ['measure: 3s', 'measure: 3 s'],
    ['rate: 200/s', 'rate: 0/s'],
    ['rate: 200/s', 'rate: { base: 1/s }'],
    ['rate: 200/s', 'rate: { steps: [] }'],
    ['path: /work', 'path: work'],
    ['      path: /work\n', ''],
    ['path: /work', 'path: /\n      requests: [{ path: / }]'],
    ['path: /work', 'requests: []'],
    ['path: /work', 'requests: [{ path: /, method: get }]'],
    ['path: /work', 'requests: [{ path: /, headers: { "a b": c } }]'],
    ['port: auto', 'port: 0'],
    ['port: auto', 'port: any'],
    ['package: ./daemon', 'package: ./daemon\n  image: x'],
    ['  package: ./daemon\n', ''],
    ['package: ./daemon', 'package: ""'],
    ['package: ./daemon', 'package: ./daemon\n  env: { "A B": c }'],
    ['package: ./daemon', 'package: ./daemon\n  env: { A: 5 }'],
    ['ready: { http: /healthz }', 'ready: { within: 1s }'],
    ['http:\n', 'idle: {}\n    http:\n'],
    ['steady:\n', 'st eady:\n'],
  ];
  for (const [from, to] of edits) {
    test(`${JSON.stringify(from)} → ${JSON.stringify(to)}`, () => {
      assert.deepEqual(verdicts(edited(from, to)), { ajv: false, zod: false });
    });
  }

  test('and the same of anything in any place', () => {
    const place = fc.constantFrom(
      'gogc: [50, 100]',
      'workload: [steady]',
      'baseline: { gogc: 100 }',
      'rate: 200/s',
      'blocks: 6',
      'name: demo',
      'ready: { http: /healthz }',
      'port: auto',
      'memory: 64MiB',
      'measure: 3s',
      'path: /work',
      'package: ./daemon',
    );
    const word = fc.constantFrom(
      'off',
      '64MiB',
      '5s',
      '0s',
      '10/s',
      'auto',
      'steady',
      '/x',
      '',
      '5%',
      -1,
      0,
      1,
      100,
      1.5,
      null,
      true,
    );
    const key = fc.constantFrom(
      'gogc',
      'gomemlimit',
      'http',
      'output',
      'within',
      'base',
      'peak',
      'every',
      'for',
      'steps',
      'rate',
      'x',
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        word,
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(key, tie('value'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(place, value, (from, to) => {
        const { ajv: byAjv, zod } = verdicts(
          edited(from, `${from.slice(0, from.indexOf(':'))}: ${JSON.stringify(to)}`),
        );
        assert.equal(zod, byAjv, ajv.errorsText(accepts.errors));
      }),
      { numRuns: 2000 },
    );
    assert.deepEqual(verdicts(demoFile), { ajv: true, zod: true });
  });
});

/** Visits every part of a JSON Schema; `isKey` for what describes a key of a mapping. */
function walk(
  node: Readonly<Record<string, unknown>>,
  path: string,
  visit: (path: string, node: Readonly<Record<string, unknown>>, isKey: boolean) => void,
  isKey = false,
): void {
  visit(path, node, isKey);
  type Node = Readonly<Record<string, unknown>>;
  for (const [key, child] of Object.entries((node['properties'] ?? {}) as Record<string, Node>)) {
    walk(child, `${path}.${key}`, visit, true);
  }
  for (const part of ['items', 'additionalProperties'] as const) {
    const child = node[part];
    if (typeof child === 'object' && child !== null) walk(child as Node, `${path}[]`, visit);
  }
  for (const child of (node['anyOf'] as Node[] | undefined) ?? []) walk(child, path, visit);
}
