import { choice } from '../schema/leaf.ts';
import { described } from '../schema/parts.ts';

/** The methods that a request may have. */
export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const;

const PROTOCOLS = ['http/1.1', 'h2c'] as const;
/** What is spoken to the target. */
export type Protocol = (typeof PROTOCOLS)[number];

/** `protocol` of a workload that sends HTTP requests. */
export const PROTOCOL = described(
  choice(PROTOCOLS).optional(),
  'http/1.1, one request at a time on each connection; or h2c: HTTP/2 without TLS and without asking first, up to 100 requests on each connection. Default: http/1.1.',
  ['h2c'],
);
