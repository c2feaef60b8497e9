import { resolve } from 'node:path';
import { plainText } from '../../text/plain-text.ts';
import { shareOf } from '../../experiment/plan/shard.ts';
import { ExitCode, UserError } from '../../errors.ts';
import { listRuns, type ListedFolder } from '../../results/run-folder.ts';
import type { Io } from '../../cli/io.ts';
import { shownPath } from '../../session/load-experiment.ts';
import { printAnswer, type PrintValues } from '../../session/print-answer.ts';
import type { Document } from '../../report/document/document.ts';

/** What `gctune list` is called with. */
export interface ListValues extends PrintValues {
  readonly results: string;
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
  if (runs.length === 0)
    io.stderr.write(`there are no runs in ${plainText(shownPath(root, io.cwd))}; gctune run makes one\n`);
  await printAnswer({ title: 'Runs', document: documentOf(runs), json: { formatVersion: 1, runs } }, values, io);
  return ExitCode.ok;
}

function documentOf(runs: readonly (ListedRun | DamagedRun)[]): Document {
  return [
    {
      kind: 'table',
      name: 'Runs',
      columns: [
        { head: 'started' },
        { head: 'experiment' },
        { head: 'runner' },
        { head: 'trials', align: 'right' },
        { head: 'folder' },
      ],
      rows: runs.map((run) => ({
        cells: run.damaged
          ? [[{ text: 'damaged', as: 'bad' }], '', '', '', run.folder]
          : [
              run.startedAt.replace(/\.\d+Z$/, 'Z'),
              run.experiment,
              run.runner,
              `${run.completed}/${run.planned}`,
              run.folder,
            ],
      })),
      // A folder that is cut short cannot be copied.
      whole: true,
    },
    { kind: 'warnings', warnings: runs.flatMap((run) => (run.damaged ? [run.problem] : [])) },
  ];
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
      planned: shareOf(manifest.plan, manifest.shard).trials.filter(({ block }) => block <= blocks).length,
    };
  } catch (error) {
    if (error instanceof UserError) return { folder: shown, damaged: true, problem: error.message };
    throw error;
  }
}
