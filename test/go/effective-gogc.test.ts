import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { inferGogc, verifyGogc } from '../../src/go/effective-gogc.ts';
import { GctraceReader } from '../../src/probe/gctrace.ts';
import { parsePrometheus } from '../../src/probe/prometheus.ts';
import type { Reading } from '../../src/results/format.ts';
import { recorded } from '../probe/fixtures.ts';

const mebibyte = 2 ** 20;

/** One GC cycle of a simulated daemon, in bytes. */
interface Cycle {
  readonly live: number;
  readonly stacks: number;
  readonly globals: number;
}

/** goal = live + (live + roots)·GOGC/100, at least 4 MiB·GOGC/100 (Go src/runtime/mgcpacer.go). */
function heapGoal({ live, stacks, globals }: Cycle, gogc: number): number {
  return Math.max(live + ((live + stacks + globals) * gogc) / 100, (4 * mebibyte * gogc) / 100);
}

/** The readings of gctrace lines as the runtime prints them: MiB without their fractions, each with the goal set before. */
function traced(cycles: readonly Cycle[], gogc: number, share = 0.8, allocation = 0): readonly Reading[] {
  const reader = new GctraceReader();
  reader.settle();
  const whole = (bytes: number): number => Math.floor(bytes / mebibyte);
  return cycles.flatMap((cycle, i) => {
    const before = cycles[i - 1] ?? cycle;
    const start = before.live + share * (heapGoal(before, gogc) - before.live) + allocation;
    const goal = Math.max(heapGoal(before, gogc), start + 65_536);
    const text =
      `gc ${i + 1} @${i}.000s 1%: 0.1+1+0.1 ms clock, 0.2+0/1/0+0.2 ms cpu, ${whole(start)}->${whole(goal)}->${whole(cycle.live)} MB, ` +
      `${whole(goal)} MB goal, ${whole(cycle.stacks)} MB stacks, ${whole(cycle.globals)} MB globals, 2 P`;
    return reader.push(text, i) ?? assert.fail(text);
  });
}

/** The same as readings of runtime/metrics, in bytes. */
function measured(cycles: readonly Cycle[], gogc: number): readonly Reading[] {
  return cycles.map((cycle, i) => ({
    at: i,
    probe: 'prometheus',
    v: {
      liveHeapBytes: cycle.live,
      nextGcBytes: heapGoal(cycle, gogc),
      scanStackBytes: cycle.stacks,
      scanGlobalsBytes: cycle.globals,
    },
  }));
}

const bytes = (least: number, most: number): fc.Arbitrary<number> =>
  fc.integer({ min: least * mebibyte, max: most * mebibyte });
/** Heaps that vary from cycle to cycle, and level ones, where all MiB are cut off at the same place. */
const cycles = (leastLive: number): fc.Arbitrary<readonly Cycle[]> => {
  const cycle = fc.record({
    live: fc.oneof(bytes(leastLive, 500), bytes(leastLive, leastLive + 32)),
    stacks: bytes(0, 40),
    globals: bytes(0, 8),
  });
  return fc.oneof(
    fc.array(cycle, { minLength: 4, maxLength: 12 }),
    cycle.map((one) => Array.from({ length: 6 }, () => one)),
  );
};
const percent = fc.integer({ min: 10, max: 400 });
const off = fc.constantFrom(0.25, 4);
const views = { traced, measured };

suite('the effective GOGC of a simulated pacer', () => {
  for (const [view, readings] of Object.entries(views)) {
    test(`${view}: what is in force is never called overridden`, () => {
      fc.assert(
        fc.property(cycles(1), percent, (heap, gogc) => {
          assert.notEqual(verifyGogc(gogc, inferGogc(readings(heap, gogc))).ok, false);
        }),
        { numRuns: 2000 },
      );
    });

    // Whole MiB tell little where the distance from live heap to goal is a few of them.
    const [leastLive, leastPercent] = view === 'traced' ? [128, 25] : [32, 10];
    test(`${view}: a value four times off is found from ${leastLive} MiB and GOGC=${leastPercent} on`, () => {
      const high = fc.integer({ min: leastPercent, max: 400 });
      fc.assert(
        fc.property(cycles(leastLive), high, off, (heap, gogc, factor) => {
          const found = inferGogc(readings(heap, gogc));
          assert.equal(verifyGogc(gogc, found).ok, true);
          assert.equal(verifyGogc(Math.round(gogc * factor), found).ok, false);
          assert.equal(verifyGogc('off', found).ok, false);
        }),
        { numRuns: 2000 },
      );
    });
  }

  test('goals that large allocations push up are no reason for an alarm', () => {
    fc.assert(
      fc.property(cycles(1), fc.integer({ min: 1, max: 400 }), bytes(0, 64), (heap, gogc, allocation) => {
        assert.notEqual(verifyGogc(gogc, inferGogc(traced(heap, gogc, 0.95, allocation))).ok, false);
      }),
      { numRuns: 2000 },
    );
  });

  test('with exact bytes the value itself comes out', () => {
    const heap = Array.from({ length: 5 }, () => ({ live: 64 * mebibyte, stacks: 5e6, globals: 1e6 }));
    const found = inferGogc(measured(heap, 75));
    assert.ok(Math.abs((found?.percent ?? NaN) - 75) < 1e-9);
    assert.equal(found?.evidence, 'goal-over-live');
  });

  test('a small heap, whose goal is the least there is, tells nothing', () => {
    const heap = Array.from({ length: 20 }, () => ({ live: 2 * mebibyte, stacks: 0, globals: 0 }));
    for (const readings of Object.values(views)) {
      const found = inferGogc(readings(heap, 400));
      assert.equal(found, undefined);
      assert.match(verifyGogc(100, found).message, /cannot verify/);
    }
  });

  test('neither do too few cycles, nor cycles with gaps between them', () => {
    const heap = Array.from({ length: 12 }, () => ({ live: 64 * mebibyte, stacks: 0, globals: 0 }));
    assert.equal(inferGogc([]), undefined);
    assert.equal(inferGogc(traced(heap, 50).slice(0, 3)), undefined);
    assert.equal(inferGogc(traced(heap, 50).filter((_, i) => i % 2 === 0)), undefined);
    assert.notEqual(inferGogc(traced(heap, 50)), undefined);
  });

  test("under a memory limit the goal may be the limit's and tells nothing", () => {
    const heap = Array.from({ length: 12 }, () => ({ live: 64 * mebibyte, stacks: 0, globals: 0 }));
    assert.equal(inferGogc(traced(heap, 20), 100 * mebibyte), undefined);
    assert.equal(inferGogc(measured(heap, 20).map((r) => ({ ...r, v: { ...r.v, gomemlimitBytes: 1e8 } }))), undefined);
    const unlimited = measured(heap, 20).map((r) => ({ ...r, v: { ...r.v, gomemlimitBytes: 2 ** 63 } }));
    assert.equal(verifyGogc(20, inferGogc(unlimited)).ok, true);
  });

  test('without roots next to it, a live heap tells too little', () => {
    // 100 MiB of stacks that the page does not show would pass for a GOGC twice as high.
    const heap = Array.from({ length: 12 }, () => ({ live: 100 * mebibyte, stacks: 100 * mebibyte, globals: 0 }));
    const bare = measured(heap, 100).map(({ v, ...reading }) => {
      const { scanStackBytes: _s, scanGlobalsBytes: _g, ...rest } = v;
      return { ...reading, v: rest };
    });
    assert.notEqual(verifyGogc(100, inferGogc(bare)).ok, false);
  });

  test('a goal that is none means off: with forced cycles gctrace prints one', () => {
    const heap = Array.from({ length: 5 }, () => ({ live: 64 * mebibyte, stacks: 0, globals: 0 }));
    const forced = traced(heap, 100).map((r) => ({ ...r, v: { ...r.v, heapGoalBytes: 8_532_210_613_966 * mebibyte } }));
    const found = inferGogc(forced);
    assert.deepEqual([found?.percent, verifyGogc('off', found).ok, verifyGogc(100, found).ok], [-1, true, false]);
  });
});

suite('the effective GOGC by the runtime itself', () => {
  const said = (...percents: number[]): readonly Reading[] =>
    percents.map((gogcPercent, at) => ({ at, probe: 'prometheus', v: { gogcPercent } }));

  test('is exact', () => {
    assert.deepEqual(verifyGogc(75, inferGogc(said(75))), { ok: true, message: 'GOGC=75 is in effect' });
    assert.equal(verifyGogc(75, inferGogc(said(76))).ok, false);
    assert.equal(verifyGogc('off', inferGogc(said(-1))).ok, true);
    assert.match(verifyGogc('off', inferGogc(said(100))).message, /overrides GOGC: requested off, effective 100$/);
    assert.match(verifyGogc(100, inferGogc(said(-1))).message, /requested 100, effective off$/);
  });

  test('goes before what heap and goal suggest', () => {
    const heap = Array.from({ length: 12 }, () => ({ live: 64 * mebibyte, stacks: 0, globals: 0 }));
    assert.equal(inferGogc([...traced(heap, 50), ...measured(heap, 50), ...said(400)])?.percent, 400);
  });

  test('is refused where it changed while it was watched', () => {
    assert.equal(verifyGogc(100, inferGogc(said(50, 100))).ok, false);
    assert.equal(verifyGogc(75, inferGogc(said(50, 100))).ok, false);
  });
});

suite('the effective GOGC of real daemons', () => {
  for (const { name, version, gogc, stderr, prometheus } of recorded) {
    const reader = new GctraceReader();
    reader.settle();
    const cycles = stderr.flatMap((line, i) => reader.push(line, i) ?? []);
    const page: Reading = { at: 99, probe: 'prometheus', v: parsePrometheus(prometheus) };

    test(`${name}: gctrace`, () => {
      const found = inferGogc(cycles);
      if (gogc === 'off') assert.equal(found, undefined);
      else {
        assert.equal(found?.evidence, 'gctrace');
        assert.equal(verifyGogc(gogc, found).ok, true);
        for (const other of ['off', 12, 100, 200] as const)
          assert.equal(verifyGogc(other, found).ok, false, `${other}`);
      }
    });

    test(`${name}: runtime/metrics`, () => {
      const found = inferGogc([...cycles, page]);
      if (version === 'go1.19.8') assert.notEqual(found?.evidence, 'runtime-metrics');
      else {
        assert.equal(found?.evidence, 'runtime-metrics');
        assert.equal(verifyGogc(gogc, found).ok, true);
        assert.equal(verifyGogc(gogc === 'off' ? 100 : 'off', found).ok, false);
      }
    });
  }
});
