import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { ProfileFault } from '../../src/profile/profile-fault.ts';
import { sampleTypeIndex, type Profile } from '../../src/profile/profile.ts';
import { readProfile } from '../../src/profile/read-profile.ts';
import { stacksOf } from '../../src/profile/stacks.ts';
import { topOf } from '../../src/profile/top.ts';
import { fixture } from './kubo-profiles.ts';

type WireField = readonly [number: number, value: number | bigint | Uint8Array];

/** A message of protobuf: fields as [number, varint] or [number, bytes]. */
function message(...fields: readonly WireField[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([number, value]) =>
      value instanceof Uint8Array
        ? [varint(number * 8 + 2), varint(value.length), value]
        : [varint(number * 8), varint(value)],
    ),
  );
}

function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}

const text = (words: string): Buffer => Buffer.from(words);
const TEXTS = ['', 'inuse_space', 'bytes', 'main.leaf', 'main.inner', 'main.main'].map(
  (one) => [6, text(one)] as const,
);
const FUNCTIONS = [3, 4, 5].map((name, i) => [5, message([1, i + 1], [2, name])] as const);
const TYPE = [1, message([1, 1], [2, 2])] as const;
/** Place 1: leaf, inlined into inner. Place 2: main. */
const PLACES = [
  [4, message([1, 1], [4, message([1, 1])], [4, message([1, 2])])],
  [4, message([1, 2], [4, message([1, 3])])],
] as const;
const small = (...more: readonly WireField[]): Buffer => message(TYPE, ...more, ...PLACES, ...FUNCTIONS, ...TEXTS);

function stacks({ names, samples }: Profile): readonly string[] {
  return samples.map(
    ({ frames, values }) =>
      `${[...frames].map((frame) => `${frame & 1 ? '~' : ''}${names[frame >> 1] ?? '?'}`).join(' ')} ${values.join()}`,
  );
}

/** The reason why bytes are refused. */
function refusal(bytes: Uint8Array): string {
  try {
    readProfile(bytes);
  } catch (error) {
    assert.ok(error instanceof ProfileFault, String(error));
    return error.message;
  }
  return 'was read';
}

describe('what runtime/pprof writes', () => {
  test('stacks go from the root to the leaf with inlined functions', () => {
    const profile = readProfile(small([2, message([1, 1], [1, 2], [2, 4096])]));
    assert.deepEqual(stacks(profile), ['main.main main.inner ~main.leaf 4096']);
    assert.deepEqual(profile.sampleTypes, [{ type: 'inuse_space', unit: 'bytes' }]);
  });

  test('repeated numbers may be packed or not', () => {
    const packed = message([1, Buffer.from([1, 2])], [2, Buffer.from([7])]);
    assert.deepEqual(stacks(readProfile(small([2, packed]))), ['main.main main.inner ~main.leaf 7']);
  });

  test('negative values, as differences have them', () => {
    const [one, two] = readProfile(
      small([2, message([1, 2], [2, -5n])], [2, message([1, 2], [2, -(2n ** 40n)])]),
    ).samples;
    assert.deepEqual([one?.values, two?.values], [[-5], [-(2 ** 40)]]);
  });

  test('the default type, else the last', () => {
    const real = readProfile(fixture('kubo-heap.pb.gz'));
    assert.deepEqual(
      real.sampleTypes.map(({ type }) => type),
      ['alloc_objects', 'alloc_space', 'inuse_objects', 'inuse_space'],
    );
    assert.equal(sampleTypeIndex(real), 3);
    assert.equal(sampleTypeIndex(real, 'alloc_space'), 1);
    assert.equal(sampleTypeIndex(real, 'cpu'), -1);
    assert.equal(real.durationSeconds, undefined);
    assert.equal(real.period, 524288);
    const delta = readProfile(fixture('kubo-allocs.pb.gz'));
    // It names no default, so that it is the last, as for pprof.
    assert.equal(sampleTypeIndex(delta), 3);
    assert.ok(delta.durationSeconds !== undefined && Math.abs(delta.durationSeconds - 3) < 0.5);
  });

  test('the same without compression', () => {
    const file = fixture('kubo-heap.pb.gz');
    assert.deepEqual(readProfile(gunzipSync(file)), readProfile(file));
  });

  test('code of which only the file is known goes by the file, or by nothing', () => {
    const bare = message(
      TYPE,
      [2, message([1, 1], [1, 2], [2, 1])],
      [3, message([1, 1], [5, 3])],
      [4, message([1, 1], [2, 1])],
      [4, message([1, 2])],
      ...['', 'inuse_space', 'bytes', '/usr/lib/libc.so.6'].map((one) => [6, text(one)] as const),
    );
    assert.deepEqual(stacks(readProfile(bare)), ['<unknown> [libc.so.6] 1']);
  });
});

describe('what is no profile is refused with the reason and the place', () => {
  const cases: readonly (readonly [title: string, bytes: Uint8Array, reason: RegExp])[] = [
    ['nothing', Buffer.alloc(0), /^it is empty$/],
    ['gzip of nothing', gzipSync(''), /no sample types/],
    ['a cut gzip stream', fixture('kubo-heap.pb.gz').subarray(0, 5000), /cut short after 5000 bytes/],
    ['a damaged gzip stream', gzipSync('x').fill(0xff, 10, 14), /gzip stream of \d+ bytes is damaged/],
    ['a gzip stream that grows without end', gzipSync(Buffer.alloc(80 * 2 ** 20)), /larger than 64 MiB/],
    [
      'a length that lies',
      message(TYPE, ...TEXTS).subarray(0, -3),
      /a field of 9 bytes reaches past the end of its message, at byte 5\d/,
    ],
    [
      'a length beyond all memory',
      Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]),
      /reaches past the end of its message, at byte 0/,
    ],
    [
      'a number without end',
      Buffer.concat([Buffer.from([0x48]), Buffer.alloc(20, 0xff)]),
      /longer than ten bytes, at byte 1/,
    ],
    ['a place that is not there', small([2, message([1, 9], [2, 1])]), /names place 9, which is not there, at byte/],
    ['too few values', small([2, message([1, 1])]), /0 values for 1 sample types/],
    ['a value of no program', small([2, message([1, 1], [2, 2n ** 60n])]), /greater than any measured quantity/],
    ['a text that is not there', message([1, message([1, 77])]), /text 77 is not in the table/],
    ['a group', Buffer.from([0x0b]), /wire type 3 is not in use, at byte 0/],
  ];
  for (const [title, bytes, reason] of cases) test(title, () => assert.match(refusal(bytes), reason));

  test('a sample with more values or places than any has', () => {
    assert.match(
      refusal(small([2, message([1, 1], [2, Buffer.alloc(9, 1)])])),
      /more than 1 places or values, at byte/,
    );
    assert.match(
      refusal(small([2, message([1, Buffer.alloc(70_000, 1)], [2, 1])])),
      /more than 65536 places or values/,
    );
  });

  test('short references that stand for very long stacks', () => {
    const lines = Array.from({ length: 5000 }, () => [4, message([1, 1])] as const);
    const long = [4, message([1, 3], ...lines)] as const;
    const samples = Array.from({ length: 20 }, () => [2, message([1, Buffer.alloc(1000, 3)], [2, 1])] as const);
    assert.match(refusal(small(long, ...samples)), /more than 16777216 frames/);
  });

  test('more parts than any program has', () => {
    assert.match(refusal(Buffer.alloc(2 ** 21, Buffer.from([0x12, 0x00]))), /more than 524288 parts of one kind/);
  });
});

/** Reads and evaluates: gives a table or throws the one error. */
function mustEnd(bytes: Uint8Array): void {
  try {
    const profile = readProfile(bytes);
    topOf(stacksOf(profile, sampleTypeIndex(profile)), { count: 20, by: 'flat' });
  } catch (error) {
    if (!(error instanceof ProfileFault)) throw error;
  }
}

test('a profile that is cut at any byte is read or refused', () => {
  const compressed = fixture('kubo-allocs.pb.gz');
  for (let end = 0; end < compressed.length; end += 1) assert.match(refusal(compressed.subarray(0, end)), /./);
  const plain = gunzipSync(compressed);
  for (let end = 0; end < plain.length; end += 1) mustEnd(plain.subarray(0, end));
});

test('a profile with flipped bits is read or refused', () => {
  const plain = gunzipSync(fixture('kubo-allocs.pb.gz'));
  const flip = fc.record({ at: fc.nat(plain.length - 1), bit: fc.nat(7) });
  fc.assert(
    fc.property(fc.array(flip, { minLength: 1, maxLength: 8 }), (flips) => {
      const bytes = Buffer.from(plain);
      for (const { at, bit } of flips) bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
      mustEnd(bytes);
    }),
    { numRuns: 1500 },
  );
});

test('any bytes are read or refused', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), mustEnd), { numRuns: 2000 });
});
