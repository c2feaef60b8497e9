import { counted, listed } from '../../text/words.ts';
import type { Reading, ReadingKey, TrialRecord } from '../../results/format.ts';
import type { Warning } from '../../metrics/warning.ts';

/** Counters of Go and Linux have 64 bits: what is beyond is no reading. */
const MOST = 2 ** 64;
/** So many figures are named; a broken reading mostly has none that is whole. */
const MOST_NAMED = 4;

/**
 * A trial's readings without what is no number: NaN, an infinity, null (which JSON makes of both), or beyond 64 bits.
 * The rest of such a reading stays; one whose time is no number is left out whole. `warnings` names each such figure,
 * those of the record's work and exit too, which no metric is made of.
 */
export function finiteReadings(
  record: TrialRecord,
  readings: readonly Reading[],
): { readonly readings: readonly Reading[]; readonly warnings: readonly Warning[] } {
  const odd = new Map<string, number>();
  const note = (what: string): void => void odd.set(what, (odd.get(what) ?? 0) + 1);
  const rest = (reading: Reading): readonly Reading[] => {
    if (!isNumber(reading.at)) {
      note(`the time of ${reading.probe}`);
      return [];
    }
    const values = Object.entries(reading.v);
    const whole = values.filter(([, value]) => isNumber(value));
    for (const [key, value] of values) if (!isNumber(value)) note(`${key} of ${reading.probe}`);
    return [{ ...reading, v: Object.fromEntries(whole) as Reading['v'] }];
  };
  // Nearly always there is nothing to leave out, and there are hundreds of thousands.
  const kept = readings.every(isWhole)
    ? readings
    : readings.flatMap((reading) => (isWhole(reading) ? [reading] : rest(reading)));
  const { work, exit } = record;
  for (const [name, figures] of Object.entries({ work, latency: work?.latency, lateness: work?.lateness })) {
    for (const [key, value] of Object.entries(figures ?? {})) if (isOdd(value)) note(`${name}.${key}`);
  }
  if (isOdd(exit?.cpuSeconds)) note('exit.cpuSeconds');
  if (isOdd(exit?.peakBytes)) note('exit.peakBytes');
  return { readings: kept, warnings: odd.size === 0 ? [] : [warningOf(record, odd)] };
}

function warningOf({ id, cell, block }: TrialRecord, odd: ReadonlyMap<string, number>): Warning {
  const named = [...odd].slice(0, MOST_NAMED).map(([what, times]) => (times === 1 ? what : `${what} (${times} times)`));
  const more = odd.size - named.length;
  const all = listed(more === 0 ? named : [...named, counted(more, 'further figure')]);
  return {
    code: 'not-a-number',
    message: `values in block ${block} that are not finite numbers are left out: ${all}`,
    cell,
    trial: id,
  };
}

function isWhole({ at, v }: Reading): boolean {
  if (!isNumber(at)) return false;
  for (const key in v) if (!isNumber(v[key as ReadingKey])) return false;
  return true;
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' && Math.abs(value) <= MOST;
}

function isOdd(value: unknown): boolean {
  return value === null || (typeof value === 'number' && !isNumber(value));
}
