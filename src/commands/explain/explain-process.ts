import { USUAL_PATHS } from '../../experiment/probe-ids.ts';
import { heapPage } from '../../probe/pprof-tail.ts';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ExplanationDocument } from '../../analysis/explain/explanation-document.ts';
import { EnvironmentError, UserError } from '../../errors.ts';
import { quote } from '../../units/units.ts';
import type { Figures, Probe } from '../../probe/probe.ts';
import { procProbe } from '../../probe/proc.ts';
import { psProbe } from '../../probe/ps.ts';
import { NoCounters, readCounters, type CountersRead } from '../../probe/read-counters.ts';
import { documentFrom } from './explain-document.ts';
import type { GivenSizes } from './explain-sizes.ts';
import type { Io } from '../../cli/io.ts';

/** Where programs commonly show their counters, the one with everything first. */
export const USUAL_PAGES = [USUAL_PATHS.expvar, USUAL_PATHS.prometheus, heapPage(USUAL_PATHS.pprof)] as const;
/** A living program answers within milliseconds; one that is swapped out or overloaded gets some time. */
const ANSWER_SECONDS = 5;
const HINT = 'give the URL of its /debug/vars, of a Prometheus page or of /debug/pprof/heap?debug=1';

/** One look at a living process: its counters, and what the kernel said of it just before and just after. */
export interface Look {
  readonly counters: CountersRead;
  readonly before: Figures | undefined;
  readonly after: Figures | undefined;
  readonly apartSeconds: number;
}

/** Explains the process behind a URL, with its RSS where its pid is given. One read of its counters. */
export async function explainProcess(
  url: string,
  pid: number | undefined,
  given: GivenSizes,
  io: Io,
): Promise<ExplanationDocument> {
  const look = await lookAt(candidatesOf(url), pid, io);
  const { counters } = look;
  return documentFrom({
    ...partsOf(look, pid),
    source: {
      kind: 'process',
      name: url,
      url: counters.url,
      pid,
      commandLine: counters.commandLine,
      sampling: samplingOf(look),
    },
    given,
    warnings: await doubtsOf(counters, pid),
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
    message: `${quote(text)} is not an http(s) URL`,
    at: '--url',
    hint: 'write e.g. http://127.0.0.1:5001/debug/vars',
  });
}

/**
 * Reads the counters from the first URL that has them, with a look at the process right before and after. Throws
 * EnvironmentError where none has, or where the process is not there.
 */
export async function lookAt(urls: readonly URL[], pid: number | undefined, io: Io): Promise<Look> {
  await using outside = pid === undefined ? undefined : openProcess(pid);
  const tried: string[] = [];
  for (const url of urls) {
    const before = await outside?.read(io.signal);
    if (outside !== undefined && before === undefined) throw processGone(pid);
    const began = io.nowSeconds();
    try {
      const counters = await readCounters(url, ANSWER_SECONDS, io.signal);
      const after = await outside?.read(io.signal);
      return { counters, before, after, apartSeconds: io.nowSeconds() - began };
    } catch (error) {
      if (!(error instanceof NoCounters)) throw error;
      tried.push(`${url.href}: ${error.message}`);
    }
  }
  throw new EnvironmentError('no-counters', 'No address serves the counters of the Go runtime', {
    details: tried,
    hint: HINT,
  });
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

/** Whether the counters may be of another process than the one whose RSS was read: expvar tells the arguments of its own. */
export async function doubtsOf({ commandLine }: CountersRead, pid: number | undefined): Promise<readonly string[]> {
  if (pid === undefined || commandLine === undefined || process.platform !== 'linux') return [];
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const running = text.replace(/\0$/, '').split('\0');
  // Programs rename themselves in their arguments (kubo does), which the kernel's copy does not follow.
  const told = (args: readonly string[]): string => [basename(args[0] ?? ''), ...args.slice(1)].join('\0');
  if (text === '' || told(running) === told(commandLine)) return [];
  return [
    `process ${pid} is ${quote(running.join(' '))}, but the counters are those of ${quote(commandLine.join(' '))}: RSS may be another process’s`,
  ];
}
