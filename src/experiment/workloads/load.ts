import { z } from 'zod';
import { choice, quantity, wholeNumber } from '../schema/leaf.ts';
import { described, listOf } from '../schema/parts.ts';
import { DURATION_SYNTAX, RATE_SYNTAX } from '../../units/units.ts';

/** A length of time over zero. */
export const duration = (example: string) => quantity(DURATION_SYNTAX, 'duration', example);
const perSecond = (example: string) => quantity(RATE_SYNTAX, 'rate', example);

const bursty = z.strictObject({
  base: described(perSecond('200/s'), 'The rate between bursts.', ['300/s']),
  peak: described(perSecond('600/s'), 'The rate in a burst; at least the base.', ['900/s']),
  every: described(duration('1s'), 'From the start of a burst to the start of the next.', ['1s']),
  for: described(duration('300ms'), 'How long a burst lasts; at most “every”.', ['333ms']),
});

const stepped = z.strictObject({
  steps: described(
    listOf(
      z.strictObject({
        rate: described(perSecond('200/s'), 'The rate of this step.', ['200/s']),
        for: described(duration('5s'), 'How long this step lasts.', ['5s']),
      }),
    ),
    'Rates one after the other, from the beginning again after the last.',
    [[{ rate: '100/s', for: '2s' }]],
  ),
});

/** How often something falls due, whether or not the target keeps up. */
export const rate = described(
  z.union([perSecond('200/s'), bursty, stepped]),
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
export const connections = described(
  wholeNumber(1, 65_535).prefault(256),
  'Most requests in flight; one that falls due when all are busy counts as dropped.',
  [256],
);
