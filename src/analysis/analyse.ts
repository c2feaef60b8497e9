import { factorsText, stratumName } from '../experiment/factors.ts';
import type { Cell } from '../experiment/plan/plan.ts';
import { shareOf } from '../experiment/plan/shard.ts';
import { METRIC_IDS, METRICS } from '../metrics/metrics.ts';
import { MISSING_BLOCKS, type Warning } from '../metrics/warning.ts';
import {
  type JournalEvent,
  ranToItsEnd,
  type RunEnding,
  type RunManifest,
  type TrialRecord,
} from '../results/format.ts';
import type { ProfiledTrial } from './per-cell/allocation-sites.ts';
import { allocationSites } from './per-cell/allocation-sites.ts';
import type { Analysis, TrialSummary } from './analysis.ts';
import { ANALYSIS_VERSION } from './analysis.ts';
import { evaluateAssertions } from './assert/evaluate-assertions.ts';
import { analyseCell, countedTrials } from './per-cell/cells.ts';
import { contrastWarnings } from './inference/contrast-warnings.ts';
import { degenerateWarnings } from './inference/degenerate-warnings.ts';
import { describeWorkload, unitOfWork } from './finding/describe-workload.ts';
import { drivenApart } from './per-cell/drift-warnings.ts';
import { findingOf } from './finding/finding.ts';
import { nodesOf, nodeWarnings } from './inference/nodes.ts';
import { infer, type MeasuredWorkload } from './inference/infer.ts';
import { factorComparisons } from './compare/compare-by.ts';
import { foldWarnings } from './per-cell/fold-warnings.ts';
import { methodsOf } from './finding/methods.ts';
import { namedStrata } from './per-cell/stratum-warnings.ts';
import { journalWarnings, sessionsOf } from './inference/sessions.ts';
import { sensitivityOf } from './inference/sensitivity.ts';
import { missedPrecision } from './inference/missed-precision.ts';
import { modelWarnings } from './model/model-warnings.ts';
import { defaultRecommendation } from './recommend/recommend.ts';
import { trialFigures, type TrialFigures, type TrialInput } from './per-trial/reduce-trial.ts';

/** One attempt at a trial. */
export interface AnalysedTrial extends TrialInput {
  /** The bytes of a pprof profile that it kept; asked for last, and only of the baseline. */
  readonly profile?: ProfiledTrial['profile'];
}

/** What a run folder holds. Trials may come in any order, every attempt of them. */
export interface AnalysisInput {
  readonly manifest: RunManifest;
  readonly trials: AsyncIterable<AnalysedTrial> | Iterable<AnalysedTrial>;
  /** What was found damaged in the trials; asked for when all of them have been read. */
  readonly damage?: () => readonly Warning[];
  /** Its journal: who worked on it, and which faults of the machine ended attempts. */
  readonly journal?: readonly JournalEvent[];
  /** What ended the run; undefined where that is not known. */
  readonly ended?: RunEnding | undefined;
}

/**
 * Makes the analysis of a run, complete or not. Pure: the same input gives the same document, to the byte once it is
 * written as JSON. One trial's readings are held at a time.
 */
export async function analyse({
  manifest,
  trials: inputs,
  damage,
  ended,
  journal = [],
}: AnalysisInput): Promise<Analysis> {
  const levels = new Map(manifest.plan.cells.map((cell) => [cell.id, cell.levels]));
  const trials: TrialFigures[] = [];
  const strays: Warning[] = [];
  const profiled: ProfiledTrial[] = [];
  for await (const trial of inputs) {
    const { record, profile } = trial;
    if (profile !== undefined) profiled.push({ record, profile });
    if (record.purpose === 'profile') continue;
    const own = levels.get(record.cell);
    if (own === undefined) strays.push(stray(record));
    else trials.push(await trialFigures(manifest, own, trial));
  }
  trials.sort((a, b) => inOrder(a.record, b.record));
  strays.sort((a, b) => a.message.localeCompare(b.message, 'en'));

  const pairing = pairingOf(manifest, trials);
  const analysed: AnalysedWorkload[] = [];
  for (const stratum of strataOf(manifest)) {
    analysed.push(await analyseStratum(manifest, stratum, trials.map(pairing), profiled));
  }
  const workloads = infer(
    manifest,
    analysed.map(({ workload }) => workload),
  );
  const known = new Set(workloads.flatMap(({ cells }) => cells.flatMap((cell) => Object.keys(cell.estimates))));
  const { assert: asserted } = manifest.experiment;
  const cut = cutOf(manifest, trials, ended);
  const sessions = sessionsOf(journal);
  const summaries = trials.map(summaryOf);
  const factors = factorComparisons(manifest, workloads);
  const sensitivity = sensitivityOf(manifest, workloads, summaries);
  const nodes = nodesOf(manifest, workloads);
  return {
    analysisVersion: ANALYSIS_VERSION,
    ...(cut === undefined ? {} : { cut }),
    ...(sessions.length < 2 ? {} : { sessions }),
    run: manifest,
    metrics: METRIC_IDS.filter((id) => known.has(id)).map((id) => METRICS[id]),
    workloads,
    trials: summaries,
    finding: findingOf(manifest.experiment, workloads),
    warnings: namedStrata(
      foldWarnings([
        ...manifest.warnings,
        ...missedPrecision(manifest, trials.map(pairing), ended, cellNames(workloads)),
        ...nodeWarnings(nodes, manifest.experiment.confidence),
        ...journalWarnings(journal, sessions, summaries, manifest.plan),
        ...strays,
        ...(damage?.() ?? []),
        ...workloads.flatMap(({ cells, contrasts, model }, i) => [
          ...contrastWarnings(manifest.experiment, cells, contrasts),
          ...degenerateWarnings(manifest.experiment, cells, contrasts),
          ...modelWarnings(model),
          ...(analysed[i]?.warnings ?? []),
          ...cells.flatMap((cell) => cell.warnings),
        ]),
      ]),
      workloads,
    ),
    methods: methodsOf(manifest, trials, workloads, ended),
    recommendation: defaultRecommendation({ run: manifest, workloads, trials: summaries }),
    ...(factors.length === 0 ? {} : { factors }),
    ...(sensitivity === undefined ? {} : { sensitivity }),
    ...(nodes === undefined ? {} : { nodes }),
    ...(asserted === undefined
      ? {}
      : { assertions: evaluateAssertions(asserted, workloads, { confidence: manifest.experiment.confidence }) }),
  };
}

/**
 * Values of one block are paired. Where something changed in the middle of a block, its trials before and after are not one
 * block: those after get a number of their own, beyond the plan's.
 */
function pairingOf({ plan }: RunManifest, trials: readonly TrialFigures[]): (trial: TrialFigures) => TrialFigures {
  const parts = Map.groupBy(trials, ({ record }) => record.block);
  return (trial) => {
    const { block, part = 1 } = trial.record;
    const first = Math.min(...(parts.get(block) ?? []).map(({ record }) => record.part ?? 1));
    if (part === first) return trial;
    return { ...trial, record: { ...trial.record, block: block + (part - 1) * plan.blocks } };
  };
}

/** Whether the run ended before its plan was done, other than by its own rule. */
function cutOf(
  { plan, shard, warnings }: RunManifest,
  trials: readonly TrialFigures[],
  ended: RunEnding | undefined,
): Analysis['cut'] | undefined {
  const why = ended?.why ?? 'unknown';
  if (why !== 'unknown' && ranToItsEnd(why)) return undefined;
  const planned = shareOf(plan, shard).trials.length;
  const ran = trials.filter(({ record }) => record.outcome.kind !== 'aborted');
  const run = new Set(ran.map(({ record }) => `${record.block}/${record.cell}`)).size;
  if (run >= planned) return undefined;
  // Nobody interrupted a run that parts are missing of.
  return { run, planned, why: warnings.some(({ code }) => code === MISSING_BLOCKS) ? MISSING_BLOCKS : why };
}

/** Cells as a sentence about the whole run calls them: `GOGC=50 (steady version=new)`. */
function cellNames(workloads: Analysis['workloads']): ReadonlyMap<string, string> {
  return new Map(
    workloads.flatMap(({ workload, cells }) =>
      cells.map(({ id, label }) => [id, workloads.length > 1 ? `${label} (${workload})` : label] as const),
    ),
  );
}

interface AnalysedWorkload {
  readonly workload: MeasuredWorkload;
  readonly warnings: readonly Warning[];
}

async function analyseStratum(
  manifest: RunManifest,
  planned: readonly Cell[],
  trials: readonly TrialFigures[],
  profiled: readonly ProfiledTrial[],
): Promise<AnalysedWorkload> {
  const { experiment } = manifest;
  // The plan has the cells in the order of the matrix.
  const own = [...planned.filter(({ role }) => role === 'level'), ...planned.filter(({ role }) => role === 'a-a')];
  const cells = own.map((cell) =>
    analyseCell(
      experiment,
      cell,
      trials.filter(({ record }) => record.cell === cell.id),
    ),
  );
  const levels = planned[0]?.levels ?? { ...experiment.baseline, workload: '' };
  const spec = experiment.workloads[levels.workload];
  const label = factorsText(experiment.matrix, levels);
  const baseline = own.find((cell) => cell.baseline)?.id ?? '';
  const ofBaseline = countedTrials(trials.filter(({ record }) => record.cell === baseline));
  const counted = new Set(ofBaseline.map(({ record }) => record));
  const apart = own
    .filter(({ role, id }) => role === 'level' && id !== baseline)
    .flatMap(({ id }) => {
      const subject = countedTrials(trials.filter(({ record }) => record.cell === id));
      return drivenApart(experiment, subject, ofBaseline).map((remark) => ({ ...remark, cell: id }));
    });
  const { sites, warnings } = await allocationSites(baseline, counted, profiled);
  return {
    workload: {
      workload: stratumName(experiment.matrix, levels),
      ...(label === '' ? {} : { stratum: { workload: levels.workload, factors: levels.factors ?? {}, label } }),
      description: describeWorkload(spec),
      unit: unitOfWork(spec),
      cells,
      ...(sites.length === 0 ? {} : { sites }),
    },
    warnings: [...apart, ...warnings],
  };
}

/** The cells of the plan by stratum, workloads in the order of the matrix; one that the matrix does not name comes last. */
function strataOf({ experiment, plan }: RunManifest): readonly (readonly Cell[])[] {
  const strata = Map.groupBy(plan.cells, ({ levels }) => stratumName(experiment.matrix, levels));
  const place = ([first]: readonly Cell[]): number => {
    const index = experiment.matrix.workload.indexOf(first?.levels.workload ?? '');
    return index < 0 ? Infinity : index;
  };
  return [...strata.values()].toSorted((a, b) => (place(a) === place(b) ? 0 : place(a) - place(b)));
}

function inOrder(a: TrialRecord, b: TrialRecord): number {
  return a.block - b.block || a.position - b.position || a.attempt - b.attempt || a.id.localeCompare(b.id, 'en');
}

function stray(record: TrialRecord): Warning {
  const message = `trial ${record.id} belongs to cell ${record.cell}, which is not in the plan: it does not count`;
  return { code: 'unknown-cell', message, trial: record.id };
}

function summaryOf({ record, gcCycles, warnings }: TrialFigures): TrialSummary {
  const { id, block, position, cell, attempt, part, startedAt, outcome, window } = record;
  const seconds = window && window.endSeconds - window.startSeconds;
  const windowSeconds = Number.isFinite(seconds) ? seconds : undefined;
  const ofPart = part === undefined ? {} : { part };
  return { id, block, position, cell, attempt, ...ofPart, startedAt, outcome, gcCycles, windowSeconds, warnings };
}
