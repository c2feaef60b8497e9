import type { Gogc, Gomemlimit } from '../../go/settings.ts';
import { z } from 'zod';
import { leaf, wrongKind, type Read } from './leaf.ts';
import { parseSize, quote, SIZE_SYNTAX } from '../../units/units.ts';

/** Go reads GOGC as a 32-bit integer. */
const MOST_GOGC = 2 ** 31 - 1;
/** GOMEMLIMIT is a 64-bit integer to Go; above this a number of this file is no longer exact. */
const MOST_BYTES = Number.MAX_SAFE_INTEGER;

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
        { type: 'string', pattern: SIZE_SYNTAX.pattern.source },
        { type: 'integer', minimum: 1, maximum: MOST_BYTES },
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
  const bytes = readBytes(value);
  if (bytes === undefined) return wrongKind(value, 'a GOMEMLIMIT', 'write a size such as 64MiB, or off');
  if ('value' in bytes) return bytes;
  const shown = quote(String(value));
  if (/^0+(B|[KMGT]iB)?$/.test(String(value))) {
    const problem = `GOMEMLIMIT ${shown} leaves no memory: the collector would run continuously`;
    return { code: 'bad-gomemlimit', problem, hint: 'write a size such as 64MiB, or off' };
  }
  const hint = String(value).trim().toLowerCase() === 'off' ? 'write off' : bytes.hint;
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
