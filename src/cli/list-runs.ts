import { resolve } from 'node:path';
import { ExitCode } from '../errors.ts';
import { plainText } from '../experiment/plain-text.ts';
import { listRuns, openRun } from '../results/run-folder.ts';
import type { Io } from './io.ts';
import { shownPath } from './load-experiment.ts';
import { styleOf, type ColorChoice } from './terminal/style.ts';
import { tableLines } from './terminal/table.ts';

/** What `gctune list` is called with. */
export interface ListValues {
  readonly results: string;
  readonly json: boolean;
  readonly color: ColorChoice;
}

interface ListedRun {
  readonly folder: string;
  readonly startedAt: string;
  readonly experiment: string;
  readonly runner: string;
  readonly completed: number;
  readonly planned: number;
}

/** Prints the runs below a results folder. */
export async function showRuns(values: ListValues, io: Io): Promise<ExitCode> {
  const root = resolve(io.cwd, values.results);
  const runs: ListedRun[] = [];
  for (const folder of await listRuns(root)) runs.push(await summary(folder, io));
  if (values.json) {
    io.stdout.write(`${JSON.stringify({ formatVersion: 1, runs }, null, 2)}\n`);
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
    runs.map(({ startedAt, experiment, runner, completed, planned, folder }) => [
      startedAt.replace(/\.\d+Z$/, 'Z'),
      plainText(experiment),
      runner,
      `${completed}/${planned}`,
      plainText(folder),
    ]),
    styleOf(io.stdout, values.color, io.env),
    // A folder that is cut short cannot be copied.
    undefined,
  );
  io.stdout.write(`${lines.join('\n')}\n`);
  return ExitCode.ok;
}

async function summary(folder: string, io: Io): Promise<ListedRun> {
  const { manifest, ...run } = await openRun(folder);
  const blocks = (await run.ended())?.blocks ?? manifest.plan.blocks;
  const completed = new Set<string>();
  for await (const { record } of run.trials()) {
    if (record.outcome.kind === 'completed' && record.purpose !== 'profile') completed.add(record.id);
  }
  return {
    folder: shownPath(folder, io.cwd),
    startedAt: manifest.startedAt,
    experiment: manifest.experiment.name,
    runner: manifest.runner,
    completed: completed.size,
    planned: manifest.plan.trials.filter(({ block }) => block <= blocks).length,
  };
}
