import type { Experiment } from '../../experiment/experiment.ts';
import { manifestText } from '../../kubernetes/manifest-text.ts';
import { jobManifest } from '../../kubernetes/manifest.ts';
import { runId } from '../../results/layout.ts';
import type { Io } from '../../cli/io.ts';
import { targetImageOf, type ClusterJob, type ClusterValues } from '../../session/cluster/cluster-job.ts';
import { formOf, type DocumentFormat } from '../../session/written-document.ts';
import { jsonDocument } from '../../text/json-text.ts';
import { formatWait } from '../../units/format-units.ts';
import { counted } from '../../text/words.ts';

/** Stands for what only a build can tell. */
const NOT_BUILT = 'gctune-target:built';

/** Prints the Job that a run would create. Its name and its owner are those of a run that begins now. */
export async function printManifest(
  job: ClusterJob,
  experiment: Experiment,
  values: ClusterValues & { readonly format: DocumentFormat | 'brief' | 'json'; readonly json: boolean },
  io: Io,
): Promise<void> {
  const targetImage = targetImageOf(experiment, values);
  const { plan } = job;
  const request = job.request({
    runId: runId(experiment.name, new Date(io.unixSeconds() * 1000), plan.seed),
    owner: 'nobody',
    number: 1,
    blocks: Array.from({ length: plan.blocks }, (_, index) => index + 1),
    targetImage: targetImage ?? NOT_BUILT,
  });
  const manifest = jobManifest(request, values.namespace);
  io.stdout.write(formOf(values) === 'json' ? jsonDocument(manifest) : manifestText(manifest));
  if (targetImage === undefined && experiment.target.source.kind !== 'simulated')
    io.stderr.write(`${NOT_BUILT} stands for the image of the target, whose tag is a digest of what is built\n`);
  io.stderr.write(
    `${counted(plan.blocks, 'block')}, ${values.nodes} at a time: about ${formatWait(job.seconds(plan.blocks))}\n`,
  );
}
