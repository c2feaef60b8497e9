import { UNLIMITED_BYTES } from '../../go/pacer.ts';
import type { UnitScale } from '../../units/format-units.ts';
import { formatCount, formatFraction, formatSeconds } from '../../units/format-units.ts';
import { mebibyteScale } from '../../units/mebibytes.ts';
import type { MemoryFigures, Reconciliation } from './reconcile.ts';

/** A sentence or two about the figures at hand, with a stable name of what they are about. */
export interface ExplainedPoint {
  readonly topic:
    | 'rss'
    | 'rss-and-pprof'
    | 'rounding'
    | 'released'
    | 'objects'
    | 'idle'
    | 'spans'
    | 'outside'
    | 'swap'
    | 'gogc'
    | 'limit'
    | 'heap-sys'
    | 'units'
    | 'gc-cpu'
    | 'docker-stats'
    | 'lazy-free'
    | 'untouched'
    | 'huge-pages';
  readonly text: string;
}

/** What the sentences are made of besides the sums. */
export interface ExplainedFacts extends MemoryFigures {
  /** VmSwap. */
  readonly swapBytes?: number | undefined;
  /** What `docker stats` shows as the container's memory. */
  readonly dockerStatsBytes?: number | undefined;
  /** CPU seconds of the process and of its garbage collector since its start, idle marking included. */
  readonly cpuSeconds?: number | undefined;
  readonly gcTotalCpuSeconds?: number | undefined;
  /** RSS and pprof's figure as the user wrote them: `316252KiB`, `87.51MB`. */
  readonly written?: { readonly rss?: string | undefined; readonly pprof?: string | undefined } | undefined;
}

/** A rest this small against Go's memory is not worth a sentence of its own. */
const WORTH_SAYING = 0.05;

/**
 * What an operator should know of these figures, most important first: where RSS is, why a heap profile says less, and
 * what is commonly read wrongly in MemStats, each only where the figures give cause for it.
 */
export function explainMemory(of: Reconciliation, facts: ExplainedFacts): readonly ExplainedPoint[] {
  const scale = mebibyteScale(of.rssBytes ?? of.goBytes ?? facts.counters.sysBytes ?? 0);
  const say = (topic: ExplainedPoint['topic'], text: string | undefined): readonly ExplainedPoint[] =>
    text === undefined ? [] : [{ topic, text }];
  return [
    ...say('rss', rssText(of, facts, scale)),
    ...say('rounding', roundingText(of)),
    ...say('released', releasedText(of, scale)),
    ...say('rss-and-pprof', pprofText(of, facts, scale)),
    ...say('objects', objectsText(of, facts, scale)),
    ...say('idle', idleText(of, scale)),
    ...say('spans', spansText(of, scale)),
    ...say('outside', outsideText(of, scale)),
    ...say('swap', swapText(facts, scale)),
    ...say('gogc', gogcText(of, scale)),
    ...say('limit', limitText(of, facts, scale)),
    ...say('heap-sys', heapSysText(of, facts, scale)),
    ...say('units', unitsText(facts)),
    ...say('gc-cpu', gcCpuText(facts)),
    ...say('gc-cpu', gcSecondsText(facts)),
    ...say('docker-stats', dockerStatsText(of, facts, scale)),
  ];
}

function rssText(of: Reconciliation, { counters, rounding }: ExplainedFacts, scale: UnitScale) {
  const { rssBytes, goBytes, outside } = of;
  const mib = (bytes: number): string => scale.format(bytes);
  if (goBytes === undefined) {
    const sys = rounding?.sysBytes?.high ?? counters.sysBytes;
    return sys === undefined
      ? 'How much memory Go holds is unknown: too many counters are missing.'
      : `Go holds at most ${mib(sys)} (Sys). How much of that has been returned to the system is unknown.`;
  }
  if (rssBytes === undefined || outside === undefined)
    return `Go holds ${mib(goBytes)} (Sys − HeapReleased). RSS is unknown, so the memory outside Go is unknown too.`;
  const own = `${mib(goBytes)} (Sys − HeapReleased)`;
  const { fileBytes, otherBytes, lazyFreeBytes: lazy = 0 } = outside;
  if (fileBytes !== undefined && otherBytes !== undefined && otherBytes < 0)
    return `${mib(rssBytes)} is resident (RSS): ${mib(fileBytes)} of file pages and ${mib(rssBytes - fileBytes)} of anonymous memory. Go holds ${own}, so at least ${mib(-otherBytes)} of that is not resident: memory that is mapped but was never touched takes no RAM.`;
  if (outside.bytes < 0)
    return `${mib(rssBytes)} is resident (RSS). Go holds ${own}, which is ${mib(-outside.bytes)} more: memory that is mapped but was never touched takes no RAM.`;
  const rest = outside.mayBeReleased ? 'is outside Go, or was released by Go and is still resident' : 'is outside Go';
  const returned = lazy === 0 ? '' : `${mib(lazy)} was returned to the system and is still resident, `;
  // Where file pages are unknown, some may be where Go holds memory that it never touched.
  const [most, least] = fileBytes === undefined ? ['At most ', 'at least '] : ['', ''];
  return `${mib(rssBytes)} is resident (RSS). ${most}${mib(goBytes)} of it is Go’s own (Sys − HeapReleased), ${returned}and ${least}${mib(outside.bytes - lazy)} ${rest}.`;
}

function releasedText(of: Reconciliation, scale: UnitScale) {
  if (of.outside?.mayBeReleased !== true || of.releasedBytes === undefined) return undefined;
  const bytes = Math.min(of.outside.otherBytes ?? of.outside.bytes, of.releasedBytes);
  return `Up to ${scale.format(bytes)} of RSS may be heap that Go has released (HeapReleased) and that the kernel has not taken yet. Go 1.12 to 1.15 on Linux release memory with MADV_FREE, as do later versions with GODEBUG=madvdontneed=0, and Go on macOS and the BSDs: it stays in RSS until the system needs it for something else. On Linux, LazyFree in /proc/PID/smaps_rollup shows how much it is, and with GODEBUG=madvdontneed=1 (what Go 1.16 and later do by themselves) RSS falls at once.`;
}

function roundingText({ ranges }: Reconciliation) {
  if (ranges === undefined) return undefined;
  const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(2);
  const sums = (
    [
      ['Go’s own memory', ranges.go],
      ['RSS', ranges.rss],
      ['RSS − Go’s own', ranges.outside],
    ] as const
  ).flatMap(([name, range]) =>
    range === undefined || range.low === range.high ? [] : [`${name} is ${mib(range.low)} to ${mib(range.high)} MiB`],
  );
  const inexact = `Not every figure was written with all its digits, so the sum is not exact to the byte${sums.length === 0 ? '' : `: ${sums.join(', ')}`}.`;
  const units = ranges.units.join(', ');
  if (units !== '')
    return `${inexact} ${units} may mean powers of 1024 bytes, as read here, or of 1000; what a value lies between includes both.`;
  return ranges.thousands.length === 0
    ? inexact
    : `${inexact} ${ranges.thousands.join(', ')} means powers of 1000 bytes here: with powers of 1024 the figures do not add up.`;
}

/** The question that operators come with: "ps says X, pprof says Y". */
function pprofText(
  { parts, rssBytes, goBytes, outside, split }: Reconciliation,
  { live }: ExplainedFacts,
  scale: UnitScale,
) {
  const objects = bytesOf(parts, 'objects');
  if (rssBytes === undefined || goBytes === undefined || outside === undefined || objects === undefined)
    return undefined;
  const shown = split?.liveBytes ?? objects;
  const between = [
    [split?.restBytes, 'garbage or allocated since the last collection'],
    [bytesOf(parts, 'unusedInSpans'), 'unused space in spans'],
    [bytesOf(parts, 'retainedIdle'), 'retained idle heap'],
    [bytesOf(parts, 'stacks'), 'stacks'],
    [bytesOf(parts, 'metadata'), 'runtime metadata'],
    [bytesOf(parts, 'unsplit'), 'cannot be told apart'],
    ...(outside.fileBytes === undefined || outside.otherBytes === undefined
      ? ([[Math.max(0, outside.bytes), outside.mayBeReleased ? 'outside Go or released' : 'outside Go']] as const)
      : ([
          [outside.fileBytes, 'file pages'],
          [outside.lazyFreeBytes, 'returned to the system and still resident'],
          [
            Math.max(0, outside.otherBytes),
            outside.mayBeReleased ? 'other memory outside Go, or released' : 'other memory outside Go',
          ],
        ] as const)),
  ] as const;
  const list = between
    .flatMap(([bytes, name]) => (bytes === undefined || bytes <= 0 ? [] : [`${scale.number(bytes)} ${name}`]))
    .join(', ');
  const says =
    live?.source === 'pprof' && live.bytes > rssBytes
      ? `ps says ${scale.format(rssBytes)}, but pprof says ${scale.format(live.bytes)}, which is more than is resident: the two are of different moments or of different processes, or part of the process is swapped out.`
      : live?.source === 'pprof'
        ? `ps says ${scale.format(rssBytes)}, pprof says ${scale.format(live.bytes)}, and both are right.`
        : `ps says ${scale.format(rssBytes)}; a heap profile says ${split === undefined ? `at most about ${scale.format(objects)}` : `about ${scale.format(shown)}`}.`;
  const beyond = -(outside.otherBytes ?? outside.bytes);
  const rest = beyond > 0 ? ` ${scale.number(beyond)} of Go’s part is not resident and has to be subtracted.` : '';
  return `${says} A heap profile counts only objects that the last collection could reach. What it does not count, in MiB: ${list}.${rest}`;
}

function objectsText({ split, parts }: Reconciliation, { live }: ExplainedFacts, scale: UnitScale) {
  const objects = bytesOf(parts, 'objects');
  if (live === undefined || objects === undefined) return undefined;
  const who = live.source === 'pprof' ? 'pprof’s figure' : 'The runtime’s figure of the live heap';
  if (split === undefined)
    return `${who} (${scale.format(live.bytes)}) is larger than HeapAlloc (${scale.format(objects)}): it was taken at another moment, so the objects cannot be split into live and garbage.`;
  const caution = live.source === 'pprof' ? ' pprof’s figure is an estimate from samples.' : '';
  return `Of the objects, ${scale.format(split.liveBytes)} was reachable at the last collection; ${scale.format(split.restBytes)} is garbage that is not swept yet, or was allocated since.${caution}`;
}

function idleText({ releasedBytes, parts }: Reconciliation, scale: UnitScale) {
  const retained = bytesOf(parts, 'retainedIdle');
  if (releasedBytes === undefined || retained === undefined) return undefined;
  const idle = scale.format(releasedBytes + retained);
  if (releasedBytes === 0) {
    return retained === 0
      ? undefined
      : `All of HeapIdle (${idle}) is retained for the next allocations; none of it has been returned to the system yet.`;
  }
  return `HeapIdle (${idle}) is not wasted memory: ${scale.format(releasedBytes)} of it was returned to the system (HeapReleased). Only ${scale.format(retained)} is retained for the next allocations.`;
}

function spansText({ parts, goBytes }: Reconciliation, scale: UnitScale) {
  const unused = bytesOf(parts, 'unusedInSpans');
  if (unused === undefined || goBytes === undefined || unused < goBytes * WORTH_SAYING) return undefined;
  return `The ${scale.format(unused)} unused in spans (HeapInuse − HeapAlloc) is the most that fragmentation can cost. New objects of the same size class reuse it, so it is not lost.`;
}

function outsideText({ outside }: Reconciliation, scale: UnitScale) {
  if (outside?.fileBytes === undefined || outside.otherBytes === undefined) return undefined;
  const file = `${scale.format(outside.fileBytes)} of RSS is file pages: the program itself and the files it maps. The kernel can reclaim them under memory pressure, and no Go setting changes them.`;
  return outside.otherBytes <= 0
    ? file
    : `${file} ${scale.format(outside.otherBytes)} is neither Go’s nor file pages: cgo, or anonymous mappings that the program made itself${outside.mayBeReleased ? ', or heap that Go has released' : ''}.`;
}

function swapText({ swapBytes }: ExplainedFacts, scale: UnitScale) {
  return swapBytes === undefined || swapBytes === 0
    ? undefined
    : `${scale.format(swapBytes)} is swapped out, so RSS understates what the process uses.`;
}

function gogcText({ parts, split, goBytes, rssBytes }: Reconciliation, scale: UnitScale) {
  const [unused, idle] = [bytesOf(parts, 'unusedInSpans'), bytesOf(parts, 'retainedIdle')];
  if (split === undefined || unused === undefined || idle === undefined || goBytes === undefined) return undefined;
  const floor = (rssBytes ?? goBytes) - split.restBytes - unused - idle;
  return `GOGC affects garbage and, through it, unused space in spans and idle heap: ${scale.format(split.restBytes + unused + idle)} here. The other ${scale.format(Math.max(0, floor))} hardly depends on it.`;
}

function limitText({ goBytes }: Reconciliation, { counters: { gomemlimitBytes } }: ExplainedFacts, scale: UnitScale) {
  if (goBytes === undefined || gomemlimitBytes === undefined || gomemlimitBytes >= UNLIMITED_BYTES) return undefined;
  return `GOMEMLIMIT is ${scale.format(gomemlimitBytes)}. It limits Go’s own memory (${scale.format(goBytes)}), not RSS.`;
}

function heapSysText({ releasedBytes }: Reconciliation, { counters }: ExplainedFacts, scale: UnitScale) {
  const { heapSysBytes, sysBytes } = counters;
  const [name, bytes] = heapSysBytes === undefined ? ['Sys', sysBytes] : ['HeapSys', heapSysBytes];
  if (bytes === undefined || releasedBytes === undefined || releasedBytes === 0) return undefined;
  return `${name} (${scale.format(bytes)}) is address space and practically never shrinks. It still counts memory that was returned to the system, so it does not measure memory in use.`;
}

/** pprof writes MB for MiB, ps writes KiB without a unit: the seed of many sums that do not add up. */
function unitsText({ written, rssBytes, live }: ExplainedFacts) {
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
  const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
  const parts: string[] = [];
  const pprof = /^[\d.]+\s*([kMG]B)$/.exec(written?.pprof ?? '')?.[1];
  if (pprof !== undefined && live !== undefined)
    parts.push(
      `pprof’s ${pprof} is ${pprof.replace('B', 'iB').replace('k', 'K')}: its ${written?.pprof} are ${megabytes(live.bytes)} MB of 10⁶ bytes, so do not subtract them from a figure in MB.`,
    );
  if (/[\d]KiB$/.test(written?.rss ?? '') && rssBytes !== undefined)
    parts.push(
      `ps counts in KiB: ${written?.rss} are ${mebibytes(rssBytes)} MiB, or ${megabytes(rssBytes)} MB of 10⁶ bytes.`,
    );
  return parts.length === 0 ? undefined : `MB is not MiB. ${parts.join(' ')}`;
}

function gcCpuText({ counters: { gcCpuFraction, numGc } }: ExplainedFacts) {
  if (gcCpuFraction === undefined || gcCpuFraction === 0 || numGc === 0) return undefined;
  return `GCCPUFraction (${formatFraction(gcCpuFraction)}) is a mean over the whole life of the process, relative to all the CPU time that GOMAXPROCS allows, including idle time. It shows neither what the garbage collector takes now nor its share of the CPU used; gctune run measures both.`;
}

/** What pages show that count CPU seconds since the start (VictoriaMetrics, runtime/metrics). */
function gcSecondsText({ gcTotalCpuSeconds, cpuSeconds, counters: { numGc } }: ExplainedFacts) {
  if (gcTotalCpuSeconds === undefined || numGc === 0) return undefined;
  const share =
    cpuSeconds === undefined || cpuSeconds <= 0 || gcTotalCpuSeconds > cpuSeconds
      ? ''
      : `, ${formatFraction(gcTotalCpuSeconds / cpuSeconds)} of the ${formatCount(Math.round(cpuSeconds))} s that the process has used`;
  return `Since the process started, the garbage collector has used ${formatSeconds(gcTotalCpuSeconds)} of CPU time${share}. That includes marking on CPUs that were idle.`;
}

function dockerStatsText({ rssBytes }: Reconciliation, { dockerStatsBytes }: ExplainedFacts, scale: UnitScale) {
  if (dockerStatsBytes === undefined || rssBytes === undefined) return undefined;
  return `docker stats shows about ${scale.format(dockerStatsBytes)}. It counts the container’s cgroup: every process in it, kernel memory and active page cache. It is not RSS.`;
}

function bytesOf(parts: Reconciliation['parts'], key: Reconciliation['parts'][number]['key']): number | undefined {
  return parts.find((part) => part.key === key)?.bytes;
}
