import { MEMSTATS, MEMSTATS_PAIRS } from '../go/counters.ts';
import { memStatsFigures, type Rounding } from '../go/memstats.ts';
import { isByteUnit, scanPlainNumber, scanSize, type WrittenSize } from '../units/written-size.ts';
import type { Figures } from './probe.ts';
import {
  figuresOf,
  MOST_PAGES,
  ownSeries,
  processOf,
  readGoSeries,
  tellsMemory,
  type ProcessOnPage,
} from './prometheus.ts';

/** A form in which a Go program's counters are written down; `memory`: nobody wrote them, they were read from its memory. */
export type CountersForm = 'expvar' | 'prometheus' | 'pprof' | 'memstats' | 'memory';

/** The Go runtime's counters found in a text. */
export interface Counters extends ProcessOnPage {
  readonly form: CountersForm;
  readonly figures: Figures;
  /** Between what the figures may lie that are written with a unit; all others are exact. */
  readonly rounding: Rounding;
  /** The figures again, where some have a unit such as `MB`, of 10⁶ bytes instead of 2²⁰; and those units. */
  readonly thousands?: { readonly units: readonly string[]; readonly figures: Figures } | undefined;
  /** Figures of the dump whose number could not be read. */
  readonly faults: readonly FigureFault[];
  /** How many dumps of MemStats the text holds; the figures are those of the last. */
  readonly dumps: number;
  /** The program's arguments, where the text tells them (expvar). Untrusted. */
  readonly commandLine?: readonly string[] | undefined;
  /** Which of several processes of a page it is: labels, a prefix of the names. Untrusted. */
  readonly instance?: string | undefined;
}

/** One dump of MemStats in a text, or one page of counters, and where it stands. */
export interface MemStatsDump extends Omit<Counters, 'dumps'> {
  /** Its first and its last line, from 1. */
  readonly firstLine: number;
  readonly lastLine: number;
  /** Its first character and the one behind its last, as offsets in the text. */
  readonly from: number;
  readonly to: number;
}

/** A figure whose number could not be read, with its place and the remedy. */
export interface FigureFault {
  readonly field: string;
  readonly line: number;
  readonly column: number;
  readonly problem: string;
  readonly hint: string;
}

/** The counters of several processes, none of which was asked for. */
export class SeveralInstances extends Error {
  override readonly name = 'SeveralInstances';
  /** What tells them apart. Untrusted. */
  readonly instances: readonly string[];
  constructor(instances: readonly string[]) {
    super(`the counters are of ${instances.length} processes`);
    this.instances = instances;
  }
}

/** Enough to say anything at all of memory; a text with less than that was not meant. */
const TELLING = ['heapAllocBytes', 'heapInuseBytes', 'heapIdleBytes', 'heapSysBytes', 'sysBytes'] as const;

/**
 * The counters of a text: those of its last dump. Undefined where there are none. Throws SeveralInstances where they are
 * of several processes, of which `instance` names none, by its labels or the value of one of them.
 */
export function findCounters(text: string, instance?: string): Counters | undefined {
  const all = readMemStatsDumps(text, instance !== undefined);
  const instances = [...new Set(all.map((dump) => dump.instance ?? ''))];
  const exact = instances.filter((one) => one === instance);
  const fitting =
    instance === undefined ? instances : exact.length > 0 ? exact : instances.filter((one) => fits(one, instance));
  if (instances.length > 0 && fitting.length !== 1) throw new SeveralInstances(instances);
  const dumps = all.filter((dump) => (dump.instance ?? '') === fitting[0]);
  const last = dumps.at(-1);
  return last === undefined ? undefined : { ...last, dumps: dumps.length };
}

function fits(instance: string, wanted: string): boolean {
  const plain = wanted.replace(/^\{|\}$/g, '');
  if (plain === '') return false;
  const labels = /\{(.*)\}$/s.exec(instance)?.[1] ?? '';
  if (labels === plain) return true;
  const pairs = [...labels.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)];
  const prefix = /^\w*/.exec(instance)?.[0] ?? '';
  if (prefix !== '' && (prefix === wanted || prefix === `${wanted}_`)) return true;
  return pairs.some(([pair, name, value]) => plain === pair || plain === `${name}=${value}` || plain === value);
}

/**
 * Finds every dump of counters in a text by its content, in the order of the text: the JSON of `/debug/vars` or of a
 * MemStats, Prometheus pages, the end of a heap profile with `debug=1`, or dumps of MemStats with any other text around
 * them (`"Alloc": 1`, `# Alloc = 1`, `mem.HeapSys: 7 MiB`, `heap_sys_bytes 1`, Go's `{Alloc:1 …}`). Fields that are
 * missing are missing in the figures too; no prefix of a number is ever taken for it. Of a page that shows its own
 * process and others its own is taken, unless `everyInstance` is wanted. Of more than 10,000 dumps the last are kept.
 */
export function readMemStatsDumps(text: string, everyInstance = false): readonly MemStatsDump[] {
  for (const read of [fromJson, fromPrometheus, fromDump]) {
    const found = read(text, everyInstance).filter(
      ({ figures, faults, goBytes }) =>
        goBytes !== undefined || faults.length > 0 || TELLING.some((key) => figures[key] !== undefined),
    );
    if (found.length > 0) return found;
  }
  return [];
}

/** Tells lines and columns of a text's characters. */
function linesOf(text: string) {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  const lineOf = (at: number): number => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= at) low = middle;
      else high = middle;
    }
    return low + 1;
  };
  return {
    place: (from: number, to: number) => ({
      firstLine: lineOf(from),
      lastLine: lineOf(Math.max(from, to - 1)),
      from,
      to,
    }),
    position: (at: number) => ({ line: lineOf(at), column: at - (starts[lineOf(at) - 1] ?? 0) + 1 }),
  };
}

function fromJson(text: string): readonly MemStatsDump[] {
  const start = /\S/.exec(text)?.[0];
  if (start !== '{' && start !== '\ufeff') return [];
  let document: unknown;
  try {
    document = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    return [];
  }
  if (typeof document !== 'object' || document === null) return [];
  const stats = 'memstats' in document ? document.memstats : document;
  if (typeof stats !== 'object' || stats === null) return [];
  // Rounded figures, with or without a unit, are for the reader of dumps.
  const bytes = Object.entries(stats).filter(([name]) => FIELDS.get(name.toLowerCase())?.bytes === true);
  if (!bytes.every(([, value]) => Number.isSafeInteger(value) && value >= 0)) return [];
  const args = 'cmdline' in document ? document.cmdline : undefined;
  return [
    {
      ...linesOf(text).place(0, text.trimEnd().length),
      form: stats === document ? 'memstats' : 'expvar',
      figures: memStatsFigures(named(Object.entries(stats))),
      rounding: {},
      faults: [],
      commandLine: Array.isArray(args) ? args.filter((arg) => typeof arg === 'string') : undefined,
    },
  ];
}

function fromPrometheus(text: string, everyInstance: boolean): readonly MemStatsDump[] {
  const pages = readGoSeries(withoutColours(text));
  const telling = pages.filter(tellsMemory);
  if (telling.length === 0) return [];
  const lines = linesOf(text);
  return ((everyInstance ? undefined : ownSeries(pages)) ?? telling).map(({ instance, series, bad, from, to }) => ({
    ...lines.place(from, to),
    ...processOf(series),
    form: 'prometheus',
    figures: figuresOf(series),
    rounding: {},
    faults: bad.map(({ name, written, at }) => ({
      field: name,
      ...lines.position(at),
      problem: `${JSON.stringify(written.slice(0, 60))} is not a number of a Prometheus page`,
      hint: 'write digits, without a unit',
    })),
    instance: instance === '' ? undefined : instance,
  }));
}

/** A field of MemStats in any spelling. */
interface Field {
  /** Its name in MemStats. */
  readonly name: string;
  readonly bytes: boolean;
}

const NOT_BYTES = new Set([
  'HeapObjects',
  'Mallocs',
  'Frees',
  'LastGC',
  'PauseTotalNs',
  'NumGC',
  'NumForcedGC',
  'GCCPUFraction',
]);
/** Fields by their names in lower case without `_`, with or without `bytes` behind. */
const FIELDS: ReadonlyMap<string, Field> = new Map(
  ['Alloc', ...Object.keys(MEMSTATS), ...Object.values(MEMSTATS_PAIRS).map(([inUse]) => inUse)].flatMap((name) => {
    const field = { name, bytes: !NOT_BYTES.has(name) };
    const key = name.toLowerCase();
    const more =
      {
        TotalAlloc: ['allocbytestotal'],
        Mallocs: ['mallocstotal'],
        Frees: ['freestotal'],
        // gops
        MSpanInuse: ['stackmspaninuse'],
        MSpanSys: ['stackmspansys'],
        MCacheInuse: ['stackmcacheinuse'],
        MCacheSys: ['stackmcachesys'],
      }[name] ?? [];
    const spellings = field.bytes ? [key, `${key}bytes`, `${key}bytestotal`] : [key];
    return [...spellings.filter((one) => one !== 'allocbytestotal'), ...more].map((one) => [one, field] as const);
  }),
);
/** Before a field these make another of it: `Heap Sys` is not Sys. */
const QUALIFIER = /^(?:heap|stack|mspan|mcache|gc|other|total|hash|next|last|num|peak|max|cpu|user|time|disk)$/i;
/** Prefixes behind which a short word such as `sys` is a field of MemStats. */
const OF_MEMORY = /(?:mem|memory|mem_?stats?|runtime|go|gc|heap|ms|m|stats?)[._/]$/i;

const SPACE = '[ \\t\\u00a0\\u2007\\u2009\\u202f]';
/**
 * A name, what separates it from its number, and nothing of the number: `Alloc: `, `"Sys":`, `| HeapSys | `, `# Sys = `,
 * `heap_sys_bytes\t`, `heap-sys: `, `HeapSys (MB) = `, `Alloc: (uint64) `, `gauge runtime.MemStats.Sys\n  value: `. Bounded throughout, so that it takes linear time.
 */
const NAME = new RegExp(
  `(?<!\\w)(?<!\\w-)([A-Za-z_](?:\\w|-(?=[A-Za-z])){1,80})["'\`*]{0,3}(?:${SPACE}{0,3}[([]([A-Za-z]{1,9})[)\\]])?` +
    `(?:${SPACE}{0,200}(?:=>|:=|[:=|])${SPACE}{0,200}|\\n${SPACE}{1,20}value:${SPACE}{1,20}|${SPACE}{1,200})` +
    `(?:\\(\\w{1,16}\\) ?|uint(?:64|32)\\()?["'\`*]{0,3}(?=[+-]?\\.?\\d)`,
  'g',
);

/** A figure of a dump: what it is, or why it could not be read. */
type Entry =
  | { readonly size: WrittenSize }
  | { readonly number: number }
  | { readonly at: number; readonly problem: string; readonly hint: string };

interface OpenDump {
  readonly entries: Map<string, Entry>;
  readonly from: number;
  to: number;
}

/** Dumps of MemStats in any text: a field that comes again behind the same prefix begins the next dump. */
function fromDump(original: string): readonly MemStatsDump[] {
  const text = readable(original);
  const dumps: OpenDump[] = [];
  const open = new Map<string, OpenDump>();
  for (const found of text.matchAll(NAME)) {
    const [head, word = '', unit] = found;
    const meant = fieldOf(text, word, found.index);
    if (meant === undefined || (unit !== undefined && !isByteUnit(unit))) continue;
    const { fields, bytes, style } = meant;
    let at = found.index + head.length;
    const entries: [string, Entry][] = [];
    for (const [index, field] of fields.entries()) {
      const scanned = bytes
        ? scanSize(text, at, meant.unit ?? unit, index < fields.length - 1)
        : scanPlainNumber(text, at);
      const whole =
        'problem' in scanned ? { at, problem: scanned.problem, hint: scanned.hint } : entryOf(scanned.value);
      entries.push([field, whole]);
      at = scanned.end + (index < fields.length - 1 ? ' / '.length : 0);
    }
    // What is no figure of memory is left out where it cannot be read: a time, a date.
    if (!bytes && entries.some(([, entry]) => 'problem' in entry)) continue;
    let dump = open.get(style);
    if (dump === undefined || entries.some(([field]) => dump?.entries.has(field))) {
      dump = { entries: new Map(), from: found.index, to: at };
      open.set(style, dump);
      dumps.push(dump);
      if (dumps.length > 2 * MOST_PAGES) dumps.splice(0, MOST_PAGES);
    }
    for (const [field, entry] of entries) dump.entries.set(field, entry);
    dump.to = Math.min(at, text.length);
  }
  const lines = linesOf(original);
  const form = original.includes('# runtime.MemStats') ? 'pprof' : 'memstats';
  return (
    dumps
      // A lone `Sys: 1` in a sentence is no dump.
      .filter(({ entries }) => entries.size > 2)
      .slice(-MOST_PAGES)
      .toSorted((a, b) => a.to - b.to)
      .map(({ entries, from, to }) => ({ ...lines.place(from, to), form, ...valuesOf(entries, lines) }))
  );
}

function entryOf(value: WrittenSize | number): Entry {
  return typeof value === 'number' ? { number: value } : { size: value };
}

/** Which fields a word is, and what tells its dump from another: its prefix and its spelling. */
function fieldOf(text: string, written: string, at: number) {
  const word = written.replaceAll('-', '_');
  const pair = Object.hasOwn(MEMSTATS_PAIRS, word) ? MEMSTATS_PAIRS[word] : undefined;
  const dotted = /[\w./-]{0,60}[./]$/.exec(text.slice(Math.max(0, at - 60), at))?.[0] ?? '';
  if (pair !== undefined)
    return /^ = [\d.,]+[ \w]* \/ /.test(text.slice(at + word.length, at + word.length + 80))
      ? { fields: pair, bytes: true, style: dotted + styleOf(word), unit: undefined }
      : undefined;
  const spaced = spacedName(text, word, at);
  if (spaced === 'another') return undefined;
  if (spaced !== undefined)
    return { fields: [spaced.name], bytes: spaced.bytes, style: styleOf(word), unit: undefined };
  for (let from = 0; from < word.length; from = word.indexOf('_', from) + 1) {
    const part = word.slice(from);
    const [, stem = part, unit] = /^(.{3,}?)_?([KMGkmg]i?[Bb])$/.exec(part) ?? [];
    for (const [name, ofName] of [
      [part, undefined],
      [stem, unit],
    ] as const) {
      const field = FIELDS.get(name.replaceAll('_', '').toLowerCase());
      if (field === undefined || (ofName !== undefined && !field.bytes)) continue;
      const prefix = dotted + word.slice(0, from);
      // `cpu_sys`, `disk.frees`: a short word means memory only where its prefix does.
      const short = !/[A-Z_]/.test(name) && !/heap|stack|mspan|mcache|hash|bytes|gc/i.test(name);
      if (prefix !== '' && short && ofName === undefined && !OF_MEMORY.test(prefix)) return undefined;
      return { fields: [field.name], bytes: field.bytes, style: prefix + styleOf(name), unit: ofName };
    }
    if (!word.includes('_', from)) return undefined;
  }
  return undefined;
}

/** One dump does not mix them. */
function styleOf(name: string): string {
  return /^[A-Z]/.test(name) ? 'Camel' : 'snake';
}

/** `Heap Sys: 1`, `Total alloc: 2`: a field in several words, or `another` where it is one of ours with a word too many. */
function spacedName(text: string, word: string, at: number): Field | 'another' | undefined {
  const [, before = ''] = /(?<![\w-])((?:[A-Za-z]{1,12} ){1,3})$/.exec(text.slice(Math.max(0, at - 40), at)) ?? [];
  const words = before.split(' ').slice(0, -1);
  for (let first = 0; first < words.length; first++) {
    const field = FIELDS.get([...words.slice(first), word].join('').toLowerCase());
    if (field !== undefined) return field;
  }
  return QUALIFIER.test(words.at(-1) ?? '') ? 'another' : undefined;
}

/** The figures of a dump with what is known of their rounding. */
function valuesOf(entries: ReadonlyMap<string, Entry>, { position }: ReturnType<typeof linesOf>) {
  const faults: FigureFault[] = [];
  const values: [string, number][] = [];
  const thousands: [string, number][] = [];
  const units = new Set<string>();
  const rounding: Record<string, { low: number; high: number }> = {};
  for (const [field, entry] of entries) {
    if ('problem' in entry) {
      faults.push({ field, ...position(entry.at), problem: entry.problem, hint: entry.hint });
      continue;
    }
    const bytes = 'size' in entry ? entry.size.bytes : entry.number;
    const vague = 'size' in entry ? entry.size.vague : undefined;
    values.push([field, bytes]);
    thousands.push([field, vague?.bytes ?? bytes]);
    if (vague !== undefined) units.add(vague.unit);
    if (!('size' in entry) || entry.size.low === entry.size.high) continue;
    const name = field === 'Alloc' ? 'HeapAlloc' : field;
    const key = Object.hasOwn(MEMSTATS, name) ? MEMSTATS[name as keyof typeof MEMSTATS][0] : undefined;
    if (key !== undefined && !(field === 'Alloc' && entries.has('HeapAlloc')))
      rounding[key] = { low: entry.size.low, high: entry.size.high };
  }
  return {
    figures: memStatsFigures(named(values)),
    rounding: rounding as Rounding,
    thousands: units.size === 0 ? undefined : { units: [...units], figures: memStatsFigures(named(thousands)) },
    faults,
  };
}

/** Alloc is HeapAlloc by definition; old dumps have been cut down to it. */
function named(stats: readonly (readonly [string, unknown])[]): readonly (readonly [string, unknown])[] {
  const alloc = stats.find(([name]) => name === 'Alloc');
  return alloc === undefined ? stats : [['HeapAlloc', alloc[1]], ...stats];
}

/** The text with blanks for its BySize tables, which repeat the names of fields, for colours, and for escapes of JSON. */
function readable(text: string): string {
  return withoutColours(text)
    .replace(/BySize"?\s{0,8}[:=]\s{0,8}\[[^\]]*(?:\]|$)/g, (table) => table.replace(/[^\n]/g, ' '))
    .replace(/\\[nrt"]|\r/g, (escape) => ' '.repeat(escape.length));
}

/** The text with blanks for the codes of a terminal, raw and as JSON escapes them. */
function withoutColours(text: string): string {
  return text.replace(/(?:[^\P{Cc}\s]|\\u001b|\\x1b)\[[0-9;?]{0,32}[A-Za-z]/gu, (code) => ' '.repeat(code.length));
}
