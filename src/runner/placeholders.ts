/** What `{host}`, `{port}` and `{work}` stand for in one launch. */
export interface Placeholders {
  readonly host: string;
  readonly port: number | undefined;
  readonly work: string | undefined;
}

/** Fills `{host}`, `{port}` and `{work}` into a text; a placeholder that has no value here is left as it is. */
export function fillPlaceholders(text: string, values: Placeholders): string {
  return text.replace(/\{(host|port|work)\}/g, (whole, name: keyof Placeholders) => String(values[name] ?? whole));
}
