import { z } from 'zod';
import { choice, leaf, positiveNumber, text, wrongKind, type Fault } from '../schema/leaf.ts';
import { described, exactlyOne, listOf, secretText } from '../schema/parts.ts';
import { withoutVariables } from '../secrets/secrets.ts';
import { arrivals, connections, duration, rate, timeout } from './load.ts';
import { kubo } from './kubo.ts';
import { readTemplate } from './template.ts';

/** The rule of templates, for a leaf: every placeholder must be one that the generator can fill. */
function placeholders(value: string): Fault | undefined {
  const template = readTemplate(value);
  return 'parts' in template ? undefined : { code: 'bad-placeholder', ...template };
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const;
const PLACEHOLDERS = '{int:1..1000}, {hex:16}, {uuid}, {choice:a|b|c} and {seq} are drawn anew for each request';

const request = z.strictObject({
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

const http = exactlyOne(['path', 'requests'], {
  path: described(text('path', placeholders).optional(), 'Short for one GET request.', ['/work?session={int:1..1000}']),
  requests: described(listOf(request).optional(), 'The requests that are sent, chosen by weight.', [
    [{ path: '/work' }],
  ]),
  rate,
  arrivals,
  timeout,
  connections,
  grow: described(
    z.array(text('optionalLine')).optional(),
    'Arguments added after those of the target in the spike of a confirmation (--confirm): those that make its live heap a quarter larger.',
    [['--live', '5MiB']],
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
export const workloadSchema = exactlyOne(['http', 'kubo', 'batch', 'idle'], {
  http: described(http.optional(), 'Requests at a fixed rate (open loop).', [{ path: '/', rate: '200/s' }]),
  kubo: described(kubo.optional(), 'Operations on the RPC API of a kubo node, at a fixed rate (open loop).', [
    { operations: [{ add: { size: '256KiB' } }], rate: '25/s' },
  ]),
  batch: described(
    batch.optional(),
    'The target is a command that runs to its end: a trial is one run, and the work is fixed.',
    [{ args: ['-p', '{work}'] }],
  ),
  idle: described(idle.optional(), 'Nothing is asked of the target; it is only watched.', [{}]),
});
