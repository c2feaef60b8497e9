import { lstatSync, mkdirSync, realpathSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';

/** What keeps a folder from being this user's own: a sentence without its subject, and the folder it is about. */
export interface NotOwn {
  readonly folder: string;
  /** `belongs to another user`. */
  readonly problem: string;
}

/**
 * Makes a folder that nobody but this user (and root) can put anything into or exchange, with mode 0700, and gives its
 * real path; what is there already is looked at, with every folder above it. Nothing is made below a folder that
 * somebody else rules. Where the system has no user ids (Windows), the user's own folders are closed by themselves.
 */
export function ownFolder(path: string): { readonly folder: string } | NotOwn {
  const uid = process.geteuid?.();
  try {
    const above = uid === undefined ? undefined : notOwn(realpathSync(nearestThatIs(path)), uid);
    if (above !== undefined) return above;
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const folder = realpathSync(path);
    const problem = uid === undefined ? undefined : (notOwn(folder, uid) ?? notOnlyOurs(folder, uid));
    return problem ?? { folder };
  } catch (error) {
    return { folder: path, problem: `cannot be used: ${(error as Error).message}` };
  }
}

/** The first folder of a path, upwards, that somebody else than this user or root could change. */
function notOwn(folder: string, uid: number): NotOwn | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const status = lstatSync(at);
    // Whoever rules the root of the file system rules everything.
    if (at === dirname(at)) return undefined;
    if (status.uid !== uid && status.uid !== 0) return { folder: at, problem: 'belongs to another user' };
    if (othersMayChange(status) && !isSticky(status)) return { folder: at, problem: 'can be written by other users' };
  }
}

function notOnlyOurs(folder: string, uid: number): NotOwn | undefined {
  const status = lstatSync(folder);
  if (!status.isDirectory()) return { folder, problem: 'is not a folder' };
  if (status.uid !== uid) return { folder, problem: 'belongs to another user' };
  return othersMayChange(status) ? { folder, problem: 'can be written by other users' } : undefined;
}

/** A group of one's own number is the user's alone (pam_umask's usergroups), and that of root is root's. */
function othersMayChange({ mode, uid, gid }: Stats): boolean {
  return (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== 0 && gid !== uid);
}

/** In a folder such as /tmp only the owner of an entry renames or removes it. */
function isSticky({ mode }: Stats): boolean {
  return (mode & 0o1000) !== 0;
}

function nearestThatIs(path: string): string {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found !== undefined || path === dirname(path) ? path : nearestThatIs(dirname(path));
}
