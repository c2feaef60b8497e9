import type { GoFigures } from './counters.ts';

const mebibyte = 2 ** 20;
/** No figure of a real line is longer; a longer one would not be exact, or not even finite. */
const whole = String.raw`(\d{1,15})`;
const number = String.raw`(\d{1,15}(?:\.\d{1,9})?)`;
/**
 * The line of Go ≥ 1.6 (src/runtime/mgc.go, gcMarkTermination): stacks and globals came with 1.18, a remark in
 * parentheses before the colon with 1.27. Before it stands whatever a log puts there.
 *
 * clock: a+b+c = stop, concurrent mark, stop. cpu: d+e/f/g+h = stop, assists, dedicated and fractional workers, idle
 * workers, stop.
 */
const CYCLE = new RegExp(
  String.raw`gc ${whole} @${number}s ${whole}%(?: \([^)\n]{0,80}\))?: ` +
    String.raw`${number}\+${number}\+${number} ms clock, ${number}\+${number}/${number}/${number}\+${number} ms cpu, ` +
    String.raw`${whole}->${whole}->${whole} MB, ${whole} MB goal,(?: ${whole} MB stacks, ${whole} MB globals,)? ` +
    String.raw`${whole} P( \(forced\))?(?!\w)`,
  'y',
);

/** A phase that would have lasted longer (11 days), and a start later than this (317 years), are no clock's. */
const MOST_MILLISECONDS = 1e9;
const MOST_SECONDS = 1e10;
const MOST_PROCS = 1e6;

/** One GC cycle as gctrace prints it. Heap sizes were cut to whole MiB by the runtime, times to two digits. */
export interface GcCycle {
  readonly cycle: number;
  /** Seconds since the runtime's start at which the cycle began. */
  readonly startSeconds: number;
  /** The runtime's own account of GC CPU since its start, a whole percentage of GOMAXPROCS × time. */
  readonly lifetimePercent: number;
  /** Wall seconds with the world stopped, before marking and after it; and of marking between them. */
  readonly sweepTerminationSeconds: number;
  readonly markSeconds: number;
  readonly markTerminationSeconds: number;
  /** CPU seconds of stops, assists and dedicated or fractional workers; idle workers stand apart. */
  readonly gcCpuSeconds: number;
  readonly assistCpuSeconds: number;
  readonly stopCpuSeconds: number;
  readonly idleCpuSeconds: number;
  readonly heapStartBytes: number;
  readonly heapEndBytes: number;
  readonly heapLiveBytes: number;
  /** The goal of the cycle that has just ended, which was set by the live heap of the one before. */
  readonly heapGoalBytes: number;
  readonly stacksBytes: number | undefined;
  readonly globalsBytes: number | undefined;
  readonly procs: number;
  /** By runtime.GC or debug.FreeOSMemory; the cycle that comes after two minutes without one is not marked. */
  readonly forced: boolean;
}

/** When the last stop of a cycle ended, in seconds since the runtime's start. */
export function endSeconds(cycle: GcCycle): number {
  return cycle.startSeconds + cycle.sweepTerminationSeconds + cycle.markSeconds + cycle.markTerminationSeconds;
}

/** A cycle as figures of the runtime. */
export function cycleFigures(cycle: GcCycle): GoFigures {
  const { stacksBytes, globalsBytes } = cycle;
  return {
    cycle: cycle.cycle,
    cycleStartSeconds: cycle.startSeconds,
    cycleGcCpuSeconds: cycle.gcCpuSeconds,
    cycleIdleCpuSeconds: cycle.idleCpuSeconds,
    cycleStopSeconds: Math.round((cycle.sweepTerminationSeconds + cycle.markTerminationSeconds) * 1e6) / 1e6,
    heapStartBytes: cycle.heapStartBytes,
    heapEndBytes: cycle.heapEndBytes,
    heapLiveBytes: cycle.heapLiveBytes,
    heapGoalBytes: cycle.heapGoalBytes,
    ...(stacksBytes === undefined ? {} : { stacksBytes }),
    ...(globalsBytes === undefined ? {} : { globalsBytes }),
    procs: cycle.procs,
    forced: cycle.forced ? 1 : 0,
  };
}

function cycleAt(text: string, index: number): { readonly cycle: GcCycle; readonly end: number } | undefined {
  CYCLE.lastIndex = index;
  const match = CYCLE.exec(text);
  if (match === null) return undefined;
  const at = (group: number): number => Number(match[group]);
  const optional = (group: number): number | undefined =>
    match[group] === undefined ? undefined : at(group) * mebibyte;
  // Milliseconds with at most three decimals: whole microseconds, so that sums carry no binary dust.
  const seconds = (...groups: readonly number[]): number =>
    Math.round(groups.reduce((sum, group) => sum + at(group), 0) * 1000) / 1e6;
  const longest = Math.max(...[4, 5, 6, 7, 8, 9, 10, 11].map(at));
  if (longest > MOST_MILLISECONDS * at(18) || Math.max(at(4), at(5), at(6)) > MOST_MILLISECONDS) return undefined;
  if (at(2) > MOST_SECONDS || at(18) > MOST_PROCS || at(18) < 1 || at(1) < 1) return undefined;
  const cycle = {
    cycle: at(1),
    startSeconds: at(2),
    lifetimePercent: at(3),
    sweepTerminationSeconds: seconds(4),
    markSeconds: seconds(5),
    markTerminationSeconds: seconds(6),
    gcCpuSeconds: seconds(7, 8, 9, 11),
    assistCpuSeconds: seconds(8),
    stopCpuSeconds: seconds(7, 11),
    idleCpuSeconds: seconds(10),
    heapStartBytes: at(12) * mebibyte,
    heapEndBytes: at(13) * mebibyte,
    heapLiveBytes: at(14) * mebibyte,
    heapGoalBytes: at(15) * mebibyte,
    stacksBytes: optional(16),
    globalsBytes: optional(17),
    procs: at(18),
    forced: match[19] !== undefined,
  };
  return { cycle, end: CYCLE.lastIndex };
}

/** What a line of a log holds of the runtime's traces. */
export type GctraceFound =
  /** A cycle; `rest` is what stands before and behind it in its line. */
  | { readonly kind: 'cycle'; readonly cycle: GcCycle; readonly rest: string }
  /** It begins as a cycle does and cannot be read: other output is in its middle, or its end is missing. */
  | { readonly kind: 'broken' }
  /** A cycle in the language of an older Go. */
  | { readonly kind: 'old'; readonly go: '1.5' | '1.4 or older' }
  /** The runtime starts a cycle because there was none for two minutes. */
  | { readonly kind: 'periodic' }
  /** Another trace of the runtime: of the scavenger, the pacer, or what gctrace=2 adds. */
  | { readonly kind: 'other' };

/**
 * How every cycle begins, whole or broken. It may stand anywhere in a line of a log, but not in a word; what JSON escapes
 * and colours end with is none.
 */
const HEAD = /(?<=^|[^\w.]|\\[nrt]|\[[\d;]{0,20}m)gc \d{1,15} ?@/g;
const OLD_FIVE_PHASES = /^gc \d+ @[\d.]+s \d+%: [\d.]+\+[\d.]+\+[\d.]+\+[\d.]+\+[\d.]+ ms clock, /;
const OLD_STOP_THE_WORLD = /(?<!\w)gc\d{1,9}\(\d{1,9}\): [\d+]{1,200} [mu]s,? /;
const OTHER =
  /(?<!\w)(?:scvg\d*: (?:inuse: \d|\d+ (?:MB|GB|k) released)|scav \d+ KiB work|pacer: |scan: (?:total|class) |(?:H_m_prev|sweep done at)=|checkfinalizers: queue)/;
const PERIODIC = /(?<!\w)GC forced(?=\s*(?:$|\\n|"))/;
/** So much before and behind a cycle tells where it comes from. */
const REST = 2048;
/** Where a line holds none of these there is nothing to look for. */
const ANY = /gc ?\d|scvg|scav |scan: |pacer: |GC forced|sweep done at|checkfinalizers/;

/**
 * Finds what a line holds, whatever a log has put before and behind it: time stamps, the names of containers, JSON
 * around it, colours. A log may have made one line of several.
 */
export function findGctrace(line: string): readonly GctraceFound[] {
  if (!ANY.test(line)) return [];
  const text = unescaped(line);
  const all: GctraceFound[] = [];
  for (const { index } of text.matchAll(HEAD)) {
    const found = cycleAt(text, index);
    if (found !== undefined) {
      const rest = `${text.slice(Math.max(0, index - REST), index)}${text.slice(found.end, found.end + REST)}`;
      all.push({ kind: 'cycle', cycle: found.cycle, rest });
    } else if (OLD_FIVE_PHASES.test(text.slice(index, index + 400))) all.push({ kind: 'old', go: '1.5' });
    else all.push({ kind: 'broken' });
  }
  if (all.length > 0) return all;
  if (OLD_STOP_THE_WORLD.test(text)) return [{ kind: 'old', go: '1.4 or older' }];
  if (PERIODIC.test(text)) return [{ kind: 'periodic' }];
  return OTHER.test(text) ? [{ kind: 'other' }] : [];
}

/** JSON writers may escape what needs no escape (Docker: `-\u003e`), once for each JSON that the line is wrapped in. */
function unescaped(line: string): string {
  return line.includes('\\u00')
    ? line.replace(/\\{1,8}u00([2-7][\da-fA-F])/g, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))
    : line;
}

/** Whether a text looks like a log of gctrace: its beginning (64 KiB) holds a cycle, of whatever Go. */
export function looksLikeGctrace(text: string): boolean {
  const beginning = text.slice(0, 65_536);
  return /(?<![\w.])gc \d{1,15} @\d+\.\d+s \d+%/.test(beginning) || OLD_STOP_THE_WORLD.test(beginning);
}
