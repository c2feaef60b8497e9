import { counted } from '../../text/words.ts';
import type { AssertionReport, AssertionResult } from '../../analysis/assert/assertion-report.ts';
import type { Assertion } from '../../experiment/assert/assertion.ts';
import { METRICS } from '../../metrics/metrics.ts';
import { runAgain } from '../words.ts';
import { signedText, sizeText } from '../recommend/rule-words.ts';

/** One assertion in one cell, in words. Names are untrusted. */
export interface AssertionRow {
  readonly severity: AssertionResult['severity'];
  /** `failed`, `failed (warning)`, `undecided`, `undecided (error)`, `not run`, `passed`. */
  readonly outcome: string;
  /** `failed`, `undecided`, `not run`, `passed`. */
  readonly state: string;
  /** `steady: GOGC=50`; where the run has no such cell what was asked for. */
  readonly cell: string;
  /** As the file has it: `memory.anon max 40MiB`. */
  readonly asserted: string;
  /** The same where there is little room: a bound with a sign is one against the baseline. */
  readonly bound: string;
  /** `42.1 MiB (41.8–42.6)`; empty where there is no figure. */
  readonly found: string;
  /** Why what was found has no interval; undefined where it has one, or nothing was found. */
  readonly refusal: string | undefined;
  /** `6 trials`, `6 blocks`; empty where there is no figure. */
  readonly n: string;
  /** Why it is not decided, and what would help; empty where there is nothing to add. */
  readonly note: string;
  /** The blocks that the note forecasts. */
  readonly blocksNeeded: number | null;
}

const ORDER: readonly AssertionResult['state'][] = ['failed', 'undecided', 'not-run', 'passed'];

/** The results in words, what failed first, and before all what makes the exit code; `experimentFile`: of the run. */
export function assertionRows({ results }: AssertionReport, experimentFile?: string): readonly AssertionRow[] {
  const rank = (result: AssertionResult): number =>
    ORDER.indexOf(result.state) - (result.severity === 'error' ? ORDER.length : 0);
  return results
    .toSorted((a, b) => rank(a) - rank(b))
    .map((result) => ({
      severity: result.severity,
      outcome: outcomeText(result),
      state: stateText(result),
      cell: placeText(result),
      asserted: assertedText(result.assertion),
      bound: boundText(result.assertion),
      ...foundText(result),
      refusal: refusalOf(result),
      note: noteText(result, experimentFile),
      blocksNeeded: result.state === 'undecided' ? result.blocksNeeded : null,
    }));
}

/** `10 assertions: 1 failed, 2 undecided, 6 passed, 1 off.` Counted in each cell that one is about. */
export function assertionSentence({ results, off }: AssertionReport): string {
  const count = (state: AssertionResult['state']): number => results.filter((one) => one.state === state).length;
  const parts = [
    ...(['failed', 'undecided', 'not-run', 'passed'] as const).flatMap((state) => {
      const n = count(state);
      return n === 0 ? [] : [`${n} ${state === 'not-run' ? 'not run' : state}`];
    }),
    ...(off === 0 ? [] : [`${off} off`]),
  ];
  return `${counted(results.length + off, 'assertion')}: ${parts.length === 0 ? 'none' : parts.join(', ')}.`;
}

/** How the results are to be read. */
export const ASSERTION_LEGEND =
  'Judged by the interval: passed if all of it is within the bounds, failed if all of it is beyond a bound or there is no value, undecided if it contains a bound.';

/** An assertion as the file has it: `cpu.per_request max +10% against the baseline`. */
export function assertedText(assertion: Assertion): string {
  return `${boundText(assertion)}${assertion.kind === 'level' ? '' : ' against the baseline'}`;
}

function boundText({ metric, min, max }: Assertion): string {
  const bounds = [
    ...(min === undefined ? [] : [`min ${min.written}`]),
    ...(max === undefined ? [] : [`max ${max.written}`]),
  ];
  return `${metric} ${bounds.join(' ')}`;
}

function stateText({ state }: AssertionResult): string {
  return state === 'not-run' ? 'not run' : state;
}

function outcomeText(result: AssertionResult): string {
  const { state, severity } = result;
  const name = stateText(result);
  // What is usual need not be said: a failure is an error, what is undecided a warning.
  const usual = severity === 'ok' || severity === (state === 'failed' ? 'error' : 'warning');
  return usual ? name : `${name} (${severity})`;
}

function placeText({ workload, label, assertion }: AssertionResult): string {
  return workload === undefined ? (assertion.cell ?? 'every cell') : `${workload}: ${label}`;
}

function refusalOf({ estimate }: AssertionResult): string | undefined {
  if (estimate === undefined || estimate.low !== null) return undefined;
  return estimate.warnings[0] ?? `no interval with n = ${estimate.n}`;
}

function foundText({ assertion, estimate }: AssertionResult): Pick<AssertionRow, 'found' | 'n'> {
  if (estimate === undefined) return { found: '', n: '' };
  const { unit } = METRICS[assertion.metric];
  const found = {
    level: () => sizeText(estimate, unit),
    difference: () => signedText(estimate, unit),
    change: () => signedText(estimate, 'fraction'),
  }[assertion.kind]();
  return { found, n: counted(estimate.n, assertion.kind === 'level' ? 'trial' : 'block') };
}

function noteText(
  { state, reason, estimate, blocksNeeded }: AssertionResult,
  experimentFile: string | undefined,
): string {
  // The reason why there is no interval stands in the place of the interval already.
  if (reason !== undefined) return state === 'undecided' && estimate !== undefined ? '' : reason;
  if (state !== 'undecided') return '';
  return blocksNeeded === null
    ? 'more blocks may not decide it: the estimate is close to the bound, and the true value may be on either side'
    : `about ${counted(blocksNeeded, 'block')} in total are expected to decide it: ${runAgain(experimentFile, blocksNeeded)}`;
}
