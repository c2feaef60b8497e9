import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { namedCellLabels } from '../../src/export/cell-labels.ts';
import { exposition, labelText, numberText, sampleName, type Family } from '../../src/export/exposition.ts';
import { SWEEP_FAMILIES } from '../../src/export/live-sweep.ts';
import { ALL_READING_FAMILIES, READING_FAMILIES } from '../../src/export/reading-families.ts';
import { METRIC_FAMILIES, RESULT_FAMILIES } from '../../src/export/result-families.ts';
import { SampleLines } from '../../src/export/sample-lines.ts';
import { readGoSeries } from '../../src/probe/prometheus.ts';
import { acceptedForm } from '../../src/session/serve-metrics.ts';

const counter: Family = { name: 'x_seconds', type: 'counter', unit: 'seconds', help: 'A "time" with \\ in it.' };
const info: Family = { name: 'y', type: 'info', help: 'What it is.' };
const families: readonly Family[] = [
  ...ALL_READING_FAMILIES,
  ...Object.values(METRIC_FAMILIES),
  ...Object.values(RESULT_FAMILIES),
  ...Object.values(SWEEP_FAMILIES),
];

test('OpenMetrics has type, unit and help of a family, times in seconds, and an end', () => {
  const text = [
    ...exposition(
      [
        { family: counter, samples: [{ labels: { a: 'b' }, value: 1.5, unixSeconds: 1_700_000_000.25 }] },
        { family: info, samples: [{ labels: {}, value: 1 }] },
        { family: { name: 'none', type: 'gauge', help: 'Not there.' }, samples: [] },
      ],
      'openmetrics',
    ),
  ].join('');
  assert.equal(
    text,
    `# TYPE x_seconds counter
# UNIT x_seconds seconds
# HELP x_seconds A \\"time\\" with \\\\ in it.
x_seconds_total{a="b"} 1.5 1700000000.250
# TYPE y info
# HELP y What it is.
y_info 1
# EOF
`,
  );
});

test('the text format names its samples in the head, knows no info, counts time in milliseconds, and has no end', () => {
  const samples = [{ labels: { a: 'b' }, value: 1, unixSeconds: 1.5 }];
  assert.equal(
    [
      ...exposition(
        [
          { family: counter, samples },
          { family: info, samples: [{ labels: {}, value: 1 }] },
        ],
        'prometheus',
      ),
    ].join(''),
    `# HELP x_seconds_total A "time" with \\\\ in it.
# TYPE x_seconds_total counter
x_seconds_total{a="b"} 1 1500
# HELP y_info What it is.
# TYPE y_info gauge
y_info 1
`,
  );
});

test('a label may hold anything: it stays one line of harmless text that reads back', () => {
  assert.equal(
    labelText({ a: 'one\ntwo "three" \\ four', b: undefined, c: '' }),
    '{a="one two \\"three\\" \\\\ four"}',
  );
  assert.equal(labelText({ a: '\u001b[31mred\u202e' }), '{a="red"}');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      const text = labelText({ a: value });
      assert.match(text, /^(?:|\{a="(?:[^"\\\n]|\\["\\n])*"\})$/);
    }),
  );
});

test('numbers are written so that they read back, and as digits wherever that can be', () => {
  assert.deepEqual([NaN, Infinity, -Infinity, 1e21].map(numberText), ['NaN', '+Inf', '-Inf', '1e+21']);
  const written = (value: number): string => {
    const lines = new SampleLines(1024);
    lines.begin('x');
    lines.line(1_700_000_000_005, value);
    return new TextDecoder().decode(lines.take());
  };
  assert.equal(written(12_345), 'x 12345 1700000000.005\n');
  assert.equal(written(0.017643307), 'x 0.017643307 1700000000.005\n');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.double(),
        fc.integer(),
        fc.integer().map((one) => one / 1e9),
      ),
      (value) => {
        const [, text = ''] = written(value).split(' ');
        const read = text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text);
        assert.ok(Object.is(read, value) || (value === 0 && read === 0), `${value} as ${text}`);
      },
    ),
    { numRuns: 2000 },
  );
});

test('names are unique, and follow the rules of both formats', () => {
  const names = families.map(sampleName);
  assert.equal(new Set(names).size, names.length);
  // A family must not be another one’s sample either, as the counter x_total of a family x is.
  assert.equal(
    new Set([...names, ...families.map(({ name }) => name)]).size,
    new Set(names).size + families.filter(({ type }) => type !== 'gauge').length,
  );
  for (const { name, type, unit, help } of families) {
    assert.match(name, /^gctune_[a-z][a-z0-9_]*$/);
    if (unit !== undefined) assert.ok(name.endsWith(`_${unit}`), name);
    if (type === 'gauge') assert.doesNotMatch(name, /_(?:total|count|sum|bucket|info|created)$/);
    assert.match(help, /^\S.*\.$/, name);
  }
});

test('what is exported under the name of client_golang is read as that figure from its page', () => {
  for (const [key, family] of Object.entries(READING_FAMILIES)) {
    if (family.namedBy !== 'client_golang' || key === 'rssBytes' || key === 'cpuSeconds') continue;
    const name = sampleName(family).replace(/^gctune_/, '');
    const [page] = readGoSeries(`${name} 42\n`);
    assert.equal(page?.series.get(name), 42, `${name} is a name that gctune knows of ${key}`);
  }
});

test('a cell has its levels as labels, whatever its factors are called', () => {
  assert.deepEqual(namedCellLabels('gogc=100 gomemlimit=off workload=steady env.GODEBUG=a=1 b args.run=x'), {
    cell: 'gogc=100 gomemlimit=off workload=steady env.GODEBUG=a=1 b args.run=x',
    gogc: '100',
    gomemlimit: 'off',
    workload: 'steady',
    env_GODEBUG: 'a=1 b',
    args_run: 'x',
  });
});

test('a client gets the format that it would rather have', () => {
  const prometheus =
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
  const forms: Readonly<Record<string, string | undefined>> = {
    [prometheus]: 'openmetrics',
    'text/plain, application/openmetrics-text;q=0.5': 'prometheus',
    'application/openmetrics-text; version=2.0.0': 'prometheus',
    'application/openmetrics-text;q=0, */*': 'prometheus',
    '*/*': 'prometheus',
    'text/html': 'prometheus',
    '': 'prometheus',
  };
  for (const [accept, form] of Object.entries(forms)) assert.equal(acceptedForm(accept), form, accept);
  assert.equal(acceptedForm(undefined), 'prometheus');
});
