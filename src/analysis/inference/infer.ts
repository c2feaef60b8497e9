import type { RunManifest } from '../../results/format.ts';
import type { WorkloadAnalysis } from '../analysis.ts';
import { axesOf } from './axes.ts';
import { contrastsOf } from './contrasts.ts';
import { noiseOf } from './metric-noise.ts';
import { costModelOf } from '../model/cost-model.ts';
import { omnibusOf } from './omnibus.ts';
import { primaryFamily } from './primary-family.ts';
import { frontOf } from './front.ts';

/** A workload as it was measured: everything but what is concluded from the cells' values. */
export type MeasuredWorkload = Omit<WorkloadAnalysis, 'axes' | 'contrasts' | 'noise' | 'omnibus' | 'front' | 'model'>;

/**
 * What is concluded of a run from the values of its cells alone, so that it can be made anew of a published analysis:
 * contrasts with their families, the noise, whether the levels differ at all,
 * the front, the cost model.
 */
export function infer(
  { experiment, plan }: Pick<RunManifest, 'experiment' | 'plan'>,
  measured: readonly MeasuredWorkload[],
): readonly WorkloadAnalysis[] {
  const contrasts = contrastsOf(
    experiment,
    measured.map(({ cells }) => cells),
    plan.seed,
  );
  const comparisons = primaryFamily(contrasts.map((own) => ({ contrasts: own }))).length;
  return measured.map((workload, i) => {
    const own = contrasts[i] ?? [];
    const axes = axesOf(experiment, workload.cells);
    const front = frontOf(experiment, workload.cells, plan.seed, axes);
    const noise = noiseOf(experiment, workload.cells, own, comparisons);
    const omnibus = omnibusOf(experiment, workload.cells, plan.seed);
    const model = costModelOf(experiment, workload.cells, axes);
    return {
      ...workload,
      axes,
      contrasts: own,
      noise,
      omnibus,
      ...(front === undefined ? {} : { front }),
      ...(model === undefined ? {} : { model }),
    };
  });
}
