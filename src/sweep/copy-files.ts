import { constants } from 'node:fs';
import { chmod, chown, copyFile, lstat, mkdir, readdir, realpath } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { UserError } from '../errors.ts';
import type { DataFile } from '../experiment/experiment.ts';

/** Whose files they are, and who uses the copies. */
interface Owner {
  /** Their place in the experiment's file, for what is said of them: `services.db.files`. */
  readonly place: string;
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
  /** Whether they are for whoever comes to them, as a container's user. */
  readonly open: boolean;
}

/**
 * Copies files and folders of an experiment's folder into a data folder. Nothing comes from outside that folder: the schema
 * refuses `..`, and a link anywhere on the way or inside a folder is refused here. Throws UserError.
 */
export async function copyFiles(
  files: readonly DataFile[],
  directory: string,
  data: string,
  who: Owner,
): Promise<void> {
  for (const { from, to, template } of files) {
    const source = join(await realpath(directory), from);
    const target = resolve(data, to);
    const found = await realpath(source).catch(() => undefined);
    if (found === undefined)
      throw refused(who, 'file-missing', from, 'is not there', 'paths are relative to the experiment file');
    if (found !== source) throw isLink(who, from);
    if (template && !(await lstat(source)).isFile())
      throw refused(
        who,
        'not-a-file',
        from,
        'is a folder, and a template is one file',
        'give each file of it an entry',
      );
    await made(dirname(target), from, who);
    const { owner } = who;
    if (owner !== undefined) {
      for (let folder = dirname(target); folder !== data; folder = dirname(folder))
        await chown(folder, owner.uid, owner.gid);
    }
    await copy(source, target, from, who);
  }
}

/** A folder of the data folder, and those above it. */
async function made(folder: string, from: string, who: Owner): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EEXIST' && code !== 'ENOTDIR') throw error;
    throw refused(who, 'file-twice', from, 'goes below what another entry made a file', 'change its `to`');
  });
}

async function copy(source: string, target: string, from: string, who: Owner): Promise<void> {
  const { owner, open } = who;
  const stats = await lstat(source);
  if (stats.isSymbolicLink()) throw isLink(who, from);
  if (stats.isDirectory()) {
    await made(target, from, who);
    if (open) await chmod(target, 0o777);
    for (const name of await readdir(source))
      await copy(join(source, name), join(target, name), `${from}/${name}`, who);
  } else if (stats.isFile()) {
    await copyFile(source, target, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      throw refused(who, 'file-twice', from, 'goes where another entry put a file already', 'change its `to`');
    });
    await chmod(target, (stats.mode & 0o777) | (open ? 0o666 : 0o600));
  } else throw refused(who, 'not-a-file', from, 'is neither a file nor a folder', 'remove it from files');
  if (owner !== undefined) await chown(target, owner.uid, owner.gid);
}

function isLink(who: Owner, from: string): UserError {
  return refused(
    who,
    'file-is-link',
    from,
    'is a link, or lies behind one',
    'name the file itself, inside the folder of the experiment',
  );
}

function refused({ place }: Owner, code: string, from: string, what: string, hint: string): UserError {
  return new UserError({ code, message: `${place}: ${from} ${what}`, hint });
}
