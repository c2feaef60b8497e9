import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { runFiles } from './layout.ts';
import { readPlainFileIfAny } from './plain-file.ts';
import type { RunFolder } from './run-folder.ts';

/** Of the file that names a run's confirmations. */
const FORMAT_VERSION = 1;
/** More than anybody confirms; a larger file is not read into memory. */
const MOST_BYTES = 2 ** 20;

const linkShape = z.object({
  formatVersion: z.literal(FORMAT_VERSION),
  // The name of a folder beside the run's own, never a path.
  runs: z.array(z.string().regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,254}$/)).max(1000),
});

/** The folders of the runs that confirmed a run's recommendation, which lie beside it; oldest first. A file that is not of this form names none. */
export function confirmationFolders(folder: string): readonly string[] {
  return linkedRuns(folder).map((id) => join(dirname(folder), id));
}

/** Notes in a run's folder that another run beside it confirmed its recommendation. */
export async function linkConfirmation(run: RunFolder, confirmation: string): Promise<void> {
  const runs = [...new Set([...linkedRuns(run.folder), basename(confirmation)])];
  await run.writeDerived(
    runFiles.confirmation,
    `${JSON.stringify({ formatVersion: FORMAT_VERSION, runs }, null, 1)}\n`,
  );
}

function linkedRuns(folder: string): readonly string[] {
  let value: unknown;
  try {
    value = JSON.parse(readPlainFileIfAny(join(folder, runFiles.confirmation), MOST_BYTES)?.toString('utf8') ?? 'null');
  } catch {
    return [];
  }
  const parsed = linkShape.safeParse(value);
  return parsed.success ? parsed.data.runs : [];
}
