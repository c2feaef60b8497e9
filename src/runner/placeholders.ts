import { REFERENCE } from '../experiment/secrets/secrets.ts';

/** What `{host}`, `{port}`, `{port:NAME}`, `{work}` and `{data}` stand for in one launch. */
export interface Placeholders {
  readonly host: string;
  readonly port: number | undefined;
  /** Further ports by name. */
  readonly ports: Readonly<Record<string, number>>;
  readonly work: string | undefined;
  readonly data: string | undefined;
}

type Single = Exclude<keyof Placeholders, 'ports'>;

/** Where the work folder and the data folder appear in a container. */
export const IN_CONTAINER = { work: '/gctune/work', data: '/gctune/data' } as const;

/** Fills `{host}`, `{port}`, `{port:NAME}`, `{work}` and `{data}` into a text; a placeholder that has no value here is left as it is. */
export function fillPlaceholders(text: string, values: Placeholders): string {
  return text.replace(/\{(?:(host|port|work|data)|port:([a-z0-9_-]+))\}/g, (whole, name?: Single, port?: string) => {
    const value = name === undefined ? values.ports[port ?? ''] : values[name];
    return String(value ?? whole);
  });
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
