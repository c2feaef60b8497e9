import type { ReadingKey } from '../results/format.ts';
import type { Address } from '../runner/runner.ts';
import { httpProbe } from './http-reader.ts';
import type { Figures, Probe } from './probe.ts';

/** OpenTelemetry's memory in use, by its type. */
const OTEL_USED = 'go_memory_used_bytes';
const OTEL_STACKS = `${OTEL_USED}/stack`;
/** Its names before 2024. */
const OTEL = 'process_runtime_go_mem_';

/**
 * Names under which a figure is exposed, best first: by client_golang's Go collector, by its runtime/metrics extras, by
 * VictoriaMetrics, by OpenTelemetry's Go instrumentation, new and old. All byte and second figures are in base units
 * there already.
 */
const names: Readonly<Partial<Record<ReadingKey, readonly string[]>>> = {
  heapAllocBytes: ['go_memstats_heap_alloc_bytes', 'go_memstats_alloc_bytes', `${OTEL}heap_alloc_bytes`],
  heapSysBytes: ['go_memstats_heap_sys_bytes', `${OTEL}heap_sys_bytes`],
  heapIdleBytes: ['go_memstats_heap_idle_bytes', `${OTEL}heap_idle_bytes`],
  heapInuseBytes: ['go_memstats_heap_inuse_bytes', `${OTEL}heap_inuse_bytes`],
  // client_golang before 0.9 called the gauge a total.
  heapReleasedBytes: [
    'go_memstats_heap_released_bytes',
    'go_memstats_heap_released_bytes_total',
    `${OTEL}heap_released_bytes`,
  ],
  heapObjects: ['go_memstats_heap_objects', 'go_gc_heap_objects_objects', `${OTEL}heap_objects`],
  stackInuseBytes: ['go_memstats_stack_inuse_bytes', OTEL_STACKS],
  stackSysBytes: ['go_memstats_stack_sys_bytes'],
  mspanSysBytes: ['go_memstats_mspan_sys_bytes'],
  mcacheSysBytes: ['go_memstats_mcache_sys_bytes'],
  buckHashSysBytes: ['go_memstats_buck_hash_sys_bytes'],
  gcSysBytes: ['go_memstats_gc_sys_bytes'],
  otherSysBytes: ['go_memstats_other_sys_bytes'],
  sysBytes: ['go_memstats_sys_bytes'],
  totalAllocBytes: [
    'go_memstats_alloc_bytes_total',
    'go_gc_heap_allocs_bytes_total',
    'go_memory_allocated_bytes_total',
  ],
  mallocs: ['go_memstats_mallocs_total'],
  frees: ['go_memstats_frees_total'],
  nextGcBytes: ['go_gc_heap_goal_bytes', 'go_memstats_next_gc_bytes', 'go_memory_gc_goal_bytes'],
  lastGcUnixSeconds: ['go_memstats_last_gc_time_seconds'],
  pauseTotalSeconds: ['go_gc_duration_seconds_sum'],
  // The counter that is read together with the CPU classes comes first: their difference needs whole cycles.
  numGc: ['go_gc_cycles_total_gc_cycles_total', 'go_gc_duration_seconds_count'],
  numForcedGc: ['go_gc_cycles_forced_gc_cycles_total', 'go_gc_forced_count'],
  gcCpuFraction: ['go_memstats_gc_cpu_fraction'],
  liveHeapBytes: ['go_gc_heap_live_bytes'],
  gogcPercent: ['go_gc_gogc_percent', 'go_config_gogc_percent'],
  gomemlimitBytes: ['go_gc_gomemlimit_bytes', 'go_memlimit_bytes', 'go_memory_limit_bytes'],
  gomaxprocs: ['go_sched_gomaxprocs_threads', 'go_gomaxprocs', 'go_processor_limit'],
  limiterLastCycle: ['go_gc_limiter_last_enabled_gc_cycle'],
  gcIdleCpuSeconds: ['go_cpu_classes_gc_mark_idle_cpu_seconds_total'],
  classesTotalCpuSeconds: ['go_cpu_classes_total_cpu_seconds_total'],
  scanStackBytes: ['go_gc_scan_stack_bytes'],
  scanGlobalsBytes: ['go_gc_scan_globals_bytes'],
};

/** What a page tells of the process besides Go's own figures. */
const PROCESS = {
  rssBytes: 'process_resident_memory_bytes',
  /** VictoriaMetrics splits RSS. */
  rssFileBytes: 'process_resident_memory_file_bytes',
  cpuSeconds: 'process_cpu_seconds_total',
  /** `/cpu/classes/gc/total`, with idle marking: client_golang's name and VictoriaMetrics'. */
  gcTotalCpuSeconds: ['go_cpu_classes_gc_total_cpu_seconds_total', 'go_gc_cpu_seconds_total'],
} as const;

/** No line of the Go runtime is longer. */
const mostCharacters = 4096;
/**
 * `name{labels} value [timestamp]`. Label values hold anything, with `\"`, `\\` and `\n` escaped. No two parts can
 * match the same character, so that a hostile line is read in linear time.
 */
const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]{2,200})(?:[ \t]*\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\}|(?=\s))(.*)$/s;
const label = /([a-zA-Z_]\w{0,100})\s?=\s?"((?:[^"\\]|\\.)*)"/g;
/** Labels of a series itself, not of the process that it is of. */
const ownLabel = /^(?:go_memory_type|otel_scope_\w+|quantile|le|vmrange)$/;
const decimal = /^[+-]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,3})?$/;
/** What a paste puts before a line: quoting, bullets, bars, indentation. */
const pasted = /^[\s>|*`+-]{1,400}/;
/** Seconds or milliseconds since 1970. */
const timestamp = /^-?\d{9,16}(?:\.\d{1,9})?$/;

const KNOWN: ReadonlySet<string> = new Set(
  [...Object.values(names), ...Object.values(PROCESS)].flat().concat(OTEL_USED),
);

/** So many pages of one text are kept, the last: a day of one every ten seconds. */
export const MOST_PAGES = 10_000;

/** A line of a page that has one of our names and a value that is no number. */
export interface BadSample {
  readonly name: string;
  readonly written: string;
  /** The first character of the value in the page. */
  readonly at: number;
}

/** The series of one process at one moment. */
export interface GoSeries {
  /** What tells the process from others of the page: a prefix of its names, its labels. Empty where nothing does. */
  readonly instance: string;
  readonly series: ReadonlyMap<string, number>;
  readonly bad: readonly BadSample[];
  readonly from: number;
  readonly to: number;
}

/**
 * The Go runtime's series in the text format 0.0.4, apart by process: names with another prefix and other labels are of
 * another process, and a series that comes again is of the next page. Values that are no finite number, or negative, are
 * no figures of the runtime and left out; those that are not numbers at all are `bad`.
 */
export function readGoSeries(text: string): readonly GoSeries[] {
  interface Page {
    instance: string;
    series: Map<string, number>;
    bad: BadSample[];
    from: number;
    to: number;
    seen: Set<string>;
  }
  const pages: Page[] = [];
  const open = new Map<string, Page>();
  for (let from = 0; from < text.length;) {
    const newline = text.indexOf('\n', from);
    const to = newline < 0 ? text.length : newline;
    const line = to - from > mostCharacters ? undefined : sampleOf(text.slice(from, to));
    if (line !== undefined) {
      const { instance, name } = line;
      let page = open.get(instance);
      if (page === undefined || page.seen.has(name)) {
        page = { instance, series: new Map(), bad: [], from, to, seen: new Set() };
        open.set(instance, page);
        pages.push(page);
        if (pages.length > 2 * MOST_PAGES) pages.splice(0, MOST_PAGES);
      }
      page.seen.add(name);
      page.to = to;
      if (line.value !== undefined) page.series.set(name, line.value);
      else if (line.bad !== undefined) page.bad.push({ name, written: line.bad, at: from + line.at });
    }
    from = to + 1;
  }
  return pages.slice(-MOST_PAGES);
}

function sampleOf(whole: string) {
  const line = whole.replace(pasted, '');
  const [, written = '', labels, rest = ''] = sample.exec(line) ?? [];
  const known = knownName(written);
  if (known === undefined) return undefined;
  const { prefix, name } = known;
  const own: string[] = [];
  let type = '';
  for (const [, key = '', value = ''] of (labels ?? '').matchAll(label)) {
    if (key === 'go_memory_type') type = value;
    if (!ownLabel.test(key)) own.push(`${key}="${value}"`);
  }
  // A quantile or a bucket is not the figure.
  if (/(?:^|[,{\s])(?:quantile|le|vmrange)\s?=/.test(labels ?? '')) return undefined;
  const said = own.length === 0 ? prefix : `${prefix}{${own.toSorted().join(',')}}`;
  const [number = '', time = ''] = rest.trim().split(/[ \t]+/, 2);
  const at = whole.length - line.length + line.indexOf(number, line.length - rest.length);
  const found = { instance: said, name: type === '' ? name : `${name}/${type}`, at };
  if (/^[+-]?(?:nan|inf)$/i.test(number)) return { ...found, value: undefined, bad: undefined };
  const follows = time === '' || time.startsWith('#') || timestamp.test(time);
  if (!decimal.test(number) || !follows) {
    const grouped = follows ? withoutSeparators(number) : undefined;
    return grouped === undefined
      ? { ...found, value: undefined, bad: follows ? number : `${number} ${time}` }
      : { ...found, value: grouped, bad: undefined };
  }
  const value = Number(number);
  return { ...found, value: Number.isFinite(value) && value >= 0 ? value : undefined, bad: undefined };
}

/** `25,000,000` as a spreadsheet or a person writes it. */
function withoutSeparators(text: string): number | undefined {
  const [digits] = /^\d{1,3}(?:([,_'’\u00a0\u202f])\d{3})(?:\1\d{3}){0,6}$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits.replace(/\D/g, ''));
}

/** The name that we know in one that may have a prefix: `myapp_go_memstats_sys_bytes`. */
function knownName(written: string): { readonly prefix: string; readonly name: string } | undefined {
  for (let at = 0; at >= 0 && at < written.length; at = nextPart(written, at)) {
    const name = written.slice(at);
    if (KNOWN.has(name) || name.startsWith('go_memory_classes_')) return { prefix: written.slice(0, at), name };
  }
  return undefined;
}

/** Where the next part of a name begins, behind `_` or `:`; -1 behind the last. */
function nextPart(written: string, at: number): number {
  const found = written.slice(at).search(/[_:]/);
  return found < 0 ? -1 : at + found + 1;
}

/** Names that say where a process's memory is. */
const TELLING = /^(?:go_memstats_|go_memory_classes_|go_memory_used_bytes|process_runtime_go_mem_)/;

/** Whether the series say where memory is. */
export function tellsMemory({ series, bad }: GoSeries): boolean {
  return [...series.keys()].some((name) => TELLING.test(name)) || bad.some(({ name }) => TELLING.test(name));
}

/**
 * The series of the pages' own process, or of the only other one there is. Undefined where they are of several and
 * nothing tells which is meant.
 */
export function ownSeries(pages: readonly GoSeries[]): readonly GoSeries[] | undefined {
  const telling = pages.filter(tellsMemory);
  const instances = [...new Set((telling.length > 0 ? telling : pages).map(({ instance }) => instance))];
  const own = instances.includes('') ? '' : instances[0];
  if (instances.length > 1 && own !== '') return undefined;
  const mine = pages.filter(({ instance }) => instance === own);
  const others = seriesOfOthers(pages.filter(({ instance }) => instance !== own));
  return others.size === 0 ? mine : mine.map((page) => ({ ...page, series: new Map([...others, ...page.series]) }));
}

/** Series that are nowhere but under one other label set, or none, are of the same process: a constant label, a shard. */
function seriesOfOthers(pages: readonly GoSeries[]): ReadonlyMap<string, number> {
  const last = new Map(pages.filter((page) => !tellsMemory(page)).map((page) => [page.instance, page]));
  const added = new Map<string, number | undefined>();
  for (const { series } of last.values())
    for (const [name, value] of series) added.set(name, added.has(name) ? undefined : value);
  return new Map([...added].flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])));
}

/** The Go runtime's figures in a Prometheus page. Throws where there are none, and where nothing tells whose they are. */
export function parsePrometheus(text: string): Figures {
  const pages = readGoSeries(text);
  if (pages.length === 0) throw new Error('the answer has no metrics of the Go runtime');
  const figures = figuresOf(ownSeries(pages)?.at(-1)?.series ?? soleSeries(pages));
  if (Object.keys(figures).length > 0) return figures;
  const several = new Set(pages.filter(tellsMemory).map(({ instance }) => instance)).size > 1;
  throw new Error(`the answer has ${several ? 'the metrics of several processes' : 'no metrics of the Go runtime'}`);
}

/** Name by name what stands there once: without labels, or with only one set of them. */
function soleSeries(pages: readonly GoSeries[]): ReadonlyMap<string, number> {
  const labelled = new Map<string, number | undefined>();
  for (const { instance, series } of pages)
    if (instance !== '') for (const [name, value] of series) labelled.set(name, labelled.has(name) ? undefined : value);
  const sole = [...labelled].flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return new Map([...sole, ...pages.filter(({ instance }) => instance === '').flatMap(({ series }) => [...series])]);
}

/** The figures that series are. */
export function figuresOf(series: ReadonlyMap<string, number>): Figures {
  const figures: Partial<Record<ReadingKey, number>> = {};
  for (const [key, candidates] of Object.entries(names)) {
    const name = candidates.find((candidate) => series.has(candidate));
    const value = name === undefined ? undefined : series.get(name);
    if (value !== undefined) figures[key as ReadingKey] = value;
  }
  // GOGC=off is uint64(int32(-1)) in runtime/metrics (Go src/runtime/metrics.go), and so some 1.8e19 here.
  if (figures.gogcPercent !== undefined && figures.gogcPercent > 2 ** 31) figures.gogcPercent = -1;
  const gc = series.get('go_cpu_classes_gc_total_cpu_seconds_total');
  // Idle marking is "free" by the runtime's own definition of GCCPUFraction and stands apart.
  if (gc !== undefined) figures.gcCpuSeconds = Math.max(0, gc - (figures.gcIdleCpuSeconds ?? 0));
  if (figures.heapSysBytes === undefined) Object.assign(figures, fromMemoryClasses(series));
  return figures;
}

/** What a page tells of its process besides Go's own figures. */
export interface ProcessOnPage {
  readonly rssBytes?: number | undefined;
  readonly rssFileBytes?: number | undefined;
  /** CPU seconds of the process, and those of its garbage collector, both since its start. */
  readonly cpuSeconds?: number | undefined;
  readonly gcTotalCpuSeconds?: number | undefined;
  /** Sys − HeapReleased, where it is told as such (OpenTelemetry). */
  readonly goBytes?: number | undefined;
}

/** What series tell of their process. */
export function processOf(series: ReadonlyMap<string, number>): ProcessOnPage {
  const used = [...series].filter(([name]) => name.startsWith(OTEL_USED)).map(([, value]) => value);
  const bytes = (name: string): number | undefined => {
    const value = series.get(name);
    return value !== undefined && Number.isSafeInteger(value) && value > 0 ? value : undefined;
  };
  return {
    rssBytes: bytes(PROCESS.rssBytes),
    rssFileBytes: bytes(PROCESS.rssFileBytes),
    cpuSeconds: series.get(PROCESS.cpuSeconds),
    gcTotalCpuSeconds: PROCESS.gcTotalCpuSeconds.map((name) => series.get(name)).find((value) => value !== undefined),
    goBytes: used.length === 0 ? undefined : used.reduce((sum, one) => sum + one, 0),
  };
}

/** MemStats fields as sums of `/memory/classes/*` (Go src/runtime/metrics/doc.go), for pages that show only those. */
const sums = {
  heapAllocBytes: ['heap_objects'],
  heapInuseBytes: ['heap_objects', 'heap_unused'],
  heapIdleBytes: ['heap_free', 'heap_released'],
  heapReleasedBytes: ['heap_released'],
  heapSysBytes: ['heap_objects', 'heap_unused', 'heap_free', 'heap_released'],
  stackInuseBytes: ['heap_stacks'],
  stackSysBytes: ['heap_stacks', 'os_stacks'],
  mspanSysBytes: ['metadata_mspan_inuse', 'metadata_mspan_free'],
  mcacheSysBytes: ['metadata_mcache_inuse', 'metadata_mcache_free'],
  gcSysBytes: ['metadata_other'],
  buckHashSysBytes: ['profiling_buckets'],
  otherSysBytes: ['other'],
  sysBytes: ['total'],
} as const satisfies Partial<Record<ReadingKey, readonly string[]>>;

function fromMemoryClasses(series: ReadonlyMap<string, number>): Figures {
  const figures: Partial<Record<ReadingKey, number>> = {};
  for (const [key, classes] of Object.entries(sums)) {
    const parts = classes.map((name) => series.get(`go_memory_classes_${name}_bytes`));
    // A sum that lacks a part is no figure.
    if (parts.every((part) => part !== undefined)) figures[key as ReadingKey] = parts.reduce((a, b) => a + b, 0);
  }
  return figures;
}

/** The Go collector's figures from a Prometheus page. Asks for the plain text format, without compression. */
export function prometheusProbe(address: Address, path: string): Probe {
  return httpProbe('prometheus', address, path, parsePrometheus, { accept: 'text/plain;version=0.0.4' });
}
