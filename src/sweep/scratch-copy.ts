import { constants } from 'node:fs';
import { chmod, chown, copyFile, lstat, mkdir, readdir, readlink, symlink } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { EnvironmentError } from '../errors.ts';

/**
 * Makes sure that a folder can be copied again and again and every copy stands alone. `seenAs`: the path under which
 * its user sees it. Throws EnvironmentError `prepare-failed` for a symbolic link that leads out of it and for files of
 * other users, which only root can copy with their owner and remove.
 */
export async function checkCopyable(folder: string, seenAs: string): Promise<void> {
  const own = process.getuid?.() ?? 0;
  const check = async (path: string): Promise<void> => {
    const stats = await lstat(path);
    const name = relative(folder, path) || '.';
    if (own !== 0 && stats.uid !== own) {
      throw new EnvironmentError(
        'prepare-failed',
        `the preparation left \`${name}\` in the data folder as user ${stats.uid}, and gctune runs as user ${own}, who cannot copy or remove it`,
        { hint: `run gctune as root or as user ${stats.uid}, or give the target as a binary instead of an image` },
      );
    }
    if (stats.isSymbolicLink()) {
      const to = await readlink(path);
      const leadsTo = isAbsolute(to) ? relative(seenAs, to) : relative(folder, resolve(dirname(path), to));
      if (leadsTo === '..' || leadsTo.startsWith('../') || isAbsolute(leadsTo)) {
        throw new EnvironmentError(
          'prepare-failed',
          `the preparation left a link in the data folder that points outside it: \`${name}\` to \`${to}\``,
          { hint: 'the trials would share its target; let the steps copy it into {data}' },
        );
      }
    }
    if (stats.isDirectory()) for (const entry of await readdir(path)) await check(join(path, entry));
  };
  await check(folder);
}

/**
 * Copies a folder to a place where nothing is yet, with modes and owners; by reference where the file system can
 * (FICLONE). Links stay as they are; sockets, pipes and devices are left out, for they belong to a running program.
 */
export async function copyFolder(from: string, to: string): Promise<void> {
  const { mode, uid, gid } = await lstat(from);
  await mkdir(to, { mode: 0o700 });
  const entries = await readdir(from, { withFileTypes: true });
  await Promise.all(
    entries.map(async (entry) => {
      const [source, target] = [join(from, entry.name), join(to, entry.name)];
      if (entry.isDirectory()) await copyFolder(source, target);
      else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
      else if (entry.isFile()) {
        await copyFile(source, target, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
        const stats = await lstat(source);
        await own(target, stats.uid, stats.gid);
        await chmod(target, stats.mode & 0o7777);
      }
    }),
  );
  // Last, since a folder may be one that cannot be written; and the mode after the owner, whose change clears set-id bits.
  await own(to, uid, gid);
  await chmod(to, mode & 0o7777);
}

/** Only root may give files away; of a user's own files the group may be one that the copy has not got. */
async function own(path: string, uid: number, gid: number): Promise<void> {
  const now = await lstat(path);
  if (now.uid !== uid || now.gid !== gid) await chown(path, uid, gid);
}
