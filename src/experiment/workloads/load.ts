import { z } from 'zod';
import { choice, quantity, wholeNumber } from '../schema/leaf.ts';
import { described, listOf, section, tagged, type Frozen } from '../schema/parts.ts';
import { storedAs, storedForm } from '../schema/stored.ts';
import type { Problem } from '../check/diagnose.ts';
import { DURATION_SYNTAX, RATE_SYNTAX, writeDuration, writeRate } from '../../units/units.ts';

/** A length of time over zero. */
export const duration = (example: string) => quantity(DURATION_SYNTAX, 'duration', example);
const perSecond = (example: string) => quantity(RATE_SYNTAX, 'rate', example);

const bursty = tagged(
  'bursty',
  {
    base: described(perSecond('200/s'), 'The rate between bursts.', ['300/s']),
    peak: described(perSecond('600/s'), 'The rate in a burst; at least the base.', ['900/s']),
    every: described(duration('1s'), 'From the start of a burst to the start of the next.', ['1s']),
    for: described(duration('300ms'), 'How long a burst lasts; at most “every”.', ['333ms']),
  },
  { base: 'basePerSecond', peak: 'peakPerSecond', every: 'everySeconds', for: 'forSeconds' },
);

const stepped = tagged('stepped', {
  steps: described(
    listOf(
      section(
        {
          rate: described(perSecond('200/s'), 'The rate of this step.', ['200/s']),
          for: described(duration('5s'), 'How long this step lasts.', ['5s']),
        },
        { rate: 'perSecond', for: 'forSeconds' },
      ),
    ),
    'Rates one after another; after the last, the first again.',
    [[{ rate: '100/s', for: '2s' }]],
  ),
});

const perSecondSyntax = perSecond('200/s');
const constant = storedAs(
  perSecondSyntax.transform((value) => ({ kind: 'constant' as const, perSecond: value })),
  z.object({ kind: z.literal('constant'), perSecond: storedForm(perSecondSyntax) }),
);

/** How often something falls due, whether or not the target keeps up. */
export const rate = described(
  z.union([constant, bursty, stepped]),
  'Requests per second, whether or not the target keeps up: 200/s, or a mapping with base, peak, every and for, or one with steps.',
  ['200/s', { base: '300/s', peak: '900/s', every: '1s', for: '333ms' }, { steps: [{ rate: '100/s', for: '2s' }] }],
);

/** How the arrivals are spaced. */
export const arrivals = described(
  choice(['uniform', 'poisson']).prefault('uniform'),
  'Evenly spaced, or with exponential gaps of the same mean, as from many independent users.',
  ['poisson'],
);

/** How long an answer is waited for. */
export const timeout = described(duration('5s').prefault('5s'), 'A request that takes longer counts as an error.', [
  '5s',
]);

/** How many requests may be in flight. */
export const connections = storedAs(
  described(
    wholeNumber(1, 65_535).prefault(256),
    'Maximum number of requests in flight; a request that falls due when all are busy counts as dropped.',
    [256],
  ),
  // The spike of a confirmation has twice as many.
  z.int().min(1).max(10_000_000),
);

/** What is the same in every kind of workload that sends requests. */
export const LOAD = { rate, arrivals, timeout, connections } as const;

/** A request rate over time, in requests per second. */
export type Rate = Frozen<z.output<typeof rate>>;

/** How requests are sent, whatever they ask for. */
export interface Load {
  readonly rate: Rate;
  /** `uniform`: evenly spaced; `poisson`: exponential gaps of the same mean. */
  readonly arrivals: z.output<typeof arrivals>;
  readonly timeoutSeconds: number;
  /** Most requests in flight; an arrival that finds no room is counted as dropped. */
  readonly connections: number;
}

/** What is wrong with a rate whose place is `path`. */
export function checkRate(given: Rate, path: Problem['path']): Problem[] {
  if (given.kind !== 'bursty') return [];
  const { basePerSecond: base, peakPerSecond: peak, everySeconds: every, forSeconds: length } = given;
  return [
    ...(peak < base
      ? [
          {
            code: 'bad-burst',
            path: [...path, 'peak'],
            message: `the peak of ${writeRate(peak)} is below the base of ${writeRate(base)}`,
            hint: 'swap the two',
          },
        ]
      : []),
    ...(length > every
      ? [
          {
            code: 'bad-burst',
            path: [...path, 'for'],
            message: `a burst of ${length} s does not fit into ${every} s`,
            hint: 'make it at most as long as every',
          },
        ]
      : []),
  ];
}

/** The most requests per second that a rate ever asks for. */
export function peakOf(given: Rate): number {
  switch (given.kind) {
    case 'constant':
      return given.perSecond;
    case 'bursty':
      return given.peakPerSecond;
    case 'stepped':
      return Math.max(...given.steps.map((step) => step.perSecond));
  }
}

/** The load of a spike: so many times the rate, over as many more connections. */
export function spikeOfLoad<T extends Load>(load: T, times: number): T {
  return { ...load, rate: scaled(load.rate, times), connections: load.connections * times };
}

function scaled(given: Rate, times: number): Rate {
  switch (given.kind) {
    case 'constant':
      return { ...given, perSecond: given.perSecond * times };
    case 'bursty':
      return { ...given, basePerSecond: given.basePerSecond * times, peakPerSecond: given.peakPerSecond * times };
    case 'stepped':
      return { ...given, steps: given.steps.map((step) => ({ ...step, perSecond: step.perSecond * times })) };
  }
}

/** A load in words: `400 requests/s, evenly spaced`. */
export function describeLoad(load: Load): string {
  return `${rateText(load.rate)}, ${load.arrivals === 'poisson' ? 'Poisson arrivals' : 'evenly spaced'}`;
}

function rateText(given: Rate): string {
  switch (given.kind) {
    case 'constant':
      return `${given.perSecond} requests/s`;
    case 'bursty':
      return `${given.basePerSecond} requests/s with bursts of ${given.peakPerSecond} requests/s for ${writeDuration(given.forSeconds)} every ${writeDuration(given.everySeconds)}`;
    case 'stepped':
      return given.steps
        .map((step) => `${step.perSecond} requests/s for ${writeDuration(step.forSeconds)}`)
        .join(', then ');
  }
}
