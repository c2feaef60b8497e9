import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BuildInfo } from '../results/format.ts';
import { readBuildInfo } from '../executable/build-info.ts';
import { readExe, readIfPresent, readProcStat } from './proc.ts';

/** Build info of a target that is only known once it runs. */
export const UNKNOWN_BUILD_INFO: BuildInfo = {
  goVersion: 'unknown',
  path: 'unknown',
  mainModule: undefined,
  settings: {},
};

/** How often the processes of a container are looked at: until the Go process is found, and then. */
const SEARCH_MILLISECONDS = 20;
const WATCH_MILLISECONDS = 250;

/** Keeps track of the Go process of a container. */
export interface GoProcessWatch extends Disposable {
  /** It, or undefined before it appears and after it has ended. */
  readonly pid: number | undefined;
  /** Resolves when it was found for the first time; never where there is none. */
  readonly found: Promise<number>;
}

/**
 * Watches the processes of a container, as `listPids` tells them, for the Go process. What the engine started may be an init, a shell or a supervisor that starts the target later
 * or becomes it, so the search goes on for as long as the processes change.
 */
export function watchGoProcess(listPids: () => Promise<readonly number[]>, expected: BuildInfo): GoProcessWatch {
  const stop = new AbortController();
  const found = Promise.withResolvers<number>();
  let pid: number | undefined;
  let signature = '';
  const look = async (): Promise<void> => {
    const pids = await listPids();
    const exes = await Promise.all(pids.map(async (each) => `${each} ${await readExe(each)}`));
    if (exes.join('\n') === signature) return;
    pid = await chooseGoProcess(pids, expected);
    signature = exes.join('\n');
    if (pid !== undefined) found.resolve(pid);
  };
  void (async () => {
    while (!stop.signal.aborted) {
      // A process that goes while it is looked at makes the look worthless, not wrong: the next one sees the change.
      await look().catch(() => undefined);
      await sleep(pid === undefined ? SEARCH_MILLISECONDS : WATCH_MILLISECONDS, undefined, {
        signal: stop.signal,
        ref: false,
      }).catch(() => undefined);
    }
  })();
  return {
    get pid() {
      return pid;
    },
    found: found.promise,
    [Symbol.dispose]: () => {
      pid = undefined;
      stop.abort();
    },
  };
}

interface Candidate {
  readonly pid: number;
  readonly info: BuildInfo | undefined;
  readonly name: string;
  readonly depth: number;
  readonly anonBytes: number;
}

/**
 * Chooses the target among processes. Known build info must match; where the programs cannot be read (another user's processes), the
 * name must. Unknown build info: any Go program, the deepest in the tree, since wrappers are above what they wrap. Ties: the largest.
 */
export async function chooseGoProcess(pids: readonly number[], expected: BuildInfo): Promise<number | undefined> {
  const candidates = await Promise.all(pids.map((pid) => readCandidate(pid, pids)));
  const largest = (list: readonly Candidate[]): Candidate | undefined =>
    list.toSorted((a, b) => b.anonBytes - a.anonBytes || a.pid - b.pid)[0];
  if (expected.path === UNKNOWN_BUILD_INFO.path) {
    const programs = candidates.filter(({ info }) => info !== undefined);
    const deepest = Math.max(...programs.map(({ depth }) => depth));
    return largest(programs.filter(({ depth }) => depth === deepest))?.pid;
  }
  const same = candidates.filter(
    ({ info }) =>
      info?.path === expected.path &&
      info.goVersion === expected.goVersion &&
      info.settings['vcs.revision'] === expected.settings['vcs.revision'],
  );
  if (same.length > 0) return largest(same)?.pid;
  const unreadable = candidates.filter(({ info, name }) => info === undefined && name === programName(expected.path));
  return largest(unreadable)?.pid;
}

async function readCandidate(pid: number, group: readonly number[]): Promise<Candidate> {
  const [info, comm, status] = await Promise.all([
    readBuildInfo(`/proc/${pid}/exe`).catch(() => undefined),
    readIfPresent(`/proc/${pid}/comm`),
    readIfPresent(`/proc/${pid}/status`),
  ]);
  let depth = 0;
  for (let above = await readProcStat(pid); above !== undefined && group.includes(above.parent); depth += 1) {
    above = await readProcStat(above.parent);
  }
  const kibibytes = Number(/^RssAnon:\s*(\d+)/m.exec(status ?? '')?.[1] ?? 0);
  return { pid, info, name: comm?.trim() ?? '', depth, anonBytes: kibibytes * 1024 };
}

/** What the kernel calls a program built from an import path: its last element without a major version, cut to 15 bytes. */
export function programName(importPath: string): string {
  const name = basename(importPath);
  return (/^v\d+$/.test(name) ? basename(importPath.slice(0, -name.length - 1)) : name).slice(0, 15);
}
