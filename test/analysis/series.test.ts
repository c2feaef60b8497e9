import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainSeries, type SeriesExplanation, type SeriesLook } from '../../src/analysis/explain/series.ts';
import { seededStream } from '../../src/statistics/random.ts';
import { simulatedLooks, tallyAnswers, type SimulatedProcess } from './simulated-series.ts';

const MIB = 2 ** 20;
const ROUNDS = 120;

function shareOf(simulated: SimulatedProcess, answers: readonly SeriesExplanation['answer'][]): number {
  const tally = tallyAnswers(simulated, ROUNDS, 7);
  return answers.reduce((sum, answer) => sum + (tally[answer] ?? 0), 0) / ROUNDS;
}

const GROWTH = ['leak', 'fragmentation', 'goroutines', 'metadata', 'outside'] as const;

// The whole table: node scripts/simulate-series.ts.
test('where nothing grows, growth is seen in at most one watch of twenty, however much neighbouring readings are alike', () => {
  for (const looks of [12, 60]) {
    for (const memory of [0, 0.5, 0.8]) {
      for (const cycle of [0.4, 3]) {
        const rate = shareOf({ looks, memory, cycle }, GROWTH);
        assert.ok(rate <= 0.05, `${looks} looks, φ = ${memory}, a cycle in ${cycle} looks: ${rate}`);
      }
    }
  }
});

test('where nothing grows and the live heap is known, that is what is said, not that it cannot be told', () => {
  assert.ok(shareOf({ looks: 60, memory: 0.5, cycle: 0.4 }, ['sawtooth', 'idle', 'steady']) >= 0.95);
});

test('planted growth is found and has its name', () => {
  const planted = { looks: 60, memory: 0.5, cycle: 0.4 };
  assert.ok(shareOf({ ...planted, leak: 40 }, ['leak']) >= 0.95);
  assert.ok(shareOf({ ...planted, leak: 40, told: 'runtime' }, ['leak']) >= 0.95);
  assert.ok(shareOf({ ...planted, fragmentation: 20 }, ['fragmentation']) >= 0.95);
});

test('what rose early and is level since is no leak', () => {
  const warm = { looks: 60, memory: 0.5, cycle: 0.4, warmUp: 40 };
  assert.ok(shareOf(warm, ['leak']) <= 0.05);
  assert.ok(shareOf(warm, ['levelled']) >= 0.9);
});

test('the trend holds what was planted', () => {
  const stream = seededStream(3, 'truth');
  let covered = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const { courses } = explainSeries(simulatedLooks({ looks: 40, memory: 0.5, cycle: 0.4, leak: 30 }, stream), true);
    const trend = courses.find(({ key }) => key === 'live')?.trend;
    const truth = (30 * MIB) / 390;
    if ((trend?.low ?? Infinity) <= truth && truth <= (trend?.high ?? -Infinity)) covered++;
  }
  assert.ok(covered / ROUNDS >= 0.97, `${covered} of ${ROUNDS}`);
});

function look(counters: SeriesLook['figures']['counters'], name = 'dump'): SeriesLook {
  return { name, atSeconds: undefined, figures: { counters } };
}

test('two dumps have differences and no answer', () => {
  const series = explainSeries(
    [
      look({ heapAllocBytes: 10 * MIB, heapInuseBytes: 12 * MIB, numGc: 3 }),
      look({ heapAllocBytes: 30 * MIB, heapInuseBytes: 33 * MIB, numGc: 9 }),
    ],
    false,
  );
  assert.equal(series.answer, 'cannot-tell');
  assert.equal(series.clock, 'order');
  assert.equal(series.cycles, 6);
  const objects = series.courses.find(({ key }) => key === 'objects');
  assert.equal((objects?.lastBytes ?? 0) - (objects?.firstBytes ?? 0), 20 * MIB);
  assert.equal(objects?.trend?.low, null);
});

test('dumps are put on the clock of their last collections where those differ', () => {
  const at = (seconds: number) => look({ heapAllocBytes: MIB, sysBytes: 9 * MIB, lastGcUnixSeconds: 1.7e9 + seconds });
  assert.equal(explainSeries([at(0), at(60), at(90)], false).clock, 'last-gc');
  assert.deepEqual(
    explainSeries([at(0), at(60), at(90)], false).points.map((point) => point.at),
    [0, 60, 90],
  );
  assert.equal(explainSeries([at(0), at(60), at(60)], false).clock, 'order');
  assert.equal(explainSeries([at(60), at(0)], false).clock, 'order');
});

test('counters that fall are a restart: what was before is left out, and that is said', () => {
  const series = explainSeries(
    [
      look({ heapAllocBytes: 80 * MIB, totalAllocBytes: 900, numGc: 50 }, 'a.txt'),
      look({ heapAllocBytes: 5 * MIB, totalAllocBytes: 10, numGc: 2 }, 'b.txt'),
      look({ heapAllocBytes: 6 * MIB, totalAllocBytes: 20, numGc: 3 }, 'c.txt'),
    ],
    false,
  );
  assert.equal(series.points.length, 2);
  assert.match(series.warnings[0] ?? '', /^NumGC falls at b\.txt: a restart.*The 1 dump before it is left out/);
});

test('looks within one cycle repeat its live heap and count once; a heap at its minimum and a limit imply none', () => {
  const cycle = (numGc: number, live: number, rest: object = {}) =>
    look({ heapAllocBytes: 40 * MIB, sysBytes: 90 * MIB, nextGcBytes: 2 * live * MIB, numGc, ...rest });
  const told = explainSeries(
    [1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9].map((n) => cycle(n, 20 + n)),
    false,
  );
  const live = told.courses.find(({ key }) => key === 'live');
  assert.equal(told.live, 'goal');
  assert.equal(live?.trend?.n, 9);
  assert.equal(live?.firstBytes, 21 * MIB);
  assert.equal(explainSeries([cycle(1, 2), cycle(2, 2)], false).live, undefined);
  const limited = { gomemlimitBytes: 100 * MIB };
  assert.equal(explainSeries([cycle(1, 20, limited), cycle(2, 20, limited)], false).live, undefined);
});

/** Looks a second apart at a process of which only `/debug/vars` is known: a saw-tooth from its live heap to its goal. */
function sawing(live: (second: number) => number, goal: (second: number) => number, seconds = 60): SeriesExplanation {
  const at = (second: number): number =>
    Math.round((live(second) + ((second * 0.37) % 1) * (goal(second) - live(second))) * MIB);
  return explainSeries(
    Array.from({ length: seconds }, (_, i) => ({
      name: '',
      atSeconds: i,
      figures: {
        counters: {
          heapAllocBytes: at(i),
          heapInuseBytes: at(i) + 4 * MIB,
          heapIdleBytes: 0,
          heapReleasedBytes: 0,
          heapSysBytes: at(i) + 4 * MIB,
          stackSysBytes: 0,
          sysBytes: at(i) + 4 * MIB,
          nextGcBytes: goal(i) * MIB,
          numGc: 10 + 6 * i,
        },
      },
    })),
    true,
  );
}

test('a goal that stands still while the lowest objects rise is that of a limit, and tells nothing of the live heap', () => {
  // GOGC=100 and a limit that nobody sees: the goal stays at 83 MiB whatever is live, and implies 41.5 MiB for ever.
  const leak = sawing(
    (second) => 45 + 0.3 * second,
    () => 83,
  );
  assert.equal(leak.live, undefined);
  assert.ok(['leak', 'cannot-tell'].includes(leak.answer), leak.answer);
  // GOGC=400: what the goal implies is more than there is.
  assert.equal(
    sawing(
      () => 20,
      () => 83,
    ).live,
    undefined,
  );
  const level = sawing(
    () => 42,
    () => 84,
  );
  assert.deepEqual([level.live, level.answer], ['goal', 'sawtooth']);
});

test('growth that is certain and small is told, and what would not show is no less than what is ever named', () => {
  const slow = sawing(
    (second) => 40 + 0.006 * second,
    (second) => 80 + 0.012 * second,
  );
  assert.deepEqual([slow.answer, slow.about], ['creeping', 'live']);
  const level = sawing(
    () => 40,
    () => 80,
  );
  assert.ok(level.leastSlope >= (64 * 1024) / 60);
});

test('a process that hardly collects: objects that stay where they are say that nothing grows, objects that grow say nothing', () => {
  const idle = (objects: (i: number) => number) =>
    explainSeries(
      Array.from({ length: 12 }, (_, i) => ({
        name: '',
        atSeconds: i,
        figures: {
          counters: {
            heapAllocBytes: objects(i) * MIB,
            heapInuseBytes: 60 * MIB,
            heapIdleBytes: 0,
            heapReleasedBytes: 0,
            heapSysBytes: 60 * MIB,
            stackSysBytes: 0,
            sysBytes: 60 * MIB,
            nextGcBytes: 64 * MIB,
            numGc: 10,
          },
        },
      })),
      true,
    ).answer;
  assert.equal(
    idle(() => 40),
    'steady',
  );
  assert.equal(
    idle((i) => 30 + 2 * i),
    'cannot-tell',
  );
});

test('memory that is kept idle is called that', () => {
  const looks = Array.from({ length: 20 }, (_, i) =>
    look({
      heapAllocBytes: (20 + (i % 3)) * MIB,
      heapInuseBytes: 25 * MIB,
      heapIdleBytes: 75 * MIB,
      heapReleasedBytes: 0,
      heapSysBytes: 100 * MIB,
      stackSysBytes: MIB,
      mspanSysBytes: MIB,
      mcacheSysBytes: 0,
      buckHashSysBytes: 0,
      gcSysBytes: MIB,
      otherSysBytes: 0,
      sysBytes: 103 * MIB,
      nextGcBytes: 40 * MIB,
      numGc: i,
    }),
  );
  assert.equal(explainSeries(looks, false).answer, 'idle');
});
