import type { RunManifest } from '../../results/format.ts';
import type { CellAnalysis, WorkloadAnalysis } from '../analysis.ts';
import { axesOf } from './axes.ts';
import { choose } from './choose.ts';
import { effectOf } from './effect.ts';
import type { Front } from './front-analysis.ts';
import { frontOf } from './front.ts';
import { cellsOfSetting, memoryLimitOf, type MemoryLimitQuestion } from './memory-limit.ts';
import {
  RECOMMENDATION_VERSION,
  type Recommendation,
  type SettingVerdict,
  type WorkloadView,
} from './recommendation.ts';
import { settingVerdicts } from './setting-verdicts.ts';
import { DEFAULT_WISHES, type Wishes } from './wishes.ts';

/** What a recommendation is made of: an analysis, whole or of some of its workloads. */
export interface RecommendInput {
  readonly run: Pick<RunManifest, 'id' | 'plan'> & {
    readonly experiment: Pick<RunManifest['experiment'], 'confidence' | 'primaries' | 'limits'>;
  };
  readonly workloads: readonly WorkloadAnalysis[];
}

/** What the default rule recommends, without the fronts, which stand beside the cells of an analysis already. */
export function defaultRecommendation(input: RecommendInput): Recommendation {
  const recommendation = recommend(input);
  return { ...recommendation, workloads: recommendation.workloads.map((view) => ({ ...view, front: undefined })) };
}

/**
 * The setting to run by what is wished, or the refusal to name one. Pure; uses the cells' values, estimates and
 * contrasts, so that a published analysis without trials is enough.
 */
export function recommend(
  { run, workloads }: RecommendInput,
  wishes: Wishes = DEFAULT_WISHES,
  limit: MemoryLimitQuestion = {},
): Recommendation {
  const { experiment } = run;
  const settings = settingVerdicts(experiment, workloads, wishes);
  const blocks = Math.min(...workloads.map(({ cells }) => cells.find(isBaseline)?.valid ?? 0));
  const choice = choose(settings, wishes.goal, experiment.confidence, blocks);
  const chosen = 'setting' in choice ? choice.setting : undefined;
  return {
    formatVersion: RECOMMENDATION_VERSION,
    run: run.id,
    confidence: experiment.confidence,
    wishes,
    baseline: settings.find(({ baseline }) => baseline)?.label,
    chosen: chosen && {
      gogc: chosen.gogc,
      gomemlimit: chosen.gomemlimit,
      label: chosen.label,
      baseline: chosen.baseline,
      memoryLimit: memoryLimitOf(cellsOfSetting(chosen, workloads), experiment.limits.memoryBytes, limit),
    },
    refusal: 'refusal' in choice ? choice.refusal : undefined,
    settings,
    workloads: workloads.map((workload) => viewOf(run, workload, chosen)),
  };
}

function viewOf(
  run: RecommendInput['run'],
  workload: WorkloadAnalysis,
  chosen: SettingVerdict | undefined,
): WorkloadView {
  const { experiment, plan } = run;
  const { cells } = workload;
  const axes = axesOf(experiment, cells);
  const front = workload.front ?? frontOf(experiment, cells, plan.seed);
  const own = chosen && cells.find(({ id }) => chosen.cells.includes(id));
  const baseline = cells.find(isBaseline);
  const next = own && front && neighbourOf(own, cells, front);
  return {
    workload: workload.workload,
    unit: workload.unit,
    effect:
      own === undefined || baseline === undefined || own === baseline
        ? undefined
        : effectOf(experiment, own, baseline, axes),
    alternative: own && next && { label: next.label, ...effectOf(experiment, next, own, axes) },
    front,
  };
}

/** The next cell on the front that has less memory than the chosen one; else the next that has more. */
function neighbourOf(chosen: CellAnalysis, cells: readonly CellAnalysis[], front: Front): CellAnalysis | undefined {
  const memory = (id: string): number => front.cells.find(({ cell }) => cell === id)?.medians[0] ?? NaN;
  const here = memory(chosen.id);
  const others = front.cells.filter(({ member, cell }) => member && cell !== chosen.id);
  const leaner = others.filter(({ cell }) => memory(cell) < here).toSorted((a, b) => memory(b.cell) - memory(a.cell));
  const richer = others.filter(({ cell }) => memory(cell) > here).toSorted((a, b) => memory(a.cell) - memory(b.cell));
  const next = leaner[0] ?? richer[0];
  return cells.find(({ id }) => id === next?.cell);
}

function isBaseline(cell: CellAnalysis): boolean {
  return cell.baseline && cell.role === 'level';
}
