import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { diskError, writeAtomically, writing } from './disk.ts';
import type { RunManifest } from './format.ts';
import { readmeText, runFiles } from './layout.ts';
import type { FileMode } from './plain-file.ts';
import { lockRun, type Owner } from './run-lock.ts';

/** Runs of one experiment and seed that begin in one second. */
const MOST_OF_ONE_NAME = 1000;

/** How the folder of a run is made. */
export interface RunFolderOptions {
  /** Permissions of every file. */
  readonly mode?: FileMode;
  /** Who writes to it, and locks it. Without one it is not locked. */
  readonly owner?: Owner;
}

/** A folder that was made, and its lock. */
export interface MadeFolder {
  readonly id: string;
  readonly folder: string;
  readonly lock: AsyncDisposable | undefined;
}

/** Makes and locks the folder of a run, with what does not depend on what is measured. `more`: what else belongs to it from its beginning. */
export async function makeFolder(
  root: string,
  wanted: string,
  experimentText: string,
  { mode, owner }: { readonly mode: FileMode; readonly owner: Owner | undefined },
  more: (own: Omit<MadeFolder, 'lock'>) => Promise<void> = () => Promise.resolve(),
): Promise<MadeFolder> {
  const id = await freeName(root, wanted, mode);
  const folder = resolve(root, id);
  let lock: AsyncDisposable | undefined;
  try {
    await writing(folder, () => mkdir(join(folder, runFiles.trials)));
    lock = owner === undefined ? undefined : await lockRun(folder, owner, mode);
    await writeAtomically(join(folder, runFiles.readme), readmeText(id), mode);
    await writeAtomically(join(folder, runFiles.experiment), experimentText, mode);
    await more({ id, folder });
  } catch (error) {
    // Half a run can be neither read nor gone on with.
    await lock?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return { id, folder, lock };
}

/** Writes what a run is, in the place of what was there. */
export function writeManifest(folder: string, manifest: RunManifest, mode: FileMode): Promise<void> {
  return writeAtomically(join(folder, runFiles.manifest), `${JSON.stringify(manifest, null, 1)}\n`, mode);
}

/** Makes the folder of a run, and gives the name under which that could be done. */
async function freeName(root: string, id: string, mode: FileMode): Promise<string> {
  await writing(root, () => mkdir(root, { recursive: true }));
  for (let count = 1; ; count++) {
    const name = count === 1 ? id : `${id}-${count}`;
    const folder = resolve(root, name);
    try {
      // A folder of private files is private, so that not even their names are seen.
      await mkdir(folder, (mode & 0o077) === 0 ? 0o700 : 0o777);
      return name;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || count >= MOST_OF_ONE_NAME)
        throw diskError(error, folder);
    }
  }
}
