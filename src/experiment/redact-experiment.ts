/** TODO */
export function redactFile(file: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return file;
}
