import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { parseExpvar } from '../../src/probe/expvar.ts';
import { parsePprofTail } from '../../src/probe/pprof-tail.ts';
import type { Figures } from '../../src/probe/probe.ts';
import { parsePrometheus } from '../../src/probe/prometheus.ts';
import { figure, recorded } from './fixtures.ts';
import { assertSound, textsLike } from './sound.ts';

/** Exact within one read of MemStats (Go src/runtime/mstats.go). */
function assertIdentities(figures: Figures): void {
  const at = (key: keyof Figures): number => figure(figures, key);
  assert.equal(at('heapSysBytes'), at('heapIdleBytes') + at('heapInuseBytes'));
  const parts = [
    'heapSysBytes',
    'stackSysBytes',
    'mspanSysBytes',
    'mcacheSysBytes',
    'buckHashSysBytes',
    'gcSysBytes',
    'otherSysBytes',
  ] as const;
  assert.equal(
    at('sysBytes'),
    parts.reduce((sum, part) => sum + at(part), 0),
  );
  assert.equal(at('heapObjects'), at('mallocs') - at('frees'));
  assert.ok(at('heapReleasedBytes') <= at('heapIdleBytes') && at('heapAllocBytes') <= at('heapInuseBytes'));
}

suite('MemStats of real daemons', () => {
  for (const { name, expvar, prometheus, pprof, version, gogc } of recorded) {
    const read = { expvar: parseExpvar(expvar), prometheus: parsePrometheus(prometheus), pprof: parsePprofTail(pprof) };

    for (const [source, figures] of Object.entries(read)) {
      test(`${name}: what ${source} shows adds up`, () => assertIdentities(figures));
    }

    test(`${name}: the three sources agree`, () => {
      const shared = Object.keys(read.expvar).filter((key) => key in read.pprof) as (keyof Figures)[];
      assert.ok(shared.length >= 22, `only ${shared.length} figures in common`);
      for (const key of shared) {
        const told = figure(read.expvar, key);
        // Between two reads the daemon allocates a little to answer them, and the scavenger gives back what it can.
        if (key === 'heapReleasedBytes') continue;
        const slack = key === 'numGc' || key === 'lastGcUnixSeconds' ? 1e-6 : 0.03 * told + 400_000;
        assert.ok(Math.abs(figure(read.pprof, key) - told) <= slack, `${key} of pprof`);
        // runtime/metrics has no GCCPUFraction.
        if (key === 'gcCpuFraction') continue;
        assert.ok(Math.abs(figure(read.prometheus, key) - told) <= slack, `${key} of prometheus`);
      }
    });

    test(`${name}: times are seconds`, () => {
      const { expvar: figures } = read;
      if (gogc === 'off') {
        assert.partialDeepStrictEqual(figures, {
          numGc: 0,
          lastGcUnixSeconds: 0,
          pauseTotalSeconds: 0,
          gcCpuFraction: 0,
        });
        return;
      }
      const year = new Date(figure(figures, 'lastGcUnixSeconds') * 1000).getUTCFullYear();
      assert.ok(year >= 2018 && year < 2100, `the last GC was in ${year}`);
      const pause = figure(figures, 'pauseTotalSeconds') / figure(figures, 'numGc');
      assert.ok(pause > 1e-6 && pause < 0.1, `a mean pause of ${pause} s`);
      const fraction = figure(figures, 'gcCpuFraction');
      assert.ok(fraction > 0 && fraction < 0.5);
    });

    test(`${name}: Prometheus tells the settings from Go 1.21 on, and GOGC=off is -1`, () => {
      const { gogcPercent, gomaxprocs, liveHeapBytes, gcCpuSeconds, classesTotalCpuSeconds } = read.prometheus;
      assert.equal(gomaxprocs, 2);
      if (version === 'go1.19.8') {
        assert.deepEqual([gogcPercent, liveHeapBytes, gcCpuSeconds], [undefined, undefined, undefined]);
        return;
      }
      assert.equal(gogcPercent, gogc === 'off' ? -1 : gogc);
      const share = (gcCpuSeconds ?? NaN) / (classesTotalCpuSeconds ?? NaN);
      if (gogc === 'off') return;
      assert.ok((liveHeapBytes ?? 0) > 24 * 2 ** 20);
      // The runtime's own GCCPUFraction is this quotient, taken at the end of the last cycle.
      assert.ok(Math.abs(share - figure(read.expvar, 'gcCpuFraction')) < 1e-6, `${share}`);
    });
  }
});

test('the MemStats of go-ipfs issue 5530 add up, and so does what is made of them', () => {
  const memstats = {
    TotalAlloc: 25294914672,
    Sys: 378910968,
    Mallocs: 291384450,
    Frees: 290363035,
    HeapAlloc: 100528888,
    HeapSys: 331874304,
    HeapIdle: 151117824,
    HeapInuse: 180756480,
    HeapReleased: 82337792,
    HeapObjects: 1021415,
    StackInuse: 26738688,
    StackSys: 26738688,
    MSpanSys: 3407872,
    MCacheSys: 16384,
    BuckHashSys: 2340107,
    GCSys: 13131776,
    OtherSys: 1401837,
    NextGC: 190323504,
    LastGC: 1538202755353124600,
    PauseTotalNs: 75400404,
    NumGC: 328,
    NumForcedGC: 0,
    GCCPUFraction: 0.0014981951587293512,
  };
  const figures = parseExpvar(JSON.stringify({ cmdline: ['ipfs'], memstats, badger: { '': NaN } }));
  assertIdentities(figures);
  const at = (key: keyof Figures): number => figure(figures, key);
  assert.equal(at('heapIdleBytes') - at('heapReleasedBytes'), 68780032, 'retained');
  assert.equal(at('heapInuseBytes') - at('heapAllocBytes'), 80227592, 'bound of fragmentation');
  assert.equal(at('sysBytes') - at('heapReleasedBytes'), 296573176, 'committed');
  assert.equal(at('gcCpuFraction'), 0.0014981951587293512);
  assert.equal(Math.round(at('lastGcUnixSeconds') * 1e6), 1538202755353125);
  assert.ok(Math.abs(at('pauseTotalSeconds') - 0.075400404) < 1e-15);
});

suite('Prometheus text', () => {
  const page = (...lines: string[]): Figures => parsePrometheus(lines.join('\n'));

  test('numbers with exponents, time stamps and either line end', () => {
    assert.deepEqual(
      page(
        '# HELP go_memstats_sys_bytes Bytes. go_memstats_sys_bytes 5',
        'go_memstats_sys_bytes 1.5e+07 1700000000000',
        'go_memstats_heap_sys_bytes\t2E6\r',
        'go_gc_gogc_percent 1.8446744073709552e+19',
      ),
      { sysBytes: 1.5e7, heapSysBytes: 2e6, gogcPercent: -1 },
    );
  });

  test('what is no figure is left out: NaN, infinities, negatives, words, other programs', () => {
    assert.deepEqual(
      page(
        'go_memstats_sys_bytes 1',
        'go_memstats_heap_sys_bytes NaN',
        'go_memstats_heap_idle_bytes +Inf',
        'go_memstats_heap_inuse_bytes -Inf',
        'go_memstats_frees_total -1',
        'go_memstats_mallocs_total many',
        'go_memstats_heap_objects 1e999',
        'go_goroutines 9',
        'process_resident_memory_bytes 5',
      ),
      { sysBytes: 1 },
    );
    assert.throws(() => page('go_memstats_sys_bytes NaN', 'up 1'), /no metrics of the Go runtime/);
  });

  test('a constant label is looked through, several label sets tell of no single process', () => {
    assert.deepEqual(
      page(
        'go_memstats_sys_bytes{instance="a \\"b\\" } 7"} 3',
        'go_memstats_heap_sys_bytes{shard="1"} 4',
        'go_memstats_heap_sys_bytes{shard="2"} 5',
        'go_gc_duration_seconds{quantile="0"} 1',
        'go_gc_duration_seconds_count 12',
      ),
      { sysBytes: 3, numGc: 12 },
    );
  });

  test('idle marking is no GC CPU, as in GCCPUFraction', () => {
    const figures = page(
      'go_cpu_classes_gc_total_cpu_seconds_total 5',
      'go_cpu_classes_gc_mark_idle_cpu_seconds_total 1.5',
      'go_cpu_classes_total_cpu_seconds_total 100',
    );
    assert.deepEqual(figures, { gcCpuSeconds: 3.5, gcIdleCpuSeconds: 1.5, classesTotalCpuSeconds: 100 });
  });

  test('GCCPUFraction as VictoriaMetrics and old clients write it', () => {
    assert.equal(page('go_memstats_gc_cpu_fraction 0.0123').gcCpuFraction, 0.0123);
  });

  for (const { name, prometheus } of recorded) {
    test(`${name}: the memory classes alone give what MemStats give`, () => {
      const classes = prometheus.split('\n').filter((line) => !line.startsWith('go_memstats_'));
      const { mallocs: _m, frees: _f, lastGcUnixSeconds: _l, ...expected } = parsePrometheus(prometheus);
      assert.deepEqual({ ...parsePrometheus(classes.join('\n')) }, expected);
    });
  }
});

test('bodies that are something else are refused with a reason', () => {
  for (const [body, reason] of [
    ['<html>404</html>', /not JSON/],
    ['null', /no memstats/],
    ['[]', /no memstats/],
    ['{"memstats":null}', /no memstats/],
    ['{"memstats":[1,2]}', /lack HeapSys or Sys/],
    ['{"memstats":{"HeapSys":"1","Sys":1}}', /lack HeapSys or Sys/],
    ['{"memstats":{"HeapSys":-1,"Sys":1e999}}', /lack HeapSys or Sys/],
  ] as const) {
    assert.throws(() => parseExpvar(body), reason, body);
  }
  assert.throws(() => parsePprofTail('heap profile: 0: 0 [0: 0] @ heap/1048576\n'), /no runtime\.MemStats/);
  assert.throws(() => parsePprofTail('# runtime.MemStats\n# HeapSys = 5\n# Sys = e\n'), /lack HeapSys or Sys/);
});

suite('hostile bodies give sound figures or an error with a reason', () => {
  for (const [source, parse] of [
    ['expvar', parseExpvar],
    ['prometheus', parsePrometheus],
    ['pprof', parsePprofTail],
  ] as const) {
    test(source, () => {
      const bodies = fc.oneof(...recorded.map((one) => textsLike(one[source])));
      let read = 0;
      fc.assert(
        fc.property(bodies, (body) => {
          let figures: Figures;
          try {
            figures = parse(body);
          } catch (error) {
            assert.ok(error instanceof Error && /^(the answer|its) \S/.test(error.message), String(error));
            return;
          }
          read += 1;
          assertSound(figures);
        }),
        { numRuns: 1000 },
      );
      assert.ok(read > 50, `only ${read} bodies were read`);
    });
  }

  test('expvar whose MemStats hold any JSON', () => {
    const names = Object.keys((JSON.parse(recorded[0]?.expvar ?? '') as { memstats: object }).memstats);
    const value = fc.oneof(
      fc.jsonValue(),
      fc.double().map((number) => (Number.isFinite(number) ? number : -1)),
    );
    const memstats = fc.dictionary(fc.constantFrom(...names, '__proto__', 'constructor'), value);
    fc.assert(
      fc.property(memstats, (stats) => {
        const body = JSON.stringify({ memstats: { HeapSys: 1, Sys: 1, ...stats } });
        try {
          assertSound(parseExpvar(body));
        } catch (error) {
          assert.match(String(error), /^Error: its memstats lack HeapSys or Sys$/);
        }
      }),
    );
  });
});
