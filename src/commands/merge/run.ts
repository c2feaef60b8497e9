import { resolve } from 'node:path';
import { hasErrors } from '../../analysis/assert/assertion-report.ts';
import { ExitCode } from '../../errors.ts';
import type { RunManifest } from '../../results/format.ts';
import { ownerMark, ownerState } from '../../runner/owner.ts';
import { createJoinedRun, type JoinedRun } from '../../results/joined-run.ts';
import type { Io } from '../../cli/io.ts';
import type { ColorChoice } from '../../cli/terminal/style.ts';
import { namedRun } from '../../session/file-kind.ts';
import { shownPath } from '../../session/load-experiment.ts';
import { reportRun } from '../../session/report-run.ts';
import { printRunEnd } from '../../session/run-end.ts';
import { jsonText } from '../../text/json-text.ts';
import { plainText } from '../../text/plain-text.ts';
import { shellWord } from '../../text/quoted.ts';
import { openPart, partsOf, refuseUnlike, type Part } from '../../session/parts/check-parts.ts';
import { adoptPart, countOf, modeOfParts, publishParts } from '../../session/parts/join-parts.ts';
import { joinedManifest } from '../../session/parts/joined-manifest.ts';

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
  const [first, ...others] = partsOf(withoutJoined(opened, io)).toSorted((a, b) => a.shard.number - b.shard.number);
  if (first === undefined) throw new Error('a part at least is asked for');
  const parts = [first, ...others] as const;
  refuseUnlike(parts);
  const manifest = await joinedManifest(parts);
  const owner = { mark: await ownerMark(), state: ownerState };
  const options = { mode: await modeOfParts(parts), owner };
  const root = resolve(io.cwd, values.output);
  const folder = await joined(
    parts,
    manifest,
    await createJoinedRun(root, manifest.id, first.run.experimentText(), options),
  );
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

/**
 * All but the runs that were joined already, each with a warning: where a part is given later, the pattern that names the parts
 * names the first merge too. Nothing else beside them is a mistake, which is told as that.
 */
function withoutJoined(opened: readonly Omit<Part, 'shard'>[], io: Io): readonly Omit<Part, 'shard'>[] {
  const { joined = [], others = [] } = Object.groupBy(opened, ({ run }) =>
    run.manifest.nodes === undefined ? 'others' : 'joined',
  );
  if (others.length === 0) return opened;
  for (const { name } of joined)
    io.stderr.write(`warning: ${plainText(name)} was joined of parts already: it is left out [joined-already]\n`);
  return others;
}

/** The run that the parts make. */
async function joined(parts: readonly Part[], manifest: RunManifest, joinedRun: JoinedRun): Promise<string> {
  await using run = joinedRun;
  try {
    for (const part of parts) await adoptPart(run, part);
    return (await publishParts(run, parts, manifest)).folder;
  } catch (error) {
    await run.discard();
    throw error;
  }
}
