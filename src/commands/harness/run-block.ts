import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExitCode } from '../../errors.ts';
import type { Experiment } from '../../experiment/experiment.ts';
import { nodeName } from '../../kubernetes/node-name.ts';
import type { Order } from '../../kubernetes/order.ts';
import type { Io } from '../../cli/io.ts';
import { loadExperiment } from '../../session/load-experiment.ts';
import { overrideExperiment } from '../../session/override-experiment.ts';
import { sweepOnce } from '../../session/sweep-once.ts';
import { lookAtCpus, type SeenCpus } from './note-cpus.ts';

/** The block that a pod runs, and where. */
export interface BlockRequest {
  readonly order: Order;
  readonly block: number;
  /** The experiment's file is put here. */
  readonly results: string;
  /** The run is made below this folder. */
  readonly runs: string;
}

/** What came of a block: the exit code of its pod, and the folder of the run where it is worth giving back. */
export interface BlockEnd {
  readonly code: ExitCode;
  readonly folder: string | undefined;
  /** What the containers of the pod could run on when it began. */
  readonly cpus: readonly SeenCpus[];
}

/** Runs one block as the part of the plan that it is. */
export async function runBlock({ order, block, results, runs }: BlockRequest, io: Io): Promise<BlockEnd> {
  const file = join(results, 'experiment.yaml');
  await writeFile(file, order.text);
  const { experiment: inFile, secrets, text } = await loadExperiment(file, io);
  const { seed, of, filter } = order;
  const experiment = overrideExperiment(inFile, { runner: undefined, seed, blocks: of, filter });
  const hasTarget = experiment.target.source.kind !== 'simulated';
  const cpus = await lookAtCpus(order.cpus, hasTarget);
  const result = await sweepOnce(
    {
      values: {
        output: runs,
        timeout: undefined,
        progress: 'none',
        color: 'never',
        quiet: true,
        verbose: false,
        json: true,
      },
      experiment: withTarget(experiment, order),
      text,
      secrets,
      file,
      seed,
      ...(hasTarget ? { runner: 'sidecar' as const } : {}),
      shard: { number: block, of, node: nodeName(io.env['NODE_NAME'] ?? 'unknown', order.nodeNames) },
    },
    io,
  );
  const end = (code: ExitCode, folder?: string): BlockEnd => ({ code, folder, cpus });
  if ('exitCode' in result) return end(result.exitCode);
  // A pod that is told to end has half a block, which is worth nothing.
  if (io.signal.aborted) return end(ExitCode.terminated);
  if (result.why === 'fault') return end(ExitCode.machineFault);
  return end(result.completed === 0 ? ExitCode.uselessBlock : ExitCode.ok, result.folder);
}

/** What was built elsewhere is a program of the target's image here. */
function withTarget(experiment: Experiment, { target }: Order): Experiment {
  if (target === undefined) return experiment;
  const source = {
    kind: 'image' as const,
    reference: target.image,
    container: { entrypoint: [target.program], mounts: {} },
  };
  return { ...experiment, target: { ...experiment.target, source } };
}
