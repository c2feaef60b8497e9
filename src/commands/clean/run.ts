import { jsonText } from '../../text/json-text.ts';
import { EnvironmentError, ExitCode } from '../../errors.ts';
import { plainText } from '../../text/plain-text.ts';
import { REAL_RUNNER_NAMES } from '../../experiment/runner-names.ts';
import type { Reaped, Runner } from '../../runner/runner.ts';
import { RUNNERS } from '../../runner/runners.ts';
import { reapScratch } from '../../sweep/scratch.ts';
import type { Io } from '../../cli/io.ts';

/** What `gctune clean` is called with. */
export interface CleanValues {
  readonly run: string | undefined;
  readonly json: boolean;
}

/** Removes what killed runs left behind and says what it was. */
export async function cleanUp(values: CleanValues, io: Io): Promise<ExitCode> {
  const found = [];
  for (const name of REAL_RUNNER_NAMES) found.push(await reap(RUNNERS[name](), values.run));
  const folders = await reapScratch(values.run);
  const removed = [...found.flatMap(({ reaped }) => reaped), ...folders];
  const problems = found.flatMap(({ problem }) => problem ?? []);
  if (values.json) {
    io.stdout.write(`${jsonText({ formatVersion: 1, removed, problems }, 2)}\n`);
  } else {
    for (const { kind, id, runId } of removed)
      io.stdout.write(`removed ${kind} ${plainText(id)} of ${plainText(runId)}\n`);
    if (removed.length === 0) io.stdout.write('nothing was left behind\n');
  }
  for (const problem of problems) io.stderr.write(`${plainText(problem)}\n`);
  return ExitCode.ok;
}

/** An engine that is not there has nothing of ours; anything else that goes wrong is said. */
async function reap(
  runner: Runner,
  runId: string | undefined,
): Promise<{ reaped: readonly Reaped[]; problem?: string }> {
  try {
    return { reaped: await runner.reap(runId) };
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return { reaped: [], problem: `${runner.name}: ${error.message}` };
  }
}
