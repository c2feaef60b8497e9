import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resultFamilies } from '../../src/export/result-families.ts';
import { confirmedShifts, judgeNight } from '../../src/history/judge-night.ts';
import type { Night, NightFigure } from '../../src/history/night.ts';
import { overviewOf } from '../../src/history/overview.ts';
import type { MetricId } from '../../src/metrics/metrics.ts';
import { gaussian } from '../../src/statistics/gaussian.ts';
import { seededStream } from '../../src/statistics/random.ts';

const CPU: MetricId = 'cpu.per_request';
const FLOORS = new Map([[CPU, 0.02]]);
const stream = seededStream(1, 'judge night');
const near = (value: number): number => value * Math.exp(0.003 * gaussian(stream));
const figure = (value: number, toCanary?: number): NightFigure => ({
  value,
  low: value,
  high: value,
  n: 10,
  ...(toCanary === undefined ? {} : { toCanary: { value: toCanary, low: toCanary, high: toCanary, n: 10 } }),
});

/** A night of a machine and of a daemon that are slower by these factors; `lost`: its canary has no figure. */
function night(
  index: number,
  { machine = 1, daemon = 1, lost = false }: { machine?: number; daemon?: number; lost?: boolean } = {},
): Night {
  const [own, canary] = [near(0.001 * machine * daemon), near(0.001 * machine)];
  return {
    historyVersion: 1,
    run: `night-${index}`,
    startedAt: new Date(Date.UTC(2026, 0, 1) + index * 86_400_000).toISOString(),
    experiment: 'nightly',
    toolVersion: '0.1.0',
    runner: 'process',
    confidence: 0.95,
    machine: {},
    programs: [],
    canary: 'released',
    gate: { [CPU]: 0.02 },
    cells: [
      { cell: 'version=nightly', metrics: { [CPU]: figure(own, lost ? undefined : own / canary) } },
      { cell: 'version=released', canary: true, metrics: lost ? {} : { [CPU]: figure(canary) } },
    ],
  };
}
const nights = (count: number, of: (index: number) => Parameters<typeof night>[1] = () => ({})): Night[] =>
  Array.from({ length: count }, (_, index) => night(index, of(index)));

test('a night whose canary has no figure is not held to ratios by its values, and no machine is taken for the daemon', () => {
  const slower = nights(21, (index) => ({ machine: index < 12 ? 1 : 1.3 }));
  assert.deepEqual(
    overviewOf(slower)?.changes.map(({ of }) => of),
    ['machine'],
  );
  const lost = night(21, { machine: 1.3, lost: true });
  assert.deepEqual(
    overviewOf([...slower, lost])?.changes.map(({ of }) => of),
    ['machine'],
  );
  const { judged, withoutCanary, worse } = judgeNight(lost, slower, FLOORS);
  assert.deepEqual([judged, withoutCanary, worse], [0, 1, []]);
  // In the history it is passed over, and the next night is judged as ever.
  const next = judgeNight(night(22, { machine: 1.3, daemon: 1.06 }), [...slower, lost], FLOORS);
  assert.deepEqual([next.judged, next.withoutCanary, next.worse.length], [1, 0, 1]);
});

test('the night after a bad one that was taken back is not suspected for the mean of the two', () => {
  const before = nights(12);
  const bad = night(12, { daemon: 1.06 });
  assert.equal(judgeNight(bad, before, FLOORS).worse.length, 1);
  assert.deepEqual(judgeNight(night(13), [...before, bad], FLOORS).worse, []);
  const [odd, ...others] = overviewOf([...before, bad, night(13), night(14)])?.odd ?? [];
  assert.deepEqual(
    [odd?.night, odd?.metric, odd?.cells.map(({ cell }) => cell), others],
    [12, CPU, ['version=nightly'], []],
  );
  assert.ok(Math.abs((odd?.cells[0]?.change ?? 0) - 0.06) < 0.02);
  // What stays is found, the more surely the longer.
  const lasting = [12, 13].map((index) => night(index, { daemon: 1.03 }));
  const [first, second] = lasting.map(
    (one, i) => judgeNight(one, [...before, ...lasting.slice(0, i)], FLOORS).worse[0],
  );
  assert.ok((second?.p ?? 1) < (first?.p ?? 0), `${first?.p} and ${second?.p}`);
  assert.equal(second?.nights, 2);
});

test('a second run confirms by the canary or not at all', () => {
  const before = nights(12);
  const { worse } = judgeNight(night(12, { daemon: 1.06 }), before, FLOORS);
  assert.equal(worse.length, 1);
  const again = (of: Parameters<typeof night>[1]) => {
    const { confirmed, untold } = confirmedShifts(worse, night(13, of), FLOORS);
    return [confirmed.length, untold.length];
  };
  assert.deepEqual(again({ daemon: 1.06 }), [1, 0]);
  assert.deepEqual(again({}), [0, 0]);
  assert.deepEqual(again({ machine: 3, lost: true }), [0, 1]);
});

test('a second run with fewer trials is held to what so few scatter', () => {
  const { worse } = judgeNight(night(12, { daemon: 1.2 }), nights(12), FLOORS);
  const floors = new Map([[CPU, 0.01]]);
  const few = (n: number): Night => {
    const one = night(13, { daemon: 1.02 });
    const metrics = { [CPU]: { ...figure(0.00102), toCanary: { value: 1.022, low: null, high: null, n } } };
    return { ...one, cells: [{ cell: 'version=nightly', metrics }, ...one.cells.slice(1)] };
  };
  assert.equal(confirmedShifts(worse, few(10), floors).confirmed.length, 1);
  assert.equal(confirmedShifts(worse, few(1), floors).confirmed.length, 0);
});

test('a change is told of the judged version alone, with its own commits, and not by the program of the night before', () => {
  const build = (index: number): string => (index < 10 ? 'a' : 'b');
  const lagging = Array.from({ length: 20 }, (_, index): Night => {
    const daemon = (at: number): number => (build(at) === 'a' ? 1 : 1.1);
    const one = night(index, { daemon: daemon(index) });
    const [own, last] = [one.cells[0], night(index, { daemon: daemon(index - 1) }).cells[0]];
    return {
      ...one,
      commit: `commit-${index}`,
      baseline: 'last',
      programs: [
        { version: 'last', digest: build(index - 1), goVersion: 'go1.26' },
        { version: 'nightly', digest: build(index), goVersion: 'go1.26' },
      ],
      cells: [
        { ...own, cell: 'version=nightly', metrics: own?.metrics ?? {} },
        { ...last, cell: 'version=last', baseline: true, metrics: last?.metrics ?? {} },
        ...one.cells.slice(1),
      ],
    };
  });
  const changes = overviewOf(lagging)?.changes ?? [];
  assert.deepEqual(
    changes.map(({ cells, from, to, samePrograms }) => [cells.map(({ cell }) => cell), from, to, samePrograms]),
    [[['version=nightly'], 'commit-9', 'commit-10', false]],
  );
  // The same figures of one program: the machine, or what it is fed with.
  const same = lagging.map((one, index) => ({
    ...one,
    programs: [
      { version: 'last', digest: String(index), goVersion: 'go1.26' },
      { version: 'nightly', digest: 'same', goVersion: 'go1.26' },
    ],
  }));
  assert.deepEqual(
    overviewOf(same)?.changes.map(({ samePrograms }) => samePrograms),
    [true],
  );
});

test('of nights that are not looked back on an export says neither whether they are usable nor what changed', () => {
  const history = nights(115).map((one, index) => ({ night: one, unixSeconds: index }));
  const usable = [...resultFamilies({ runs: history, history: true })].find(
    ({ family }) => family.name === 'gctune_night_usable',
  );
  const told = [...(usable?.samples ?? [])].map(({ unixSeconds }) => unixSeconds);
  assert.deepEqual([told.length, Math.min(...told.map(Number))], [100, 15]);
});
