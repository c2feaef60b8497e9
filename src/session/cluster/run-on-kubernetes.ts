import { dirname, relative } from 'node:path';
import type { ExitCode } from '../../errors.ts';
import { openCluster, type Cluster } from '../../kubernetes/cluster.ts';
import { checkNodes } from '../../kubernetes/pending.ts';
import { checkRights } from '../../kubernetes/rights.ts';
import { assertWritable } from '../../results/disk.ts';
import { runId } from '../../results/layout.ts';
import { createJoinedRun, reopenJoinedRun } from '../../results/joined-run.ts';
import { ownerMark, ownerState } from '../../runner/owner.ts';
import type { SweepResult } from '../../sweep/blocks.ts';
import type { SweepEvent } from '../../sweep/event.ts';
import { interruptionCode } from '../../cli/failure.ts';
import type { Io } from '../../cli/io.ts';
import { chooseProgress } from '../../cli/terminal/progress.ts';
import { styleOf } from '../../cli/terminal/style.ts';
import { announceInterruption, jsonLines, limitedSignal, sayHowToGoOn, untilKilled } from '../sweep-once.ts';
import { clusterJob } from './cluster-job.ts';
import { readClusterState, readLockedState, type ClusterState } from './cluster-state.ts';
import { ClusterDriver, type ClusterRun } from './cluster-driver.ts';
import { targetImage } from './target-image.ts';

/** Runs the blocks of an experiment in a cluster, under the display of a run; a kill gives the exit code at once and leaves the Job to go on. */
export async function runOnKubernetes(run: ClusterRun, io: Io): Promise<SweepResult | { readonly exitCode: ExitCode }> {
  const { values } = run;
  const style = styleOf(io.stderr, values.color, io.env);
  const progress = chooseProgress(values.quiet ? 'none' : values.progress, io, style, values.verbose);
  const json = jsonLines(values, io);
  let folder: string | undefined;
  const onEvent = (event: SweepEvent): void => {
    if (event.type === 'run-started') ({ folder } = event);
    progress.event(event);
    json?.(event);
  };
  const stopListening = announceInterruption(io, progress, values.quiet);
  try {
    const result = await untilKilled(driven(run, onEvent, io), io.killSignal);
    if (result !== undefined) return result;
    if (!values.quiet) io.stderr.write('killed; the Job goes on in the cluster\n');
    if (!values.quiet && folder !== undefined) sayHowToGoOn({ folder }, io);
    return { exitCode: interruptionCode(io.killSignal) };
  } finally {
    stopListening();
    progress.close();
  }
}

async function driven(run: ClusterRun, onEvent: (event: SweepEvent) => void, io: Io): Promise<SweepResult> {
  const { values, loaded, experiment, seed, resume } = run;
  const job = clusterJob(loaded, experiment, seed, values);
  const signal = limitedSignal(io.signal, values.timeout);
  const earlier = resume === undefined ? undefined : readClusterState(resume);
  const place = earlier ?? values;
  const cluster = await openCluster({ context: place.context, namespace: place.namespace });
  const { exec } = await checkRights(cluster);
  const onProgress = (message: string): void => onEvent({ type: 'note', message });
  const image = earlier?.targetImage ?? (await targetImage(experiment, values, { env: io.env, signal, onProgress }));
  const mark = await ownerMark();
  const root = dirname(resume ?? `${values.output}/x`);
  const id = runId(experiment.name, new Date(), seed);
  const nodes = await cluster.nodes();
  const blocks = Array.from({ length: job.plan.blocks }, (_, index) => index + 1);
  if (nodes !== undefined)
    checkNodes(nodes, job.request({ runId: id, owner: mark, number: 1, blocks, targetImage: image }));
  if (resume === undefined) await assertWritable(root);
  const owner = { mark, state: ownerState };
  await using joined =
    resume === undefined
      ? await createJoinedRun(root, id, loaded.text, { owner })
      : await reopenJoinedRun(resume, owner);
  const state = resume === undefined ? firstState(run, cluster, image, io) : readLockedState(resume);
  const driver = new ClusterDriver({ cluster, job, state, joined, owner: mark, mayExec: exec, onEvent, signal });
  return await driver.run();
}

/** What is known of a run that begins. */
function firstState(
  { values, loaded, seed }: ClusterRun,
  { context, namespace }: Pick<Cluster, 'context' | 'namespace'>,
  image: string,
  io: Io,
): ClusterState {
  return {
    formatVersion: 1,
    context,
    namespace,
    values: {
      nodes: values.nodes,
      'node-names': values['node-names'],
      ...given('node-selector', values['node-selector']),
      ...given('toleration', values.toleration),
      ...given('queue', values.queue),
      ...given('secret', values.secret),
      ...given('harness-image', values['harness-image']),
      'harness-cpus': values['harness-cpus'],
      ...given('target-image', values['target-image']),
      ...given('filter', values.filter),
      ...given('blocks', values.blocks),
    },
    experimentFile: shorter(loaded.file, io.cwd),
    directory: dirname(loaded.file),
    seed,
    targetImage: image,
    jobs: 0,
    lost: [],
  };
}

function given<Key extends string, T>(key: Key, value: T | undefined): { readonly [K in Key]?: T } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [K in Key]?: T };
}

/** The experiment's file by the shorter of its path and the way to it. */
function shorter(path: string, cwd: string): string {
  const way = relative(cwd, path);
  return way.length < path.length ? way : path;
}
