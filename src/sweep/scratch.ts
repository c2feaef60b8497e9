import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { EnvironmentError } from '../errors.ts';
import type { PrepareStep } from '../experiment/experiment.ts';
import { ownerMark, ownerState } from '../runner/owner.ts';
import type { Reaped } from '../runner/runner.ts';

/** Every scratch folder of ours begins so, and holds a file that says which run and which gctune it belongs to. */
const prefix = 'gctune-scratch-';
const ownerFile = '.gctune-owner.json';
/** How many of the last lines of a failed step are shown. */
const shownLines = 20;

/** A run's scratch folder, made only where the experiment has something to prepare; gone when disposed. */
export interface Scratch extends AsyncDisposable {
  /** What `{work}` stands for. */
  readonly directory: string | undefined;
}

/**
 * Makes the scratch folder and runs the preparation steps in it, each a program with its arguments, without a shell.
 * Throws EnvironmentError `prepare-failed` with the end of the step's output.
 */
export async function prepareScratch(
  runId: string,
  steps: readonly PrepareStep[],
  experimentDirectory: string,
  signal: AbortSignal,
): Promise<Scratch> {
  if (steps.length === 0) return { directory: undefined, [Symbol.asyncDispose]: async () => undefined };
  const folder = await mkdtemp(join(tmpdir(), prefix));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await writeFile(join(folder, ownerFile), JSON.stringify({ runId, owner: await ownerMark() }));
    const directory = join(folder, 'work');
    for (const step of steps) await runStep(step, directory, experimentDirectory, signal);
    return { directory, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Removes scratch folders of killed runs; with `runId` only those of that run. With `dryRun` it only says which. */
export async function reapScratch(
  options: { readonly runId?: string; readonly dryRun?: boolean } = {},
): Promise<readonly Reaped[]> {
  const reaped: Reaped[] = [];
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const folder = join(tmpdir(), name);
    const mark = await readMark(folder);
    if (mark === undefined || (options.runId !== undefined && mark.runId !== options.runId)) continue;
    if ((await ownerState(mark.owner)) !== 'dead') continue;
    if (options.dryRun !== true) await rm(folder, { recursive: true, force: true });
    reaped.push({ kind: 'directory', id: folder, runId: mark.runId });
  }
  return reaped;
}

async function readMark(folder: string): Promise<{ readonly runId: string; readonly owner: string } | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, ownerFile), 'utf8')) as { runId: string; owner: string };
  } catch {
    return undefined;
  }
}

async function runStep(step: PrepareStep, work: string, cwd: string, signal: AbortSignal): Promise<void> {
  const [program, ...args] = step.run.map((word) =>
    word.replaceAll('{work}', work).replaceAll('{node}', process.execPath),
  );
  if (program === undefined) return;
  const result = await execa(program, args, {
    cwd,
    cancelSignal: signal,
    timeout: step.withinSeconds * 1000,
    reject: false,
    stdin: 'ignore',
    all: true,
  });
  if (!result.failed || signal.aborted) return;
  const how = result.timedOut
    ? `took longer than ${step.withinSeconds} s`
    : (result.originalMessage ?? `ended with code ${result.exitCode}`);
  throw new EnvironmentError('prepare-failed', `the preparation step \`${step.run.join(' ')}\` failed: ${how}`, {
    details: (result.all ?? '').split('\n').slice(-shownLines),
    hint: 'see target.prepare in the experiment file',
  });
}
