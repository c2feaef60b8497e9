import { jsonText } from '../../text/json-text.ts';
import { resolve } from 'node:path';
import { ExitCode, UserError } from '../../errors.ts';
import { plainText } from '../../text/plain-text.ts';
import { listRuns, type ListedFolder } from '../../results/run-folder.ts';
import type { Io } from '../../cli/io.ts';
import { shownPath } from '../../session/load-experiment.ts';
import { styleOf, type ColorChoice } from '../../cli/terminal/style.ts';
import { tableLines } from '../../cli/terminal/table.ts';

/** What `gctune list` is called with. */
export interface ListValues {
  readonly results: string;
  readonly json: boolean;
  readonly color: ColorChoice;
}

interface ListedRun {
  readonly folder: string;
  readonly damaged: false;
  readonly startedAt: string;
  readonly experiment: string;
  readonly runner: string;
  readonly completed: number;
  readonly planned: number;
}

/** A folder whose run cannot be read. */
interface DamagedRun {
  readonly folder: string;
  readonly damaged: true;
  readonly problem: string;
}

/** Prints the runs below a results folder. */
export async function showRuns(values: ListValues, io: Io): Promise<ExitCode> {
  const root = resolve(io.cwd, values.results);
  const runs: (ListedRun | DamagedRun)[] = [];
  for (const listed of await listRuns(root)) runs.push(await summary(listed, io));
  if (values.json) {
    io.stdout.write(`${jsonText({ formatVersion: 1, runs }, 2)}\n`);
    return ExitCode.ok;
  }
  if (runs.length === 0) {
    io.stderr.write(`there are no runs in ${plainText(shownPath(root, io.cwd))}; gctune run makes one\n`);
    return ExitCode.ok;
  }
  const lines = tableLines(
    [
      { head: 'started' },
      { head: 'experiment' },
      { head: 'runner' },
      { head: 'trials', align: 'right' },
      { head: 'folder' },
    ],
    runs.map((run) => [
      ...(run.damaged
        ? ['damaged', '', '', '']
        : [
            run.startedAt.replace(/\.\d+Z$/, 'Z'),
            plainText(run.experiment),
            run.runner,
            `${run.completed}/${run.planned}`,
          ]),
      plainText(run.folder),
    ]),
    styleOf(io.stdout, values.color, io.env),
    // A folder that is cut short cannot be copied.
    undefined,
  );
  io.stdout.write(`${lines.join('\n')}\n`);
  for (const run of runs) if (run.damaged) io.stderr.write(`${plainText(run.problem)}\n`);
  return ExitCode.ok;
}

/** One run that cannot be read does not keep the others from being listed. */
async function summary({ folder, run, problem }: ListedFolder, io: Io): Promise<ListedRun | DamagedRun> {
  const shown = shownPath(folder, io.cwd);
  if (run === undefined) return { folder: shown, damaged: true, problem: problem ?? 'it cannot be read' };
  const { manifest } = run;
  try {
    const blocks = (await run.ended())?.blocks ?? manifest.plan.blocks;
    const completed = new Set<string>();
    for await (const { record } of run.trials()) {
      if (record.outcome.kind === 'completed' && record.purpose !== 'profile') completed.add(record.id);
    }
    return {
      folder: shown,
      damaged: false,
      startedAt: manifest.startedAt,
      experiment: manifest.experiment.name,
      runner: manifest.runner,
      completed: completed.size,
      planned: manifest.plan.trials.filter(({ block }) => block <= blocks).length,
    };
  } catch (error) {
    if (error instanceof UserError) return { folder: shown, damaged: true, problem: error.message };
    throw error;
  }
}
