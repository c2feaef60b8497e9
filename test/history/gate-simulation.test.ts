import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { commonOfNight, drawHistory, drawNight, foundWithin, kuboNoise, quietNights } from './simulated-history.ts';
import { gateFloors } from '../../src/history/gate-floors.ts';
import { judgeNight } from '../../src/history/judge-night.ts';
import { shortNames, type Night } from '../../src/history/night.ts';
import { overviewOf } from '../../src/history/overview.ts';
import { unusableNights } from '../../src/history/unusable.ts';
import { seededStream } from '../../src/statistics/random.ts';

// The whole simulation is scripts/simulate-history.ts; its figures are in results/reference/simulated-nights.txt.
const noise = kuboNoise();
const FLOORS = gateFloors({ primaries: ['memory.anon', 'cpu.per_request'], gate: undefined });

test('the figures of the docs are those of the whole simulation', () => {
  const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
  const rows = new Map(
    Array.from(read('docs/gate.md').matchAll(/^\| (.+?) +\| (.+?) +\|$/gm), ([, name, found]) => [name, found]),
  );
  const lines = Array.from(read('results/reference/simulated-nights.txt').matchAll(/^(.+): (.*\d %.*)$/gm));
  assert.equal(lines.length, 7);
  for (const [, name, found] of lines) assert.equal(rows.get(name), found);
});

test('nights without a change hardly alarm, though some are run again', () => {
  const { alarms, suspected, unusable } = quietNights(noise, { nights: 60, seed: 3, warmUp: 20 });
  assert.ok(alarms <= 1, `${alarms} alarms`);
  assert.ok(suspected <= 12, `${suspected} run again`);
  assert.ok(unusable <= 5, `${unusable} unusable`);
});

test('5 % of memory is found within two nights, 10 % of CPU per request within three', () => {
  const options = { histories: 10, seed: 2, warmUp: 20 };
  assert.ok(foundWithin(noise, { daemon: { 'memory.anon': 1.05 } }, { ...options, within: 2 }) >= 9);
  assert.ok(foundWithin(noise, { daemon: { 'cpu.per_request': 1.1 } }, { ...options, within: 3 }) >= 7);
});

test('a machine that is slower for three nights alarms nothing, and is seen in the canary where it is much slower', () => {
  const slow = { machine: { 'cpu.per_request': 1.1 } };
  assert.equal(foundWithin(noise, slow, { histories: 10, within: 3, seed: 4, warmUp: 20 }), 0);
  const stream = seededStream(5, 'canary');
  const history = drawHistory(noise, 25, stream);
  const night = drawNight(noise, 25, { machine: { 'cpu.per_request': 2 } }, stream);
  const judged = judgeNight(night, history, FLOORS);
  assert.equal(judged.moved?.metric, 'cpu.per_request');
  assert.ok(Math.abs(judged.moved.change - 1) < 0.5, `${judged.moved.change}`);
  assert.deepEqual([judged.judged, judged.worse.length], [0, 0]);
  // Of later nights it is one that is passed over.
  const next = judgeNight(drawNight(noise, 26, {}, stream), [...history, night], FLOORS);
  assert.deepEqual([next.nights, next.usable, next.moved], [26, 25, undefined]);
});

test('a machine that stays another one is the usual one after three nights', () => {
  const stream = seededStream(6, 'machine');
  const change = { machine: { 'cpu.per_request': 2, 'memory.anon': 1.3 } };
  const nights = [
    ...drawHistory(noise, 20, stream),
    ...Array.from({ length: 6 }, (_, i) => drawNight(noise, 20 + i, change, stream)),
  ];
  assert.deepEqual([...unusableNights(nights.slice(0, 21), FLOORS).keys()], ['night-00020']);
  const moved = unusableNights(nights, FLOORS);
  assert.equal(
    nights.slice(20).some(({ run }) => moved.has(run)),
    false,
  );
  // The daemon is held to the canary, which changed as much.
  const overview = overviewOf(nights);
  const machine = overview?.changes.filter(({ of }) => of === 'machine');
  assert.deepEqual([...new Set(machine?.map(({ night, metric }) => `${night} ${metric}`))].toSorted(), [
    '20 cpu.per_request',
    '20 memory.anon',
  ]);
  assert.deepEqual(
    overview?.changes.filter(({ of, night }) => of === 'daemon' && Math.abs(night - 20) < 2),
    [],
  );
});

test('a lasting change has the commits of the nights around it; the same programs are said to be no code', () => {
  const stream = seededStream(7, 'commits');
  const at = (index: number, night: Night): Night => ({
    ...night,
    commit: (index < 12 ? 'a' : 'b').repeat(40),
    programs: [{ digest: index < 12 ? 'one' : 'two', goVersion: 'go1.26.0' }],
  });
  const nights = Array.from({ length: 20 }, (_, i) =>
    at(i, drawNight(noise, i, i < 12 ? {} : { daemon: { 'memory.anon': 1.2 } }, stream)),
  );
  const change = overviewOf(nights)?.changes.find(({ metric, night }) => metric === 'memory.anon' && night === 12);
  assert.equal(change?.of, 'daemon');
  assert.deepEqual([change.from, change.to, change.samePrograms], ['a'.repeat(40), 'b'.repeat(40), false]);
  assert.equal(change.cells.length, 10);
  for (const { change: share } of change.cells) assert.ok(Math.abs(share - 0.2) < 0.05, `${share}`);
  const same = overviewOf(nights.map((night) => ({ ...night, programs: [] })));
  assert.equal(same?.changes.find(({ night }) => night === 12)?.samePrograms, true);
});

test('nights of other experiments, of other machines and without a canary are not mixed in', () => {
  const stream = seededStream(8, 'mixed');
  const history = drawHistory(noise, 10, stream);
  const night = drawNight(noise, 10, {}, stream, commonOfNight(noise, stream));
  const other = history.map((one) => ({ ...one, run: `x-${one.run}`, experiment: 'other' }));
  const elsewhere = history.map((one) => ({ ...one, run: `y-${one.run}`, machine: { cpuModel: 'another' } }));
  const all = [...history, ...other, ...elsewhere].toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  assert.deepEqual(judgeNight(night, all, FLOORS), judgeNight(night, history, FLOORS));
  assert.equal(judgeNight(night, [...history, night], FLOORS).nights, 10);
  const overview = overviewOf([...all, night]);
  assert.deepEqual(overview?.leftOut, { experiments: ['other'], otherPlaces: 10, earlier: 0 });
  const few = judgeNight(night, history.slice(0, 6), FLOORS);
  assert.deepEqual([few.judged, few.needed, few.usable], [0, 7, 6]);
});

test('without a canary a metric of time may be the machine, and one of memory may not', () => {
  const stream = seededStream(9, 'alone');
  const alone = (night: Night): Night => {
    const { canary: _, ...rest } = night;
    const cells = night.cells
      .filter((cell) => cell.canary !== true)
      .map(({ cell, metrics }) => ({
        cell,
        metrics: Object.fromEntries(
          Object.entries(metrics).map(([metric, { value, low, high, n }]) => [metric, { value, low, high, n }]),
        ),
      }));
    return { ...rest, cells };
  };
  const history = drawHistory(noise, 30, stream).map(alone);
  const change = { daemon: { 'cpu.per_request': 2, 'memory.anon': 1.3 } };
  const { worse } = judgeNight(alone(drawNight(noise, 30, change, stream)), history, FLOORS);
  const of = (metric: string): readonly boolean[] => [
    ...new Set(worse.filter((one) => one.metric === metric).map(({ ofMachine }) => ofMachine)),
  ];
  assert.deepEqual([of('cpu.per_request'), of('memory.anon')], [[true], [false]]);
});

test('cells are shown by what tells them apart', () => {
  const names = shortNames([
    'gogc=50 gomemlimit=off workload=a version=n',
    'gogc=100 gomemlimit=off workload=a version=n',
  ]);
  assert.deepEqual([...names.values()], ['gogc=50', 'gogc=100']);
  assert.deepEqual([...shortNames(['gogc=50 gomemlimit=off workload=a']).values()], ['gogc=50']);
});
