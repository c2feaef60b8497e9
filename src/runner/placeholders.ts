import { REFERENCE } from '../experiment/secrets/secrets.ts';
import type { Services } from './runner.ts';

/** What the placeholders stand for in one launch. */
export interface Placeholders {
  readonly host: string;
  readonly port: number | undefined;
  /** Further ports by name. */
  readonly ports: Readonly<Record<string, number>>;
  readonly work: string | undefined;
  readonly data: string | undefined;
  readonly services?: Services | undefined;
}

type Single = 'host' | 'port' | 'work' | 'data';

/** Where the work folder and the data folder appear in a container. */
export const IN_CONTAINER = { work: '/gctune/work', data: '/gctune/data' } as const;

const PLACEHOLDER =
  /\{(?:(host|port|work|data)|port:([a-z0-9_-]+)|(service|service_host|service_port):([a-z0-9_-]+)(?::([a-z0-9_-]+))?)\}/g;

/**
 * Fills `{host}`, `{port}`, `{port:NAME}`, `{work}`, `{data}` and, of a service, `{service:NAME}` (host and port),
 * `{service:NAME:PORT}`, `{service_host:NAME}` and `{service_port:NAME}` into a text; a placeholder that has no value here is
 * left as it is.
 */
export function fillPlaceholders(text: string, values: Placeholders): string {
  return text.replace(
    PLACEHOLDER,
    (whole, own?: Single, further?: string, what?: string, service?: string, ofService?: string) => {
      if (own !== undefined) return String(values[own] ?? whole);
      if (further !== undefined) return String(values.ports[further] ?? whole);
      const reached = values.services?.[service ?? ''];
      if (reached === undefined) return whole;
      if (what === 'service_host') return reached.host;
      const port = ofService === undefined ? reached.port : reached.ports[ofService];
      if (port === undefined) return whole;
      return what === 'service' ? `${reached.host}:${port}` : String(port);
    },
  );
}

/**
 * Fills the placeholders of a variable of the target's environment, and `${NAME}` from `variables`; `$${` stands for `${`.
 * In one pass, so that what a variable holds is taken as it is.
 */
export function fillEnvironment(
  text: string,
  values: Placeholders,
  variables: Readonly<Record<string, string>>,
): string {
  let filled = '';
  let end = 0;
  for (const { index, 0: reference, 1: name } of text.matchAll(REFERENCE)) {
    filled += fillPlaceholders(text.slice(end, index), values);
    filled += name === undefined ? '${' : (variables[name] ?? reference);
    end = index + reference.length;
  }
  return filled + fillPlaceholders(text.slice(end), values);
}
