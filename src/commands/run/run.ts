import { UserError, type Diagnostic, type ExitCode } from '../../errors.ts';
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import type { Experiment } from '../../experiment/experiment.ts';
import { parseShard } from '../../experiment/plan/shard.ts';
import type { RunShard } from '../../results/format.ts';
import { plainText } from '../../text/plain-text.ts';
import { quote } from '../../units/units.ts';
import type { Io } from '../../cli/io.ts';
import { concludeRun, runAfterPilot, type ConcludeValues } from '../../session/conclude-run.ts';
import type { ClusterValues } from '../../session/cluster/cluster-job.ts';
import { finishRun } from '../../session/finish-run.ts';
import { loadExperiment, type LoadedExperiment } from '../../session/load-experiment.ts';
import { overrideExperiment, type Overrides } from '../../session/override-experiment.ts';
import { newSeed } from '../../session/new-seed.ts';
import { pilotOf } from '../../session/pilot.ts';
import { sweepOnce } from '../../session/sweep-once.ts';

/** What `gctune run` is called with. */
export interface RunValues extends Overrides, ConcludeValues, ClusterValues {
  readonly file: string;
  readonly shard: string | undefined;
  readonly node: string | undefined;
}

/**
 * Runs the sweep, analyses what it left, writes the report and prints the finding. Where levels are to be chosen, a pilot
 * comes first, which is a run of its own.
 */
export async function runExperiment(values: RunValues, io: Io): Promise<ExitCode> {
  const loaded = await loadExperiment(values.file, io);
  const experiment = overrideExperiment(loaded.experiment, values);
  if (values.on === 'kubernetes') return runInCluster(loaded, experiment, values, io);
  const sweep = {
    values,
    text: loaded.text,
    secrets: loaded.secrets,
    file: loaded.file,
    seed: experiment.seed ?? newSeed(),
    ...(values.shard === undefined ? {} : { shard: shardOf(values.shard, experiment, values) }),
  };
  if (experiment.matrix.auto !== true) return concludeRun(await sweepOnce({ ...sweep, experiment }, io), sweep, io);
  const pilot = await sweepOnce({ ...sweep, experiment: pilotOf(experiment), pilotOf: experiment }, io);
  return runAfterPilot(pilot, experiment, sweep, io);
}

/** Has the blocks run in pods, and does with them what is done with those of any run. */
async function runInCluster(
  loaded: LoadedExperiment,
  experiment: Experiment,
  values: RunValues,
  io: Io,
): Promise<ExitCode> {
  const excluded = [
    ...(values.shard === undefined ? [] : ['--shard']),
    ...(values.node === undefined ? [] : ['--node']),
    ...(values.confirm ? ['--confirm'] : []),
  ];
  if (excluded.length > 0)
    throw new UserError(
      excluded.map((at) => ({
        code: 'not-in-a-cluster',
        at,
        message: '--on kubernetes runs every block of the plan in a pod of its own',
        hint: at === '--confirm' ? 'gctune recommend --confirm does it on one machine' : 'leave it out',
      })),
    );
  const seed = experiment.seed ?? newSeed();
  const { runOnKubernetes } = await import('../../session/cluster/run-on-kubernetes.ts');
  const result = await runOnKubernetes({ loaded, experiment, seed, values }, io);
  return 'exitCode' in result ? result.exitCode : finishRun(result, values, io);
}

/** The part of the plan that `--shard` asks for. Throws UserError with everything that would make the parts unlike. */
function shardOf(
  text: string,
  { seed, blocks, adaptive, matrix }: Experiment,
  { node, confirm }: Pick<RunValues, 'node' | 'confirm'>,
): RunShard {
  const shard = parseShard(text);
  const problems: Omit<Diagnostic, 'at'>[] = [];
  if (shard === undefined) {
    const message = `${quote(text)} is not a part of a plan`;
    problems.push({ code: 'bad-value', message, hint: 'write its number and how many there are, e.g. 2/5' });
  } else if (shard.of > blocks && adaptive === undefined) {
    const message = `${shard.of} parts are more than the ${blocks} blocks of the plan`;
    problems.push({ code: 'too-many-shards', message, hint: `use at most ${blocks}, or more --blocks` });
  }
  if (seed === undefined) {
    const message = 'each part would draw a seed of its own, and no two of one plan';
    problems.push({
      code: 'shard-without-seed',
      message,
      hint: 'give every part the same --seed, or write it in the file',
    });
  }
  if (adaptive !== undefined) {
    const message = 'the number of blocks is adaptive, and no part knows how precise all of them are together';
    problems.push({ code: 'adaptive-shard', message, hint: 'give every part the same --blocks' });
  }
  if (matrix.auto === true) {
    const message = 'levels: auto chooses levels by a pilot, which would choose others on every machine';
    problems.push({
      code: 'pilot-shard',
      message,
      hint: 'run it once without --shard, and write the levels that it chose in the file',
    });
  }
  if (confirm) {
    const message = 'a part has no recommendation that could be confirmed';
    problems.push({ code: 'confirmed-shard', message, hint: 'gctune recommend --confirm does it for the merged run' });
  }
  if (shard === undefined || problems.length > 0)
    throw new UserError(problems.map((one) => ({ ...one, at: '--shard' })));
  return { ...shard, node: plainText(node ?? nodeName()) };
}

/** A name by which this machine is known again and that does not tell its own: results are published. */
function nodeName(): string {
  return `node-${createHash('sha256').update(`gctune ${hostname()}`).digest('hex').slice(0, 6)}`;
}
