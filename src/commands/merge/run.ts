import { join, resolve } from 'node:path';
import { hasErrors } from '../../analysis/assert/assertion-report.ts';
import { ExitCode } from '../../errors.ts';
import type { JournalEvent } from '../../results/format.ts';
import { ownerMark, ownerState } from '../../runner/owner.ts';
import { runFiles } from '../../results/layout.ts';
import { modeOf, type FileMode } from '../../results/plain-file.ts';
import { createRun, openRun, type RunWriter } from '../../results/run-folder.ts';
import type { Io } from '../../cli/io.ts';
import type { ColorChoice } from '../../cli/terminal/style.ts';
import { namedRun } from '../../session/file-kind.ts';
import { shownPath } from '../../session/load-experiment.ts';
import { reportRun } from '../../session/report-run.ts';
import { printRunEnd } from '../../session/run-end.ts';
import { jsonText } from '../../text/json-text.ts';
import { shellWord } from '../../text/quoted.ts';
import { partsOf, refuseUnlike, type Part } from './check-parts.ts';
import { joinedManifest } from './joined-manifest.ts';

/** What `gctune merge` is called with. */
export interface MergeValues {
  readonly folders: readonly string[];
  readonly output: string;
  readonly json: boolean;
  readonly color: ColorChoice;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** Joins parts of a plan to one run, and does what `gctune run` does at its end. */
export async function mergeRuns(values: MergeValues, io: Io): Promise<ExitCode> {
  const opened: Omit<Part, 'shard'>[] = [];
  for (const name of values.folders) opened.push(await openPart(namedRun(name, io.cwd, 'merge', '<folder>'), name));
  const [first, ...others] = partsOf(opened).toSorted((a, b) => a.shard.number - b.shard.number);
  if (first === undefined) throw new Error('a part at least is asked for');
  const parts = [first, ...others] as const;
  refuseUnlike(parts);
  const manifest = await joinedManifest(parts);
  const owner = { mark: await ownerMark(), state: ownerState };
  const options = { mode: await modeOfParts(parts), owner };
  const root = resolve(io.cwd, values.output);
  const folder = await joined(parts, await createRun(root, manifest, first.run.experimentText(), options));
  const { completed, planned } = countOf(parts);
  const shown = shownPath(folder, io.cwd);
  if (completed === 0) {
    io.stderr.write(`no trial has a usable result; gctune show ${shellWord(shown)} shows why\n`);
    return ExitCode.noUsableResult;
  }
  const report = await reportRun(folder);
  const { analysis, analysisFile, reportFile } = report;
  if (values.json) {
    const path = (file: string): string => shownPath(file, io.cwd);
    const { finding, warnings, assertions } = analysis;
    const line = {
      type: 'result',
      folder: shown,
      report: path(reportFile),
      analysis: path(analysisFile),
      completed,
      planned,
    };
    io.stdout.write(
      `${jsonText({ ...line, finding, warnings, ...(assertions === undefined ? {} : { assertions }) })}\n`,
    );
  } else await printRunEnd(report, shown, values, io);
  if (analysis.assertions !== undefined && hasErrors(analysis.assertions)) return ExitCode.assertion;
  return completed === planned ? ExitCode.ok : ExitCode.someTrialsFailed;
}

/** A folder with the attempts that ended in it; one that a signal aborted is none. */
async function openPart(path: string, name: string): Promise<Omit<Part, 'shard'>> {
  const run = await openRun(path);
  const known = new Set([...run.manifest.plan.trials, ...run.manifest.plan.profiling].map(({ id }) => id));
  const records = [];
  for await (const { record } of run.trials())
    if (record.outcome.kind !== 'aborted' && known.has(record.id)) records.push(record);
  return { run, name, records };
}

/** Copies every attempt into the new run, and writes a journal as if one gctune had run them. */
async function joined(parts: readonly Part[], writer: RunWriter): Promise<string> {
  await using run = writer;
  try {
    for (const part of parts) {
      for (const { id, attempt } of part.records) await run.adopt(part.run, id, attempt);
    }
    const { startedAt, warnings } = run.manifest;
    const events = parts.flatMap((part) => part.run.journal().filter(isOfTrial));
    const whole = !warnings.some(({ code }) => code === 'missing-blocks');
    const end = events.map(({ at }) => at).reduce((a, b) => (a > b ? a : b), startedAt);
    await run.log(
      { at: startedAt, type: 'run-started', pid: process.pid },
      ...events.toSorted((a, b) => a.at.localeCompare(b.at)),
      { at: end, type: 'run-ended', why: whole ? 'plan-done' : 'interrupted' },
    );
    return run.folder;
  } catch (error) {
    await run.discard();
    throw error;
  }
}

function isOfTrial({ type }: JournalEvent): boolean {
  return type === 'trial-started' || type === 'trial-ended' || type === 'trial-fault';
}

/** What may be read by its owner only in one part is shown to nobody else in the whole. */
async function modeOfParts(parts: readonly Part[]): Promise<FileMode> {
  const modes = await Promise.all(parts.map(({ run }) => modeOf(join(run.folder, runFiles.manifest))));
  return modes.includes(0o600) ? 0o600 : 0o644;
}

function countOf(parts: readonly [Part, ...Part[]]): { readonly completed: number; readonly planned: number } {
  const measured = parts.flatMap(({ records }) => records).filter(({ purpose }) => purpose !== 'profile');
  const completed = new Set(measured.flatMap(({ id, outcome }) => (outcome.kind === 'completed' ? [id] : [])));
  return { completed: completed.size, planned: parts[0].run.manifest.plan.trials.length };
}
