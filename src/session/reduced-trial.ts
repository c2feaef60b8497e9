import {
  REDUCTION_VERSION,
  reduceTrial,
  reductionTerms,
  type ReducedTrial,
  type ReductionTerms,
  type TrialInput,
} from '../analysis/per-trial/reduce-trial.ts';
import type { CgroupFigures } from '../analysis/per-trial/cgroup-figures.ts';
import type { MemoryParts } from '../analysis/per-trial/composition.ts';
import type { TrialDrift } from '../analysis/per-trial/drift-figures.ts';
import type { Figure } from '../analysis/per-trial/figure.ts';
import type { LatencyPoint } from '../analysis/per-trial/work-figures.ts';
import { METRIC_IDS } from '../metrics/metrics.ts';
import type { Warning } from '../metrics/warning.ts';
import type { RunFolder } from '../results/run-folder.ts';
import { levels } from '../results/shape/experiment-shape.ts';
import { absent, count, line, list, maybe, number, object, ordinal, share, someOf } from '../results/shape/parts.ts';
import type { StoredTrial } from '../results/trial-folder.ts';
import { course, need } from './analysis-shape.ts';

/** `reduced.json`. */
export interface KeptReduction {
  readonly reductionVersion: number;
  /** Of the record and the readings that it was made of. */
  readonly digest: string;
  readonly terms: ReductionTerms;
  readonly reduced: ReducedTrial;
}

// Their keys in the order in which a reduction has them: what is written of them is to be the same to the byte.
const warning = object<Warning>({
  code: line,
  message: line,
  metric: absent(line),
  cell: absent(line),
  trial: absent(line),
});
const shape = object<KeptReduction>({
  reductionVersion: ordinal,
  digest: line,
  terms: object<ReductionTerms>({ levels, gomaxprocs: ordinal, cycles: count }),
  reduced: object<ReducedTrial>({
    figures: someOf(METRIC_IDS, object<Figure>({ value: number, source: line })),
    course: maybe(course),
    parts: maybe(
      object<MemoryParts & { readonly objects: number }>({
        objects: number,
        unusedInSpans: number,
        retainedIdle: number,
        stacks: number,
        metadata: number,
        released: number,
        rss: maybe(number),
        outsideGo: maybe(number),
      }),
    ),
    latency: list(object<LatencyPoint>({ quantile: share, seconds: number }), 100),
    throttledShare: maybe(number),
    cgroup: maybe(
      object<CgroupFigures>({
        fileBytes: maybe(number),
        fileRefaults: maybe(number),
        anonRefaults: maybe(number),
        memoryPressure: maybe(number),
        cpuPressure: maybe(number),
        highEvents: maybe(number),
      }),
    ),
    drift: maybe(object<TrialDrift>({ memory: maybe(number), cpuPerRequest: maybe(number) })),
    limitNeed: need,
    warnings: list(warning, 1000),
  }),
});

/**
 * A trial whose reduction is kept beside it: taken from there where it was made of these very readings on the same terms,
 * else made, and with `keep` kept.
 */
export function withReduction(trial: StoredTrial, { keep }: { readonly keep: boolean }): StoredTrial & TrialInput {
  return { ...trial, reduced: (terms) => reduction(trial, terms, keep) };
}

/** Reduces a trial that has just ended, and keeps it. */
export async function reduceEnded(run: RunFolder, id: string, attempt: number): Promise<void> {
  const trial = run.trial(id, attempt);
  const cell = run.manifest.plan.cells.find((one) => one.id === trial?.record.cell);
  if (trial === undefined || cell === undefined || trial.record.purpose === 'profile') return;
  await reduction(trial, reductionTerms(run.manifest, cell.levels), true);
}

async function reduction(trial: StoredTrial, terms: ReductionTerms, keep: boolean): Promise<ReducedTrial> {
  const digest = trial.digest();
  const kept = keptReduction(trial, digest, terms);
  if (kept !== undefined) return kept;
  const reduced = await reduceTrial(terms, trial.record, trial.readings);
  const file: KeptReduction = { reductionVersion: REDUCTION_VERSION, digest, terms, reduced };
  if (keep) await trial.keep(`${JSON.stringify(file)}\n`);
  return reduced;
}

/** What was kept, where it is sound and belongs to what stands in the folder. */
function keptReduction(trial: StoredTrial, digest: string, terms: ReductionTerms): ReducedTrial | undefined {
  const value = trial.kept();
  const read = isOwn(value, digest) ? shape.safeParse(value) : undefined;
  if (read?.success !== true) return undefined;
  const { reduced, terms: own } = read.data;
  const { id, cell } = trial.record;
  const foreign =
    reduced.limitNeed.trial !== id ||
    (reduced.course?.trial ?? id) !== id ||
    reduced.warnings.some((one) => one.trial !== id || one.cell !== cell);
  return foreign || JSON.stringify(own) !== JSON.stringify(terms) ? undefined : reduced;
}

/** Asked before the shape, whose check takes longer. */
function isOwn(value: unknown, digest: string): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'reductionVersion' in value &&
    value.reductionVersion === REDUCTION_VERSION &&
    'digest' in value &&
    value.digest === digest
  );
}
