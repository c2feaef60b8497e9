import type { MetricUnit } from '../../units/format-units.ts';
import { METRICS, type MetricId } from '../../metrics/metrics.ts';
import {
  DURATION_SYNTAX,
  parsePercent,
  parseSize,
  quote,
  RATE_SYNTAX,
  SHARE_SYNTAX,
  type Parsed,
} from '../../units/units.ts';

/** A bound as it was meant: `change` relative to the baseline (0.1 for +10 %), `difference` from it or `level` in the metric's unit. */
export interface ReadBound {
  readonly kind: 'level' | 'difference' | 'change';
  readonly value: number;
}

/** How a quantity of each unit is written, for messages, and its reader. */
const UNITS: Readonly<Record<MetricUnit, { readonly what: string; readonly example: string; readonly parse: Parse }>> =
  {
    bytes: { what: 'a size', example: '40MiB', parse: parseSizeWithUnit },
    seconds: { what: 'a duration', example: '20ms', parse: DURATION_SYNTAX.parse },
    fraction: { what: 'a percentage', example: '5%', parse: SHARE_SYNTAX.parse },
    cores: { what: 'a number of cores', example: '0.5', parse: parsePlain },
    count: { what: 'a number', example: '30', parse: parsePlain },
    'per-second': { what: 'a rate', example: '200/s', parse: RATE_SYNTAX.parse },
    'bytes-per-second': { what: 'a size per second', example: '10MiB/s', parse: parseSizeRate },
  };
type Parse = (text: string) => Parsed<number>;

/**
 * Reads what a metric is held to: a quantity of its unit, or, `against` the baseline, a change in percent (`+10%`) or a
 * difference in its unit (`+5MiB`); a sign is what tells that a change is meant.
 */
export function readBound(text: string, metric: MetricId, against: 'baseline' | undefined): Parsed<ReadBound> {
  const { unit } = METRICS[metric];
  const { what, example, parse } = UNITS[unit];
  const signed = /^[+-]/.test(text);
  const magnitude = text.replace(/^[+-]/, '');
  const sign = text.startsWith('-') ? -1 : 1;
  if (against === undefined) {
    if (signed || (text.endsWith('%') && unit !== 'fraction')) {
      const problem = signed
        ? `${quote(text)} is a change`
        : `${metric} is measured in ${unit}: ${quote(text)} does not fit`;
      return {
        problem,
        hint: `write ${what} such as ${example}; for a change, add against: baseline (in --that: put a sign before it)`,
      };
    }
    const parsed = parse(text);
    if ('value' in parsed) return { value: { kind: 'level', value: parsed.value } };
    return misfit(text, text, metric, parsed);
  }
  if (text.endsWith('%')) {
    const parsed = readChange(text);
    return 'value' in parsed ? { value: { kind: 'change', value: parsed.value } } : parsed;
  }
  if (!signed && 'value' in parse(magnitude)) {
    const hint = `write +${text} for a difference, +5% for a percentage change, or remove against`;
    return { problem: `${quote(text)} has no sign`, hint };
  }
  const parsed = parse(magnitude);
  if ('value' in parsed) return { value: { kind: 'difference', value: sign * parsed.value } };
  const { problem } = misfit(text, magnitude, metric, parsed);
  return { problem, hint: `write +5% for a percentage change, or +${example} for a difference` };
}

/** A change relative to the baseline as a fraction: `+5%`, `5%`, `-20%`. */
export function readChange(text: string): Parsed<number> {
  const parsed = parsePercent(text.replace(/^[+-]/, ''));
  if ('problem' in parsed) {
    const bare = /^[+-]?\d+(\.\d+)?$/.test(text);
    const meant = bare ? `${/^[+-]/.test(text) ? '' : '+'}${text}%` : '+5% or -5%';
    return { problem: `${quote(text)} is not a percentage change`, hint: `write it as ${meant}` };
  }
  if (!text.startsWith('-')) return parsed;
  if (parsed.value < 1) return { value: -parsed.value };
  return { problem: `${quote(text)} leaves nothing`, hint: 'write less than 100% below the baseline' };
}

/** A quantity that its reader refuses: of another unit, or of none. */
function misfit(
  text: string,
  magnitude: string,
  metric: MetricId,
  { problem, hint }: { readonly problem: string; readonly hint: string },
): { readonly problem: string; readonly hint: string } {
  const { unit } = METRICS[metric];
  const other = Object.values(UNITS).find(
    ({ parse, what }) => what !== UNITS[unit].what && 'value' in parse(magnitude),
  );
  if (other === undefined || /^[0-9.]+$/.test(magnitude)) return { problem, hint };
  const { what, example } = UNITS[unit];
  return {
    problem: `${quote(text)} is ${other.what}, and ${metric} is ${what}`,
    hint: `write ${what} such as ${example}`,
  };
}

function parsePlain(text: string): Parsed<number> {
  if (/^[0-9]{1,15}(\.[0-9]{1,6})?$/.test(text)) return { value: Number(text) };
  return { problem: `${quote(text)} is not a number`, hint: 'write a number without a unit: 30' };
}

/** A bare number would be bytes to `parseSize`: no memory of a process is held to 40 of them. */
function parseSizeWithUnit(text: string): Parsed<number> {
  if (!/^[0-9]+$/.test(text)) return parseSize(text);
  return { problem: `${quote(text)} has no unit`, hint: `add a unit: ${text}MiB or ${text}KiB` };
}

function parseSizeRate(text: string): Parsed<number> {
  const size = /^(.*)\/s$/.exec(text)?.[1];
  return size === undefined
    ? { problem: `${quote(text)} is not a size per second`, hint: 'write a size, then /s: 10MiB/s' }
    : parseSizeWithUnit(size);
}
