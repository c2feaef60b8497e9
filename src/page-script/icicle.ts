import { shortFunctionName } from '../report/function-name.ts';
import { toolsAbove } from './tools-row.ts';

/** Shares of the width of an icicle. */
interface Box {
  readonly element: HTMLElement;
  readonly name: string;
  readonly depth: number;
  readonly left: number;
  readonly width: number;
}

/** Lets every icicle be entered by a click or a key, and searched. */
export function useIcicles(): void {
  for (const icicle of document.querySelectorAll<HTMLElement>('.icicle')) enter(icicle);
}

function enter(icicle: HTMLElement): void {
  const sites = [...icicle.querySelectorAll<HTMLElement>('.site')];
  const row = Math.min(...sites.map(({ style }) => Number.parseFloat(style.top)).filter((top) => top > 0));
  const boxes = sites.map((element): Box => ({
    element,
    name: element.title.split('\n')[0] ?? '',
    depth: Math.round(Number.parseFloat(element.style.top) / row),
    left: Number.parseFloat(element.style.left) / 100,
    width: Number.parseFloat(element.style.width) / 100,
  }));
  const [root] = boxes;
  if (root === undefined) return;
  const label = icicle.ariaLabel ?? '';
  // What it shows can now be reached, box by box.
  icicle.role = 'tree';
  for (const { element, name, depth } of boxes) {
    element.role = 'treeitem';
    element.ariaLevel = String(depth + 1);
    element.tabIndex = -1;
    if (name !== '') element.ariaLabel = element.title.replace('\n', ', ');
  }
  root.element.tabIndex = 0;

  const within = (box: Box, outer: Box): boolean =>
    box.depth >= outer.depth &&
    box.left >= outer.left - 1e-9 &&
    box.left + box.width <= outer.left + outer.width + 1e-9;
  const holds = (box: Box, inner: Box): boolean =>
    box.depth < inner.depth && within({ ...inner, depth: box.depth }, box);
  const zoom = (to: Box): void => {
    for (const box of boxes) {
      const outer = holds(box, to);
      const shown = outer || within(box, to);
      const [left, width] = outer ? [0, 1] : [(box.left - to.left) / to.width, box.width / to.width];
      box.element.hidden = !shown;
      box.element.style.left = `${left * 100}%`;
      box.element.style.width = `${width * 100}%`;
      if (box !== root) box.element.textContent = width >= 0.025 ? shortFunctionName(box.name) : '';
    }
    focus(to);
  };
  const focus = (box: Box | undefined): void => {
    if (box === undefined) return;
    for (const { element } of boxes) element.tabIndex = element === box.element ? 0 : -1;
    box.element.focus();
  };
  const shown = (): readonly Box[] => boxes.filter(({ element }) => !element.hidden);
  const beside = (box: Box, by: 1 | -1): Box | undefined => {
    const row = shown().filter(({ depth }) => depth === box.depth);
    return row[row.indexOf(box) + by];
  };
  icicle.addEventListener('click', ({ target }) => {
    const box = boxes.find(({ element }) => element === target);
    if (box !== undefined) zoom(box);
  });
  icicle.addEventListener('keydown', (event) => {
    const box = boxes.find(({ element }) => element === event.target);
    if (box === undefined) return;
    const act = {
      Enter: () => zoom(box),
      ' ': () => zoom(box),
      Escape: () => zoom(root),
      ArrowDown: () => focus(shown().find((other) => other.depth === box.depth + 1 && within(other, box))),
      ArrowUp: () => focus(shown().findLast((other) => other.depth === box.depth - 1 && holds(other, box))),
      ArrowLeft: () => focus(beside(box, -1)),
      ArrowRight: () => focus(beside(box, 1)),
    }[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  });
  tools(icicle, label, boxes, () => zoom(root));
}

/** A field to search functions by name, and the way back out. */
function tools(icicle: HTMLElement, label: string, boxes: readonly Box[], leave: () => void): void {
  const field = document.createElement('input');
  field.type = 'search';
  field.ariaLabel = `Find a function, ${label}`;
  field.placeholder = 'find a function';
  const said = document.createElement('output');
  field.addEventListener('input', () => {
    const wanted = field.value.trim().toLowerCase();
    const found = wanted === '' ? [] : boxes.filter(({ name }) => name.toLowerCase().includes(wanted));
    icicle.classList.toggle('searched', wanted !== '');
    for (const box of boxes) box.element.classList.toggle('sought', found.includes(box));
    // A function that calls itself, or another that was found, counts once.
    const outermost = found.filter(
      (box) =>
        !found.some(
          (other) =>
            other.depth < box.depth && other.left <= box.left && box.left + box.width <= other.left + other.width,
        ),
    );
    const share = outermost.reduce((sum, { width }) => sum + width, 0);
    said.textContent = wanted === '' ? '' : `${found.length} found, ${(share * 100).toFixed(1)} % of the bytes`;
  });
  const back = document.createElement('button');
  back.type = 'button';
  back.textContent = 'Show all';
  back.addEventListener('click', leave);
  toolsAbove(icicle).append(field, back, said);
}
