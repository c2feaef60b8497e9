/** A unit of a metric. */
export type MetricUnit = 'bytes' | 'seconds' | 'fraction' | 'cores' | 'count' | 'per-second' | 'bytes-per-second';

/** One prefix and one number of decimals for several values of a unit, so that a row or an axis compares at a glance. */
export interface UnitScale {
  /** Base units in one shown unit: 1048576 for `MiB`. */
  readonly divisor: number;
  /** What stands after the number, without the space between: `MiB`, `ms`, `%`; empty for counts. */
  readonly suffix: string;
  readonly decimals: number;
  /** The number alone: `38.2`. */
  number(value: number): string;
  /** The number with its unit: `38.2 MiB`. */
  format(value: number): string;
}

type Step = readonly [divisor: number, suffix: string];

const BYTES: readonly Step[] = [
  [1, 'B'],
  [2 ** 10, 'KiB'],
  [2 ** 20, 'MiB'],
  [2 ** 30, 'GiB'],
  [2 ** 40, 'TiB'],
];

/** The units that a metric may be shown in, smallest first. */
const STEPS: Readonly<Record<MetricUnit, readonly Step[]>> = {
  bytes: BYTES,
  'bytes-per-second': BYTES.map(([divisor, suffix]) => [divisor, `${suffix}/s`] as const),
  seconds: [
    [1e-9, 'ns'],
    [1e-6, 'µs'],
    [1e-3, 'ms'],
    [1, 's'],
  ],
  fraction: [[0.01, '%']],
  cores: [[1, 'cores']],
  count: [[1, '']],
  'per-second': [[1, '/s']],
};

/** A value of a metric for people: `38.2 MiB`, `12.3 ms`, `6.1 %`, `0.43 cores`. */
export function formatUnit(value: number, unit: MetricUnit): string {
  return unit === 'count' ? formatCount(value) : commonScale([value], unit).format(value);
}

/** Bytes for people: `38.2 MiB`. */
export function formatBytes(bytes: number): string {
  return formatUnit(bytes, 'bytes');
}

/** Seconds for people: `12.3 ms`. */
export function formatSeconds(seconds: number): string {
  return formatUnit(seconds, 'seconds');
}

/** A fraction for people, as a percentage: `6.1 %`. */
export function formatFraction(fraction: number): string {
  return formatUnit(fraction, 'fraction');
}

/** A count for people: `12,345`; not a whole number only where it is a mean: `4.5`. */
export function formatCount(count: number): string {
  if (!Number.isFinite(count)) return notFinite(count);
  const decimals = Number.isInteger(count) ? 0 : decimalsFor(Math.abs(count), 3);
  const [whole = '', part] = count.toFixed(decimals).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return part === undefined ? grouped : `${grouped}.${part}`;
}

/** A long time for people who wait: `45 s`, `4 min 10 s`, `2 h 05 min`. */
export function formatWait(seconds: number): string {
  if (!Number.isFinite(seconds)) return notFinite(seconds);
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/**
 * The prefix and decimals that suit all of these values: chosen by the largest, because the small ones lose
 * less when they are shown as `0.3 MiB` than the large ones when they are shown as `12345 KiB`.
 */
export function commonScale(values: readonly number[], unit: MetricUnit): UnitScale {
  const largest = Math.max(0, ...values.filter(Number.isFinite).map(Math.abs));
  const steps = STEPS[unit];
  let step = steps[0] as Step;
  // 1023.9 KiB would be rounded to `1024 KiB`: such a value takes the next prefix.
  for (const candidate of steps) if (largest >= candidate[0] * 0.9995) step = candidate;
  if (largest === 0 && unit === 'seconds') step = [1, 's'];
  const [divisor, suffix] = step;
  const shown = largest / divisor;
  const exact = (unit === 'bytes' && divisor === 1) || (unit === 'count' && values.every(Number.isInteger));
  // Percentages carry two figures from 0.1 to 10 and a decimal above; other units three figures.
  const decimals =
    exact || largest === 0
      ? 0
      : unit === 'fraction' && shown < 100
        ? Math.max(1, decimalsFor(shown, 2))
        : decimalsFor(shown, 3);
  const number = (value: number): string => {
    if (!Number.isFinite(value)) return notFinite(value);
    const text = (value / divisor).toFixed(decimals);
    // -0.0 would claim a direction that the figure does not show.
    return /^-[0.]+$/.test(text) ? text.slice(1) : text;
  };
  return {
    divisor,
    suffix,
    decimals,
    number,
    format: (value) => (suffix === '' || !Number.isFinite(value) ? number(value) : `${number(value)} ${suffix}`),
  };
}

/** Decimals that give a positive value this many significant figures, at most 6. */
function decimalsFor(value: number, figures: number): number {
  if (value === 0) return 0;
  // The half unit of the last place is added first: 9.996 with three figures is 10.0, not 10.00.
  const magnitude = Math.floor(Math.log10(value * (1 + 0.5 * 10 ** -figures)));
  return Math.min(6, Math.max(0, figures - 1 - magnitude));
}

function notFinite(value: number): string {
  return Number.isNaN(value) ? 'n/a' : value > 0 ? '∞' : '-∞';
}
