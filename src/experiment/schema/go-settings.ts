import { gomemlimitInGo, type Gogc, type Gomemlimit } from '../../go/settings.ts';
import { z } from 'zod';
import { leaf, wrongKind, type Read } from './leaf.ts';
import { parseSize, quote, SIZE_SYNTAX } from '../../units/units.ts';

/** Go reads GOGC as a 32-bit integer. */
const MOST_GOGC = 2 ** 31 - 1;
/** Above this a number of this file is no longer exact. */
const MOST_BYTES = Number.MAX_SAFE_INTEGER;
/** GOMEMLIMIT is a 64-bit integer to Go; to this the largest of them is rounded. */
const MOST_GOMEMLIMIT = 2 ** 63;
/** What gomemlimitInGo reads and is not zero, but for what overflows 64 bits. */
const GOMEMLIMIT = /^\+?0*[1-9][0-9]{0,18}(?:B|KiB|MiB|GiB|TiB)?$/;

const BYTES = z.int().min(1).max(MOST_BYTES);

/**
 * A GOGC that Go understands. Go itself is silent about all others: it takes 100 for what it cannot read, and `off`
 * for what is negative, so that the cell would be measured under a false name.
 */
export function gogc() {
  return leaf<Gogc>(
    readGogc,
    { anyOf: [{ type: 'integer', minimum: 1, maximum: MOST_GOGC }, { const: 'off' }] },
    z.union([z.int().min(1).max(MOST_GOGC), z.literal('off')]),
  );
}

/** A GOMEMLIMIT that Go understands; it stops at start on any other. */
export function gomemlimit() {
  return leaf<Gomemlimit>(
    readGomemlimit,
    {
      anyOf: [
        { type: 'string', pattern: GOMEMLIMIT.source },
        { type: 'integer', minimum: 1, maximum: MOST_GOMEMLIMIT },
        { const: 'off' },
      ],
    },
    z.union([BYTES, z.literal('off')]),
  );
}

/** A size in bytes: text with a unit, or a plain number of bytes. */
export function size() {
  return leaf<number>(
    (value) => {
      const bytes = readBytes(value);
      return bytes === undefined ? wrongKind(value, 'a size', 'write a size such as 512MiB') : bytes;
    },
    {
      anyOf: [
        { type: 'string', pattern: SIZE_SYNTAX.pattern.source },
        { type: 'integer', minimum: 1, maximum: MOST_BYTES },
      ],
    },
    BYTES,
  );
}

function readGogc(value: unknown): Read<Gogc> {
  if (value === 'off') return { value };
  const bad = (problem: string, hint: string): Read<Gogc> => ({ code: 'bad-gogc', problem, hint });
  if (typeof value === 'number') {
    if (value === 0)
      return bad('GOGC 0 makes Go collect continuously; it is a debugging aid, not a setting', 'write at least 1');
    if (value < 0) return bad(`GOGC ${value} is negative: Go would silently switch its collector off`, 'write off');
    if (!Number.isInteger(value) || value > MOST_GOGC) {
      return bad(
        `GOGC ${value} is not a 32-bit whole number: Go would silently use 100`,
        'write a whole number, or off',
      );
    }
    return { value };
  }
  if (typeof value !== 'string') return wrongKind(value, 'a GOGC', 'write a whole number from 1, or off');
  const word = value.trim().toLowerCase();
  if (/^-?[0-9]+$/.test(value)) return bad(`GOGC ${quote(value)} is text`, `write ${value} without quotes`);
  const digits = /^([0-9]+)\s*%$/.exec(word)?.[1];
  const hint = digits !== undefined ? `write ${digits}` : word === 'off' ? 'write off' : 'write a whole number, or off';
  return bad(`GOGC ${quote(value)} is not a whole number: Go would silently use 100`, hint);
}

function readGomemlimit(value: unknown): Read<Gomemlimit> {
  if (value === 'off') return { value };
  if (typeof value !== 'number' && typeof value !== 'string')
    return wrongKind(value, 'a GOMEMLIMIT', 'write a size such as 64MiB, or off');
  // A number of this size is rounded already: 9223372036854775807, Go's own "no limit", is 2⁶³ here.
  const huge = typeof value === 'number' && Number.isInteger(value) && value > MOST_BYTES && value <= MOST_GOMEMLIMIT;
  const text = String(value);
  const bytes = huge ? 'off' : text === '' ? undefined : gomemlimitInGo(text);
  if (bytes !== undefined && bytes !== 0) return { value: bytes };
  const shown = quote(text);
  if (bytes === 0) {
    const problem = `GOMEMLIMIT ${shown} leaves no memory: the collector would run continuously`;
    return { code: 'bad-gomemlimit', problem, hint: 'write a size such as 64MiB, or off' };
  }
  const size = parseSize(text);
  const hint =
    text.trim().toLowerCase() === 'off' ? 'write off' : 'hint' in size ? size.hint : 'write a realistic size';
  return {
    code: 'bad-gomemlimit',
    problem: `GOMEMLIMIT ${shown} is malformed: the Go program would crash at start`,
    hint,
  };
}

function readBytes(value: unknown): Read<number> | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  const parsed = parseSize(String(value));
  if ('problem' in parsed) return { code: 'bad-size', ...parsed };
  if (parsed.value <= MOST_BYTES) return parsed;
  return {
    code: 'bad-size',
    problem: `${quote(String(value))} is too large`,
    hint: 'write a realistic size',
  };
}
