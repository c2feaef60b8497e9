import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { parseExpvar } from '../../src/probe/expvar.ts';
import { findCounters, readMemStatsDumps, SeveralInstances } from '../../src/probe/memstats-text.ts';
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

const MIB = 2 ** 20;
/** Figures of a dump in round numbers, and those that are read from them. */
const FIELDS = {
  HeapAlloc: 52_000_000,
  HeapSys: 67_108_864,
  HeapIdle: 8_388_608,
  HeapInuse: 58_720_256,
  Sys: 76_000_000,
};
const FIGURES = {
  heapAllocBytes: 52_000_000,
  heapSysBytes: 67_108_864,
  heapIdleBytes: 8_388_608,
  heapInuseBytes: 58_720_256,
  sysBytes: 76_000_000,
};
const written = (one: (name: string, value: number) => string, join = '\n'): string =>
  Object.entries(FIELDS)
    .map(([name, value]) => one(name, value))
    .join(join);
const grouped = (value: number, mark: string): string => String(value).replace(/\B(?=(\d{3})+$)/g, mark);
const snake = (name: string): string => name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase();

test('the same bytes are read however people paste them', () => {
  const ways: Readonly<Record<string, string>> = {
    'a comma between thousands': written((name, value) => `${name}: ${grouped(value, ',')}`),
    'a dot between thousands': written((name, value) => `${name}: ${grouped(value, '.')}`),
    'a blank between thousands': written((name, value) => `${name}: ${grouped(value, ' ')}`),
    'a no-break space between thousands': written((name, value) => `${name}: ${grouped(value, '\u00a0')}`),
    'an apostrophe between thousands': written((name, value) => `${name}: ${grouped(value, "'")}`),
    'an underscore between thousands': written((name, value) => `${name} = ${grouped(value, '_')}`),
    'many blanks': written((name, value) => `${name}${' '.repeat(40)}= ${' '.repeat(40)}${value}`),
    'no-break spaces': written((name, value) => `${name}\u00a0=\u00a0${value}`),
    tabs: written((name, value) => `\t${name}\t=\t${value}`),
    'line ends of Windows': written((name, value) => `${name}: ${value}`, '\r\n'),
    colours: written((name, value) => `\u001b[1;32m${name}\u001b[0m: \u001b[33m${value}\u001b[0m`),
    'colours in JSON': JSON.stringify({ log: written((name, value) => `\u001b[32m${name}\u001b[0m: ${value}`) }),
    'a quoted mail': written((name, value) => `> > ${name}: ${value}`),
    'a code fence': `\`\`\`go\n${written((name, value) => `${name}: ${value}`)}\n\`\`\``,
    'code spans': written((name, value) => `\`${name}\`: \`${value}\``),
    'bold names': written((name, value) => `**${name}**: ${value}`),
    'a bullet list': written((name, value) => `- ${name}: ${value}`),
    'a numbered list': written((name, value) => `1. ${name} = ${value}`),
    'a table of Markdown': `| field | bytes |\n|---|---:|\n${written((name, value) => `| ${name} | ${value} |`)}`,
    'columns of blanks': written((name, value) => `${name.padEnd(30)}${value}`),
    'columns of tabs': written((name, value) => `   ${snake(name).padEnd(25)}\t${value}`),
    'one line': written((name, value) => `${name}=${value}`, ' '),
    'one line with tabs': written((name, value) => `${name} = ${value}`, '\t'),
    'a variable before': written((name, value) => `mem.${name}: ${value}`),
    'a short variable before': written((name, value) => `m.${name} = ${value}`, ', '),
    'a package before': written((name, value) => `runtime.MemStats.${name}: ${value}`),
    'a service before': written((name, value) => `myapp_memstats_${snake(name)}_bytes ${value}`),
    'snake case': written((name, value) => `"${snake(name)}_bytes": ${value},`),
    'snake case with in_use': written((name, value) => `${snake(name).replace('inuse', 'in_use')}_bytes=${value}`),
    'a line of Telegraf': `internal_memstats,host=a ${written((name, value) => `${snake(name)}_bytes=${value}i`, ',')} 1700000000000000000`,
    'gops memstats': written(
      (name, value) =>
        `${snake(name).replace('inuse', 'in_use').replaceAll('_', '-')}: ${(value / MIB).toFixed(2)}MB (${value} bytes)`,
    ),
    'go-metrics': written((name, value) => `gauge runtime.MemStats.${name}\n  value:       ${value}`),
    'go-metrics of HashiCorp': written(
      (name, value) => `[2026-01-02 15:04:00 +0000 UTC][G] 'nomad.runtime.${snake(name)}_bytes': ${value}.000`,
    ),
    'pairs without a mark': written((name, value) => `${name} ${value}`, ' '),
    'names in words': written((name, value) => `${snake(name).replaceAll('_', ' ')}: ${value}`),
    'names in capital words': written(
      (name, value) => `${name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').replace('Inuse', 'In Use')} = ${value}`,
    ),
    'Go’s %+v': `{${written((name, value) => `${name}:${value}`, ' ')} PauseNs:[1 2] NumGC:3}`,
    'Go’s %#v': `runtime.MemStats{${written((name, value) => `${name}:0x${value.toString(16)}`, ', ')}, EnableGC:true}`,
    spew: written((name, value) => ` ${name}: (uint64) ${value},`),
    'the dumper of testify': written((name, value) => ` ${name}: uint64(${value}),`),
    'a log in JSON': JSON.stringify({ level: 'info', msg: written((name, value) => `${name} = ${value}`) }),
    'JSON in a log': `2026/01/02 15:04:05 stats ${JSON.stringify(FIELDS)}`,
    'JSON with texts': JSON.stringify(Object.fromEntries(Object.entries(FIELDS).map(([k, v]) => [k, String(v)]))),
    'floats of JSON': written((name, value) => `"${name}": ${value}.0`),
    exponents: written((name, value) => `${name}: ${value / 1e7}e+07`),
    'the size in brackets': written((name, value) => `${name}: ${value} (${(value / MIB).toFixed(1)} MiB)`),
    'a unit of bytes': written((name, value) => `${name}: ${value} B`),
    'a unit of bytes in words': written((name, value) => `${name}: ${value} bytes`),
  };
  for (const [way, text] of Object.entries(ways)) {
    const found = findCounters(text);
    const { numGc: _, ...figures } = found?.figures ?? {};
    assert.deepEqual([figures, found?.faults, found?.rounding], [FIGURES, [], {}], way);
  }
});

test('units are read, wherever they stand, and what they leave open is known', () => {
  const figures = { heapAllocBytes: 7 * MIB, heapSysBytes: 11 * MIB, heapInuseBytes: 8 * MIB, sysBytes: 15 * MIB };
  const of = (line: (name: string, value: number) => string): string =>
    ['HeapAlloc 7', 'HeapSys 11', 'HeapInuse 8', 'Sys 15']
      .map((one) => line(one.split(' ')[0] ?? '', Number(one.split(' ')[1])))
      .join('\n');
  for (const [text, vague] of [
    [of((name, value) => `${name} = ${value} MiB`), undefined],
    [of((name, value) => `${name}: ${value}.0MiB`), undefined],
    [of((name, value) => `${name}=${value}M`), ['M']],
    [of((name, value) => `${name}: ${value} MB`), ['MB']],
    [of((name, value) => `| ${name} | ${value} MB |`), ['MB']],
    [of((name, value) => `${name} (MB): ${value}`), ['MB']],
    [of((name, value) => `${snake(name)}_mb=${value}`), ['mb']],
    [of((name, value) => `${snake(name)}_mib: ${value}`), undefined],
    [JSON.stringify({ HeapAlloc: '7 MiB', HeapSys: '11 MiB', HeapInuse: '8 MiB', Sys: '15 MiB' }), undefined],
  ] as const) {
    const found = findCounters(text);
    assert.deepEqual(found?.figures, figures, text);
    assert.deepEqual(found.thousands?.units, vague, text);
    assert.ok(found.rounding.sysBytes !== undefined && found.rounding.sysBytes.high > 15 * MIB, text);
    if (vague !== undefined) assert.equal(found.thousands?.figures.sysBytes, 15e6, text);
  }
});

test('a figure whose number is not understood is a fault with its place, never a prefix of it', () => {
  for (const [text, field, line, column] of [
    ['Alloc: 1\nHeapSys: 234,56,7\nSys: 5', 'HeapSys', 2, 10],
    ['Alloc: 1\nHeapSys = 12 parsecs\nSys: 5', 'HeapSys', 2, 11],
    ['Alloc: 1\r\n\tSys: 5.5\r\nHeapSys: 3', 'Sys', 2, 7],
    ['Alloc: 1\nSys: -5\nHeapSys: 3', 'Sys', 2, 6],
    ['Alloc: 1\nSys: 12ms\nHeapSys: 3', 'Sys', 2, 6],
    ['Alloc: 1\nSys  12  13\nHeapSys: 3', 'Sys', 2, 6],
    ['Alloc: 1\nHeapSys: 1\n# Stack = 6.2MB / x', 'StackSys', 3, 19],
    ['Alloc: 1\nHeapSys: 1\n# Stack = 6.2.3 / 5', 'StackInuse', 3, 11],
    [`{"Alloc": 1, "Sys": 5.5, "HeapSys": 3}`, 'Sys', 1, 21],
  ] as const) {
    const found = findCounters(text);
    const [fault] = found?.faults ?? [];
    assert.deepEqual([fault?.field, fault?.line ?? 0, fault?.column ?? 0], [field, line, column], text);
  }
});

test('a time, a share or a date among the figures is left out and spoils none of them', () => {
  const text =
    'Alloc: 1\nSys: 2\nHeapSys: 3\nLastGC: 2026-01-02\nPauseTotalNs: 75.4ms\nGCCPUFraction: 0.15%\nNumGC: 1,021\n';
  assert.deepEqual(findCounters(text)?.figures, { heapAllocBytes: 1, sysBytes: 2, heapSysBytes: 3, numGc: 1021 });
  assert.deepEqual(findCounters(text)?.faults, []);
});

test('dumps with different names before them are told apart, and the last to end is taken', () => {
  const text = 'before.Alloc=1 after.Alloc=11 before.Sys=2 after.Sys=12 before.HeapSys=3 after.HeapSys=13';
  assert.deepEqual(
    readMemStatsDumps(text).map(({ figures }) => figures.sysBytes),
    [2, 12],
  );
  // `time` and top have words of their own.
  assert.equal(readMemStatsDumps(`user 0.1 sys 0.2\n${text}\ncpu_sys=5 disk.frees=3`).length, 2);
  assert.equal(findCounters('Peak Sys: 1\nCPU sys: 2\nMax Alloc: 3\nStack Sys: 4\nGC Sys: 5\n'), undefined);
});

test('what gops prints is read field by field, to the byte', () => {
  const found = findCounters(fixture('explain/pasted-gops.txt'));
  assert.deepEqual(found?.figures, {
    heapAllocBytes: 24005552,
    totalAllocBytes: 1602895000,
    sysBytes: 78660608,
    mallocs: 23141725,
    frees: 22895477,
    heapSysBytes: 66060288,
    heapIdleBytes: 36397056,
    heapInuseBytes: 29663232,
    heapReleasedBytes: 32833536,
    heapObjects: 246248,
    stackInuseBytes: 1048576,
    stackSysBytes: 1048576,
    mspanSysBytes: 589824,
    mcacheSysBytes: 32768,
    otherSysBytes: 3109868,
    gcSysBytes: 5974840,
    numGc: 140,
  });
  assert.deepEqual([found.rounding, found.faults, found.thousands, found.dumps], [{}, [], undefined, 1]);
});

suite('Prometheus pages', () => {
  const page = (one: (name: string, value: number) => string): string =>
    written((name, value) => one(`go_memstats_${snake(name)}_bytes`, value));

  test('are read with whatever is pasted around their lines', () => {
    for (const [way, text] of Object.entries({
      plain: page((name, value) => `${name} ${value}`),
      indented: page((name, value) => `    ${name} ${value}`),
      quoted: page((name, value) => `> > ${name} ${value}`),
      'many blanks': page((name, value) => `${name}${' '.repeat(50)}${value}`),
      tabs: page((name, value) => `\t${name}\t${value}`),
      'a bullet list': page((name, value) => `* ${name} ${value}`),
      'a diff': page((name, value) => `+${name} ${value}`),
      colours: page((name, value) => `\u001b[36m${name}\u001b[0m ${value}`),
      'line ends of Windows': page((name, value) => `${name} ${value}\r`),
      exponents: page((name, value) => `${name} ${value / 1e7}e+07 1700000000000`),
      'a comma between thousands': page((name, value) => `${name} ${grouped(value, ',')}`),
      'a prefix': page((name, value) => `myapp_${name} ${value}`),
      'a constant label': page((name, value) => `${name}{instance="a:1",job="b"} ${value}`),
    })) {
      const found = findCounters(text);
      assert.equal(found?.form, 'prometheus', way);
      assert.deepEqual([found.figures, found.faults], [FIGURES, []], way);
    }
  });

  test('of two processes ask for one, which a label, its value or a prefix names', () => {
    const two = [
      page((name, value) => `${name}{instance="10.0.0.7:9090",job="a"} ${value}`),
      page((name, value) => `${name}{instance="10.0.0.8:9090",job="a"} ${value + 1}`),
      page((name, value) => `other_${name} ${value + 2}`),
    ].join('\n');
    const instances = ['{instance="10.0.0.7:9090",job="a"}', '{instance="10.0.0.8:9090",job="a"}', 'other_'];
    assert.throws(
      () => findCounters(two),
      (error) => error instanceof SeveralInstances && assert.deepEqual(error.instances, instances) === undefined,
    );
    for (const wrong of ['a', 'job="a"', '10.0.0.9', ''])
      assert.throws(() => findCounters(two, wrong), SeveralInstances);
    for (const name of [
      '10.0.0.8:9090',
      'instance="10.0.0.8:9090"',
      'instance=10.0.0.8:9090',
      '{instance="10.0.0.8:9090",job="a"}',
    ])
      assert.equal(findCounters(two, name)?.figures.sysBytes, FIELDS.Sys + 1, name);
    assert.equal(findCounters(two, 'other')?.figures.sysBytes, FIELDS.Sys + 2);
  });

  test('of a process that also shows others are its own, without labels', () => {
    const text = [page((name, value) => `${name} ${value}`), page((name) => `${name}{instance="x"} 1`)].join('\n');
    assert.deepEqual(findCounters(text)?.figures, FIGURES);
    assert.equal(findCounters(text, 'x')?.figures.sysBytes, 1);
  });

  test('one after the other are so many dumps', () => {
    const text = [1, 2, 3].map((n) => page((name, value) => `${name} ${value + n}`)).join('\n\n');
    assert.deepEqual(
      readMemStatsDumps(text).map(({ figures, firstLine }) => [figures.sysBytes, firstLine]),
      [
        [FIELDS.Sys + 1, 1],
        [FIELDS.Sys + 2, 7],
        [FIELDS.Sys + 3, 13],
      ],
    );
  });

  test('with values that are no numbers of a page have faults', () => {
    for (const value of ['7MiB', '234,56,7', '1 234 567', '12x', '0x10']) {
      const [fault] = findCounters(`go_memstats_alloc_bytes 1\n go_memstats_sys_bytes ${value}`)?.faults ?? [];
      assert.deepEqual([fault?.field, fault?.line, fault?.column], ['go_memstats_sys_bytes', 2, 24], value);
    }
  });

  test('of old client_golang call the released heap a total', () => {
    const text = page((name, value) => `${name} ${value}`) + '\ngo_memstats_heap_released_bytes_total 5\n';
    assert.equal(findCounters(text)?.figures.heapReleasedBytes, 5);
  });

  test('of VictoriaMetrics tell the limit, the GC’s CPU time and the parts of RSS', () => {
    const text = `${page((name, value) => `${name} ${value}`)}
go_memlimit_bytes 9223372036854775807
go_gc_cpu_seconds_total 30.5
go_gomaxprocs 2
process_cpu_seconds_total 4652.34
process_resident_memory_bytes 43749376
process_resident_memory_anon_bytes 26710016
process_resident_memory_file_bytes 17039360
`;
    const found = findCounters(text);
    assert.equal(found?.figures.gomemlimitBytes, 2 ** 63);
    assert.equal(found.figures.gcCpuSeconds, undefined, 'idle marking is in it, so it is no GC CPU of a sweep');
    assert.deepEqual(
      [found.rssBytes, found.rssFileBytes, found.cpuSeconds, found.gcTotalCpuSeconds],
      [43749376, 17039360, 4652.34, 30.5],
    );
  });

  test('of OpenTelemetry, new and old', () => {
    const found = findCounters(`go_memory_used_bytes{go_memory_type="stack",otel_scope_name="r"} 1000000
go_memory_used_bytes{go_memory_type="other",otel_scope_name="r"} 9000000
go_memory_limit_bytes{otel_scope_name="r"} 1e+08
go_memory_gc_goal_bytes{otel_scope_name="r"} 8e+06
go_config_gogc_percent{otel_scope_name="r"} 100
go_processor_limit{otel_scope_name="r"} 4
`);
    assert.deepEqual(found?.figures, {
      stackInuseBytes: 1e6,
      gomemlimitBytes: 1e8,
      nextGcBytes: 8e6,
      gogcPercent: 100,
      gomaxprocs: 4,
    });
    assert.equal(found.goBytes, 1e7);
    const old = written((name, value) => `process_runtime_go_mem_${snake(name)}_bytes{service="a"} ${value}`);
    const { sysBytes: _, ...figures } = FIGURES;
    assert.deepEqual(findCounters(old)?.figures, figures);
  });
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
