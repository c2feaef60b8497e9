import type { GctraceDocument, Pauses, TracedProcess, TraceSpan } from '../../analysis/gctrace/gctrace-document.ts';
import { commonScale, formatCount, formatFraction, formatSeconds, formatWait } from '../../units/format-units.ts';

/** A goal from here up is none: GOGC=off. */
const UNLIMITED_BYTES = 2 ** 62;
/** Below this a goal says nothing of GOGC: it may be that of the minimum heap. */
const LEAST_LIVE_BYTES = 8 * 2 ** 20;

/** GC CPU as a part of what the P offer, beside the runtime's own account. */
export function shareText({ cpu, procs, lifetimePercent, startSeconds, missing }: TracedProcess): string {
  const { gcSeconds, capacitySeconds } = cpu;
  const part = capacitySeconds > 0 ? formatFraction(gcSeconds / capacitySeconds) : 'n/a';
  const since = startSeconds === 0 ? '' : ` from ${secondsText(startSeconds)} on`;
  return (
    `GC took ${missing > 0 ? 'at least ' : ''}${part} of ${procsText(procs)} × time${since} (${formatSeconds(gcSeconds)} of ` +
    `${formatSeconds(capacitySeconds)}); the runtime’s mean since its start is ${lifetimePercent} %, without decimals.`
  );
}

/** `2 P`, `2 to 4 P`. */
export function procsText({ least, most }: TracedProcess['procs']): string {
  return least === most ? `${least} P` : `${least} to ${most} P`;
}

/** Cycles, how often they came and why. */
export function cyclesText(of: TracedProcess): string {
  const { cycles, firstCycle, lastCycle, startSeconds, endSeconds, forced } = of;
  const seconds = endSeconds - startSeconds;
  const which = firstCycle === 1 && lastCycle === cycles ? '' : ` (${firstCycle} to ${lastCycle})`;
  const rate = cycles > 1 ? `, one every ${formatSeconds(seconds / cycles)}` : '';
  return `${formatCount(cycles)}${which} in ${secondsText(seconds)}${rate}; ${formatCount(forced)} forced`;
}

/** The CPU of the collector and what it is made of. */
export function cpuText({ cpu }: TracedProcess): string {
  const { gcSeconds, assistSeconds, stopSeconds, idleSeconds } = cpu;
  const scale = commonScale([gcSeconds], 'seconds');
  const workers = Math.max(0, gcSeconds - assistSeconds - stopSeconds);
  return (
    `${scale.format(gcSeconds)}: workers ${scale.number(workers)}, assists ${scale.number(assistSeconds)}, stops ` +
    `${scale.number(stopSeconds)}; apart: idle marking ${formatSeconds(idleSeconds)}`
  );
}

/** The stops of one kind. */
export function pausesText({ medianSeconds, p99Seconds, longestSeconds }: Pauses): string {
  return `median ${pauseText(medianSeconds)}, p99 ${pauseText(p99Seconds)}, longest ${pauseText(longestSeconds)} ms`;
}

/** A stop in milliseconds as the runtime writes it: two digits, from 10 ms on whole. */
export function pauseText(seconds: number): string {
  const milliseconds = seconds * 1000;
  if (milliseconds >= 10) return formatCount(Math.round(milliseconds));
  return String(Number(milliseconds.toPrecision(2)));
}

/** Live heap and goal from the first cycle to the last. */
export function heapText({ heap }: TracedProcess): string {
  const { lastLiveBytes, leastLiveBytes, mostLiveBytes, mostBytes, lastGoalBytes } = heap;
  return (
    `live ${mebibytes(leastLiveBytes)} to ${mebibytes(mostLiveBytes)} MiB, ${mebibytes(lastLiveBytes)} at last; heap up to ` +
    `${mebibytes(mostBytes)}; last goal ${goalText(lastGoalBytes)} MiB`
  );
}

/** Whole MiB, as the runtime writes them. */
export function mebibytes(bytes: number): string {
  return formatCount(Math.round(bytes / 2 ** 20));
}

/** A goal in MiB; with GOGC=off there is none. */
export function goalText(bytes: number): string {
  return bytes >= UNLIMITED_BYTES ? 'none' : mebibytes(bytes);
}

/** The GOGC that the goals imply. */
export function gogcText({ impliedGogc, heap }: TracedProcess): string {
  if (impliedGogc === undefined) {
    return heap.mostLiveBytes < LEAST_LIVE_BYTES
      ? 'cannot be told: the live heap is under 8 MiB'
      : 'cannot be told: too few cycles follow each other';
  }
  const { percent, low, high } = impliedGogc;
  if (percent < 0) return 'off, and no GOMEMLIMIT sets a goal';
  return `${gogcNumber(percent)} (${Math.floor(low)} to ${Math.ceil(high)}), by the last goals; a GOMEMLIMIT that binds lowers it`;
}

/** A GOGC as a whole number. */
export function gogcNumber(percent: number): string {
  return formatCount(Math.round(percent));
}

/** Whether it looks like a death spiral, in a sentence. */
export function spiralText({ spiral, heap, endSeconds }: TracedProcess): string {
  const { kind, seconds, fromSeconds, toSeconds, share, idleShare, running } = spiral;
  if (kind === 'none') return 'no: cycles do not come back to back for long';
  const when = toSeconds >= endSeconds ? `until the end` : `until ${secondsText(toSeconds)}`;
  const what =
    `for ${secondsText(seconds)}, from ${secondsText(fromSeconds)} ${when}, a cycle was under way ${formatFraction(running)} of ` +
    `the time; GC CPU ${formatFraction(share)}, idle marking ${formatFraction(idleShare)} of all CPU`;
  if (kind === 'busy') return `no, but cycles come back to back: ${what}. The goal leaves room above the live heap`;
  const limited = share >= 0.4 ? ' The runtime limits GC CPU at 50 %, and then memory exceeds the limit.' : '';
  return (
    `yes: ${what}, and the goal was hardly above the live heap (${mebibytes(heap.lastLiveBytes)} MiB at last).${limited} A ` +
    'GOMEMLIMIT that is too low for the live heap does this; so does a very low GOGC'
  );
}

/** A time since the start: `0.53 s`, `12.5 s`, `4 min 10 s`. */
export function secondsText(seconds: number): string {
  return seconds < 60 ? formatSeconds(seconds) : formatWait(seconds);
}

/** Where a span begins, precise enough to tell it from the next. */
export function fromText({ fromSeconds, toSeconds }: TraceSpan): string {
  const length = toSeconds - fromSeconds;
  if (fromSeconds >= 60 && length >= 1) return formatWait(fromSeconds);
  const decimals = Math.min(3, Math.max(0, Math.ceil(-Math.log10(Math.max(1e-3, length))) + 1));
  return `${fromSeconds.toFixed(decimals)} s`;
}

/** The process for people: its number, its name in the log, and when it began. */
export function processName({ number, source, startedAt }: TracedProcess): string {
  const began = startedAt === undefined ? '' : `, began ${startedAt}`;
  return `${number}${source === undefined ? '' : ` (${source})`}${began}`;
}

/** What the log is made of. */
export function logText({ source, lines, processes, otherTraces, periodic }: GctraceDocument): string {
  const cycles = processes.reduce((sum, one) => sum + one.cycles, 0);
  const of = processes.length === 1 ? 'one process' : `${formatCount(processes.length)} processes`;
  const others = otherTraces === 0 ? '' : `; ${formatCount(otherTraces)} lines of other traces were passed over`;
  const idle = periodic === 0 ? '' : `; ${formatCount(periodic)} began because there was none for two minutes`;
  return `${source}: ${formatCount(cycles)} ${cycles === 1 ? 'cycle' : 'cycles'} of ${of} in ${formatCount(lines)} lines${idle}${others}`;
}
