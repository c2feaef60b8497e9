import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseExpvar } from '../../src/probe/expvar.ts';
import { findCounters, readMemStatsDumps } from '../../src/probe/memstats-text.ts';
import { parsePprofTail } from '../../src/probe/pprof-tail.ts';
import { parsePrometheus } from '../../src/probe/prometheus.ts';

const fixture = (path: string): string => readFileSync(join(import.meta.dirname, '../fixtures', path), 'utf8');

for (const version of ['go1.19.8-gogc-50', 'go1.26.8-gogc-50']) {
  test(`${version}: what a daemon serves is recognised by its content and read as its probe reads it`, () => {
    const cases = [
      ['expvar', `probe/${version}.expvar.json`, parseExpvar],
      ['prometheus', `probe/${version}.prometheus.txt`, parsePrometheus],
      ['pprof', `probe/${version}.pprof-tail.txt`, parsePprofTail],
    ] as const;
    for (const [form, path, parse] of cases) {
      const text = fixture(path);
      const found = findCounters(text);
      assert.equal(found?.form, form);
      assert.deepEqual(found.figures, parse(text), form);
    }
  });
}

test('the dump of the thread is found among the words around it', () => {
  const found = findCounters(fixture('explain/seed-memstats.txt'));
  assert.deepEqual([found?.form, found?.dumps], ['memstats', 1]);
  assert.equal(found?.figures.sysBytes, 378910968);
  assert.equal(found?.figures.heapReleasedBytes, 82337792);
  assert.equal(found?.figures.gcCpuFraction, 0.0014981951587293512);
});

test('the same figures are read in every way that people write them', () => {
  const fields = { Alloc: 7, Sys: 50, Mallocs: 9, Frees: 4, HeapSys: 30, HeapIdle: 10, HeapInuse: 20, HeapReleased: 3 };
  const lines = (join: (name: string, value: number) => string): string =>
    Object.entries(fields)
      .map(([name, value]) => join(name, value))
      .join('\n');
  const ways = {
    json: JSON.stringify(fields),
    expvar: JSON.stringify({ cmdline: ['d'], memstats: fields }),
    'a fragment of JSON': `it said ${JSON.stringify(fields, null, 2)} and then`,
    'with a mark at the start': `\ufeff${JSON.stringify(fields)}`,
    'debug=1': lines((name, value) => `# ${name} = ${value}`),
    '%+v': `m={${Object.entries(fields)
      .map(([name, value]) => `${name}:${value}`)
      .join(' ')} PauseNs:[1 2] BySize:[{Size:8 Mallocs:1000 Frees:2000} {Size:16 Mallocs:1 Frees:1}]}`,
    spew: lines((name, value) => ` ${name}: (uint64) ${value},`),
    'carriage returns': lines((name, value) => `"${name}": ${value},\r`),
  };
  for (const [way, text] of Object.entries(ways)) {
    const found = findCounters(text);
    assert.deepEqual(
      found?.figures,
      {
        heapAllocBytes: 7,
        sysBytes: 50,
        mallocs: 9,
        frees: 4,
        heapSysBytes: 30,
        heapIdleBytes: 10,
        heapInuseBytes: 20,
        heapReleasedBytes: 3,
      },
      way,
    );
    assert.equal(found?.dumps, 1, way);
  }
});

test('of several dumps each is told apart with its place, and the last is taken', () => {
  const text =
    'HeapAlloc: 1\nHeapSys: 2\nSys: 3\nHeapIdle: 14\nthen\r\nHeapAlloc: 11\nHeapSys: 12\nSys: 13\nand no more';
  const found = findCounters(text);
  assert.equal(found?.dumps, 2);
  assert.deepEqual(found.figures, { heapAllocBytes: 11, heapSysBytes: 12, sysBytes: 13 });
  const dumps = readMemStatsDumps(text);
  assert.deepEqual(
    dumps.map(({ firstLine, lastLine, from, to }) => [firstLine, lastLine, text.slice(from, to).split('\n').length]),
    [
      [1, 4, 4],
      [6, 8, 3],
    ],
  );
  assert.equal(dumps[0]?.figures.heapIdleBytes, 14);
});

test('a Prometheus page may tell RSS too', () => {
  const page = 'go_memstats_sys_bytes 2.5e+07\nprocess_resident_memory_bytes 3.1e+07\n';
  assert.equal(findCounters(page)?.rssBytes, 31_000_000);
});

test('what holds no counters is none', () => {
  for (const text of [
    '',
    '{}',
    '[]',
    'null',
    '{"memstats": null}',
    '{"Sys": "12"}',
    'HeapSys is 331MB, and Sys: 378MB',
    'Sys: 12',
    '<html>404</html>',
    'go_goroutines 12\n',
    '\0\u0001\u0002',
  ])
    assert.equal(findCounters(text), undefined, JSON.stringify(text));
});

test('no text makes it throw', () => {
  const pieces = fc.constantFrom(
    '"Alloc": 1',
    'BySize:[',
    ']',
    '# runtime.MemStats\n',
    'Stack = 1 / 2',
    '{',
    '\n',
    'Sys: 1e999',
    'go_memstats_',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(pieces, fc.string())), (parts) => {
      const found = findCounters(parts.join(' '));
      for (const value of Object.values(found?.figures ?? {})) assert.ok(Number.isFinite(value) && value >= 0);
    }),
  );
});
