import { existsSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExitCode, UserError } from '../../errors.ts';
import { BLOCK_USELESS } from '../../kubernetes/manifest.ts';
import { ORDER_VARIABLE, readOrder, type Order } from '../../kubernetes/order.ts';
import { packRun } from '../../kubernetes/pack-run.ts';
import { resultLines, sumOf } from '../../kubernetes/result-lines.ts';
import { readPlainFile } from '../../results/plain-file.ts';
import { toolVersion } from '../../cli/tool-version.ts';
import type { Io } from '../../cli/io.ts';
import { quote } from '../../units/units.ts';
import { harnessIo } from './harness-io.ts';
import { noteCpus } from './note-cpus.ts';
import { runBlock } from './run-block.ts';

/** What `gctune harness` is called with. */
export interface HarnessValues {
  readonly results: string;
  readonly message: string;
  readonly send: string | undefined;
  readonly release: boolean;
}

/** How often a harness that waits looks whether it may go. */
const LOOK_MILLISECONDS = 100;
/** No result is larger. */
const MOST_BYTES = 2 ** 30;

/** Runs the block of this pod's index and prints its results; or prints some of them again, or ends the wait for that. */
export async function runHarness(values: HarnessValues, io: Io): Promise<ExitCode> {
  const packed = join(values.results, 'result.tgz');
  const released = join(values.results, 'released');
  if (values.send !== undefined) {
    const result = readPlainFile(packed, MOST_BYTES);
    const asked = values.send === 'all' ? undefined : new Set(values.send.split(',').map(Number));
    for (const line of resultLines(result, asked)) io.stdout.write(`${line}\n`);
  }
  if (values.release) await writeFile(released, '');
  if (values.send !== undefined || values.release) return ExitCode.ok;

  const order = readOrder(io.env[ORDER_VARIABLE]);
  const pod = harnessIo(io);
  // How it is asked for more, in an image that has no shell.
  const command = ownCommand();
  pod.event({ type: 'pod', command, version: toolVersion() });
  const runs = join(values.results, 'runs');
  // A container that the kubelet starts again begins again.
  rmSync(runs, { recursive: true, force: true });
  await mkdir(runs, { recursive: true });
  const block = blockOf(order, io.env);
  const { code, folder, cpus } = await runBlock({ order, block, results: values.results, runs }, pod);
  if (folder === undefined) return code;
  noteCpus(folder, cpus);
  const result = await packRun(folder);
  await writeFile(packed, result);
  const sum = sumOf(result);
  let printed = 0;
  for (const line of resultLines(result)) {
    printed += line.length;
    io.stdout.write(`${line}\n`);
    // A pipe that is not read holds up nothing but this.
    if (io.stdout.isBehind()) await io.stdout.flushed();
  }
  const holds = printed > order.hold.aboveBytes;
  pod.event({ type: 'result', sum, holds, command });
  await writeFile(values.message, JSON.stringify(sum));
  await io.stdout.flushed();
  if (holds) await untilReleased(released, order.hold.seconds, io.signal);
  return code;
}

/** The block of this pod. Throws UserError where the cluster does not say which index it is. */
function blockOf({ blocks }: Order, env: Io['env']): number {
  const index = env['JOB_COMPLETION_INDEX'];
  const block = blocks[Number(index ?? NaN)];
  if (block !== undefined) return block;
  throw new UserError({
    code: 'not-in-a-pod',
    message: `JOB_COMPLETION_INDEX is ${quote(index ?? '')}, and the Job has ${blocks.length} indexes`,
    hint: 'gctune run --on kubernetes starts it in the pods of an Indexed Job',
  });
}

/** What was printed can be asked for only while this container runs. */
async function untilReleased(file: string, seconds: number, signal: AbortSignal): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!existsSync(file) && performance.now() < end && !signal.aborted) await sleep(LOOK_MILLISECONDS);
}

/** Node and the file of gctune that it runs. */
function ownCommand(): readonly string[] {
  const words = readFileSync('/proc/self/cmdline', 'utf8').split('\0');
  return words.slice(0, words.indexOf('harness'));
}

// The number stands in the manifest of the Job and is what the process ends with.
BLOCK_USELESS satisfies typeof ExitCode.uselessBlock;
