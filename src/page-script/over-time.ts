import { ticksOf } from '../report/charts/axis-ticks.ts';
import { readQuantity, valueAt, type Line, type Quantity } from './read-courses.ts';

const HEIGHT = 300;
const MARGIN = { left: 52, right: 12, top: 8, bottom: 24 };
const SVG = 'http://www.w3.org/2000/svg';

/** Lets the panels of each workload be enlarged where somebody opens the section. */
export function useOverTime(): void {
  const fold = document.querySelector<HTMLDetailsElement>('#over-time > details');
  const enlarged = new Map<HTMLElement, Enlarged>();
  const enlarge = (): void => {
    for (const panels of document.querySelectorAll<HTMLElement>('.over-time'))
      if (!enlarged.has(panels)) enlarged.set(panels, new Enlarged(panels));
  };
  if (fold === null) return;
  fold.addEventListener('toggle', enlarge);
  if (fold.open) enlarge();
}

/** One large plot above the panels of a workload: the cells that are chosen over each other, a moment to read, a span to zoom to. */
class Enlarged {
  readonly #quantities: readonly Quantity[];
  readonly #chosen = new Set<string>();
  readonly #plot = document.createElement('div');
  readonly #said = document.createElement('p');
  readonly #boxes = new Map<string, HTMLInputElement>();
  readonly #select = document.createElement('select');
  #span: readonly [number, number];
  #at: number;
  #dragged: number | undefined;

  constructor(panels: HTMLElement) {
    this.#quantities = [...panels.querySelectorAll<HTMLElement>('.courses')].map(readQuantity);
    const [first] = this.#quantities;
    this.#span = [first?.from ?? 0, first?.to ?? 1];
    this.#at = this.#span[1];
    const cells = [...new Set(this.#quantities.flatMap(({ courses }) => courses.map(({ cell }) => cell)))];
    const baseline = first?.courses.find((course) => course.baseline)?.cell ?? cells[0] ?? '';
    this.#choose(baseline, cells.find((cell) => cell !== baseline) ?? baseline);
    panels.prepend(this.#tools(panels, cells), this.#plot, this.#said);
    this.#said.className = 'said';
    this.#plot.className = 'plot-over-time';
    this.#plot.tabIndex = 0;
    this.#plot.role = 'slider';
    this.#plot.ariaLabel = `The moment that is read, ${panels.dataset['workload'] ?? ''}`;
    this.#listen();
    for (const grid of panels.querySelectorAll<HTMLElement>('.courses'))
      for (const panel of grid.querySelectorAll<HTMLElement>('.course'))
        panel.addEventListener('click', () => {
          this.#select.value = grid.dataset['name'] ?? '';
          this.#choose(baseline, panel.dataset['cell'] ?? '');
          this.#draw();
          this.#plot.scrollIntoView({ block: 'nearest' });
        });
    // At once: until it is drawn, a slider has no value, and an observer is asked only after layout.
    this.#draw();
    new ResizeObserver(() => this.#draw()).observe(this.#plot);
  }

  #choose(...cells: readonly string[]): void {
    this.#chosen.clear();
    for (const cell of cells) this.#chosen.add(cell);
    for (const [cell, box] of this.#boxes) box.checked = this.#chosen.has(cell);
  }

  #tools(panels: HTMLElement, cells: readonly string[]): HTMLElement {
    const tools = document.createElement('div');
    tools.className = 'tools';
    this.#select.ariaLabel = 'Quantity';
    this.#select.append(...this.#quantities.map(({ name }) => new Option(name, name)));
    this.#select.addEventListener('change', () => this.#draw());
    tools.append(this.#select);
    for (const cell of cells) {
      const box = document.createElement('input');
      box.type = 'checkbox';
      box.checked = this.#chosen.has(cell);
      box.addEventListener('change', () => {
        if (box.checked) this.#chosen.add(cell);
        else this.#chosen.delete(cell);
        this.#draw();
      });
      this.#boxes.set(cell, box);
      const swatch = document.createElement('i');
      swatch.className = 'swatch';
      swatch.style.background =
        panels.querySelector<HTMLElement>(`[data-cell="${CSS.escape(cell)}"]`)?.style.getPropertyValue('--paint') ?? '';
      const label = document.createElement('label');
      label.append(box, swatch, cell);
      tools.append(label);
    }
    const whole = document.createElement('button');
    whole.type = 'button';
    whole.textContent = 'Whole time';
    whole.addEventListener('click', () => this.#zoom(-Infinity, Infinity));
    tools.append(whole);
    return tools;
  }

  #listen(): void {
    const plot = this.#plot;
    plot.addEventListener('pointermove', (event) => {
      this.#at = this.#timeAt(event);
      this.#draw();
    });
    plot.addEventListener('pointerdown', (event) => {
      this.#dragged = this.#timeAt(event);
      if (event.pointerType === 'mouse') plot.setPointerCapture(event.pointerId);
    });
    plot.addEventListener('pointerup', (event) => {
      const [from, to] = [this.#dragged, this.#timeAt(event)];
      this.#dragged = undefined;
      const [start, end] = this.#span;
      if (from !== undefined && Math.abs(to - from) > (end - start) / 50)
        this.#zoom(Math.min(from, to), Math.max(from, to));
      else this.#draw();
    });
    plot.addEventListener('pointercancel', () => (this.#dragged = undefined));
    plot.addEventListener('dblclick', () => this.#zoom(-Infinity, Infinity));
    plot.addEventListener('keydown', (event) => {
      const [from, to] = this.#span;
      const step = (to - from) / 50;
      const act = {
        ArrowLeft: () => this.#move(-step),
        ArrowRight: () => this.#move(step),
        Home: () => this.#move(-Infinity),
        End: () => this.#move(Infinity),
        '+': () => this.#zoom(this.#at - (to - from) / 4, this.#at + (to - from) / 4),
        '-': () => this.#zoom(from - (to - from) / 2, to + (to - from) / 2),
        Escape: () => this.#zoom(-Infinity, Infinity),
      }[event.key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    });
  }

  #move(by: number): void {
    this.#at = Math.min(this.#span[1], Math.max(this.#span[0], this.#at + by));
    this.#draw();
  }

  #zoom(from: number, to: number): void {
    const { from: first, to: last } = this.#quantity;
    this.#span = [Math.max(first, from), Math.min(last, to)];
    this.#move(0);
  }

  get #quantity(): Quantity {
    const found = this.#quantities.find(({ name }) => name === this.#select.value) ?? this.#quantities[0];
    return found ?? { name: '', unit: '', from: 0, to: 1, courses: [] };
  }

  #timeAt({ clientX }: PointerEvent): number {
    const { left, width } = this.#plot.getBoundingClientRect();
    const share = (clientX - left - MARGIN.left) / (width - MARGIN.left - MARGIN.right);
    const [from, to] = this.#span;
    return from + Math.min(1, Math.max(0, share)) * (to - from);
  }

  #draw(): void {
    const { name, unit, courses } = this.#quantity;
    const shown = courses.filter(({ cell }) => this.#chosen.has(cell));
    const [from, to] = this.#span;
    const within = shown.flatMap(({ median, others }) =>
      [median, ...others].flatMap((line) => line.flatMap(([at, value]) => (at >= from && at <= to ? value : []))),
    );
    const most = Math.max(0, ...within) * 1.05 || 1;
    const width = Math.max(280, this.#plot.clientWidth);
    const plot = { width: width - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom };
    const x = (at: number): number => ((at - from) / (to - from || 1)) * plot.width;
    const y = (value: number): number => (1 - value / most) * plot.height;
    const path = (line: Line): string =>
      line.map(([at, value], i) => `${i === 0 ? 'M' : 'L'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join('');
    const svg = element('svg', { viewBox: `${-MARGIN.left} ${-MARGIN.top} ${width} ${HEIGHT}`, 'aria-hidden': 'true' });
    const clipped = element('svg', { width: plot.width, height: plot.height, overflow: 'hidden' });
    if (from < 0) clipped.append(element('rect', { class: 'before', width: Math.max(0, x(0)), height: plot.height }));
    for (const tick of ticksOf(most, 5)) {
      svg.append(element('path', { class: 'grid', d: `M0 ${y(tick)}h${plot.width}` }));
      svg.append(element('text', { class: 'up', x: -6, y: y(tick) + 4 }, String(tick)));
    }
    for (const tick of timeTicks(from, to, plot.width < 500 ? 4 : 8))
      svg.append(element('text', { x: x(tick), y: plot.height + 18 }, `${figure(tick)} s`));
    for (const { paint, median, others, area } of shown) {
      const [low = [], high = []] = others;
      if (area)
        clipped.append(
          element('path', {
            d: `${path(high)}${path(low.toReversed()).replace('M', 'L')}z`,
            style: `fill:${paint};opacity:.15`,
          }),
        );
      else
        for (const line of others)
          clipped.append(element('path', { d: path(line), style: `stroke:${paint};stroke-width:.8;opacity:.4` }));
      clipped.append(element('path', { d: path(median), style: `stroke:${paint};stroke-width:2.5` }));
    }
    if (this.#dragged !== undefined) {
      const [start, end] = [x(this.#dragged), x(this.#at)];
      clipped.append(
        element('rect', {
          x: Math.min(start, end),
          width: Math.abs(end - start),
          height: plot.height,
          style: 'fill:var(--accent);opacity:.2',
        }),
      );
    }
    clipped.append(element('path', { d: `M${x(this.#at)} 0v${plot.height}`, style: 'stroke:var(--ink)' }));
    const read = shown.flatMap(({ cell, paint, median }) => {
      const value = valueAt(median, this.#at);
      if (value === undefined) return [];
      clipped.append(element('circle', { cx: x(this.#at), cy: y(value), r: 4, style: `fill:${paint}` }));
      return { cell, value };
    });
    svg.append(clipped);
    this.#plot.replaceChildren(svg);
    const say = (value: number): string => `${figure(value)}${unit === '' ? '' : ` ${unit}`}`;
    const [a, b] = read;
    const apart = read.length === 2 && a !== undefined && b !== undefined ? `; ${say(b.value - a.value)} apart` : '';
    const said = `${name} at ${figure(this.#at)} s: ${read.map(({ cell, value }) => `${cell} ${say(value)}`).join(', ')}${apart}`;
    this.#said.textContent = read.length === 0 ? `${name}: no median at ${figure(this.#at)} s` : said;
    this.#plot.ariaValueMin = from.toPrecision(3);
    this.#plot.ariaValueMax = to.toPrecision(3);
    this.#plot.ariaValueNow = this.#at.toPrecision(3);
    this.#plot.ariaValueText = this.#said.textContent;
  }
}

function timeTicks(from: number, to: number, most: number): readonly number[] {
  const [, step = 1] = ticksOf(to - from, most);
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.max(0, Math.floor(to / step) - first + 1) }, (_, i) =>
    Number(((first + i) * step).toPrecision(6)),
  );
}

/** Three figures, which is what the lines are drawn to. */
function figure(value: number): string {
  return String(Number(value.toPrecision(3))).replace('-', '−');
}

function element(name: string, attributes: Readonly<Record<string, string | number>>, text = ''): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.textContent = text;
  return made;
}
