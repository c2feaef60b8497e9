/** A copy of a JSON value in which something else stands at one place (`plan.cells.2.id`), or, with undefined, nothing. */
export function altered(value: unknown, place: string, to: unknown): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(value));
  const keys = place.split('.');
  const last = keys.pop() ?? '';
  let at = copy as Record<string, unknown>;
  for (const key of keys) at = at[key] as Record<string, unknown>;
  if (to === undefined) delete at[last];
  else at[last] = to;
  return copy;
}
