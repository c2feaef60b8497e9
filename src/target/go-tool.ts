import { execa } from 'execa';
import { EnvironmentError } from '../errors.ts';
import type { Platform } from './platform.ts';

/** The go command, as it builds one package for one platform. */
export interface GoTool {
  readonly directory: string;
  readonly platform: Platform;
  readonly signal: AbortSignal;
  /** Told what takes its time, such as `go: downloading …`. */
  readonly onProgress: (line: string) => void;
}

/** What go printed, or the lines of its complaint. */
export type GoResult =
  { readonly ok: true; readonly stdout: string } | { readonly ok: false; readonly complaint: readonly string[] };

/**
 * Runs go in the package's directory. CGO_ENABLED=0 makes a static binary that runs alike on the machine and in an empty image; GOTOOLCHAIN=local
 * keeps go from fetching another Go than the one whose runtime the user means to measure. Throws EnvironmentError `go-missing`, and the signal's reason.
 */
export async function runGo(
  tool: GoTool,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<GoResult> {
  const { os, arch } = tool.platform;
  const lines: string[] = [];
  const result = await execa('go', args, {
    cwd: tool.directory,
    env: { CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOOS: os, GOARCH: arch, ...env },
    stdin: 'ignore',
    stderr: function* (line: unknown) {
      lines.push(String(line));
      if (String(line).startsWith('go: downloading ')) tool.onProgress(String(line));
      yield line;
    },
    cancelSignal: tool.signal,
    maxBuffer: 256 << 20,
    reject: false,
  });
  tool.signal.throwIfAborted();
  if (result.code === 'ENOENT') {
    throw new EnvironmentError('go-missing', 'the target is a Go package, and there is no go command on the PATH', {
      hint: 'Install Go (https://go.dev/dl), or build the program elsewhere and give it as `target.binary` or `target.image`',
    });
  }
  if (result.failed) return { ok: false, complaint: lines.length > 0 ? lines : [result.shortMessage ?? 'go failed'] };
  return { ok: true, stdout: result.stdout };
}
