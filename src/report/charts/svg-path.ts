/** A path through points by its steps, which are shorter than the places. */
export function pathOf(points: readonly (readonly [number, number])[], command = 'M'): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  let [x, y] = first;
  const steps = rest.map(([nextX, nextY]) => {
    const step = [nextX - x, nextY - y].join(' ').replace(' -', '-');
    [x, y] = [nextX, nextY];
    return step;
  });
  const lines = steps.map((step, i) => (i > 0 && !step.startsWith('-') ? ` ${step}` : step)).join('');
  return `${command}${first.join(' ')}${lines === '' ? '' : `l${lines}`}`;
}
