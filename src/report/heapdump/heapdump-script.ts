import { squarify } from './squarify.ts';

/** The page's script: it draws the part of the heap that is looked at and moves between parts. All text is set as text. */
export function treemapScript(): string {
  // A name that a compiler gave the function does not matter: it is bound here.
  return `const squarify = ${squarify.toString()};\n${DRAW}`;
}

const DRAW = `'use strict';
const views = JSON.parse(document.getElementById('page-data').textContent);
const map = document.getElementById('map');
const crumbs = document.getElementById('crumbs');
const detail = document.getElementById('detail');
const HEAD = 20, GAP = 1, LEAST = 4, DEPTH = 3;
const parts = new WeakMap();
let path = [views[0].root];

const link = (part, parent) => { part.up = parent; part.p.forEach((child) => link(child, part)); };
views.forEach(({ root }) => link(root, undefined));

function bytes(value) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  while (value >= 1023.5 && unit < units.length - 1) { value /= 1024; unit += 1; }
  return (unit === 0 ? String(Math.round(value)) : value.toPrecision(3)) + '\\u00a0' + units[unit];
}
function percent(part, whole) { return whole > 0 ? (part / whole * 100).toPrecision(3) + '\\u00a0%' : ''; }
function words(part) {
  const root = path[0], up = part.up;
  const count = Math.round(part.o);
  return part.t + ': ' + bytes(part.b) + ', ' + percent(part.b, root.b) + ' of the heap' +
    (up && up !== root ? ', ' + percent(part.b, up.b) + ' of ' + up.t : '') +
    ', ' + count.toLocaleString('en') + (count === 1 ? ' object' : ' objects');
}
function tell(part) { detail.textContent = words(part); }

function draw(focus) {
  const at = path[path.length - 1];
  map.replaceChildren();
  const area = { x: 0, y: 0, width: map.clientWidth, height: map.clientHeight };
  if (at.p.length === 0) tile(at, area, 0, map);
  else inside(at, area, 0, map);
  map.querySelectorAll('.tile').forEach((one, i) => { one.tabIndex = i === 0 ? 0 : -1; });
  crumbs.replaceChildren(...path.map((part, i) => {
    const item = document.createElement('li');
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = part.t;
    if (i === path.length - 1) button.setAttribute('aria-current', 'true');
    button.addEventListener('click', () => { path = path.slice(0, i + 1); draw(true); });
    item.append(button);
    return item;
  }));
  tell(at);
  if (focus) map.querySelector('.tile')?.focus();
}
function inside(part, area, depth, into) {
  const shown = part.p.filter(({ b }) => b > 0);
  squarify(shown.map(({ b }) => b), area).forEach((place, i) => {
    if (place.width >= LEAST && place.height >= LEAST) tile(shown[i], place, depth, into);
  });
}
function tile(part, { x, y, width, height }, depth, into) {
  const box = document.createElement('div');
  box.className = 'tile ' + part.c + ' depth-' + Math.min(depth, DEPTH) + (part.p.length > 0 ? ' open' : '');
  box.style.cssText = 'left:' + x + 'px;top:' + y + 'px;width:' + (width - GAP) + 'px;height:' + (height - GAP) + 'px';
  box.setAttribute('role', part.p.length > 0 ? 'button' : 'img');
  box.setAttribute('aria-label', words(part));
  box.title = words(part);
  if (width > 36 && height > 15) {
    const label = document.createElement('span');
    label.className = 'label';
    label.textContent = part.t;
    const size = document.createElement('span');
    size.className = 'size';
    size.textContent = bytes(part.b);
    label.append(' ', size);
    box.append(label);
  }
  parts.set(box, part);
  into.append(box);
  const room = { x: 2, y: HEAD, width: width - GAP - 4, height: height - GAP - HEAD - 2 };
  if (part.p.length > 0 && depth < DEPTH - 1 && room.width > 24 && room.height > 16) inside(part, room, depth + 1, box);
}
function enter(part) {
  const way = [];
  for (let up = part; up; up = up.up) way.unshift(up);
  path = part.p.length > 0 ? way : way.slice(0, -1);
  draw(true);
}
function leave() { if (path.length > 1) { path = path.slice(0, -1); draw(true); } }

const tileOf = (event) => event.target.closest('.tile');
map.addEventListener('click', (event) => { const box = tileOf(event); if (!box) return; const part = parts.get(box); if (part.p.length > 0) enter(part); else tell(part); });
map.addEventListener('mouseover', (event) => { const box = tileOf(event); if (box) tell(parts.get(box)); });
map.addEventListener('mouseleave', () => tell(path[path.length - 1]));
map.addEventListener('focusin', (event) => { const box = tileOf(event); if (box) tell(parts.get(box)); });
map.addEventListener('keydown', (event) => {
  const boxes = [...map.querySelectorAll('.tile')];
  const at = boxes.indexOf(document.activeElement);
  const go = (to) => { const box = boxes[Math.max(0, Math.min(boxes.length - 1, to))]; boxes[at] && (boxes[at].tabIndex = -1); box.tabIndex = 0; box.focus(); event.preventDefault(); };
  if (at < 0) return;
  if (event.key === 'ArrowRight' || event.key === 'ArrowDown') go(at + 1);
  else if (event.key === 'ArrowLeft' || event.key === 'ArrowUp') go(at - 1);
  else if (event.key === 'Home') go(0);
  else if (event.key === 'End') go(boxes.length - 1);
  else if (event.key === 'Enter' || event.key === ' ') { const part = parts.get(boxes[at]); if (part.p.length > 0) enter(part); event.preventDefault(); }
  else if (event.key === 'Escape' || event.key === 'Backspace') { leave(); event.preventDefault(); }
});
document.querySelectorAll('input[name=view]').forEach((input) => input.addEventListener('change', () => { path = [views[Number(input.value)].root]; draw(false); }));
document.getElementById('explore').hidden = false;
new ResizeObserver(() => draw(map.contains(document.activeElement))).observe(map);
`;
