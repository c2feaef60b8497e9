import { USUAL_PATHS } from '../../experiment/probe-ids.ts';
import { heapPage } from '../../probe/pprof-tail.ts';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ExplanationDocument } from '../../analysis/explain/explanation-document.ts';
import { EnvironmentError, UserError } from '../../errors.ts';
import { withoutCredentials } from '../../text/origin.ts';
import { quote } from '../../units/units.ts';
import type { Counters } from '../../probe/memstats-text.ts';
import type { Figures, Probe } from '../../probe/probe.ts';
import { procProbe } from '../../probe/proc.ts';
import { psProbe } from '../../probe/ps.ts';
import { NoCounters, readCounters } from '../../probe/read-counters.ts';
import { disagreementOf } from '../../runtime-memory/agreement.ts';
import { attachRuntime, type RuntimeReader } from '../../runtime-memory/attach.ts';
import { RuntimeRefused } from '../../runtime-memory/refused.ts';
import { SeveralInstances } from '../../probe/memstats-text.ts';
import { documentFrom } from './explain-document.ts';
import { severalInstances } from './several-instances.ts';
import type { GivenSizes } from './explain-sizes.ts';
import type { Io } from '../../cli/io.ts';

/** Where programs commonly show their counters, the one with everything first. */
export const USUAL_PAGES = [USUAL_PATHS.expvar, USUAL_PATHS.prometheus, heapPage(USUAL_PATHS.pprof)] as const;
/** A living program answers within milliseconds; one that is swapped out or overloaded gets some time. */
const ANSWER_SECONDS = 5;
const HINT = 'give the URL of its /debug/vars, of a Prometheus page or of /debug/pprof/heap?debug=1';

/** Counters of a living process: what it answered, or what its memory says where it was not asked. */
export interface LiveCounters extends Counters {
  /** Undefined where they were read from memory. */
  readonly url?: string | undefined;
  readonly readSeconds: number;
  readonly answerBytes?: number | undefined;
}

/** One look at a living process: its counters, and what the kernel said of it just before and just after. */
export interface Look {
  readonly counters: LiveCounters;
  readonly before: Figures | undefined;
  readonly after: Figures | undefined;
  readonly apartSeconds: number;
  /** What built it, where its memory could be read. Untrusted. */
  readonly goVersion: string | undefined;
  readonly warnings: readonly string[];
}

/** Explains a process by its memory, or by what it serves at a URL, with its RSS where its pid is given. One read of its counters. */
export async function explainProcess(
  url: string | undefined,
  pid: number | undefined,
  given: GivenSizes,
  io: Io,
): Promise<ExplanationDocument> {
  const look = await lookAt(url === undefined ? [] : candidatesOf(url), pid, io, given.instance);
  const { counters, goVersion } = look;
  return documentFrom({
    ...partsOf(look, pid),
    source: {
      kind: 'process',
      name: url === undefined ? `process ${pid}` : withoutCredentials(url),
      url: counters.url,
      pid,
      goVersion,
      commandLine: counters.commandLine,
      sampling: samplingOf(look),
    },
    given,
    warnings: [...look.warnings, ...(await doubtsOf(counters, pid))],
  });
}

/** What a look says of the process. */
export function partsOf({ counters, before }: Look, pid: number | undefined) {
  return { counters, process: pid === undefined ? undefined : before };
}

/** What the look cost the process, and how far apart its halves are. */
export function samplingOf({ counters, before, after, apartSeconds }: Look) {
  const { readSeconds, answerBytes } = counters;
  return before === undefined
    ? { readSeconds, answerBytes }
    : { readSeconds, answerBytes, apartSeconds, rssBeforeBytes: before.rssBytes, rssAfterBytes: after?.rssBytes };
}

/** The URLs to try: the one that was given, or the usual paths where it has none. Throws UserError. */
export function candidatesOf(text: string): readonly URL[] {
  let url: URL;
  try {
    url = new URL(text.includes('://') ? text : `http://${text}`);
  } catch {
    throw badUrl(text);
  }
  if (!/^https?:$/.test(url.protocol) || url.hostname === '') throw badUrl(text);
  return url.pathname === '/' && url.search === '' ? USUAL_PAGES.map((path) => new URL(path, url)) : [url];
}

function badUrl(text: string): UserError {
  return new UserError({
    code: 'bad-value',
    message: `${quote(withoutCredentials(text))} is not an http(s) URL`,
    at: '--url',
    hint: 'write e.g. http://127.0.0.1:5001/debug/vars',
  });
}

/**
 * Reads the counters from the first URL that has them, with a look at the process right before and after; where none has, or
 * none is given, from the memory of the process. What only the memory tells is taken from there where both agree. Throws
 * EnvironmentError where there are no counters to be had, UserError where the process is not there.
 */
export async function lookAt(urls: readonly URL[], pid: number | undefined, io: Io, instance?: string): Promise<Look> {
  await using outside = pid === undefined ? undefined : openProcess(pid);
  using runtime = pid === undefined ? undefined : await attachIfPossible(pid);
  const tried: string[] = [];
  for (const url of urls) {
    const before = await outside?.read(io.signal);
    if (outside !== undefined && before === undefined) throw processGone(pid);
    const memoryBefore = readIfPossible(runtime);
    const began = io.nowSeconds();
    try {
      const counters = await readCounters(url, ANSWER_SECONDS, io.signal, instance);
      const after = await outside?.read(io.signal);
      const { figures, warnings, goVersion } = completed(counters.figures, memoryBefore, runtime);
      const apartSeconds = io.nowSeconds() - began;
      return {
        counters: { ...counters, figures },
        before,
        after,
        apartSeconds,
        goVersion,
        warnings,
      };
    } catch (error) {
      if (error instanceof SeveralInstances) throw severalInstances(error, instance, url.href);
      if (!(error instanceof NoCounters)) throw error;
      tried.push(`${withoutCredentials(url.href)}: ${error.message}`);
    }
  }
  if (pid === undefined || runtime?.reader === undefined) throw noCounters(urls, tried, runtime?.refused, pid);
  return await lookAtMemory(runtime.reader, outside, tried, io);
}

async function lookAtMemory(
  reader: RuntimeReader,
  outside: Probe | undefined,
  tried: readonly string[],
  io: Io,
): Promise<Look> {
  const before = await outside?.read(io.signal);
  const began = io.nowSeconds();
  const reading = orEnvironmentError(() => reader.read());
  const readSeconds = io.nowSeconds() - began;
  if (reading === undefined || before === undefined) throw processGone(reader.pid);
  const commandLine = await runningCommand(reader.pid);
  return {
    counters: {
      form: 'memory',
      figures: reading.figures,
      rounding: {},
      faults: [],
      dumps: 1,
      commandLine,
      readSeconds,
    },
    before,
    after: await outside?.read(io.signal),
    apartSeconds: io.nowSeconds() - began,
    goVersion: reader.buildInfo.goVersion,
    warnings: tried.map((text) => `${text}; what follows was read from the memory of the process`),
  };
}

/** A process's memory, or why it cannot be read. */
interface Attached extends Disposable {
  readonly reader?: RuntimeReader;
  readonly refused?: RuntimeRefused;
}

async function attachIfPossible(pid: number): Promise<Attached> {
  try {
    const reader = await attachRuntime(pid);
    return { reader, [Symbol.dispose]: () => reader.close() };
  } catch (refused) {
    if (!(refused instanceof RuntimeRefused)) throw refused;
    return { refused, [Symbol.dispose]: () => undefined };
  }
}

function readIfPossible(attached: Attached | undefined): Figures | undefined {
  try {
    return attached?.reader?.read()?.figures;
  } catch (error) {
    if (error instanceof RuntimeRefused) return undefined;
    throw error;
  }
}

/** What the process told, with what only its memory says where both agree. */
function completed(
  told: Figures,
  before: Figures | undefined,
  runtime: Attached | undefined,
): Pick<Look, 'goVersion' | 'warnings'> & { readonly figures: Figures } {
  const after = readIfPossible(runtime);
  if (before === undefined || after === undefined) return { figures: told, goVersion: undefined, warnings: [] };
  const differs = disagreementOf(before, told, after);
  return differs === undefined
    ? { figures: { ...after, ...told }, goVersion: runtime?.reader?.buildInfo.goVersion, warnings: [] }
    : { figures: told, goVersion: undefined, warnings: [`${differs}: what its memory says is left out`] };
}

function noCounters(
  urls: readonly URL[],
  tried: readonly string[],
  refused: RuntimeRefused | undefined,
  pid: number | undefined,
): Error {
  if (urls.length === 0 && refused !== undefined) return refusedError(refused, pid);
  return new EnvironmentError('no-counters', 'No address serves the counters of the Go runtime', {
    details: [...tried, ...(refused === undefined ? [] : [`the memory of process ${pid}: ${refused.message}`])],
    hint: HINT,
  });
}

function refusedError(refused: RuntimeRefused, pid: number | undefined): Error {
  if (refused.code === 'no-such-process') return processGone(pid);
  const hint = refused.hint === undefined ? {} : { hint: refused.hint };
  return new EnvironmentError(
    'cannot-read-memory',
    `Process ${pid} cannot be read from outside: ${refused.message}`,
    hint,
  );
}

function orEnvironmentError<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof RuntimeRefused ? refusedError(error, undefined) : error;
  }
}

function openProcess(pid: number): Probe {
  try {
    return process.platform === 'linux' ? procProbe(pid) : psProbe(pid);
  } catch (error) {
    throw processGone(pid, error);
  }
}

function processGone(pid: number | undefined, cause?: unknown): UserError {
  const reason = cause instanceof Error && !cause.message.includes('ENOENT') ? `: ${cause.message}` : '';
  return new UserError({
    code: 'no-such-process',
    message: `process ${pid} cannot be read${reason}`,
    at: '--pid',
    hint: 'ps lists them',
  });
}

/** The arguments of a running process; undefined where they are not to be seen. */
async function runningCommand(pid: number): Promise<readonly string[] | undefined> {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return text === '' ? undefined : text.replace(/\0$/, '').split('\0');
}

/** Whether the counters may be of another process than the one whose RSS was read: expvar tells the arguments of its own. */
export async function doubtsOf(
  { commandLine, url }: LiveCounters,
  pid: number | undefined,
): Promise<readonly string[]> {
  if (pid === undefined || url === undefined || commandLine === undefined) return [];
  const running = await runningCommand(pid);
  // Programs rename themselves in their arguments (kubo does), which the kernel's copy does not follow.
  const told = (args: readonly string[]): string => [basename(args[0] ?? ''), ...args.slice(1)].join('\0');
  if (running === undefined || told(running) === told(commandLine)) return [];
  return [
    `process ${pid} is ${quote(running.join(' '))}, but the counters are those of ${quote(commandLine.join(' '))}: RSS may be another process’s`,
  ];
}
