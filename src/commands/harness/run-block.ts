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
}

/** Runs one block as the part of the plan that it is. */
export async function runBlock({ order, block, results, runs }: BlockRequest, io: Io): Promise<BlockEnd> {
  const file = join(results, 'experiment.yaml');
  await writeFile(file, order.text);
  const { experiment: inFile, secrets, text } = await loadExperiment(file, io);
  const { seed, of, filter } = order;
  const experiment = overrideExperiment(inFile, { runner: undefined, seed, blocks: of, filter });
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
      ...(experiment.target.source.kind === 'simulated' ? {} : { runner: 'sidecar' as const }),
      shard: { number: block, of, node: nodeName(io.env['NODE_NAME'] ?? 'unknown', order.nodeNames) },
    },
    io,
  );
  if ('exitCode' in result) return { code: result.exitCode, folder: undefined };
  // A pod that is told to end has half a block, which is worth nothing.
  if (io.signal.aborted) return { code: ExitCode.terminated, folder: undefined };
  if (result.why === 'fault') return { code: ExitCode.machineFault, folder: undefined };
  return { code: result.completed === 0 ? ExitCode.uselessBlock : ExitCode.ok, folder: result.folder };
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
