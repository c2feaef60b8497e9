/** A row for controls above what is scrolled: a table, an icicle. */
export function toolsAbove(what: HTMLElement): HTMLElement {
  const tools = document.createElement('div');
  tools.className = 'tools';
  (what.closest('.scroll') ?? what).before(tools);
  return tools;
}
