import type { Experiment, Gogc, Gomemlimit } from '../../experiment/experiment.ts';
import { isSpikeOf } from '../../experiment/confirmation.ts';
import type { MetricId } from '../../metrics/metrics.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import type { Analysis, CellAnalysis, WorkloadAnalysis } from '../analysis.ts';
import { LIMITER_SHARE } from '../per-cell/cell-warnings.ts';
import { leastLimitBytes } from '../per-trial/limit-need.ts';
import type { Limit } from './wishes.ts';

/** Outcomes that the setting may be to blame for, and never the apparatus. */
const LOSSES = ['failed', 'timed-out', 'oom-killed'] as const;

/** So near to its limit, as a share of it, a need is taken to be held there by it. */
const AT_LIMIT = 0.02;

/** What a confirmation run showed. */
export interface Confirmation {
  /** Id of the confirmation run. */
  readonly run: string;
  readonly gogc: Gogc;
  /** The limit that was tried; the limit of the setting itself where `against` is another setting. */
  readonly gomemlimit: Gomemlimit;
  /** What it was compared with: the same GOGC without the limit, or the baseline. */
  readonly against: { readonly gogc: Gogc; readonly gomemlimit: Gomemlimit };
  readonly kind: 'limit' | 'setting';
  /**
   * `confirmed`: nothing speaks against it, and there are intervals and readings that would; `refused`: something does;
   * `open`: it cannot be told.
   */
  readonly verdict: 'confirmed' | 'refused' | 'open';
  readonly workloads: readonly ConfirmedWorkload[];
}

/** What one load showed: the setting tried against what it was compared with. */
export interface ConfirmedWorkload {
  readonly workload: string;
  readonly description: string;
  /** Twice the measured load, and not the load itself. */
  readonly spike: boolean;
  readonly unit: WorkloadAnalysis['unit'];
  /** CPU per request or its stand-in. */
  readonly cost: Change | undefined;
  readonly latency: Change | undefined;
  readonly memory: Change | undefined;
  /** Trials that count, of those tried, and of those compared with. */
  readonly tried: Trials;
  readonly compared: Trials;
}

/** The ratio of one metric, paired by block. */
export interface Change {
  readonly metric: MetricId;
  readonly ratio: Estimate;
}

/** The trials of one setting under one load. */
export interface Trials {
  readonly counted: number;
  readonly attempted: number;
  readonly shortfall: string | undefined;
  /** Trials that failed, ran out of time or ran out of memory. */
  readonly lost: number;
  /**
   * Trials in which some reading is at the limit that was tried, or, of those without it, asks for more; null where some
   * trial has no such reading, or no limit was tried.
   */
  readonly binding: number | null;
  /** Trials in which the collector took 40 % of GOMAXPROCS × time or more, or in which the runtime's limiter was at work. */
  readonly limiter: number;
}

/** The setting that a confirmation run tries: in every factor that varies the level that is not the baseline's. */
export function triedIn({ matrix, baseline }: Pick<Experiment, 'matrix' | 'baseline'>): {
  readonly gogc: Gogc;
  readonly gomemlimit: Gomemlimit;
} {
  return {
    gogc: matrix.gogc.find((level) => level !== baseline.gogc) ?? baseline.gogc,
    gomemlimit: matrix.gomemlimit.find((level) => level !== baseline.gomemlimit) ?? baseline.gomemlimit,
  };
}

/** Judges a confirmation run; undefined where its cells are not such a pair. Pure. */
export function confirmationOfRun(
  { run, workloads, trials }: Pick<Analysis, 'run' | 'workloads' | 'trials'>,
  tried: { readonly gogc: Gogc; readonly gomemlimit: Gomemlimit },
  limits: readonly Limit[] = [],
): Confirmation | undefined {
  const { experiment } = run;
  const against = experiment.baseline;
  if (tried.gogc === against.gogc && tried.gomemlimit === against.gomemlimit) return undefined;
  const kind = tried.gogc === against.gogc ? 'limit' : 'setting';
  const limiters = new Set(
    trials.filter(({ warnings }) => warnings.some(({ code }) => code === 'gc-limiter')).map(({ id }) => id),
  );
  const judged = workloads.map((workload): ConfirmedWorkload | undefined => {
    const cells = workload.cells.filter(({ role }) => role === 'level');
    const own = cells.find(({ levels }) => levels.gogc === tried.gogc && levels.gomemlimit === tried.gomemlimit);
    const base = cells.find(({ baseline }) => baseline);
    if (own === undefined || base === undefined) return undefined;
    const limit = kind === 'limit' && tried.gomemlimit !== 'off' ? tried.gomemlimit : undefined;
    const { axes } = workload;
    const change = (metric: MetricId | undefined): Change | undefined => {
      const ratio = workload.contrasts.find((one) => one.cell === own.id && one.metric === metric)?.ratio;
      return ratio === undefined || metric === undefined ? undefined : { metric, ratio };
    };
    return {
      workload: workload.workload,
      description: workload.description,
      spike: experiment.matrix.workload.some((name) =>
        isSpikeOf(name, workload.stratum?.workload ?? workload.workload),
      ),
      unit: workload.unit,
      cost: change(axes.cost),
      latency: change(axes.latency),
      memory: change(axes.memory),
      // A limit at work holds the goal just under itself, so that its own readings come up to it and not beyond.
      tried: trialsOf(own, limit === undefined ? undefined : limit * (1 - AT_LIMIT), limiters),
      compared: trialsOf(base, limit, limiters),
    };
  });
  const whole = judged.flatMap((one) => one ?? []);
  if (whole.length === 0 || whole.length < judged.length) return undefined;
  const verdicts = whole.map((one) => verdictOf(one, kind, limits));
  return {
    run: run.id,
    gogc: tried.gogc,
    gomemlimit: tried.gomemlimit,
    against,
    kind,
    verdict: verdicts.includes('refused') ? 'refused' : verdicts.includes('open') ? 'open' : 'confirmed',
    workloads: whole,
  };
}

function trialsOf(cell: CellAnalysis, limit: number | undefined, limiters: ReadonlySet<string>): Trials {
  const least = (cell.limitNeed ?? []).map(leastLimitBytes);
  const known = limit !== undefined && least.length > 0 && !least.includes(undefined);
  const shares = cell.values['gc.cpu_window'] ?? [];
  const own = new Set((cell.limitNeed ?? []).map(({ trial }) => trial));
  const busy = new Set([
    ...shares.filter(({ value }) => value >= LIMITER_SHARE).map(({ trial }) => trial),
    ...[...limiters].filter((trial) => own.has(trial)),
  ]);
  return {
    counted: cell.valid,
    attempted: cell.attempted,
    shortfall: cell.shortfall,
    lost: LOSSES.reduce((sum, outcome) => sum + (cell.outcomes[outcome] ?? 0), 0),
    binding: known ? least.filter((bytes) => limit < (bytes ?? 0)).length : null,
    limiter: busy.size,
  };
}

/**
 * Whether one load speaks against it. A limit is refused where a reading met it, where the collector's limiter was at
 * work oftener than without it, or where trials were lost by it. A limit that no reading met has no way to cost CPU: a
 * dearer interval then leaves it open. A setting is judged by the limits that it was chosen by.
 */
function verdictOf(
  view: ConfirmedWorkload,
  kind: Confirmation['kind'],
  limits: readonly Limit[],
): Confirmation['verdict'] {
  const { cost, tried, compared } = view;
  const bound = (tried.binding ?? 0) > 0 || (compared.binding ?? 0) > 0;
  if (tried.lost > compared.lost || tried.limiter > compared.limiter || bound) return 'refused';
  const { low = null, high = null } = cost?.ratio ?? {};
  // Twice the load may be more than the target can do, with and without it: then its readings alone tell.
  if (view.spike && (kind === 'limit' ? tried.binding === 0 : tried.counted === 0 && compared.counted === 0)) {
    return low !== null && low > 1 ? 'open' : 'confirmed';
  }
  // A load that the setting did not keep up with, or that neither did, shows nothing.
  if (tried.counted < compared.counted || tried.counted === 0) return 'open';
  if (low === null || high === null) return 'open';
  if (kind === 'setting') return byLimits(view, limits);
  if (tried.binding === null) return low > 1 ? 'refused' : 'open';
  return low > 1 ? 'open' : 'confirmed';
}

/** By the ends of the intervals, as the recommendation itself judges; sizes are for the measured load alone. */
function byLimits(view: ConfirmedWorkload, limits: readonly Limit[]): Confirmation['verdict'] {
  const states = limits.map(({ name, kind, most }): Confirmation['verdict'] => {
    const ratio = { cpu: view.cost, p99: view.latency, memory: view.memory, rss: undefined }[name]?.ratio;
    if (kind === 'level' || ratio === undefined) return 'confirmed';
    if (ratio.low === null || ratio.high === null) return 'open';
    return ratio.high <= 1 + most ? 'confirmed' : ratio.low > 1 + most ? 'refused' : 'open';
  });
  return states.includes('refused') ? 'refused' : states.includes('open') ? 'open' : 'confirmed';
}
