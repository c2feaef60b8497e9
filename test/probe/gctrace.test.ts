import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { parseExpvar } from '../../src/probe/expvar.ts';
import { findGctrace, type GcCycle } from '../../src/go/gctrace-line.ts';
import { GctraceReader } from '../../src/probe/gctrace.ts';
import { recorded } from './fixtures.ts';
import { assertSound, textsLike } from './sound.ts';

/** The cycle of a line that holds nothing else. */
function parseGctraceLine(text: string): GcCycle | undefined {
  const [found] = findGctrace(text);
  return found?.kind === 'cycle' && found.rest.trim() === '' ? found.cycle : undefined;
}

const mebibyte = 2 ** 20;
// Synthetic, after Go src/runtime/mgc.go; the recorded lines are below.
const modern =
  'gc 12 @3.271s 2%: 0.031+1.9+0.012 ms clock, 0.12+0.40/1.7/0.25+0.048 ms cpu, 41->43->22 MB, 44 MB goal, 0 MB stacks, 3 MB globals, 4 P';
const cycle = (number: number): string => modern.replace('gc 12 @3', `gc ${number} @${number}`);
const close = (got: number | undefined, want: number): void =>
  assert.ok(Math.abs((got ?? NaN) - want) < 1e-12, `${got} is not ${want}`);

suite('a gctrace line', () => {
  test('gives CPU without idle workers, and sizes in MiB', () => {
    const read = parseGctraceLine(modern);
    close(read?.gcCpuSeconds, 0.002268);
    close(read?.idleCpuSeconds, 0.00025);
    close(read?.assistCpuSeconds, 0.0004);
    close(read?.stopCpuSeconds, 0.000168);
    close(read?.sweepTerminationSeconds, 0.000031);
    close(read?.markSeconds, 0.0019);
    close(read?.markTerminationSeconds, 0.000012);
    assert.partialDeepStrictEqual(read, {
      cycle: 12,
      startSeconds: 3.271,
      lifetimePercent: 2,
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

  test('beyond what a clock can say is none', () => {
    assert.equal(parseGctraceLine(modern.replace('1.9+', '99999999999+')), undefined);
    assert.equal(parseGctraceLine(modern.replace('@3.271', '@99999999999.5')), undefined);
    assert.equal(parseGctraceLine(modern.replace('4 P', '0 P')), undefined);
  });

  for (const [what, text, kind] of [
    [
      'the language of Go 1.4',
      'gc7(1): 4+0+82+0 us, 0 -> 0 MB, 50 (65-15) objects, 4 goroutines, 17/0/0 sweeps, 0(0) handoff, 0(0) steal, 0/0/0 yields',
      '1.4 or older',
    ],
    [
      'the language of Go 1.0',
      'gc1(1): 0+0+0 ms 0 -> 0 MB 20 -> 20 (21-1) objects 0 pointer lookups (0 size, 0 addr) 0 handoff',
      '1.4 or older',
    ],
    [
      'the five phases of Go 1.5',
      'gc 3 @0.1s 2%: 0.01+0.2+0.3+0.4+0.5 ms clock, 0.01+0.2+0.3+0/0.4/0.5+0.6 ms cpu, 4->4->0 MB, 4 MB goal, 4 P',
      '1.5',
    ],
    ['the scavenger until Go 1.13', 'scvg3: inuse: 12, idle: 50, sys: 63, released: 50, consumed: 12 (MB)', 'other'],
    ['what the scavenger of Go 1.6 gives back', 'scvg1: 0 MB released', 'other'],
    ['scavtrace', 'scav 0 KiB work (bg), 0 KiB work (eager), 3000 KiB now, 80% util', 'other'],
    ['gcpacertrace', 'pacer: assist ratio=+1.234567e+000 (scan 1 MB in 4->5 MB) workers=1+0', 'other'],
    ['gctrace=2', 'scan: total 12+3+4=19 objs, 1+2=3 spans', 'other'],
    ['what comes before a cycle after two idle minutes', 'GC forced', 'periodic'],
    ['a line with another inside', modern.replace('1.9+', '1.9request served\n+'), 'broken'],
    ['a line that lacks its head', modern.slice(6), undefined],
    ['a line that lacks its tail', modern.slice(0, -5), 'broken'],
    ['text before the line', `listening${modern}`, undefined],
    ['digits without end', modern.replace('44 MB', `${'4'.repeat(400)} MB`), 'broken'],
  ] as const) {
    test(`is not: ${what}`, () => {
      assert.equal(parseGctraceLine(text), undefined);
      assert.equal(new GctraceReader().push(text, 1), undefined);
      const [found] = findGctrace(text);
      assert.equal(found?.kind === 'old' ? found.go : found?.kind, kind);
    });
  }
});

/** The cycles that a reader takes for the target's, of lines that come a tenth of a second apart. */
function cyclesOf(reader: GctraceReader, lines: readonly string[]): readonly (number | undefined)[] {
  return lines.flatMap((line, i) => reader.push(line, i / 10) ?? []).map(({ v }) => v.cycle);
}

function settled(...evidence: Parameters<GctraceReader['settle']>): GctraceReader {
  const reader = new GctraceReader();
  assert.deepEqual(reader.settle(...evidence), []);
  return reader;
}

/** A cycle of a process with that many MiB of live heap. */
function line(number: number, at: number, live = 20): string {
  return `gc ${number} @${at.toFixed(3)}s 1%: 0.1+1+0.1 ms clock, 0.2+0/1/0+0.2 ms cpu, ${2 * live}->${2 * live}->${live} MB, ${2 * live} MB goal, 0 MB stacks, 0 MB globals, 2 P`;
}

test('interleaved output is dropped, and the cycles it costs are counted', () => {
  const reader = settled();
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

suite('of several processes in one stream only the target counts', () => {
  test('a cycle of a child between two of the target', () => {
    const reader = settled();
    assert.deepEqual(cyclesOf(reader, [line(171, 40), line(1, 0.01, 2), line(172, 40.2)]), [171, 172]);
    assert.equal(reader.gaps, 0);
    assert.deepEqual(reader.others, { cycles: 1, processes: 1 });
  });

  test('a restart, or what the target has executed itself as, is another process', () => {
    const reader = settled();
    assert.deepEqual(
      cyclesOf(
        reader,
        [7, 8, 1, 2].map((number) => line(number, number)),
      ),
      [7, 8],
    );
    assert.equal(reader.gaps, 0);
    assert.deepEqual(reader.others, { cycles: 2, processes: 1 });
  });

  test('two that take turns, each with its own numbers, clock and heap', () => {
    const reader = settled();
    const lines = Array.from({ length: 30 }, (_, i) => [line(i + 9, i + 5, 40), line(i + 1, i + 0.01, 7)]).flat();
    assert.deepEqual(
      cyclesOf(reader, lines),
      Array.from({ length: 30 }, (_, i) => i + 9),
    );
    assert.deepEqual(reader.others, { cycles: 30, processes: 1 });
  });

  test('what ran before the target is told from it once the window begins', () => {
    const reader = new GctraceReader();
    const before = [line(1, 0.01, 3), line(2, 0.02, 3), line(1, 0.05), line(2, 0.1)];
    assert.deepEqual(cyclesOf(reader, before), []);
    assert.deepEqual(
      reader.settle().map(({ v }) => [v.cycle, v.cycleStartSeconds]),
      [
        [1, 0.05],
        [2, 0.1],
      ],
    );
    assert.deepEqual(cyclesOf(reader, [line(3, 0.3)]), [3]);
    assert.deepEqual(reader.others, { cycles: 2, processes: 1 });
  });

  test('a child that wrote last is told from the target by the count of cycles that another source reads', () => {
    const lines = [line(1, 1), line(2, 2), line(3, 3), line(4, 4), line(1, 0.01, 2)];
    const counted = new GctraceReader();
    assert.deepEqual(cyclesOf(counted, lines), []);
    assert.equal(counted.settle({ numGc: 4 }).length, 4);
    const guessed = new GctraceReader();
    assert.deepEqual(cyclesOf(guessed, lines), []);
    assert.equal(guessed.settle().length, 1);
  });

  test('a target that never collects is not mistaken for its child, where its start is known', () => {
    const reader = settled({ startSeconds: 0 });
    // Read at 5 s, and 0.01 s after the start of what wrote it.
    assert.deepEqual(reader.push(line(1, 0.01), 5), []);
    assert.equal(reader.push(line(1, 4.9), 5.05)?.length, 1);
    assert.deepEqual(reader.push(line(2, 0.2), 5.2), []);
    assert.deepEqual(reader.others, { cycles: 2, processes: 1 });
  });

  test('a cycle that the stream holds twice counts once', () => {
    const reader = settled();
    assert.deepEqual(cyclesOf(reader, [line(1, 1), line(1, 1), line(2, 2), line(2, 2)]), [1, 2]);
    assert.equal(reader.others.cycles, 0);
  });

  test('beyond a thousand processes the later ones are counted, and none is the target', () => {
    const reader = settled();
    for (let i = 0; i < 1500; i++) reader.push(line(1, i), i);
    assert.deepEqual(reader.others, { cycles: 1499, processes: 999 });
  });
});

suite('gctrace of real daemons', () => {
  for (const { name, gogc, stderr, expvar } of recorded) {
    test(name, () => {
      const reader = settled();
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
      for (const reading of settled().push(text, at) ?? []) {
        read += 1;
        assertSound(reading.v);
        assert.ok(Math.abs(reading.at - at) <= 1e-6);
      }
    }),
    { numRuns: 3000 },
  );
  assert.ok(read > 100, `only ${read} lines were read`);
});
