import { join, resolve } from 'node:path';
import { execa } from 'execa';

const source = resolve(import.meta.dirname, '../../experiments/targets/heapd');

/** Builds heapd with a Go toolchain; gives the program's path. */
export async function buildHeapd(folder: string, go = 'go'): Promise<string> {
  const program = join(folder, 'heapd');
  await execa(go, ['build', '-trimpath', '-o', program, '.'], {
    cwd: source,
    env: { GOTOOLCHAIN: 'local', CGO_ENABLED: '0', GOFLAGS: '' },
  });
  return program;
}

/** A heapd that is ready to serve. Disposing kills it. */
export interface Heapd extends AsyncDisposable {
  readonly address: { readonly host: string; readonly port: number };
  readonly pid: number;
  /** GETs a path; throws unless it answers 200. */
  get(path: string): Promise<string>;
  /** Ends it and gives all it wrote to stderr. */
  stop(): Promise<string>;
}

/** Starts heapd on a free loopback port, with nothing in its environment but what is given, and waits for it to be ready. */
export async function startHeapd(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Heapd> {
  const daemon = execa(program, ['--listen=127.0.0.1:0', ...args], {
    argv0: 'heapd',
    env,
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    stdout: 'ignore',
    buffer: true,
  });
  const port = await new Promise<number>((found, failed) => {
    let text = '';
    daemon.stderr.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      // It may begin in the middle of a line: gctrace writes its own in pieces.
      const ready = /heapd ready on 127\.0\.0\.1:(\d+)\n/.exec(text)?.[1];
      if (ready !== undefined) found(Number(ready));
    });
    void daemon.then((end) => failed(new Error(`heapd ended before it was ready: ${end.stderr}`)));
  });
  const stop = async (): Promise<string> => {
    daemon.kill('SIGKILL');
    return (await daemon).stderr;
  };
  return {
    address: { host: '127.0.0.1', port },
    pid: daemon.pid ?? 0,
    get: async (path) => {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`);
      if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
      return answer.text();
    },
    stop,
    [Symbol.asyncDispose]: async () => void (await stop()),
  };
}
