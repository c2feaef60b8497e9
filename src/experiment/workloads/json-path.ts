/** The steps of a path into a JSON value: `summary.count`, `rows[0].n`, `metrics["http_reqs"].count`; undefined where it is none. */
export function jsonPath(text: string): readonly (string | number)[] | undefined {
  const steps: (string | number)[] = [];
  const step = /(?:^|\.)([A-Za-z_$][\w$-]*)|\[(\d{1,9})\]|\["([^"\\]+)"\]/y;
  while (step.lastIndex < text.length) {
    const found = step.exec(text);
    if (found === null) return undefined;
    const [, name, index, quoted] = found;
    steps.push(index === undefined ? (name ?? quoted ?? '') : Number(index));
  }
  return steps.length === 0 ? undefined : steps;
}
