import { basename } from 'node:path';
import { z } from 'zod';
import { choice, positiveNumber, text } from '../schema/leaf.ts';
import { described, listOf } from '../schema/parts.ts';
import { bearable, harmlessLine, storedAs, storedForm } from '../schema/stored.ts';
import { METHODS, PROTOCOL, type Protocol } from './http-methods.ts';
import type { KindOfWorkload } from './kind.ts';
import { LOAD } from './load.ts';

/** The requests of an access log, at its own times. */
export interface ReplayWorkload {
  readonly kind: 'replay';
  /** Absolute path of the log. */
  readonly log: string;
  /** How many times as fast as the log. */
  readonly speed: number;
  /** Only requests of these methods; undefined: all. */
  readonly methods?: readonly string[] | undefined;
  readonly protocol?: Protocol | undefined;
  readonly timeoutSeconds: number;
  readonly connections: number;
}

const speed = described(
  positiveNumber(1e6).prefault(1),
  'How many times as fast as in the log the requests come: 2 halves the time between them.',
  [2],
);
const methods = described(
  listOf(choice(METHODS)).optional(),
  'Only requests of these methods are sent. Default: all; a log has no bodies, so that POST and its like come without one.',
  [['GET', 'HEAD']],
);

const replay = z
  .strictObject({
    log: described(
      text('line'),
      'An access log, in the common or combined log format or as one JSON object a line. Only methods and paths are taken from it, and sent to the target.',
      ['./access.log'],
    ),
    speed,
    methods,
    protocol: PROTOCOL,
    timeout: LOAD.timeout,
    connections: LOAD.connections,
  })
  .transform(({ timeout, ...rest }): ReplayWorkload => ({ kind: 'replay', ...rest, timeoutSeconds: timeout }));

const stored: z.ZodType<ReplayWorkload> = z.object({
  kind: z.literal('replay'),
  log: harmlessLine,
  speed: bearable.min(0),
  methods: storedForm(methods),
  protocol: storedForm(PROTOCOL),
  timeoutSeconds: storedForm(LOAD.timeout),
  connections: storedForm(LOAD.connections),
});

/** `replay`. */
export const REPLAY = {
  schema: described(
    storedAs(replay, stored).optional(),
    'The requests of an access log, with the times between them that it has (open loop).',
    [{ log: './access.log', speed: 2 }],
  ),
  unit: 'request',
  simulated: false,
  describe: (spec) =>
    `replay of ${basename(spec.log)}${spec.speed === 1 ? '' : `, ${spec.speed} times as fast`}, without bodies`,
  spike: (spec, rate) => ({ ...spec, speed: spec.speed * rate, connections: spec.connections * rate }),
} as const satisfies KindOfWorkload<ReplayWorkload>;
