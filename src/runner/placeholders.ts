/** What `{host}`, `{port}`, `{work}` and `{data}` stand for in one launch. */
export interface Placeholders {
  readonly host: string;
  readonly port: number | undefined;
  readonly work: string | undefined;
  readonly data: string | undefined;
}

/** Where the work folder and the data folder appear in a container. */
export const IN_CONTAINER = { work: '/gctune/work', data: '/gctune/data' } as const;

/** Fills `{host}`, `{port}`, `{work}` and `{data}` into a text; a placeholder that has no value here is left as it is. */
export function fillPlaceholders(text: string, values: Placeholders): string {
  return text.replace(/\{(host|port|work|data)\}/g, (whole, name: keyof Placeholders) => String(values[name] ?? whole));
}
