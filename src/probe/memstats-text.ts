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
  /** How many dumps of MemStats the text holds; the figures are those of the first with the most fields. */
  readonly dumps: number;
  /** The program's arguments, where the text tells them (expvar). Untrusted. */
  readonly commandLine?: readonly string[] | undefined;
  /** The resident memory that the process itself tells (Prometheus' process collector), in bytes. */
  readonly rssBytes?: number | undefined;
}

/** Enough to say anything at all of memory; a text with less than that was not meant. */
const TELLING = ['heapAllocBytes', 'heapInuseBytes', 'heapIdleBytes', 'heapSysBytes', 'sysBytes'] as const;

/**
 * Finds the counters in a text by its content: the JSON of `/debug/vars` or of a MemStats, a Prometheus page, the end of
 * a heap profile with `debug=1`, or a dump of MemStats with any other text around it (`"Alloc": 1`, `# Alloc = 1`,
 * Go's `{Alloc:1 …}`). Fields that are missing are missing in the figures too. Undefined where there are no counters.
 */
export function findCounters(text: string): Counters | undefined {
  for (const read of [fromJson, fromPrometheus, fromDump]) {
    const found = read(text);
    if (found !== undefined && TELLING.some((key) => found.figures[key] !== undefined)) return found;
  }
  return undefined;
}

function fromJson(text: string): Counters | undefined {
  const start = /\S/.exec(text)?.[0];
  if (start !== '{' && start !== '\ufeff') return undefined;
  let document: unknown;
  try {
    document = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    return undefined;
  }
  if (typeof document !== 'object' || document === null) return undefined;
  const stats = 'memstats' in document ? document.memstats : document;
  if (typeof stats !== 'object' || stats === null) return undefined;
  const args = 'cmdline' in document ? document.cmdline : undefined;
  return {
    form: stats === document ? 'memstats' : 'expvar',
    figures: memStatsFigures(named(Object.entries(stats))),
    dumps: 1,
    commandLine: Array.isArray(args) ? args.filter((arg) => typeof arg === 'string') : undefined,
  };
}

function fromPrometheus(text: string): Counters | undefined {
  if (!/^go_(?:memstats|memory_classes)_/m.test(text)) return undefined;
  const rss = Number(/^process_resident_memory_bytes(?:\{[^}\n]*\})? +([0-9.e+]+)/m.exec(text)?.[1] ?? NaN);
  let figures: Figures;
  try {
    figures = parsePrometheus(text);
  } catch {
    return undefined;
  }
  return {
    form: 'prometheus',
    figures,
    dumps: 1,
    rssBytes: Number.isSafeInteger(rss) && rss > 0 ? rss : undefined,
  };
}

/** The fields of MemStats that are read, and the pairs of `debug=1`. */
const FIELDS = ['Alloc', ...Object.keys(MEMSTATS), ...Object.keys(MEMSTATS_PAIRS)].join('|');
/** `"Alloc": 1`, `Alloc:1`, `# Alloc = 1`, `Alloc: (uint64) 1`, `# Stack = 1 / 2`. A number with a unit is prose. */
const ASSIGNMENT = new RegExp(
  `(?<![\\w.])"?(${FIELDS})"?[ \\t]{0,8}[:=][ \\t]{0,8}(?:\\(\\w{1,16}\\) )?(\\d[\\d.]{0,30}(?:[eE][+-]?\\d{1,3})?)(?: / (\\d{1,20}))?(?![\\w%])`,
  'g',
);
/** Dumps of MemStats in any text: a field that comes again begins the next dump. */
function fromDump(text: string): Counters | undefined {
  const dumps: Map<string, number>[] = [];
  for (const [, name = '', first, second] of withoutSizes(text).matchAll(ASSIGNMENT)) {
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
    const dump = last === undefined || fields.some(([field]) => last.has(field)) ? new Map<string, number>() : last;
    if (dump !== last) dumps.push(dump);
    for (const [field, value] of fields) dump.set(field, value);
  }
  // A lone `Sys: 1` in a sentence is no dump.
  const whole = dumps.filter(({ size }) => size > 2);
  const fullest = whole.toSorted((a, b) => b.size - a.size)[0];
  if (fullest === undefined) return undefined;
  return {
    form: text.includes('# runtime.MemStats') ? 'pprof' : 'memstats',
    figures: memStatsFigures(named([...fullest])),
    dumps: whole.length,
  };
}

/** Alloc is HeapAlloc by definition; old dumps have been cut down to it. */
function named(stats: readonly (readonly [string, unknown])[]): readonly (readonly [string, unknown])[] {
  const alloc = stats.find(([name]) => name === 'Alloc');
  return alloc === undefined ? stats : [['HeapAlloc', alloc[1]], ...stats];
}

/** The text without its BySize tables, which repeat the names of fields. */
function withoutSizes(text: string): string {
  let rest = text;
  let kept = '';
  for (
    let at = rest.search(/BySize"?\s{0,8}[:=]\s{0,8}\[/);
    at >= 0;
    at = rest.search(/BySize"?\s{0,8}[:=]\s{0,8}\[/)
  ) {
    const end = rest.indexOf(']', at);
    kept += rest.slice(0, at);
    rest = end < 0 ? '' : rest.slice(end + 1);
  }
  return kept + rest;
}
