import { shellWord } from '../text/quoted.ts';
import { counted, percent } from '../text/words.ts';
import type { Analysis, CellAnalysis, TrialSummary } from '../analysis/analysis.ts';
import { MISSING_BLOCKS, type Warning } from '../metrics/warning.ts';
import type { Recommendation } from '../analysis/recommend/recommendation.ts';
import { shardName } from '../experiment/plan/shard.ts';
import type { Outcome } from '../results/format.ts';

/** A confidence or share as asked for: `95 %`. */
export function percentText(fraction: number): string {
  return percent(fraction).replace(' ', '\u00a0');
}

/** An ISO time as a person reads it: `2026-11-24 00:00 UTC`. */
export function clockText(iso: string): string {
  const parts = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})/.exec(iso);
  return parts === null ? iso : `${parts[1]} ${parts[2]} UTC`;
}

/** `83 of 85 trials count`. */
export function countedText({ workloads, trials }: Analysis): string {
  const valid = workloads.reduce((sum, { cells }) => sum + cells.reduce((all, cell) => all + cell.valid, 0), 0);
  return `${valid} of ${counted(trials.length, 'trial')} count`;
}

/** So many trials are named. */
const NAMED_TRIALS = 3;

/** `resumed twice; measured again then: 003-01-gogc-50`; undefined where one gctune made the whole run. */
export function resumedText({ sessions }: Pick<Analysis, 'sessions'>): string | undefined {
  if (sessions === undefined) return undefined;
  const times = sessions.length - 1;
  const again = [...new Set(sessions.flatMap((session) => session.again ?? []))];
  const more = again.length > NAMED_TRIALS ? ` and ${again.length - NAMED_TRIALS} more` : '';
  const named = again.length === 0 ? '' : `; measured again then: ${again.slice(0, NAMED_TRIALS).join(', ')}${more}`;
  return `resumed ${['once', 'twice'][times - 1] ?? `${times} times`}${named}`;
}

/** The last lines of the target's output, where the outcome has them. Untrusted text. */
export function outcomeLog(outcome: Outcome): readonly string[] {
  return 'log' in outcome ? outcome.log : [];
}

/** The trials that do not count, in the order of the run. */
export function uncounted(trials: readonly TrialSummary[]): readonly TrialSummary[] {
  return trials.filter(({ outcome }) => outcome.kind !== 'completed');
}

/** `7/8`: trials that count of those that were run. */
export function validText({ valid, attempted }: CellAnalysis): string {
  return `${valid}/${attempted}`;
}

/** The finding's sentences by workload. */
export function findingByWorkload({ finding }: Analysis): ReadonlyMap<string, readonly string[]> {
  const groups = Map.groupBy(finding, ({ workload }) => workload);
  return new Map([...groups].map(([name, own]) => [name, own.map(({ text }) => text)]));
}

/** Where a run ended before its plan was done: how much of it there is, and why. */
export function cutText({ cut, run: { warnings } }: Pick<Analysis, 'cut' | 'run'>): string | undefined {
  if (cut === undefined) return undefined;
  const trials = `${cut.run} of ${counted(cut.planned, 'planned trial')} were run`;
  if (cut.why === MISSING_BLOCKS) {
    const lack = warnings.find(({ code }) => code === MISSING_BLOCKS)?.message ?? 'blocks are missing';
    return `${capital(lack)}; ${trials}.`;
  }
  const why = {
    interrupted: 'it was interrupted',
    failed: 'it failed',
    fault: 'a fault of the machine outlasted the retries',
    unknown: 'it was killed, or is still running',
  }[cut.why];
  return `Cut short: ${trials}; ${why}.`;
}

/** Warnings that say the same of several cells or trials. */
export interface WarningGroup {
  readonly code: string;
  readonly message: string;
  /** The cells, or trials, that it is about; empty where it is about the run. */
  readonly places: readonly string[];
}

/** Warnings with one message made one; what makes figures those of something else comes first, the others in their order. */
export function warningGroups(warnings: readonly Warning[]): readonly WarningGroup[] {
  const groups = Map.groupBy(warnings, ({ code, message }) => JSON.stringify([code, message]));
  const all = [...groups.values()].flatMap((group) => {
    const first = group[0];
    if (first === undefined) return [];
    const places = [...new Set(group.flatMap(({ cell, trial }) => cell ?? trial ?? []))];
    return [{ code: first.code, message: first.message, places }];
  });
  return all.toSorted((a, b) => rankOf(a) - rankOf(b));
}

/** What is measured is not what was asked for, then what shifts it; all else only widens it or is for the record. */
const RANKS: readonly (readonly string[])[] = [
  ['simulated'],
  [
    'gogc-overridden',
    'gomaxprocs-differs',
    'limit-not-enforced',
    'counter-went-back',
    'drift-accepted',
    'nodes-differ',
    'precision-missed',
  ],
  [
    'a-a-differs',
    'cell-drifts',
    'drift-differs',
    'cpu-drifts',
    'another-gctune',
    'shared-cpu',
    'swapped',
    'memory-high',
    'gc-limiter',
  ],
];

function rankOf({ code }: WarningGroup): number {
  const rank = RANKS.findIndex((codes) => codes.includes(code));
  return rank === -1 ? RANKS.length : rank;
}

/** Prose in which a number and its unit, and `n = 7`, are not torn apart at the end of a line. */
export function glued(text: string): string {
  return text
    .replace(/(\d) (?=(?:%|[KMGT]iB|B|ns|µs|ms|s|cores|requests)(?![\w]))/g, '$1\u00a0')
    .replace(/\bn = (?=\d)/g, 'n\u00a0=\u00a0')
    .replace(/(n\u00a0=\u00a0\d+) (?=blocks?|trials?)/g, '$1\u00a0')
    .replace(/(\d)–(?=\d)/g, '$1\u2060–\u2060')
    .replace(/(\d) to (?=[+−]?\d)/g, '$1\u00a0to\u00a0');
}

/** The command that measures an experiment anew with so many blocks; its file is named where the run knows it. */
export function runAgain(experimentFile: string | undefined, blocks: number): string {
  const file = experimentFile === undefined ? '<experiment file>' : shellWord(experimentFile);
  return `gctune run ${file} --blocks ${blocks}`;
}

/**
 * The commands that run what is missing of the plan of a run that was joined of parts, after which they are merged again.
 * Blocks are named too, since a command may have asked for another number than the file has.
 */
export function runMissing({
  missing,
  experimentFile,
}: Pick<Recommendation, 'missing' | 'experimentFile'>): readonly string[] {
  if (missing === undefined) return [];
  const file = experimentFile === undefined ? '<experiment file>' : shellWord(experimentFile);
  return missing.parts.map(({ folder, ...part }) =>
    folder === undefined
      ? `gctune run ${file} --seed ${missing.seed} --blocks ${missing.blocks} --shard ${shardName(part)}`
      : `gctune resume ${shellWord(folder)}`,
  );
}

/** `7 blocks`, and of a run that has not all of its plan `5 of 7 blocks`. */
export function blocksRunText({ run: { plan }, trials }: Pick<Analysis, 'run' | 'trials'>): string {
  const ran = new Set(trials.map(({ block }) => block)).size;
  const all = counted(plan.blocks, 'block');
  return ran < plan.blocks ? `${ran} of ${all}` : all;
}

/** Text with a capital at its beginning, as a sentence has. */
export function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
