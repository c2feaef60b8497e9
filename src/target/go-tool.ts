import { execa } from 'execa';
import { EnvironmentError } from '../errors.ts';
import { BUILD_RUN } from './build-cache.ts';
import { isProgress } from './go-progress.ts';
import type { Platform } from '../executable/platform.ts';

/** The go command, as it builds one program for one platform. */
export interface GoTool {
  readonly directory: string;
  readonly platform: Platform;
  /** Marks what is started and made as of this gctune, for `gctune clean`; see `ownerMark`. */
  readonly owner: string;
  /** Set for go beside what it is always given and what gctune itself was started with. */
  readonly env?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Told what gctune does. */
  readonly onProgress: (line: string) => void;
  /** Told each line that go prints on stderr; see `condenseProgress`. */
  readonly onLine: (line: string) => void;
}

/** What go printed, and the lines of its complaint where it failed. */
export type GoResult =
  | { readonly ok: true; readonly stdout: string }
  | { readonly ok: false; readonly stdout: string; readonly complaint: readonly string[] };

/** How long go may take for all that one build needs, downloads included: the largest targets take minutes. */
const BUILD_MILLISECONDS = 3_600_000;
/** How long go may take to end its compilers and to delete their files when it is interrupted. */
const GRACE_MILLISECONDS = 5000;

/**
 * Runs go in the tool's directory. CGO_ENABLED=0 makes a static binary that runs alike on the machine and in an empty image; GOTOOLCHAIN=local
 * keeps go from fetching another Go than the one whose runtime the user means to measure. When the signal fires, go and all that it started
 * are ended first. Throws EnvironmentError `go-missing` and `go-too-slow`, and the signal's reason.
 */
export async function runGo(tool: GoTool, args: readonly string[]): Promise<GoResult> {
  tool.signal.throwIfAborted();
  const { os, arch } = tool.platform;
  const complaint: string[] = [];
  const running = execa('go', args, {
    cwd: tool.directory,
    env: { CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOOS: os, GOARCH: arch, ...tool.env, ...marksOf(tool.owner) },
    // A process group of its own: go does not pass signals on to compilers and linkers.
    detached: process.platform !== 'win32',
    stdin: 'ignore',
    stderr: function* (line: unknown) {
      tool.onLine(String(line));
      if (!isProgress(String(line))) complaint.push(String(line));
      yield line;
    },
    maxBuffer: 256 << 20,
    reject: false,
  });
  const { pid } = running.nodeChildProcess;
  let kill: NodeJS.Timeout | undefined;
  const stop = (): void => {
    // At an interrupt, unlike at SIGTERM, go deletes its work folder (cmd/go/internal/base, StartSigHandlers).
    signalGroup(pid, 'SIGINT');
    kill = setTimeout(() => signalGroup(pid, 'SIGKILL'), GRACE_MILLISECONDS);
  };
  const late = AbortSignal.timeout(BUILD_MILLISECONDS);
  const end = AbortSignal.any([tool.signal, late]);
  end.addEventListener('abort', stop, { once: true });
  const result = await running.finally(() => {
    end.removeEventListener('abort', stop);
    clearTimeout(kill);
    // A compiler that outlives go, as when go is killed from outside.
    if (process.platform !== 'win32') signalGroup(pid, 'SIGKILL');
  });
  tool.signal.throwIfAborted();
  if (late.aborted) {
    throw new EnvironmentError('go-too-slow', `go ${args[0]} did not end within an hour`, {
      hint: 'Build the program by hand to see what it waits for, or give it as `target.binary`',
    });
  }
  if (result.code === 'ENOENT') {
    throw new EnvironmentError(
      'go-missing',
      'the target has to be built with Go, and there is no go command on the PATH',
      {
        hint: 'Install Go (https://go.dev/dl), or build the program elsewhere and give it as `target.binary` or `target.image`',
      },
    );
  }
  const stdout = result.stdout ?? '';
  if (!result.failed) return { ok: true, stdout };
  return { ok: false, stdout, complaint: complaint.length > 0 ? complaint : [result.shortMessage ?? 'go failed'] };
}

/** The marks under which `gctune clean` finds what is started. */
function marksOf(owner: string): Readonly<Record<string, string>> {
  return { GCTUNE_RUN: BUILD_RUN, GCTUNE_OWNER: owner };
}

/** Signals a process and those it started; that they have ended meanwhile is no fault. */
function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
