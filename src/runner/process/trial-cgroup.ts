import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import { execa } from 'execa';
import type { CgroupMounts } from '../cgroup-mounts.ts';
import { findGroups, makeCgroup, removeGroup, type Cgroup, type CgroupLimits } from '../cgroup.ts';
import { isLeft } from '../owner.ts';
import type { Leftover, Reaped } from '../runner.ts';

const PREFIX = 'gctune@';

/**
 * Joins the groups, then becomes the program: the target is never outside its limits, and keeps the pid. The script is fixed and everything
 * else is a positional parameter, so that nothing of an experiment is read by the shell. `125` is the code that `env` and its like use for their own failures.
 */
const JOIN_SCRIPT = 'until [ "$1" = -- ]; do echo $$ >"$1" || exit 125; shift; done; shift; exec "$@"';

/** Variables that a shell sets, changes or drops by itself. */
const OF_THE_SHELL = /^(?:_|PWD|OLDPWD|SHLVL|IFS|PPID|OPTIND|OPTARG|UID|EUID|ENV|PS[0-9]|BASH.*|SHELLOPTS)$/;
/** Those of them that a shell adds to the environment of what it starts. */
const ADDED_BY_SHELLS = ['_', 'PWD', 'OLDPWD', 'SHLVL'];

/**
 * argv that joins a cgroup and then becomes another argv, to be started with exactly this environment. Everybody on the
 * machine can read an argv, so no variable stands in it but those that would not get through the shell.
 */
export function joinArgv(
  group: Cgroup,
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
): readonly [string, ...string[]] {
  const added = ADDED_BY_SHELLS.filter((name) => env[name] === undefined).flatMap((name) => ['-u', name]);
  const changed = Object.entries(env).flatMap(([name, value]) => (OF_THE_SHELL.test(name) ? [`${name}=${value}`] : []));
  // `nice` guards against a path with `=` in it, which `env` would take for a variable.
  const program = argv[0]?.includes('=') === true ? ['nice', '-n', '0', ...argv] : argv;
  return ['/bin/sh', '-c', JOIN_SCRIPT, 'sh', ...group.joinFiles, '--', 'env', ...added, ...changed, ...program];
}

/** Makes the cgroup of a trial; its name tells the run and the owner, so that `reap` can judge it. */
export function makeTrialCgroup(
  runId: string,
  owner: string,
  limits: CgroupLimits,
  mounts: CgroupMounts,
): Promise<Cgroup> {
  const name = `${PREFIX}${owner}@${encodeURIComponent(runId).slice(0, 120)}@${randomBytes(4).toString('hex')}`;
  return makeCgroup(name, limits, mounts);
}

/** Finds out whether a cgroup with these limits can be made and joined, by doing it once. Undefined: it can; else the reason. */
export async function tryCgroup(
  owner: string,
  limits: CgroupLimits,
  mounts: CgroupMounts | undefined,
): Promise<string | undefined> {
  if (mounts === undefined) return 'this system has no control groups';
  try {
    const group = await makeTrialCgroup('check', owner, limits, mounts);
    try {
      const [file, ...args] = joinArgv(group, ['true'], { PATH: process.env['PATH'] ?? '/usr/bin:/bin' });
      const result = await execa(file, args, { reject: false, timeout: 10_000 });
      return result.exitCode === 0 ? undefined : result.stderr || 'a process could not join the new control group';
    } finally {
      await group.remove();
    }
  } catch (error) {
    return whyNoCgroup(error);
  }
}

/** What a failed attempt to make a cgroup means, in words. */
export function whyNoCgroup(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const forbidden = code === 'EACCES' || code === 'EPERM' || code === 'EROFS';
  return forbidden ? `this user cannot create control groups (${code})` : message;
}

/** The cgroups that dead runs left behind. */
export async function leftCgroups(runId: string | undefined, mounts: CgroupMounts): Promise<readonly Leftover[]> {
  const left: Leftover[] = [];
  for (const folder of await findGroups(PREFIX, mounts)) {
    const [, owner = '', encoded = ''] = basename(folder).split('@');
    if (runId !== undefined && encodeURIComponent(runId).slice(0, 120) !== encoded) continue;
    if (await isLeft(owner, runId !== undefined)) left.push({ kind: 'cgroup', id: folder, runId: decode(encoded) });
  }
  return left;
}

/** Removes the cgroups that dead runs left behind, with whatever still runs in them. */
export async function reapCgroups(runId: string | undefined, mounts: CgroupMounts): Promise<readonly Reaped[]> {
  const left = await leftCgroups(runId, mounts);
  return Promise.all(
    left.map(async (each) => {
      const problem = await removeGroup(each.id).then(() => undefined, whyNoCgroup);
      return problem === undefined ? each : { ...each, problem };
    }),
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
