import type { Estimate } from '../../statistics/estimate.ts';
import { textWidth } from '../text-metrics.ts';
import type { Box } from './place-labels.ts';
import { around, placeLabels } from './place-labels.ts';
import { FONT } from './spec.ts';
import type { TradeOff } from './trade-off-points.ts';

/** With more levels than this, labels are without `GOGC=`; on a drawing narrower than this, every label is short. */
const MOST_LONG = 7;
const NARROW = 400;
/** How much room the ring around a picked point takes. */
const RING = 22;

/** A linear axis: from values to chart units and back. */
export interface Span {
  readonly domain: readonly [number, number];
  readonly range: readonly [number, number];
  readonly toUnits: (value: number) => number;
  readonly toValue: (units: number) => number;
}

/** An axis with the origin and a margin. */
export function span(values: readonly number[], range: readonly [number, number]): Span {
  const [least, most] = [Math.min(...values, 0), Math.max(...values, 0)];
  const margin = (most - least || 1) * 0.09;
  const domain = [least - margin, most + margin] as const;
  const perUnit = (domain[1] - domain[0]) / (range[1] - range[0]);
  return {
    domain,
    range,
    toUnits: (value) => range[0] + (value - domain[0]) / perUnit,
    toValue: (units) => domain[0] + (units - range[0]) * perUnit,
  };
}

/** A label with its centre, and the point that it is of. */
export interface TradeOffLabel {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly atX: number;
  readonly atY: number;
  /** So far off that a line must lead to it. */
  readonly led: boolean;
}

const LIMITED = /^GOGC=(\S+) GOMEMLIMIT=(\S+)/;

/** Whether labels name GOGC and GOMEMLIMIT by their values alone: both with their names find no room. */
export function hasLimits({ points }: Pick<TradeOff, 'points'>): boolean {
  return points.some(({ cell }) => LIMITED.test(cell.label));
}

/**
 * Labels of the baseline and of every level once, at the workload where it saves most, clear of each other, of points,
 * bars and the zero lines.
 */
export function tradeOffLabels({ baseline, points }: TradeOff, across: Span, up: Span): readonly TradeOffLabel[] {
  const levels = [...Map.groupBy(points, ({ cell }) => cell.label).values()].flatMap((own) =>
    own.toSorted((a, b) => b.y.value - a.y.value).slice(0, 1),
  );
  const [right, bottom] = [across.range[1], up.range[0]];
  const limited = hasLimits({ points });
  const wanted = [
    { text: limited && right < NARROW ? 'baseline' : `${baseline} (baseline)`, atX: 0, atY: 0 },
    ...levels.map(({ cell, x, y }) => ({
      text: limited
        ? cell.label.replace(LIMITED, '$1 / $2')
        : levels.length > MOST_LONG
          ? cell.label.replace(/^GOGC=/, '')
          : cell.label,
      atX: x.value,
      atY: y.value,
    })),
  ];
  const [px, py] = [across.toUnits, up.toUnits];
  const bar = ({ low, high }: Estimate, box: (low: number, high: number) => Box): readonly Box[] =>
    low === null || high === null ? [] : [box(low, high)];
  const obstacles = [
    ...points.flatMap(({ x, y }) => [
      ...bar(x, (low, high) => ({ left: px(low), right: px(high), top: py(y.value) - 2, bottom: py(y.value) + 2 })),
      ...bar(y, (low, high) => ({ left: px(x.value) - 2, right: px(x.value) + 2, top: py(high), bottom: py(low) })),
      around(px(x.value), py(y.value), RING, RING),
    ]),
    around(px(0), py(0), RING, RING),
    { left: px(0) - 1, right: px(0) + 1, top: 0, bottom },
    { left: 0, right, top: py(0) - 1, bottom: py(0) + 1 },
  ];
  const places = placeLabels(
    wanted.map(({ text, atX, atY }) => ({
      x: px(atX),
      y: py(atY),
      width: textWidth(text, FONT.label),
      height: FONT.label + 2,
    })),
    obstacles,
    { left: 0, top: 0, right, bottom },
  );
  return wanted.flatMap((label, i) => {
    const place = places[i];
    return place === undefined
      ? []
      : [{ ...label, x: across.toValue(place.x), y: up.toValue(place.y), led: place.led }];
  });
}
