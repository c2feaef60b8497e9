import type { Gogc, Gomemlimit } from '../../experiment/experiment.ts';
import type { RunManifest } from '../../results/format.ts';
import type { CellAnalysis, TrialSummary, WorkloadAnalysis } from '../analysis.ts';
import { baselineOf } from '../inference/baseline-cell.ts';
import { choose } from './choose.ts';
import { effectOf } from './effect.ts';
import type { Front } from '../inference/front-analysis.ts';
import { frontOf } from '../inference/front.ts';
import { cellsOfSetting, memoryLimitOf, type MemoryLimitQuestion } from './memory-limit.ts';
import {
  RECOMMENDATION_VERSION,
  type Answer,
  type EffectView,
  type Recommendation,
  type SettingVerdict,
  type WorkloadView,
} from './recommendation.ts';
import { settingVerdicts } from './setting-verdicts.ts';
import { NO_WISHES, rulesOf, type Limit, type Rule, type Wishes } from './wishes.ts';

/** What a recommendation is made of: an analysis, whole or of some of its workloads. */
export interface RecommendInput {
  readonly run: Pick<RunManifest, 'id' | 'runner' | 'experimentFile' | 'missing'> & {
    readonly plan: Pick<RunManifest['plan'], 'seed' | 'blocks'>;
    readonly experiment: Pick<RunManifest['experiment'], 'confidence' | 'primaries' | 'limits' | 'canary'>;
  };
  readonly workloads: readonly WorkloadAnalysis[];
  /** For the time that more blocks would take; none is said without. */
  readonly trials?: readonly Pick<TrialSummary, 'startedAt' | 'block'>[];
}

/** What is recommended where nothing is asked for, without the fronts, which stand beside the cells of an analysis already. */
export function defaultRecommendation(input: RecommendInput): Recommendation {
  const recommendation = recommend(input);
  return { ...recommendation, workloads: recommendation.workloads.map((view) => ({ ...view, front: undefined })) };
}

/**
 * The setting to run by what is wished, or the refusal to name one. Pure; uses the cells' values, estimates and
 * contrasts, so that a published analysis without trials is enough.
 */
export function recommend(
  whole: RecommendInput,
  wishes: Wishes = NO_WISHES,
  limit: MemoryLimitQuestion = {},
): Recommendation {
  const input = withoutCanary(whole);
  const answer = overAll(input, wishes, limit);
  const strata = Map.groupBy(input.workloads, ({ stratum }) => stratum?.label ?? '');
  if (strata.size < 2) return answer;
  return {
    ...answer,
    strata: [...strata].map(([label, workloads]) => ({
      label,
      settings: overAll({ ...input, workloads }, wishes, limit).answers.map(({ chosen }) => chosen?.label),
    })),
  };
}

/** The canary shows the machine, often at one setting alone: nobody asks which setting it should run with. */
function withoutCanary(input: RecommendInput): RecommendInput {
  const { canary } = input.run.experiment;
  const workloads = input.workloads.filter(
    ({ stratum }) => canary === undefined || stratum?.factors['version'] !== canary,
  );
  return workloads.length === 0 ? input : { ...input, workloads };
}

/** One answer for all workloads, and all levels of the further factors. */
function overAll(input: RecommendInput, wishes: Wishes, limit: MemoryLimitQuestion): Recommendation {
  const { run, workloads, trials = [] } = input;
  const views = workloads.map(({ workload, unit, cells, axes, front }) => ({
    workload,
    unit,
    front: front ?? frontOf(run.experiment, cells, run.plan.seed, axes),
  }));
  const answers = rulesOf(wishes).map((rule) => answerOf(input, rule, views, limit));
  const chosen = answers.flatMap((answer) => answer.chosen ?? []);
  const moved = chosen.find(({ baseline }) => !baseline);
  return {
    formatVersion: RECOMMENDATION_VERSION,
    run: run.id,
    ...(run.experimentFile === undefined ? {} : { experimentFile: run.experimentFile }),
    ...(run.missing === undefined
      ? {}
      : { missing: { seed: run.plan.seed, blocks: run.plan.blocks, parts: run.missing } }),
    confidence: run.experiment.confidence,
    wishes,
    baseline: answers[0]?.settings.find(({ baseline }) => baseline)?.label,
    blocks: Math.max(0, ...workloads.map(({ cells }) => baselineOf(cells)?.valid ?? 0)),
    // A simulated run's time is virtual.
    blockSeconds: run.runner === 'simulated' ? null : blockSeconds(trials),
    chosen: moved ?? (chosen.length === answers.length ? chosen[0] : undefined),
    refusal:
      moved === undefined && chosen.length < answers.length
        ? answers.find(({ refusal }) => refusal !== undefined)?.refusal
        : undefined,
    answers,
    workloads: views,
  };
}

/** What a setting was chosen by, guards included: the limits of the answer that names it, else all that were asked for. */
export function limitsBehind(
  { answers, wishes }: Recommendation,
  { gogc, gomemlimit }: { readonly gogc: Gogc; readonly gomemlimit: Gomemlimit },
): readonly Limit[] {
  const answer = answers.find(({ chosen }) => chosen?.gogc === gogc && chosen?.gomemlimit === gomemlimit);
  return answer?.limits ?? wishes.limits;
}

function answerOf(
  { run, workloads }: RecommendInput,
  rule: Rule,
  views: readonly WorkloadView[],
  limit: MemoryLimitQuestion,
): Answer {
  const settings = settingVerdicts(run.experiment, workloads, rule);
  const choice = choose(settings, rule, run.experiment.confidence);
  const chosen = 'setting' in choice ? choice.setting : undefined;
  return {
    ...rule,
    chosen: chosen && {
      gogc: chosen.gogc,
      gomemlimit: chosen.gomemlimit,
      label: chosen.label,
      baseline: chosen.baseline,
      memoryLimit: memoryLimitOf(cellsOfSetting(chosen, workloads), run.experiment.limits.memoryBytes, limit),
    },
    kept: 'setting' in choice ? choice.kept : undefined,
    refusal: 'refusal' in choice ? choice.refusal : undefined,
    settings,
    effects: workloads.map((workload, i) => effectView(run.experiment, workload, chosen, views[i]?.front, rule)),
  };
}

function effectView(
  experiment: RecommendInput['run']['experiment'],
  { workload, unit, cells, axes }: WorkloadAnalysis,
  chosen: SettingVerdict | undefined,
  front: Front | undefined,
  { goal }: Rule,
): EffectView {
  const own = chosen && cells.find(({ id }) => chosen.cells.includes(id));
  const baseline = baselineOf(cells);
  const next = own && front && neighbourOf(own, cells, front, goal.kind === 'cpu');
  return {
    workload,
    unit,
    effect:
      own === undefined || baseline === undefined || own === baseline
        ? undefined
        : effectOf(experiment, own, baseline, axes),
    // What lies between the chosen setting and the baseline is told already.
    alternative:
      own === undefined || next === undefined || next === baseline
        ? undefined
        : { label: next.label, ...effectOf(experiment, next, own, axes) },
  };
}

/** How long a block took from the first trial's start to the last's; null where fewer than two trials tell. */
function blockSeconds(trials: readonly Pick<TrialSummary, 'startedAt' | 'block'>[]): number | null {
  // oxlint-disable-next-line no-restricted-globals -- reads a given text, not the clock
  const starts = trials.map(({ startedAt }) => Date.parse(startedAt)).filter(Number.isFinite);
  const blocks = new Set(trials.map(({ block }) => block)).size;
  if (starts.length < 2 || blocks === 0) return null;
  const seconds = (Math.max(...starts) - Math.min(...starts)) / 1000;
  // n trials have n − 1 steps from start to start.
  return (seconds / (starts.length - 1)) * (starts.length / blocks);
}

/** The next cell on the front in the direction that is aimed at, which costs more of the other; else the next in the other. */
function neighbourOf(
  chosen: CellAnalysis,
  cells: readonly CellAnalysis[],
  front: Front,
  towardsMemory: boolean,
): CellAnalysis | undefined {
  const memory = (id: string): number => front.cells.find(({ cell }) => cell === id)?.medians[0] ?? NaN;
  const here = memory(chosen.id);
  const others = front.cells.filter(({ member, cell }) => member && cell !== chosen.id);
  const leaner = others
    .filter(({ cell }) => memory(cell) < here)
    .toSorted((a, b) => memory(b.cell) - memory(a.cell))[0];
  const richer = others
    .filter(({ cell }) => memory(cell) > here)
    .toSorted((a, b) => memory(a.cell) - memory(b.cell))[0];
  const next = towardsMemory ? (richer ?? leaner) : (leaner ?? richer);
  return cells.find(({ id }) => id === next?.cell);
}
