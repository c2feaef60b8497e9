import { EnvironmentError, ExitCode } from '../../errors.ts';
import { plainText } from '../../text/plain-text.ts';
import { REAL_RUNNER_NAMES } from '../../experiment/runner-names.ts';
import type { Reaped, Runner } from '../../runner/runner.ts';
import { RUNNERS } from '../../runner/runners.ts';
import { reapScratch } from '../../sweep/scratch.ts';
import type { Io } from '../../cli/io.ts';
import type { Document } from '../../report/document/document.ts';
import { printAnswer, type PrintValues } from '../../session/print-answer.ts';

/** What `gctune clean` is called with. */
export interface CleanValues extends PrintValues {
  readonly run: string | undefined;
}

/** Removes what killed runs left behind and says what it was. */
export async function cleanUp(values: CleanValues, io: Io): Promise<ExitCode> {
  const found = [];
  for (const name of REAL_RUNNER_NAMES) found.push(await reap(RUNNERS[name](), values.run));
  const folders = await reapScratch(values.run);
  const removed = [...found.flatMap(({ reaped }) => reaped), ...folders];
  const problems = found.flatMap(({ problem }) => problem ?? []);
  const json = { formatVersion: 1, removed, problems };
  await printAnswer({ title: 'Removed', document: documentOf(removed), json, unbroken: true }, values, io);
  for (const problem of problems) io.stderr.write(`${plainText(problem)}\n`);
  return ExitCode.ok;
}

function documentOf(removed: readonly Reaped[]): Document {
  if (removed.length === 0) return [{ kind: 'prose', text: 'nothing to clean up' }];
  return [{ kind: 'list', items: removed.map(({ kind, id, runId }) => `removed ${kind} ${id} of ${runId}`) }];
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
