import { UserError } from '../../errors.ts';
import type { Experiment } from '../../experiment/experiment.ts';
import { bringImage } from '../../kubernetes/bring-image.ts';
import type { ObtainContext } from '../../runner/runner.ts';
import { targetImageOf, type ClusterValues } from './cluster-job.ts';

/** The image of the target; one that the file does not give is built of its program and brought to the nodes by the command of `--load`. */
export async function targetImage(
  experiment: Experiment,
  values: Pick<ClusterValues, 'target-image' | 'load'>,
  context: Pick<ObtainContext, 'env' | 'signal' | 'onProgress'>,
): Promise<string> {
  const { source, toolchain } = experiment.target;
  const named = targetImageOf(experiment, values);
  if (named !== undefined) return named;
  // A model has none.
  if (source.kind === 'simulated') return '';
  if (values.load === undefined)
    throw new UserError({
      code: 'image-needed',
      at: '--on kubernetes',
      message: `the target is given as ${source.kind}:, and pods start images`,
      hint: 'give --load with the command that brings an archive to the nodes, e.g. "kind load image-archive {archive}", or --target-image',
    });
  return bringImage(source, values.load, { ...context, toolchain });
}
