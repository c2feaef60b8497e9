import { execa } from 'execa';
import { EnvironmentError } from '../../errors.ts';
import { findProgram } from '../find-program.ts';

/** A user of this machine. */
export interface User {
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/** How long the system may take to look a user up, which may ask a directory service. */
const LOOK_UP_MILLISECONDS = 5000;

/**
 * Whom a service runs as: the user of that name where gctune is root and can so become another; undefined elsewhere. Throws
 * EnvironmentError `no-such-user`.
 */
export async function userOf(name: string | undefined): Promise<User | undefined> {
  if (name === undefined || process.getuid?.() !== 0) return undefined;
  const found = await execa('getent', ['passwd', name], { reject: false, timeout: LOOK_UP_MILLISECONDS });
  const [, , uid, gid, , home = '/'] = (found.exitCode === 0 ? found.stdout : '').split(':');
  if (/^\d+$/.test(uid ?? '') && /^\d+$/.test(gid ?? '')) return { uid: Number(uid), gid: Number(gid), home };
  throw new EnvironmentError('no-such-user', `there is no user ${name} on this machine`, {
    hint: 'install the package that makes it, or give another one under user',
  });
}

/**
 * The beginning of an argv whose program runs as the user. The kernel forgets at the change whose end the program is to
 * end with, so that it is told again. Throws EnvironmentError `no-setpriv`.
 */
export async function becoming({ uid, gid }: User): Promise<readonly string[]> {
  const setpriv = await findProgram('setpriv');
  if (setpriv !== undefined)
    return [setpriv, '--reuid', String(uid), '--regid', String(gid), '--init-groups', '--pdeathsig', 'KILL'];
  throw new EnvironmentError('no-setpriv', 'there is no setpriv, so a service cannot run as another user', {
    hint: 'install util-linux 2.33 or newer, or run gctune as that user and remove user',
  });
}
