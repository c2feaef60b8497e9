import { execa } from 'execa';
import { EnvironmentError } from '../../errors.ts';
import type { Exit, OutputLine } from '../../results/format.ts';
import { ownPlace } from '../../target/cache-directory.ts';
import { tryKill, type Cgroup } from '../cgroup.ts';
import { diesWithUs } from '../dies-with-us.ts';
import { lineBuffer, longLines } from '../output-lines.ts';
import { MARKS, ownerMark } from '../owner.ts';
import { within } from '../within.ts';
import { recorded } from './descendants.ts';
import { markedProcesses } from './marked.ts';

/** How long to wait for the rest of the output of an ended program, which one that could not be killed may hold open. */
const OUTPUT_SECONDS = 2;
/** How long a killed program may take to leave: the kernel keeps one that is frozen or waits for a device. */
const LEAVE_SECONDS = 10;

/** A program that is to be started in a process group of its own. */
export interface GroupStart {
  readonly argv: readonly string[];
  /** The whole environment but for our marks. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
  readonly runId: string;
  readonly trialId: string;
  /** Owned by the group from here on: removed when it ends. */
  readonly cgroup: Cgroup | undefined;
  /** Whether the kernel kills it when this process ends; see `diesWithUs`. */
  readonly diesWithUs: boolean;
  /** What it reads from its standard input; undefined: nothing. */
  readonly input?: string | undefined;
  /** Longest line that is kept, in UTF-16 units; undefined: as of a target. */
  readonly lineLength?: number;
}

/** A program with all that it starts. */
export interface ProcessGroup {
  /** Undefined where it could not be started. */
  readonly pid: number | undefined;
  /** Whether the program itself, which leads the group, has not ended. */
  readonly running: boolean;
  /** Its lines as they come; ends when it has ended. One consumer only. */
  readonly output: AsyncIterable<OutputLine>;
  /** Resolves when it has ended and all that it started is killed; never rejects. */
  readonly exited: Promise<Exit>;
  /** Why it could not be started; undefined where it could. To be asked when it has ended. */
  failure(): Promise<Error | undefined>;
  /** Asks it to end, waits at most the grace period, then kills it. Throws EnvironmentError `not-killable`. */
  stop(graceSeconds: number): Promise<Exit>;
}

/** What tells our programs from others: in their environment, where `gctune clean` finds it. */
export async function marks({
  runId,
  trialId,
}: Pick<GroupStart, 'runId' | 'trialId'>): Promise<Record<string, string>> {
  return { [MARKS.env.run]: runId, [MARKS.env.trial]: trialId, [MARKS.env.owner]: await ownerMark() };
}

/**
 * Starts a program in a process group of its own. When it has ended, whatever it started is killed: its group, its cgroup,
 * what carries its marks, and its descendants, wherever they went.
 */
export async function startGroup(start: GroupStart): Promise<ProcessGroup> {
  const { runId, trialId, cgroup } = start;
  const owner = await ownerMark();
  const [file = '', ...args] = [...(start.diesWithUs ? await diesWithUs() : []), ...start.argv];
  const output = lineBuffer(longLines(start.lineLength));
  const ending = execa(file, args, {
    env: { ...start.env, ...(await marks(start)) },
    extendEnv: false,
    cwd: start.directory,
    detached: true,
    cleanup: false,
    ...(start.input === undefined ? { stdin: 'ignore' } : { input: start.input }),
    buffer: false,
    reject: false,
  });
  const child = ending.nodeChildProcess;
  ending.stdout.on('data', (chunk: Uint8Array) => output.push('stdout', chunk));
  ending.stderr.on('data', (chunk: Uint8Array) => output.push('stderr', chunk));
  const { pid } = child;
  let running = true;
  const left = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  }).then(() => {
    running = false;
  });

  const ledger = recorded(ownPlace(process.env, 'processes'), { runId, owner });
  const followed = new AbortController();
  if (pid !== undefined) ledger.add(pid);
  ledger.follow(followed.signal);

  /** Kills what the program started; true where nothing of it is left. */
  const killRest = async (): Promise<boolean> => {
    if (pid !== undefined) killQuietly(-pid, 'SIGKILL');
    followed.abort();
    const ours = (await markedProcesses()).filter(
      (each) => each.owner === owner && each.runId === runId && each.trialId === trialId,
    );
    for (const each of ours) ledger.add(each.pid);
    return (await ledger.kill()).length === 0;
  };

  const exited = (async (): Promise<Exit> => {
    await left;
    const nothingLeft = await killRest();
    const figures = await cgroup?.figures().catch(() => undefined);
    const removed = cgroup?.remove();
    if ((await within(ending, OUTPUT_SECONDS)) === undefined) {
      ending.stdout.destroy();
      ending.stderr.destroy();
    }
    await removed?.catch(() => undefined);
    if (nothingLeft) ledger[Symbol.dispose]();
    output.end();
    return {
      code: child.exitCode,
      signal: child.signalCode,
      oomKilled: child.signalCode === 'SIGKILL' && (figures?.oomKills ?? 0) > 0,
      ...(figures?.cpuSeconds === undefined ? {} : { cpuSeconds: figures.cpuSeconds }),
      ...(figures?.peakBytes === undefined ? {} : { peakBytes: figures.peakBytes }),
    };
  })();

  return {
    pid,
    get running() {
      return running;
    },
    output: output.lines,
    exited,
    failure: async () => (pid === undefined ? ((await ending).cause as Error | undefined) : undefined),
    stop: async (graceSeconds) => {
      if (running && pid !== undefined) {
        ledger.look();
        killQuietly(-pid, 'SIGTERM');
        await within(left, graceSeconds);
        if (running) killQuietly(-pid, 'SIGKILL');
        await within(left, LEAVE_SECONDS);
        if (running) {
          throw new EnvironmentError('not-killable', `process ${pid} does not end although it was killed`, {
            hint: 'it is frozen, or waits for a device or a network file system: see its state in `ps`, then run `gctune clean`',
          });
        }
      }
      return exited;
    },
  };
}

/** One of another user (set-user-id) cannot be signalled; whether anything is left is looked at afterwards. */
function killQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    tryKill(pid, signal);
  } catch {
    // EPERM
  }
}
