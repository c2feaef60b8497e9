import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { isCancel, log, select, text } from '@clack/prompts';
import { UserError } from '../../errors.ts';
import type { Io } from '../../cli/io.ts';
import type { InitValues } from './run.ts';
import { pathOf, portOf, wordsOf } from './starter.ts';

type Answers = Partial<InitValues>;

/** What was asked was not answered (Ctrl-C, Esc, a signal). */
class NotAnswered extends Error {}

/** Asks on the terminal what the daemon is; undefined where it was left unanswered. The answers are those that flags would give. */
export async function askWhatItIs(io: Io): Promise<Answers | undefined> {
  try {
    return await ask(io);
  } catch (error) {
    if (error instanceof NotAnswered) return undefined;
    throw error;
  }
}

async function ask(io: Io): Promise<Answers> {
  const onTerminal = { output: process.stderr, signal: io.signal };
  const exists = (value: string): string | undefined =>
    existsSync(resolve(io.cwd, value)) ? undefined : 'There is nothing at this path.';
  const line = async (
    message: string,
    initialValue: string,
    check: (value: string) => string | undefined = () => undefined,
  ): Promise<string> => {
    const validate = (value = ''): string | undefined => (value.trim() === '' ? 'Please answer.' : check(value.trim()));
    const answer = await text({ ...onTerminal, message, initialValue, validate });
    if (isCancel(answer)) throw new NotAnswered();
    return answer.trim();
  };
  const choose = async <T extends string>(message: string, options: Readonly<Record<T, string>>): Promise<T> => {
    const listed = Object.entries<string>(options).map(([value, label]) => ({ value, label }));
    const answer = await select({ ...onTerminal, message, options: listed });
    if (isCancel(answer)) throw new NotAnswered();
    return answer as T;
  };

  const kind = await choose('What is the daemon?', {
    package: 'a Go main package in a folder here',
    module: 'a published Go module, e.g. github.com/ipfs/kubo/cmd/ipfs@v0.42.0',
    binary: 'a program that is already built',
    batch: 'a Go command that runs to its end, in a folder here',
    image: 'a container image',
    container: 'a Docker container that is running',
    compose: 'a service of a Compose file',
    pid: 'a Go process that is running here',
  });
  switch (kind) {
    case 'container':
      return { 'from-container': await line('Its name or id?', '') };
    case 'compose':
      return { 'from-compose': [await line('Which file?', 'compose.yaml', exists), await line('Which service?', '')] };
    case 'pid': {
      const digits = (value: string): string | undefined =>
        /^[1-9]\d{0,9}$/.test(value) ? undefined : 'A number, please.';
      return { 'from-pid': Number(await line('Its process id? (gctune explain lists them)', '', digits)) };
    }
    case 'image':
      return { 'from-image': await line('Which image? Name a version or a digest.', ''), ...(await askLoad()) };
    case 'package':
      return { package: await line('Which folder?', '.', exists), ...(await askStart()) };
    case 'batch':
      return { package: await line('Which folder?', '.', exists), batch: true, ...(await askArguments('')) };
    case 'module': {
      const atVersion = (value: string): string | undefined =>
        value.includes('@') ? undefined : 'Add a version: …@v1.2.3';
      return { module: await line('Which package, at which version?', '', atVersion), ...(await askStart()) };
    }
    case 'binary':
      return { binary: await line('Where is it?', '', exists), ...(await askStart()) };
  }

  async function askArguments(initialValue: string): Promise<{ readonly args: string }> {
    const validate = (value = ''): string | undefined => complaint(() => wordsOf(value));
    const args = await text({ ...onTerminal, message: 'Its arguments?', initialValue, validate });
    if (isCancel(args)) throw new NotAnswered();
    return { args: args.trim() };
  }

  async function askStart(): Promise<Answers> {
    log.message('{host} and {port} stand for where gctune lets it listen, {data} for a folder of its own.', onTerminal);
    const { args } = await askArguments('--listen {host}:{port}');
    // Where they name no port, the daemon has one of its own.
    const port = args.includes('{port}') ? 'auto' : await line('Which port does it serve on?', '8080', checkPort);
    return { args, port, ...(await askLoad()) };
  }

  async function askLoad(): Promise<Answers> {
    const way = await choose('How does it say that it is ready?', {
      port: 'its port accepts connections',
      page: 'a page answers, e.g. /healthz',
      output: 'it prints a line',
    });
    const ready =
      way === 'port'
        ? {}
        : {
            ready:
              way === 'page' ? await line('Which page?', '/healthz', checkPath) : await line('Which words of it?', ''),
          };
    return { ...ready, path: await line('A page to load it with?', '/', checkPath) };
  }
}

function checkPort(value: string): string | undefined {
  return complaint(() => portOf(value));
}

function checkPath(value: string): string | undefined {
  return complaint(() => pathOf(value));
}

/** What is wrong with a value, as the flag of it would say. */
function complaint(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const [problem] = error.diagnostics;
    return `${problem?.message}: ${problem?.hint}`;
  }
}
