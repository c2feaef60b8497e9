import { z } from 'zod';
import type { Problem } from '../check/diagnose.ts';
import { withoutVariables } from '../secrets/secrets.ts';
import { choice, positiveNumber, text, type Fault } from '../schema/leaf.ts';
import { described, exactlyOne, listOf, secretText, section, type Frozen } from '../schema/parts.ts';
import { storedAs, storedForm } from '../schema/stored.ts';
import { METHODS, PROTOCOL, type Protocol } from './http-methods.ts';
import type { KindOfWorkload } from './kind.ts';
import { checkRate, describeLoad, LOAD, peakOf, spikeOfLoad, type Load } from './load.ts';
import { readTemplate } from './template.ts';

/** The rule of templates, for a leaf: every placeholder must be one that the generator can fill. */
function placeholders(value: string): Fault | undefined {
  const template = readTemplate(value);
  return 'parts' in template ? undefined : { code: 'bad-placeholder', ...template };
}

const PLACEHOLDERS = '{int:1..1000}, {hex:16}, {uuid}, {choice:a|b|c} and {seq} are drawn again for each request';

const request = section({
  method: described(choice(METHODS).prefault('GET'), 'The HTTP method.', ['POST']),
  path: described(text('path', placeholders), `The path and query; ${PLACEHOLDERS}.`, ['/work?session={int:1..1000}']),
  body: described(text('lines', placeholders).optional(), `The body; ${PLACEHOLDERS}.`, ['{"session":{int:1..1000}}']),
  headers: described(
    z
      .record(
        z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/),
        secretText((value) => placeholders(withoutVariables(value))),
      )
      .prefault({}),
    `Header fields. \${NAME} takes a value from the environment of gctune; in their values ${PLACEHOLDERS}.`,
    [{ 'content-type': 'application/json', authorization: 'Bearer ${API_TOKEN}' }],
  ),
  weight: described(
    positiveNumber(1e9).prefault(1),
    'How often this request is sent, relative to the others of the workload.',
    [3],
  ),
});

/** One request the generator can send. Placeholders such as `{int:1..1000}` are filled from the seeded stream. */
export interface RequestTemplate extends Frozen<Omit<z.output<typeof request>, 'method'>> {
  readonly method: string;
}

/** Open-loop HTTP load. */
export interface HttpWorkload extends Load {
  readonly kind: 'http';
  readonly requests: readonly RequestTemplate[];
  /** Undefined: HTTP/1.1. */
  readonly protocol?: Protocol | undefined;
  /** Arguments that make the target's live heap a quarter larger, for the spike of a confirmation. */
  readonly grow?: readonly string[] | undefined;
  /** Arguments added after `target.args`: of the spike of a confirmation. */
  readonly args?: readonly string[] | undefined;
}

const http = exactlyOne(['path', 'requests'], {
  path: described(text('path', placeholders).optional(), 'Shorthand for one GET request.', [
    '/work?session={int:1..1000}',
  ]),
  requests: described(listOf(request).optional(), 'The requests that are sent, chosen by weight.', [
    [{ path: '/work' }],
  ]),
  protocol: PROTOCOL,
  ...LOAD,
  grow: described(
    z.array(text('optionalLine')).optional(),
    'Arguments added after those of the target for the spike of a confirmation (--confirm); they should make its live heap a quarter larger.',
    [['--live', '5MiB']],
  ),
}).transform(({ path = '/', requests, protocol, timeout, grow, ...load }): HttpWorkload => ({
  kind: 'http',
  requests: requests ?? [{ method: 'GET', path, body: undefined, headers: {}, weight: 1 }],
  ...load,
  timeoutSeconds: timeout,
  ...(protocol === undefined ? {} : { protocol }),
  ...(grow === undefined ? {} : { grow }),
}));

const words = storedForm(z.array(text('optionalLine')).optional());
const stored: z.ZodType<HttpWorkload> = z.object({
  kind: z.literal('http'),
  requests: z.array(storedForm(request)),
  protocol: storedForm(PROTOCOL),
  rate: storedForm(LOAD.rate),
  arrivals: storedForm(LOAD.arrivals),
  timeoutSeconds: storedForm(LOAD.timeout),
  connections: storedForm(LOAD.connections),
  grow: words,
  args: words,
});

/** Fields that say how long the message is or what becomes of the connection are the load generator's. */
const OWN_HEADERS = ['content-length', 'transfer-encoding', 'connection', 'host', 'expect', 'upgrade', 'keep-alive'];

function checkHeaders({ requests }: HttpWorkload, path: Problem['path']): Problem[] {
  return requests.flatMap((one, index) =>
    Object.keys(one.headers)
      .filter((header) => OWN_HEADERS.includes(header.toLowerCase()))
      .map((header) => ({
        code: 'reserved-header',
        path: [...path, 'requests', index, 'headers', header],
        atKey: true,
        message: 'the load generator sets it',
        hint: 'remove it',
      })),
  );
}

/** `http`. */
export const HTTP = {
  schema: described(storedAs(http, stored).optional(), 'Requests at a fixed rate (open loop).', [
    { path: '/', rate: '200/s' },
  ]),
  unit: 'request',
  simulated: true,
  describe: (spec) => `${spec.protocol === 'h2c' ? 'HTTP/2' : 'http'}, ${describeLoad(spec)}`,
  check: (spec, path) => [...checkRate(spec.rate, [...path, 'rate']), ...checkHeaders(spec, path)],
  peakPerSecond: ({ rate }) => peakOf(rate),
  spike: (spec, rate) => ({ ...spikeOfLoad(spec, rate), ...(spec.grow === undefined ? {} : { args: spec.grow }) }),
} as const satisfies KindOfWorkload<HttpWorkload>;
