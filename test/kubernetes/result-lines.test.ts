import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import test from 'node:test';
import fc from 'fast-check';
import { eventLine, readSum, ResultReader, resultLines, sumOf } from '../../src/kubernetes/result-lines.ts';

const result = randomBytes(123_456);
const sum = sumOf(result);
const lines = [...resultLines(result)];

function readerOf(given: readonly string[]): ResultReader {
  const reader = new ResultReader();
  for (const line of given) reader.line(line);
  return reader;
}

test('a result is put together from its lines, each of which a container runtime keeps whole', () => {
  assert.ok(lines.every((line) => line.length < 16 * 1024));
  assert.deepEqual(readerOf(lines).whole(sum), result);
  assert.deepEqual(readSum(JSON.stringify(sum)), sum);
});

test('lines may come in any order, more than once, between others: what is missing is named, and completes it', () => {
  fc.assert(
    fc.property(
      fc.shuffledSubarray([...lines.keys()], { minLength: 0 }),
      fc.array(fc.nat(lines.length - 1), { maxLength: 10 }),
      (kept, again) => {
        const given = [...kept, ...again].flatMap((index) => [lines[index] ?? '', 'the target says: hello', '']);
        const reader = readerOf(given);
        const here = new Set([...kept, ...again].map((index) => index + 1));
        assert.deepEqual(
          reader.missing(sum),
          [...lines.keys()].map((index) => index + 1).filter((number) => !here.has(number)),
        );
        if (here.size < lines.length) assert.equal(reader.whole(sum), undefined);
        for (const line of resultLines(result, new Set(reader.missing(sum)))) reader.line(line);
        assert.deepEqual(reader.whole(sum), result);
      },
    ),
    { numRuns: 60 },
  );
});

test('a line that was cut, or in which one character is another, counts as missing', () => {
  fc.assert(
    fc.property(fc.nat(lines.length - 1), fc.nat(), fc.boolean(), (index, at, cut) => {
      const line = lines[index] ?? '';
      const place = at % line.length;
      const other = line[place] === 'A' ? 'B' : 'A';
      const bad = cut ? line.slice(0, place) : `${line.slice(0, place)}${other}${line.slice(place + 1)}`;
      const reader = readerOf([...lines.filter((_, i) => i !== index), bad]);
      // What stands for the count may be another without harm to the piece.
      const missing = reader.missing(sum);
      assert.ok(missing?.length === 0 || (missing?.length === 1 && missing[0] === index + 1), bad.slice(0, 60));
      if (missing.length === 1) reader.line(line);
      assert.deepEqual(reader.whole(sum), result);
    }),
    { numRuns: 200 },
  );
});

test('a result whose digest is another is not taken, and all of it is asked for again', () => {
  const other = sumOf(randomBytes(123_456));
  const reader = readerOf(lines);
  assert.equal(reader.whole(other), undefined);
  assert.equal(reader.missing(other)?.length, other.pieces);
});

test('events are told once and in order, however often the log is read', () => {
  const seen: unknown[] = [];
  const reader = new ResultReader((event) => seen.push(event['n']));
  const log = [1, 2, 3].map((n) => eventLine(n, { n }));
  for (const line of [...log.slice(0, 2), ...log, 'gctune-event 4 {"n":', ...log]) reader.line(line);
  assert.deepEqual(seen, [1, 2, 3]);
});

test('a termination message that is none of ours is passed over', () => {
  for (const message of [
    undefined,
    '',
    'OOMKilled',
    '{}',
    JSON.stringify({ ...sum, sha256: 'x' }),
    JSON.stringify({ ...sum, pieces: sum.pieces + 1 }),
    JSON.stringify({ ...sum, bytes: 2 ** 40, pieces: 2 ** 40 }),
  ])
    assert.equal(readSum(message), undefined, message);
});
