import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { parseExpvar } from '../../src/probe/expvar.ts';
import { GctraceReader, parseGctraceLine } from '../../src/probe/gctrace.ts';
import { recorded } from './fixtures.ts';
import { assertSound, textsLike } from './sound.ts';

const mebibyte = 2 ** 20;
// Synthetic, after Go src/runtime/mgc.go; the recorded lines are below.
const modern =
  'gc 12 @3.271s 2%: 0.031+1.9+0.012 ms clock, 0.12+0.40/1.7/0.25+0.048 ms cpu, 41->43->22 MB, 44 MB goal, 0 MB stacks, 3 MB globals, 4 P';
const cycle = (number: number): string => modern.replace('gc 12', `gc ${number}`);
const close = (got: number | undefined, want: number): void =>
  assert.ok(Math.abs((got ?? NaN) - want) < 1e-12, `${got} is not ${want}`);

suite('a gctrace line', () => {
  test('gives CPU without idle workers, and sizes in MiB', () => {
    const read = parseGctraceLine(modern);
    close(read?.gcCpuSeconds, 0.002268);
    close(read?.idleCpuSeconds, 0.00025);
    close(read?.stopSeconds, 0.000043);
    assert.partialDeepStrictEqual(read, {
      cycle: 12,
      startSeconds: 3.271,
      heapStartBytes: 41 * mebibyte,
      heapEndBytes: 43 * mebibyte,
      heapLiveBytes: 22 * mebibyte,
      heapGoalBytes: 44 * mebibyte,
      stacksBytes: 0,
      globalsBytes: 3 * mebibyte,
      procs: 4,
      forced: false,
    });
  });

  test('of Go before 1.18 has no stacks and globals (synthetic)', () => {
    const old = parseGctraceLine(modern.replace(' 0 MB stacks, 3 MB globals,', ''));
    assert.deepEqual(old, { ...parseGctraceLine(modern), stacksBytes: undefined, globalsBytes: undefined });
  });

  test('may be forced, and may look for leaks since Go 1.27 (synthetic)', () => {
    assert.deepEqual(parseGctraceLine(`${modern} (forced)`), { ...parseGctraceLine(modern), forced: true });
    const leaks = modern.replace('2%:', '2% (checking for goroutine leaks):');
    assert.deepEqual(parseGctraceLine(leaks), parseGctraceLine(modern));
    assert.deepEqual(parseGctraceLine(`${modern}\r`), parseGctraceLine(modern));
  });

  for (const [what, text] of [
    [
      'the language of Go 1.4',
      'gc7(1): 4+0+82+0 us, 0 -> 0 MB, 50 (65-15) objects, 4 goroutines, 17/0/0 sweeps, 0(0) handoff, 0(0) steal, 0/0/0 yields',
    ],
    [
      'the five phases of Go 1.5',
      'gc 3 @0.1s 2%: 0.01+0.2+0.3+0.4+0.5 ms clock, 0.01+0.2+0.3+0/0.4/0.5+0.6 ms cpu, 4->4->0 MB, 4 MB goal, 4 P',
    ],
    ['the scavenger until Go 1.13', 'scvg3: inuse: 12, idle: 50, sys: 63, released: 50, consumed: 12 (MB)'],
    ['scavtrace', 'scav 0 KiB work (bg), 0 KiB work (eager), 3000 KiB now, 80% util'],
    ['gcpacertrace', 'pacer: assist ratio=+1.234567e+000 (scan 1 MB in 4->5 MB) workers=1+0'],
    ['gctrace=2', 'scan: total 12'],
    ['a line with another inside', modern.replace('1.9+', '1.9request served\n+')],
    ['a line that lacks its head', modern.slice(6)],
    ['a line that lacks its tail', modern.slice(0, -5)],
    ['text before the line', `listening${modern}`],
    ['digits without end', modern.replace('44 MB', `${'4'.repeat(400)} MB`)],
  ] as const) {
    test(`is not: ${what}`, () => {
      assert.equal(parseGctraceLine(text), undefined);
      assert.equal(new GctraceReader().push(text, 1), undefined);
    });
  }
});

test('interleaved output is dropped, and the cycles it costs are counted', () => {
  const reader = new GctraceReader();
  const broken = cycle(13).replace(' ms cpu', '2026/11/24 GET /');
  const lines = [
    'starting',
    cycle(11),
    cycle(12),
    broken,
    ' ms cpu, 41->43->22 MB',
    cycle(14),
    'gc of sessions',
    cycle(18),
  ];
  const read = lines.flatMap((line, i) => reader.push(line, i + 0.1234567) ?? []);
  assert.deepEqual(
    read.map(({ v }) => v.cycle),
    [11, 12, 14, 18],
  );
  assert.equal(reader.gaps, 4);
  assert.equal(read[0]?.at, 1.123457);
});

test('a restarted process begins at 1 again, which is no gap', () => {
  const reader = new GctraceReader();
  for (const number of [7, 8, 1, 2]) assert.notEqual(reader.push(cycle(number), 0), undefined);
  assert.equal(reader.gaps, 0);
});

suite('gctrace of real daemons', () => {
  for (const { name, gogc, stderr, expvar } of recorded) {
    test(name, () => {
      const reader = new GctraceReader();
      const cycles = stderr.flatMap((line) => reader.push(line, 0) ?? []);
      const { numGc, gcCpuFraction } = parseExpvar(expvar);
      assert.equal(cycles.at(-1)?.v.cycle ?? 0, numGc, 'the last cycle is the count of MemStats');
      assert.equal(reader.gaps, 0);
      assert.equal(cycles.length, numGc);
      if (gogc === 'off') return;
      // Lifetime fraction: CPU of all cycles ÷ (GOMAXPROCS × time until the end of the last); figures are cut to 2 digits.
      const cpu = cycles.reduce((sum, { v }) => sum + (v.cycleGcCpuSeconds ?? NaN), 0);
      const last = cycles.at(-1)?.v;
      const fraction = cpu / (2 * (last?.cycleStartSeconds ?? NaN));
      assert.ok(Math.abs(fraction / (gcCpuFraction ?? NaN) - 1) < 0.2, `${fraction} against ${gcCpuFraction}`);
      for (const { v } of cycles) {
        assert.equal(v.procs, 2);
        assert.ok((v.heapLiveBytes ?? NaN) <= (v.heapEndBytes ?? NaN));
        assert.equal(typeof v.stacksBytes, 'number');
      }
    });
  }
});

test('hostile lines give sound figures or nothing', () => {
  let read = 0;
  fc.assert(
    fc.property(textsLike(modern), fc.double({ min: 0, max: 1e6, noNaN: true }), (text, at) => {
      const reading = new GctraceReader().push(text, at);
      if (reading === undefined) return;
      read += 1;
      assertSound(reading.v);
      assert.ok(Math.abs(reading.at - at) <= 1e-6);
    }),
    { numRuns: 3000 },
  );
  assert.ok(read > 100, `only ${read} lines were read`);
});
