import { MEMSTATS, MEMSTATS_PAIRS } from '../go/counters.ts';
import { memStatsFigures } from '../go/memstats.ts';
import type { Figures } from './probe.ts';
import { parsePrometheus } from './prometheus.ts';

/** A form in which a Go program's counters are written down; `memory`: nobody wrote them, they were read from its memory. */
export type CountersForm = 'expvar' | 'prometheus' | 'pprof' | 'memstats' | 'memory';

/** The Go runtime's counters found in a text. */
export interface Counters {
  readonly form: CountersForm;
  readonly figures: Figures;
  /** How many dumps of MemStats the text holds; the figures are those of the last. */
  readonly dumps: number;
  /** The program's arguments, where the text tells them (expvar). Untrusted. */
  readonly commandLine?: readonly string[] | undefined;
  /** The resident memory that the process itself tells (Prometheus' process collector), in bytes. */
  readonly rssBytes?: number | undefined;
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

/** Enough to say anything at all of memory; a text with less than that was not meant. */
const TELLING = ['heapAllocBytes', 'heapInuseBytes', 'heapIdleBytes', 'heapSysBytes', 'sysBytes'] as const;

/** The counters of a text: those of its last dump. Undefined where there are none. */
export function findCounters(text: string): Counters | undefined {
  const dumps = readMemStatsDumps(text);
  const last = dumps.at(-1);
  return last === undefined ? undefined : { ...last, dumps: dumps.length };
}

/**
 * Finds every dump of counters in a text by its content, in the order of the text: the JSON of `/debug/vars` or of a
 * MemStats, a Prometheus page, the end of a heap profile with `debug=1`, or a dump of MemStats with any other text
 * around it (`"Alloc": 1`, `# Alloc = 1`, Go's `{Alloc:1 …}`). Fields that are missing are missing in the figures too.
 */
export function readMemStatsDumps(text: string): readonly MemStatsDump[] {
  for (const read of [fromJson, fromPrometheus, fromDump]) {
    const found = read(text).filter(({ figures }) => TELLING.some((key) => figures[key] !== undefined));
    if (found.length > 0) return found;
  }
  return [];
}

/** The lines and characters of a part of a text. */
function placeOf(
  text: string,
  from = 0,
  to = text.length,
): Pick<MemStatsDump, 'firstLine' | 'lastLine' | 'from' | 'to'> {
  const firstLine = text.slice(0, from).split('\n').length;
  return { firstLine, lastLine: firstLine + text.slice(from, to).trimEnd().split('\n').length - 1, from, to };
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
  const args = 'cmdline' in document ? document.cmdline : undefined;
  return [
    {
      ...placeOf(text),
      form: stats === document ? 'memstats' : 'expvar',
      figures: memStatsFigures(named(Object.entries(stats))),
      commandLine: Array.isArray(args) ? args.filter((arg) => typeof arg === 'string') : undefined,
    },
  ];
}

function fromPrometheus(text: string): readonly MemStatsDump[] {
  if (!/^go_(?:memstats|memory_classes)_/m.test(text)) return [];
  const rss = Number(/^process_resident_memory_bytes(?:\{[^}\n]*\})? +([0-9.e+]+)/m.exec(text)?.[1] ?? NaN);
  let figures: Figures;
  try {
    figures = parsePrometheus(text);
  } catch {
    return [];
  }
  return [
    {
      ...placeOf(text),
      form: 'prometheus',
      figures,
      rssBytes: Number.isSafeInteger(rss) && rss > 0 ? rss : undefined,
    },
  ];
}

/** The fields of MemStats that are read, and the pairs of `debug=1`. */
const FIELDS = ['Alloc', ...Object.keys(MEMSTATS), ...Object.keys(MEMSTATS_PAIRS)].join('|');
/** `"Alloc": 1`, `Alloc:1`, `# Alloc = 1`, `Alloc: (uint64) 1`, `# Stack = 1 / 2`. A number with a unit is prose. */
const ASSIGNMENT = new RegExp(
  `(?<![\\w.])"?(${FIELDS})"?[ \\t]{0,8}[:=][ \\t]{0,8}(?:\\(\\w{1,16}\\) )?(\\d[\\d.]{0,30}(?:[eE][+-]?\\d{1,3})?)(?: / (\\d{1,20}))?(?![\\w%])`,
  'g',
);
/** Dumps of MemStats in any text: a field that comes again begins the next dump. */
function fromDump(text: string): readonly MemStatsDump[] {
  const dumps: { readonly fields: Map<string, number>; readonly from: number; to: number }[] = [];
  for (const match of withoutSizes(text).matchAll(ASSIGNMENT)) {
    const [whole, name = '', first, second] = match;
    const pair = Object.hasOwn(MEMSTATS_PAIRS, name) ? MEMSTATS_PAIRS[name] : undefined;
    if (pair !== undefined && second === undefined) continue;
    const fields: readonly (readonly [string, number])[] =
      pair === undefined
        ? [[name, Number(first)]]
        : [
            [pair[0], Number(first)],
            [pair[1], Number(second)],
          ];
    const last = dumps.at(-1);
    const dump =
      last === undefined || fields.some(([field]) => last.fields.has(field))
        ? { fields: new Map<string, number>(), from: match.index, to: match.index }
        : last;
    if (dump !== last) dumps.push(dump);
    for (const [field, value] of fields) dump.fields.set(field, value);
    dump.to = match.index + whole.length;
  }
  const form = text.includes('# runtime.MemStats') ? 'pprof' : 'memstats';
  // A lone `Sys: 1` in a sentence is no dump.
  return dumps
    .filter(({ fields }) => fields.size > 2)
    .map(({ fields, from, to }) => ({
      ...placeOf(text, from, to),
      form,
      figures: memStatsFigures(named([...fields])),
    }));
}

/** Alloc is HeapAlloc by definition; old dumps have been cut down to it. */
function named(stats: readonly (readonly [string, unknown])[]): readonly (readonly [string, unknown])[] {
  const alloc = stats.find(([name]) => name === 'Alloc');
  return alloc === undefined ? stats : [['HeapAlloc', alloc[1]], ...stats];
}

/** The text with blanks for its BySize tables, which repeat the names of fields. */
function withoutSizes(text: string): string {
  return text.replace(/BySize"?\s{0,8}[:=]\s{0,8}\[[^\]]*(?:\]|$)/g, (table) => table.replace(/[^\n]/g, ' '));
}
