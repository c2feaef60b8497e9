import { counted } from '../../text/words.ts';
import type { Assertion } from '../../experiment/assert/assertion.ts';
import { fitsSelector } from '../../experiment/plan/cell-selector.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import type { CellAnalysis, Contrast, WorkloadAnalysis } from '../analysis.ts';
import { baselineOf } from '../inference/baseline-cell.ts';
import { blocksNeeded } from '../recommend/blocks-needed.ts';
import { asChange } from '../finding/words.ts';
import { ASSERTION_VERSION, type AssertionReport, type AssertionResult } from './assertion-report.ts';

/**
 * Holds the cells of a run to what was asserted of them. Judged is the interval, not the value: within the bounds as a
 * whole it passes, beyond one of them as a whole it fails, and in between nothing is decided. `confidence`: what the
 * experiment asks for, which a longer run will have; without it blocks are forecast at that of each interval.
 */
export function evaluateAssertions(
  assertions: readonly Assertion[],
  workloads: readonly WorkloadAnalysis[],
  { strict = false, confidence }: { readonly strict?: boolean; readonly confidence?: number } = {},
): AssertionReport {
  const looked = assertions.filter(({ level }) => level !== 'off');
  return {
    formatVersion: ASSERTION_VERSION,
    strict,
    results: looked.flatMap((assertion) => {
      const results = workloads.flatMap((workload) =>
        workload.cells
          .filter((cell) => isMeant(assertion, cell))
          .map((cell) => ({
            workload: workload.workload,
            cell: cell.id,
            label: cell.label,
            ...judged(assertion, workload, cell, confidence),
          })),
      );
      return (results.length > 0 ? results : [NOT_RUN]).map((result) => ({
        assertion,
        ...result,
        severity: severityOf(assertion, result.state, strict),
      }));
    }),
    off: assertions.length - looked.length,
  };
}

function severityOf({ level }: Assertion, state: Judged['state'], strict: boolean): AssertionResult['severity'] {
  if (state === 'passed') return 'ok';
  return level === 'error' && (state === 'failed' || strict) ? 'error' : 'warning';
}

type Judged = Pick<AssertionResult, 'state' | 'estimate' | 'reason' | 'blocksNeeded'>;

function isMeant({ cell: selector, kind }: Assertion, { levels, role, baseline }: CellAnalysis): boolean {
  if (role !== 'level' || (kind !== 'level' && baseline)) return false;
  return selector === undefined || fitsSelector(levels, selector);
}

const NOT_RUN = {
  workload: undefined,
  cell: undefined,
  label: undefined,
  state: 'not-run',
  estimate: undefined,
  reason: 'the run did not include these cells',
  blocksNeeded: null,
} as const;

function judged(
  assertion: Assertion,
  workload: WorkloadAnalysis,
  cell: CellAnalysis,
  confidence: number | undefined,
): Judged {
  const { kind, min, max } = assertion;
  const estimate = estimateOf(assertion, workload, cell);
  const as = (state: Judged['state'], reason?: string): Judged => ({ state, estimate, reason, blocksNeeded: null });
  const baseline = kind === 'level' ? undefined : baselineOf(workload.cells);
  // What is left of such cells are the trials that needed least: they would pass where the setting is killed.
  const killed = killedIn(cell) ?? (baseline && killedIn(baseline, 'the baseline: '));
  if (killed !== undefined) return as('failed', killed);
  if (estimate === undefined) return as('failed', absence(assertion, workload, cell));
  const { low, high } = estimate;
  if (low === null || high === null) return as('undecided', estimate.warnings[0]);
  const [least, most] = [min?.value ?? -Infinity, max?.value ?? Infinity];
  if (low > most || high < least) return as('failed');
  if (low >= least && high <= most) return as('passed');
  const open = [...(low < least ? [least] : []), ...(high > most ? [most] : [])];
  return { ...as('undecided'), blocksNeeded: forecast(assertion, estimate, open, confidence) };
}

/** What is held to the bounds: the median, the paired difference from the baseline, or the change that its ratio is. */
function estimateOf(assertion: Assertion, workload: WorkloadAnalysis, cell: CellAnalysis): Estimate | undefined {
  if (assertion.kind === 'level') return cell.estimates[assertion.metric];
  const contrast = contrastOf(assertion, workload, cell);
  return assertion.kind === 'difference' ? contrast?.difference : contrast?.ratio && asChange(contrast.ratio);
}

function contrastOf({ metric }: Assertion, { contrasts }: WorkloadAnalysis, cell: CellAnalysis): Contrast | undefined {
  return contrasts.find((one) => one.cell === cell.id && one.metric === metric);
}

function killedIn({ outcomes, shortfall }: CellAnalysis, whose = ''): string | undefined {
  const killed = outcomes['oom-killed'] ?? 0;
  return killed === 0
    ? undefined
    : `${whose}${shortfall ?? `${counted(killed, 'trial')} ${killed === 1 ? 'was' : 'were'} OOM-killed`}`;
}

/** Why there is no figure. */
function absence(assertion: Assertion, workload: WorkloadAnalysis, cell: CellAnalysis): string {
  const { metric, kind } = assertion;
  const lacks = (one: CellAnalysis | undefined): string | undefined => {
    if (one === undefined || one.valid === 0) return one?.shortfall ?? 'no trial of it counts';
    return one.estimates[metric] === undefined ? `no trial has a value for ${metric}` : undefined;
  };
  const own = lacks(cell);
  if (own !== undefined || kind === 'level') return own ?? '';
  const base = lacks(baselineOf(workload.cells));
  if (base !== undefined) return `the baseline: ${base}`;
  return contrastOf(assertion, workload, cell) === undefined
    ? 'no block has a value for both the cell and the baseline'
    : 'there is no percentage change: not all values are above zero';
}

/** The most blocks that one of the bounds still needs; null where one of them cannot be forecast. */
function forecast(
  { kind }: Assertion,
  estimate: Estimate,
  bounds: readonly number[],
  confidence: number | undefined,
): number | null {
  const ratio = kind === 'change';
  const shifted = (end: number | null): number | null => (end === null ? null : end + 1);
  const one = ratio
    ? { ...estimate, value: estimate.value + 1, low: shifted(estimate.low), high: shifted(estimate.high) }
    : estimate;
  const needed = bounds.map((bound) =>
    blocksNeeded(one, ratio ? bound + 1 : bound, ratio ? 'log' : 'linear', confidence),
  );
  return needed.reduce((most, n) => (most === null || n === null ? null : Math.max(most, n)), 0);
}
