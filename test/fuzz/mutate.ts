import { gunzipSync, gzipSync } from 'node:zlib';
import type { RandomStream } from '../../src/statistics/random.ts';

/** What is put into a text in place of a part of it: none of it is what a reader expects. */
const NASTY: readonly string[] = [
  '-1',
  '1e999',
  '-0',
  '9'.repeat(400),
  '18446744073709551616',
  'NaN',
  'null',
  '{}',
  '[]',
  '""',
  '"__proto__"',
  '\u0000',
  '\u001b[2J\u202e',
  '\n'.repeat(5000),
  ' '.repeat(100_000),
  'x'.repeat(1_000_000),
  '['.repeat(100_000),
  '{"a":'.repeat(50_000),
  '&a [*a, *a]',
];
let bomb: Buffer | undefined;

/** A sample with one to four things wrong with it; in one of a hundred nothing is left of it. */
export function mutated(samples: readonly Buffer[], random: RandomStream): Buffer {
  const sample = pick(samples, random);
  if (random.next() < 0.01) return hopeless(random);
  const packed = sample[0] === 0x1f && sample[1] === 0x8b;
  if (packed && random.next() < 0.6) return gzipSync(changed(gunzipSync(sample), samples, random), { level: 1 });
  return changed(sample, samples, random);
}

function changed(sample: Buffer, samples: readonly Buffer[], random: RandomStream): Buffer {
  let bytes = sample;
  const changes = 1 + random.int(4);
  for (let i = 0; i < changes; i++) bytes = changeOnce(bytes, samples, random);
  return bytes;
}

function changeOnce(bytes: Buffer, samples: readonly Buffer[], random: RandomStream): Buffer {
  const at = random.int(bytes.length + 1);
  const end = Math.min(bytes.length, at + random.int(64));
  const put = (middle: Buffer): Buffer => Buffer.concat([bytes.subarray(0, at), middle, bytes.subarray(end)]);
  switch (random.int(9)) {
    case 0: {
      const copy = Buffer.from(bytes);
      if (at < copy.length) copy[at] = (copy[at] as number) ^ (1 << random.int(8));
      return copy;
    }
    case 1:
      return put(Buffer.alloc(0));
    case 2:
      return put(Buffer.from(Array.from({ length: random.int(64) }, () => random.int(256))));
    case 3:
      return bytes.subarray(0, at);
    case 4:
      return put(Buffer.concat([bytes.subarray(at, end), bytes.subarray(at, end)]));
    case 5: {
      const other = pick(samples, random);
      return put(other.subarray(random.int(other.length + 1)));
    }
    case 6:
      return put(Buffer.alloc(1 + random.int(16), 0xff));
    case 7:
      return nextNumber(bytes, at, random) ?? put(Buffer.from(pick(NASTY, random)));
    default:
      return put(Buffer.from(pick(NASTY, random)));
  }
}

/** Puts something else in the place of the next number of a text. */
function nextNumber(bytes: Buffer, at: number, random: RandomStream): Buffer | undefined {
  const ahead = bytes.subarray(at, at + 4096).toString('latin1');
  const found = /\d+(?:\.\d+)?/.exec(ahead);
  if (found === null) return undefined;
  const [from, to] = [at + found.index, at + found.index + found[0].length];
  return Buffer.concat([bytes.subarray(0, from), Buffer.from(pick(NASTY, random)), bytes.subarray(to)]);
}

function hopeless(random: RandomStream): Buffer {
  bomb ??= gzipSync(Buffer.alloc(256 * 2 ** 20), { level: 1 });
  return pick(
    [
      Buffer.alloc(0),
      Buffer.alloc(100_000),
      Buffer.alloc(100_000, 0xff),
      Buffer.from('['.repeat(1_000_000)),
      Buffer.from(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`),
      Buffer.from('x'.repeat(8_000_000)),
      Buffer.from('1 '.repeat(2_000_000)),
      Buffer.from('a: b\n'.repeat(100_000)),
      bomb,
    ],
    random,
  );
}

function pick<T>(list: readonly T[], random: RandomStream): T {
  return list[random.int(list.length)] as T;
}
