import type { MetricId } from '../../metrics/metrics.ts';
import type { Analysis, WorkloadAnalysis } from '../../analysis/analysis.ts';
import type { RecommendInput } from '../../analysis/recommend/recommend.ts';

/** What the page's script works on: as much of the analysis as a recommendation is made of. */
export interface PageData {
  /** The folder's name, for the command line. */
  readonly run: string;
  readonly input: RecommendInput;
}

/** Takes out of an analysis what a recommendation is made of. */
export function pageData({ run, workloads, trials }: Analysis): PageData {
  const { confidence, primaries, limits, canary } = run.experiment;
  return {
    run: `results/${run.id}`,
    input: {
      run: {
        id: run.id,
        plan: { seed: run.plan.seed, blocks: run.plan.blocks },
        ...(run.missing === undefined ? {} : { missing: run.missing, ...fileOf(run) }),
        runner: run.runner,
        experiment: { confidence, primaries, limits, ...(canary === undefined ? {} : { canary }) },
      },
      workloads: workloads.map(leanWorkload),
      trials: trials.map(({ startedAt, block }) => ({ startedAt, block })),
    },
  };
}

/** What a command that completes the run names. */
function fileOf({ experimentFile }: Analysis['run']): Pick<Analysis['run'], 'experimentFile'> {
  return experimentFile === undefined ? {} : { experimentFile };
}

/** A workload without what only charts and tables need. */
function leanWorkload(workload: WorkloadAnalysis): WorkloadAnalysis {
  const { sites: _sites, model: _model, omnibus: _omnibus, ...rest } = workload;
  const { memory, cost, latency } = workload.axes;
  const asked = new Set<string | undefined>([memory, cost, latency, ...ASKED]);
  const pick = <T>(by: Readonly<Partial<Record<MetricId, T>>>): Partial<Record<MetricId, T>> =>
    Object.fromEntries(Object.entries(by).filter(([metric]) => asked.has(metric)));
  return {
    ...rest,
    noise: [],
    contrasts: workload.contrasts.filter(({ metric }) => asked.has(metric)),
    cells: workload.cells.map(({ limitNeed: _limitNeed, ...cell }) => ({
      ...cell,
      estimates: pick(cell.estimates),
      values: Object.fromEntries(
        Object.entries(pick(cell.values)).map(([metric, values]) => [
          metric,
          values.map(({ block, value }) => ({ trial: '', block, value })),
        ]),
      ),
      courses: [],
      composition: undefined,
      latency: [],
      warnings: [],
    })),
  };
}

/** What limits and prices are judged in beside a workload's own axes. */
const ASKED: readonly MetricId[] = ['memory.rss', 'cpu.used'];
