import { z } from 'zod';
import { choice, leaf, positiveNumber, quantity, text, wholeNumber, wrongKind, type Fault } from './leaf.ts';
import { described, exactlyOne, listOf } from './schema-parts.ts';
import { readTemplate } from './template.ts';
import { DURATION_SYNTAX, RATE_SYNTAX } from './units.ts';

const duration = (example: string) => quantity(DURATION_SYNTAX, 'duration', example);
const perSecond = (example: string) => quantity(RATE_SYNTAX, 'rate', example);

/** The rule of templates, for a leaf: every placeholder must be one that the generator can fill. */
function placeholders(value: string): Fault | undefined {
  const template = readTemplate(value);
  return 'parts' in template ? undefined : { code: 'bad-placeholder', ...template };
}

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

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const;
const PLACEHOLDERS = '{int:1..1000}, {hex:16}, {uuid}, {choice:a|b|c} and {seq} are drawn anew for each request';

const request = z.strictObject({
  method: described(choice(METHODS).prefault('GET'), 'The HTTP method.', ['POST']),
  path: described(text('path', placeholders), `The path and query; ${PLACEHOLDERS}.`, ['/work?session={int:1..1000}']),
  body: described(text('lines', placeholders).optional(), `The body; ${PLACEHOLDERS}.`, ['{"session":{int:1..1000}}']),
  headers: described(
    z.record(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/), text('optionalLine', placeholders)).prefault({}),
    `Header fields; in their values ${PLACEHOLDERS}.`,
    [{ 'content-type': 'application/json' }],
  ),
  weight: described(
    positiveNumber(1e9).prefault(1),
    'How often this request is sent, relative to the others of the workload.',
    [3],
  ),
});

const http = exactlyOne(['path', 'requests'], {
  path: described(text('path', placeholders).optional(), 'Short for one GET request.', ['/work?session={int:1..1000}']),
  requests: described(listOf(request).optional(), 'The requests that are sent, chosen by weight.', [
    [{ path: '/work' }],
  ]),
  rate: described(
    z.union([perSecond('200/s'), bursty, stepped]),
    'Requests per second, whether or not the target keeps up: 200/s, or a mapping with base, peak, every and for, or one with steps.',
    ['200/s', { base: '300/s', peak: '900/s', every: '1s', for: '333ms' }, { steps: [{ rate: '100/s', for: '2s' }] }],
  ),
  arrivals: described(
    choice(['uniform', 'poisson']).prefault('uniform'),
    'Evenly spaced, or with exponential gaps of the same mean, as from many independent users.',
    ['poisson'],
  ),
  timeout: described(duration('5s').prefault('5s'), 'A request that takes longer counts as an error.', ['5s']),
  connections: described(
    wholeNumber(1, 65_535).prefault(256),
    'Most requests in flight; one that falls due when all are busy counts as dropped.',
    [256],
  ),
});

const batch = z.strictObject({
  args: described(
    z.array(text('optionalLine')).prefault([]),
    'Arguments added after those of the target. {work} stands for the run’s scratch folder.',
    [['-p', '{work}']],
  ),
  within: described(
    duration('60s').prefault('60s'),
    'How long a run may take at most; a longer one is stopped and recorded as timed out.',
    ['60s'],
  ),
});

const idle = leaf<true>(
  (value) => {
    if (value === null) return { value: true };
    if (typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length === 0) return { value: true };
    return wrongKind(value, 'nothing', 'write idle: {}');
  },
  { anyOf: [{ type: 'null' }, { type: 'object', maxProperties: 0 }] },
);

/** One of `workloads`: what the target is made to do. */
export const workloadSchema = exactlyOne(['http', 'batch', 'idle'], {
  http: described(http.optional(), 'Requests at a fixed rate (open loop).', [{ path: '/', rate: '200/s' }]),
  batch: described(
    batch.optional(),
    'The target is a command that runs to its end: a trial is one run, and the work is fixed.',
    [{ args: ['-p', '{work}'] }],
  ),
  idle: described(idle.optional(), 'Nothing is asked of the target; it is only watched.', [{}]),
});
