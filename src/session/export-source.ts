import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import type { Night } from '../history/night.ts';
import { runFiles } from '../results/layout.ts';
import { listRuns, openRun, type RunFolder } from '../results/run-folder.ts';
import { namedRun } from './file-kind.ts';
import { readHistory } from './history-file.ts';
import { refuseAPart } from './unfit-night.ts';

/** What a folder holds that can be exported. */
export type ExportSource =
  | { readonly kind: 'runs'; readonly runs: readonly RunFolder[]; readonly warnings: () => readonly string[] }
  | { readonly kind: 'history'; readonly nights: readonly Night[]; readonly warnings: () => readonly string[] };

/** Looks at a folder: a run, a history, or a folder with runs in it. Throws UserError where it is none of them. */
export async function exportSource(named: string, cwd: string): Promise<ExportSource> {
  const folder = namedRun(named, cwd, 'export', '<folder>');
  if (lstatSync(join(folder, runFiles.manifest), { throwIfNoEntry: false }) !== undefined) {
    const run = await openRun(folder);
    refuseAPart(run.manifest, 'export');
    return { kind: 'runs', runs: [run], warnings: () => damageOf([run]) };
  }
  const listed = await listRuns(folder);
  const all = listed.flatMap(({ run }) => run ?? []);
  // A part has some blocks of a run that the others make with it, and would stand beside that run, or in its place.
  const [parts, runs] = [true, false].map((isPart) =>
    all.filter(({ manifest }) => (manifest.shard !== undefined) === isPart),
  );
  if (runs !== undefined && parts !== undefined && runs.length > 0) {
    const unread = listed.flatMap(({ problem }) => problem ?? []);
    const left = parts.map(
      ({ manifest }) => `${manifest.id} is a part of a plan and left out; gctune merge joins parts`,
    );
    return { kind: 'runs', runs, warnings: () => [...unread, ...left, ...damageOf(runs)] };
  }
  for (const { manifest } of parts ?? []) refuseAPart(manifest, 'export');
  const history = await readHistory(named, cwd);
  if (history !== undefined && history.nights.length > 0) return { kind: 'history', ...history };
  const [first] = listed;
  throw new UserError({
    code: 'nothing-to-export',
    message:
      first?.problem ?? `${named} ${history === undefined ? 'is not there' : 'holds neither a run nor a history'}`,
    at: '<folder>',
    hint: 'name the folder of a run (gctune list shows them), of several runs, or of a history that gctune record has written to',
  });
}

function damageOf(runs: readonly RunFolder[]): readonly string[] {
  return runs.flatMap((run) => run.damage().map(({ message }) => message));
}
