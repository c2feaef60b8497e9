import { recommend } from '../analysis/recommend/recommend.ts';
import { NO_FLAGS, wishesOf } from '../analysis/recommend/wish-flags.ts';
import { UserError } from '../errors.ts';
import {
  blocksMark,
  commandOf,
  cpuLimitPercent,
  pasteHtml,
  standings,
  verdictHtml,
} from '../report/first-screen/answer-parts.ts';
import { shareOf } from '../report/first-screen/share-of.ts';
import type { PageData } from '../report/first-screen/page-data.ts';
import type { Html } from '../report/html.ts';
import { useIcicles } from './icicle.ts';
import { useOverTime } from './over-time.ts';
import { useTables } from './tables.ts';

/** What the controls say; each as its flag has it, undefined where its reader has said nothing. */
type Flags = Partial<Record<(typeof NAMES)[number], string | undefined>>;

const MOST_SAID = 240;
const NAMES = ['max-cpu', 'max-p99', 'price-gib-month', 'price-core-month'] as const;

const data = JSON.parse(document.getElementById('page-data')?.textContent ?? 'null') as PageData;
const form = byId('wishes');
const cpu = input('max-cpu');
const p99 = input('max-p99');
const [gib, core] = [input('price-gib'), input('price-core')];
let flags: Flags = {};
/** The last flags that could be answered: what is copied never holds anything else. */
let asked: Flags = {};
/** What the address says and no control has. */
let unknown: readonly string[] = [];

/** Shows the answer to what is wished; of what cannot be asked, why. */
function show(): void {
  try {
    const recommendation = recommend(data.input, wishesOf({ ...NO_FLAGS, ...flags }));
    put('verdict', verdictHtml(recommendation));
    put('paste', pasteHtml(recommendation));
    put('blocks-mark', blocksMark(recommendation), 'ul');
    const standing = standings(recommendation);
    for (const spot of document.querySelectorAll<HTMLElement>('.spot'))
      spot.className = `spot ${standing.get(spot.dataset['setting'] ?? '') ?? ''}`;
    moveLimit(cpuLimitPercent(recommendation));
    text(
      'wrong',
      unknown.length === 0 ? '' : `${cut(unknown.join(', '))}: not a control of this page; gctune recommend has it`,
    );
    asked = { ...flags };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    text('wrong', cut(error.message));
  }
  text('max-cpu-said', percentSaid(flags['max-cpu']) ?? (cpu === undefined ? '' : `+${cpu.defaultValue} % (default)`));
  text('max-p99-said', percentSaid(flags['max-p99']) ?? 'no limit');
  addCopies();
}

/** An address may be as long as somebody likes. */
function cut(said: string): string {
  return said.length > MOST_SAID ? `${said.slice(0, MOST_SAID)}…` : said;
}

/** `+30 %`; undefined of what is not one. */
function percentSaid(flag: string | undefined): string | undefined {
  return /^[+-]?[\d.]+%$/.test(flag ?? '') ? flag?.replace('%', ' %') : undefined;
}

function moveLimit(limit: number | undefined): void {
  for (const plot of document.querySelectorAll<HTMLElement>('.plot')) {
    const [least = 0, most = 1] = (plot.dataset['domain'] ?? '').split(' ').map(Number);
    const area = plot.querySelector<HTMLElement>('.met');
    if (area === null) continue;
    area.style.display = limit === undefined ? 'none' : '';
    if (limit !== undefined) area.style.width = `${shareOf(limit, [least, most]) * 100}%`;
  }
}

/** Reads the controls, keeps what they say in the address, and shows the answer. */
function changed(event: Event): void {
  const { target } = event;
  if (target === cpu && cpu !== undefined) flags['max-cpu'] = `+${cpu.value}%`;
  if (target === p99 && p99 !== undefined) flags['max-p99'] = p99.value === p99.max ? undefined : `+${p99.value}%`;
  if (target === gib || target === core) {
    flags['price-gib-month'] = gib?.value.trim() || undefined;
    flags['price-core-month'] = core?.value.trim() || undefined;
  }
  history.replaceState(null, '', `#${address()}`);
  show();
}

function address(): string {
  const said = NAMES.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]]));
  return said.length === 0 ? 'answer' : new URLSearchParams(said).toString();
}

/** Takes what is wished out of the page's address, where it says anything of it. */
function readAddress(): void {
  if (!location.hash.includes('=')) return;
  const said = new URLSearchParams(location.hash.slice(1));
  flags = {};
  for (const name of NAMES) flags[name] = said.get(name) ?? undefined;
  unknown = [...said.keys()].filter((name) => !(NAMES as readonly string[]).includes(name));
  set(cpu, /^\+?(\d+)%$/.exec(flags['max-cpu'] ?? '')?.[1] ?? cpu?.defaultValue);
  set(p99, /^\+?(\d+)%$/.exec(flags['max-p99'] ?? '')?.[1] ?? p99?.defaultValue);
  set(gib, flags['price-gib-month'] ?? '');
  set(core, flags['price-core-month'] ?? '');
}

/** What is folded opens when it, or what is within it, is linked to. */
function reveal(): void {
  // Our own addresses are plain words.
  const id = location.hash.slice(1);
  const target = id === '' || id.includes('=') ? null : document.getElementById(id);
  if (target === null) return;
  if (target.classList.contains('part')) open(target.querySelector('details'));
  else if (target.closest('.part') !== null) {
    for (let fold = target.closest('details'); fold !== null; fold = fold.parentElement?.closest('details') ?? null)
      open(fold);
    target.hidden = false;
    target.scrollIntoView({ block: 'center' });
  }
}

function open(details: HTMLDetailsElement | null): void {
  if (details !== null) details.open = true;
}

function addCopies(): void {
  for (const block of document.querySelectorAll<HTMLElement>('pre.copied')) {
    if (block.querySelector('button') !== null) continue;
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'copy';
    button.textContent = 'Copy';
    const said = block.textContent;
    button.addEventListener('click', () => void copy(said, button));
    block.append(button);
  }
}

async function copy(said: string, button: HTMLElement): Promise<void> {
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(said);
    button.textContent = 'Copied';
  } catch {
    button.textContent = 'Not allowed here';
  }
  setTimeout(() => (button.textContent = label), 1500);
}

function byId(id: string): HTMLElement | undefined {
  return document.getElementById(id) ?? undefined;
}

function input(id: string): HTMLInputElement | undefined {
  const found = byId(id);
  return found instanceof HTMLInputElement ? found : undefined;
}

function set(control: HTMLInputElement | undefined, value: string | undefined): void {
  if (control !== undefined && value !== undefined) control.value = value;
}

function text(id: string, said: string): void {
  const element = byId(id);
  if (element !== undefined) element.textContent = said;
}

/** Everything of `content` is escaped: only `html` makes it. */
function put(id: string, content: Html, within?: string): void {
  const element = byId(id);
  const holder = within === undefined ? element : element?.querySelector(within);
  if (holder !== undefined && holder !== null) holder.innerHTML = content.text;
}

if (form !== undefined) {
  form.hidden = false;
  form.addEventListener('input', changed);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', () => {
    flags = {};
    unknown = [];
    history.replaceState(null, '', '#answer');
    // The controls have their first values only after this.
    setTimeout(show);
  });
  byId('copy-command')?.addEventListener('click', ({ currentTarget }) => {
    if (currentTarget instanceof HTMLElement) void copy(commandOf(data.run, asked), currentTarget);
  });
  byId('copy-link')?.addEventListener('click', ({ currentTarget }) => {
    const link = `${location.href.replace(/#.*$/, '')}#${address()}`;
    if (currentTarget instanceof HTMLElement) void copy(link, currentTarget);
  });
  readAddress();
  if (location.hash.includes('=')) show();
  else addCopies();
}
window.addEventListener('hashchange', () => {
  readAddress();
  if (location.hash.includes('=')) show();
  reveal();
});
useTables();
useOverTime();
useIcicles();
window.addEventListener('beforeprint', () => {
  for (const details of document.querySelectorAll('details')) details.open = true;
});
reveal();
