import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Diagnostic } from '../../errors.ts';
import { plainText } from '../../text/plain-text.ts';
import { MOST_LINE, readLogLine, type LoggedRequest } from './log-line.ts';

/** More requests, and more characters of their paths, are not kept. */
const MOST_REQUESTS = 1_000_000;
const MOST_CHARACTERS = 64 * 2 ** 20;
/** Servers write a request when it is answered, so that lines may stand later than their time says. */
const DISORDER_SECONDS = 300;
/** Characters of a bad line that are shown. */
const SHOWN = 80;

/** What is wanted of a log. */
export interface LogRequest {
  readonly path: string;
  /** Only these methods; undefined: all. */
  readonly methods: readonly string[] | undefined;
  /** How many seconds of the log, from its beginning. */
  readonly seconds: number;
}

/** The requests of a log in the order of their times. */
export interface AccessLog {
  readonly requests: readonly Pick<LoggedRequest, 'method' | 'path'>[];
  /** Of each, seconds after the beginning of the log. */
  readonly offsets: readonly number[];
  /** Lines whose request cannot be sent again, or is of another method. */
  readonly passedOver: number;
}

/** Reads so much of an access log as is wanted, in bounded memory; or what is wrong with it, with the line. */
export async function readAccessLog(wanted: LogRequest): Promise<AccessLog | Diagnostic> {
  const { path, methods, seconds } = wanted;
  const found = await stat(path).catch(() => undefined);
  if (found === undefined)
    return fault('no-log', `there is no access log ${path}`, 'paths are relative to the experiment file');
  if (!found.isFile()) return fault('no-log', `${path} is not a file`, 'name the access log itself');
  const kept: LoggedRequest[] = [];
  let passedOver = 0;
  let characters = 0;
  let earliest = Number.POSITIVE_INFINITY;
  let complete = true;
  let number = 0;
  for await (const line of linesOf(path)) {
    number++;
    if (line.length > MOST_LINE) return badLine(path, number, line, `it has more than ${MOST_LINE} characters`);
    if (line.trim() === '') continue;
    const read = readLogLine(line);
    if (read !== 'passed-over' && 'problem' in read) return badLine(path, number, line, read.problem);
    if (read === 'passed-over' || methods?.includes(read.method) === false) {
      passedOver++;
      continue;
    }
    kept.push(read);
    characters += read.path.length;
    earliest = Math.min(earliest, read.at);
    if (read.at > earliest + seconds + DISORDER_SECONDS) break;
    complete = kept.length < MOST_REQUESTS && characters < MOST_CHARACTERS;
    if (!complete) break;
  }
  if (kept.length === 0) {
    return fault('empty-log', `${path} has no request that can be sent`, 'check log and methods of the workload');
  }
  kept.sort((a, b) => a.at - b.at);
  const covered = (kept.at(-1)?.at ?? earliest) - earliest;
  if (!complete && covered < seconds) {
    const message = `the first ${kept.length} requests of ${path} cover ${Math.round(covered)} s, and a trial takes ${Math.round(seconds)} s of the log`;
    return fault('log-too-dense', message, 'lower speed, or shorten the phases');
  }
  return {
    requests: kept.map(({ method, path: asked }) => ({ method, path: asked })),
    offsets: offsetsOf(kept),
    passedOver,
  };
}

/** Seconds after the first; those of one second, where the log tells no fraction, spread evenly over it. */
function offsetsOf(requests: readonly LoggedRequest[]): readonly number[] {
  const from = Math.floor(requests[0]?.at ?? 0);
  const wholeSeconds = requests.every(({ wholeSecond }) => wholeSecond);
  if (!wholeSeconds) return requests.map(({ at }) => at - from);
  const offsets: number[] = [];
  for (let start = 0; start < requests.length;) {
    const { at } = requests[start] as LoggedRequest;
    let end = start + 1;
    while (requests[end]?.at === at) end++;
    for (let index = start; index < end; index++) offsets.push(at - from + (index - start + 0.5) / (end - start));
    start = end;
  }
  return offsets;
}

/** The lines of a file, at most a little more of each than a line may have. */
async function* linesOf(path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
    if (rest.length > MOST_LINE) break;
  }
  if (rest !== '') yield rest;
}

function badLine(path: string, line: number, text: string, problem: string): Diagnostic {
  const shown = text.startsWith('\x1f')
    ? 'what seems to be a compressed file'
    : JSON.stringify(plainText(text.slice(0, SHOWN)));
  return {
    code: 'bad-log-line',
    message: `${shown} cannot be replayed: ${problem}`,
    at: { file: path, line, column: 1 },
    hint: 'the log has to be in the common or combined log format, or one JSON object a line; remove the line, or unpack the file',
  };
}

function fault(code: string, message: string, hint: string): Diagnostic {
  return { code, message, hint };
}
