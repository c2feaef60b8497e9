import type { Limit, LimitName, Wishes } from './wishes.ts';
import { UserError, type Diagnostic } from '../../errors.ts';
import { readChange } from '../../experiment/assert/bound.ts';
import { DURATION_SYNTAX, parseSize, quote, SIZE_SYNTAX, type Parsed } from '../../units/units.ts';

/** The flags of `gctune recommend` that say what is wished. */
export interface WishValues {
  readonly 'max-cpu': string | undefined;
  readonly 'max-p99': string | undefined;
  readonly 'max-memory': string | undefined;
  readonly 'max-rss': string | undefined;
  readonly 'price-gib-month': string | undefined;
  readonly 'price-core-month': string | undefined;
  readonly exchange: string | undefined;
}

/** None of the flags. */
export const NO_FLAGS: WishValues = {
  'max-cpu': undefined,
  'max-p99': undefined,
  'max-memory': undefined,
  'max-rss': undefined,
  'price-gib-month': undefined,
  'price-core-month': undefined,
  exchange: undefined,
};

/** Reads the flags as wishes. Throws UserError with every problem at once. */
export function wishesOf(values: WishValues): Wishes {
  const problems: Diagnostic[] = [];
  const read = <T>(flag: string, text: string | undefined, parse: (text: string) => Parsed<T>): T | undefined => {
    if (text === undefined) return undefined;
    const parsed = parse(text);
    if ('value' in parsed) return parsed.value;
    problems.push({ code: 'bad-value', message: parsed.problem, at: flag, hint: parsed.hint });
    return undefined;
  };
  const limits = LIMITS.flatMap(({ flag, name, parse }) => {
    const bound = read(`--${flag}`, values[flag], parse);
    return bound === undefined ? [] : [{ name, ...bound }];
  });
  const gib = read('--price-gib-month', values['price-gib-month'], parsePrice);
  const core = read('--price-core-month', values['price-core-month'], parsePrice);
  const bytesPerPercent = read('--exchange', values.exchange, parseExchange);
  const priced = values['price-gib-month'] !== undefined || values['price-core-month'] !== undefined;
  const wrong = (at: string, message: string, hint: string): void => {
    problems.push({ code: 'bad-combination', message, at, hint });
  };
  if (priced && values.exchange !== undefined)
    wrong('--exchange', 'prices and --exchange cannot be combined', 'give one of them');
  if (priced && (values['price-gib-month'] === undefined || values['price-core-month'] === undefined)) {
    const lacking = values['price-gib-month'] === undefined ? '--price-gib-month' : '--price-core-month';
    wrong(lacking, 'memory and CPU can only be weighed if both prices are given', `give ${lacking} too`);
  }
  if (gib === 0 && core === 0)
    wrong('--price-core-month', 'both prices are 0: every setting costs the same', 'give one');
  if (problems.length > 0) throw new UserError(problems);
  const price: Wishes['price'] =
    gib !== undefined && core !== undefined
      ? { kind: 'money', perGibMonth: gib, perCoreMonth: core }
      : bytesPerPercent !== undefined
        ? { kind: 'exchange', bytesPerPercent }
        : undefined;
  return { limits, price };
}

type Bound = Pick<Limit, 'kind' | 'most'>;
type LimitFlag = 'max-cpu' | 'max-p99' | 'max-memory' | 'max-rss';

const LIMITS: readonly {
  readonly flag: LimitFlag;
  readonly name: LimitName;
  readonly parse: (text: string) => Parsed<Bound>;
}[] = [
  { flag: 'max-cpu', name: 'cpu', parse: parseChange },
  { flag: 'max-p99', name: 'p99', parse: (text) => changeOr(text, DURATION_SYNTAX.parse, '+10% or 20ms') },
  { flag: 'max-memory', name: 'memory', parse: (text) => changeOr(text, SIZE_SYNTAX.parse, '200MiB or =-20%') },
  { flag: 'max-rss', name: 'rss', parse: (text) => changeOr(text, SIZE_SYNTAX.parse, '300MiB or +0%') },
];

function changeOr(text: string, level: (text: string) => Parsed<number>, example: string): Parsed<Bound> {
  if (text.endsWith('%')) return parseChange(text);
  // A sign belongs to a change: +20 would otherwise be called a bad size.
  if (/^[+-]/.test(text)) return { problem: `${quote(text)} is not a change`, hint: `write e.g. ${example}` };
  const parsed = level(text);
  return 'value' in parsed ? { value: { kind: 'level', most: parsed.value } } : parsed;
}

function parseChange(text: string): Parsed<Bound> {
  const parsed = readChange(text);
  return 'value' in parsed ? { value: { kind: 'change', most: parsed.value } } : parsed;
}

/** A price, zero or more: `3.5`. */
function parsePrice(text: string): Parsed<number> {
  if (/^[0-9]{1,9}(\.[0-9]{1,9})?$/.test(text)) return { value: Number(text) };
  return { problem: `${quote(text)} is not a price`, hint: 'write a number without a currency: 3.5' };
}

/** Memory for each percent of CPU in bytes: `5MiB/%`. */
function parseExchange(text: string): Parsed<number> {
  const size = /^(.*)\/%$/.exec(text)?.[1];
  if (size === undefined)
    return { problem: `${quote(text)} is not a marginal rate`, hint: 'write a size, then /%: 5MiB/%' };
  return parseSize(size);
}
