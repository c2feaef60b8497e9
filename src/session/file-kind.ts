import { closeSync, constants, fstatSync, openSync, readSync, statSync, type Stats } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { constants as zlib, gunzipSync } from 'node:zlib';
import { type Diagnostic, UserError } from '../errors.ts';
import { looksLikeGctrace } from '../go/gctrace-line.ts';
import { findCounters, SeveralInstances } from '../probe/memstats-text.ts';
import { runFiles } from '../results/layout.ts';
import { shellWord } from '../text/quoted.ts';

/** As much of a file as is looked at; a log may begin with other lines. */
export const HEAD_BYTES = 2 ** 18;

/** What gctune knows of files by their content. */
export type FileKind =
  | 'heap-dump'
  | 'profile'
  | 'text-profile'
  | 'gctrace'
  | 'counters'
  | 'experiment'
  | 'run-file'
  | 'history'
  | 'answer'
  | 'page'
  | 'program'
  | 'core'
  | 'trace'
  | 'java-dump'
  | 'archive'
  | 'html';

interface Kind {
  /** In a sentence: `x is …`. */
  readonly what: string;
  /** The commands that read it, with FILE where its name belongs. */
  readonly commands: readonly string[];
  /** Whether these read stdin, as `-`. */
  readonly stdin?: true;
  /** What to do where no command reads it. */
  readonly hint?: string;
}

const KINDS: Readonly<Record<FileKind, Kind>> = {
  'heap-dump': { what: 'a heap dump (debug.WriteHeapDump)', commands: ['heapdump FILE'] },
  profile: { what: 'a pprof profile', commands: ['profile FILE'], stdin: true },
  'text-profile': { what: 'a pprof profile in text form', commands: ['profile FILE'], stdin: true },
  gctrace: { what: 'a log with lines of GODEBUG=gctrace=1', commands: ['gctrace FILE'], stdin: true },
  counters: { what: 'counters of the Go runtime (MemStats)', commands: ['explain --memstats FILE'], stdin: true },
  experiment: { what: 'an experiment file', commands: ['validate FILE', 'run FILE'] },
  'run-file': {
    what: 'a file of a run of gctune',
    commands: [],
    hint: 'a run is read as a whole: gctune report FOLDER',
  },
  history: {
    what: 'a history of nights',
    commands: [],
    hint: 'its folder is read as a whole: gctune history FOLDER',
  },
  answer: { what: 'an answer that gctune has printed as JSON', commands: [], hint: 'no command reads it again' },
  page: { what: 'a page that gctune has written', commands: [], hint: 'open it in a browser' },
  program: { what: 'a program', commands: ['heapdump DUMP --binary FILE'] },
  core: {
    what: 'a core dump',
    commands: [],
    hint: 'gctune heapdump reads what debug.WriteHeapDump writes',
  },
  trace: { what: 'an execution trace', commands: [], hint: 'Go’s own tool shows it: go tool trace FILE' },
  'java-dump': { what: 'a Java heap dump', commands: [], hint: 'gctune reads those of Go programs' },
  archive: { what: 'a compressed file', commands: [], hint: 'unpack it first' },
  html: { what: 'an HTML page', commands: [], hint: 'save the answer of the address itself, e.g. with curl' },
};

/** What a command reads, for sentences and for telling its own files from those of others. */
const READS = {
  experiment: { kinds: ['experiment'], noun: 'an experiment file' },
  run: { kinds: [], noun: 'the folder of a run' },
  assertions: { kinds: ['experiment'], noun: 'a list of assertions' },
  counters: { kinds: ['counters'], noun: 'counters of the Go runtime' },
  profile: { kinds: ['profile', 'text-profile'], noun: 'a profile' },
  'heap-dump': { kinds: ['heap-dump'], noun: 'a heap dump' },
  program: { kinds: ['program'], noun: 'a program' },
  gctrace: { kinds: ['gctrace'], noun: 'a gctrace log' },
} as const satisfies Readonly<Record<string, { readonly kinds: readonly FileKind[]; readonly noun: string }>>;
/** What a command expects where a file is named. */
export type Expected = keyof typeof READS;

/** A file by its first bytes: what it is, and whether it is compressed. */
export interface Recognised {
  readonly kind: FileKind;
  readonly compressed: boolean;
}

/** Tells what a file is by its first bytes, of which `HEAD_BYTES` are looked at; undefined where it is nothing known. */
export function recogniseFile(bytes: Uint8Array): Recognised | undefined {
  const head = bytes.subarray(0, HEAD_BYTES);
  if (head[0] !== 0x1f || head[1] !== 0x8b) {
    const kind = kindOf(head);
    return kind && { kind, compressed: false };
  }
  const inner = inflatedHead(head);
  const kind = inner === undefined ? undefined : kindOf(inner);
  return { kind: kind ?? 'archive', compressed: kind !== undefined && kind !== 'archive' };
}

/** The beginning of what is compressed. A file is read in parts only, so that its end is missing. */
function inflatedHead(head: Uint8Array): Uint8Array | undefined {
  // What is packed most tightly becomes a thousand times as long.
  for (const length of [head.length, 2048, 256]) {
    try {
      return gunzipSync(head.subarray(0, length), {
        finishFlush: zlib.Z_SYNC_FLUSH,
        maxOutputLength: 8 * HEAD_BYTES,
      }).subarray(0, HEAD_BYTES);
    } catch {
      // Too long, or damaged further on.
    }
  }
  return undefined;
}

function kindOf(head: Uint8Array): FileKind | undefined {
  return binaryKind(head) ?? textKind(new TextDecoder().decode(wholeLines(head)));
}

/* oxlint-disable no-control-regex -- these are binary formats */
const MAGIC: readonly (readonly [kind: FileKind, pattern: RegExp])[] = [
  ['heap-dump', /^go1\.\d+ heap dump\n/],
  ['java-dump', /^JAVA PROFILE /],
  ['trace', /^go 1\.\d+ trace\x00/],
  ['core', /^\x7fELF(?:.\x01.{10}\x04\x00|.\x02.{10}\x00\x04)/s],
  ['program', /^(?:\x7fELF|[\xce\xcf]\xfa\xed\xfe|\xfe\xed\xfa[\xce\xcf]|\xca\xfe\xba\xbe\x00|MZ.{58,}PE\x00\x00)/s],
  ['archive', /^(?:PK\x03\x04|\x28\xb5\x2f\xfd|\xfd7zXZ\x00|BZh[1-9])/],
  ['archive', /^.{257}ustar/s],
  // Field 1 or 11 of profile.proto: a type and a unit, as numbers of texts.
  ['profile', /^[\nZ][\x02-\x0c]\x08[\x01-\x7f]\x10[\x01-\x7f]/],
  // A CPU profile of Go begins with when it was made (field 9) and for how long (field 10).
  ['profile', /^H[\x80-\xff]{8}[\x00-\x7f](?:P[\x80-\xff]{0,9}[\x00-\x7f])?[\nZ][\x02-\x0c]\x08/],
];
/* oxlint-enable no-control-regex */

function binaryKind(head: Uint8Array): FileKind | undefined {
  const start = Buffer.from(head.subarray(0, 1024)).toString('latin1');
  return MAGIC.find(([, pattern]) => pattern.test(start))?.[0];
}

/** Without the last line, which may be cut through. */
function wholeLines(head: Uint8Array): Uint8Array {
  const end = head.lastIndexOf(10) + 1;
  return head.length < HEAD_BYTES || end === 0 ? head : head.subarray(0, end);
}

const TEXT_PROFILE =
  /^(?:heap profile: {0,9}\d+:|\w{1,60} profile: total \d|--- (?:contention|mutex):|goroutine \d{1,19} (?:[\w=*]{1,40} ){0,4}\[.{1,999}\]:$)/m;

function textKind(text: string): FileKind | undefined {
  const start = text.slice(0, 4096).trimStart();
  if (/^(?:<!doctype html|<html)/i.test(start))
    return /<meta name="generator" content="gctune/.test(start) ? 'page' : 'html';
  if (TEXT_PROFILE.test(start.slice(0, 400))) return 'text-profile';
  if (start.startsWith('{')) {
    if (start.startsWith('{"historyVersion":')) return 'history';
    if (/^\{\s{0,99}"(?:analysisVersion|formatVersion": ?\d{1,9},\s{0,99}"(?:toolVersion|id|block))"/.test(start))
      return 'run-file';
    if (/^\{"(?:reductionVersion":|at":(?:"[^"]{24}","type"|[\d.]{1,20},"probe"):)/.test(start)) return 'run-file';
    if (/^\{\s{0,99}"formatVersion":/.test(start)) return 'answer';
  }
  // First, since a broken experiment may have anything in its comments.
  const keys = new Set([...text.matchAll(/^([a-z]{4,10}):(?=\s|$)/gm)].map(([, key]) => key));
  if (keys.has('target') && ['name', 'matrix', 'workload', 'workloads', 'phases'].some((key) => keys.has(key)))
    return 'experiment';
  if (looksLikeGctrace(text)) return 'gctrace';
  return holdsCounters(text) ? 'counters' : undefined;
}

function holdsCounters(text: string): boolean {
  try {
    return findCounters(text) !== undefined;
  } catch (error) {
    // Those of several processes are counters too.
    if (error instanceof SeveralInstances) return true;
    throw error;
  }
}

/**
 * The error for a file that a command cannot read because it is of another kind, with the command that reads it, ready to
 * be pasted. Undefined where the file is unknown, or of a kind that the command reads: then its own message says more.
 */
export function otherKind(bytes: Uint8Array, named: string, expected: Expected, at?: string): UserError | undefined {
  const found = recogniseFile(bytes);
  if (found === undefined) return undefined;
  const { kinds, noun }: { readonly kinds: readonly FileKind[]; readonly noun: string } = READS[expected];
  if (kinds.includes(found.kind) && !(found.compressed && found.kind !== 'profile' && found.kind !== 'text-profile'))
    return undefined;
  return wrongKind(found, named, noun, at);
}

function wrongKind({ kind, compressed }: Recognised, named: string, noun: string, at?: string): UserError {
  const { what, hint } = KINDS[kind];
  const packed = compressed && kind !== 'profile' && kind !== 'text-profile';
  const diagnostic: Diagnostic = {
    code: 'wrong-kind-of-file',
    message: `${named === '-' ? 'stdin' : named} is ${what}${packed ? ', compressed by gzip' : ''}, not ${noun}`,
    ...(at === undefined ? {} : { at }),
    hint: hint === undefined ? pasted(KINDS[kind], named, packed) : filled(hint, named),
  };
  return new UserError(diagnostic);
}

/** A hint with the file's name, or that of its folder, in it. */
function filled(hint: string, named: string): string {
  if (named === '-') return hint;
  // By functions: a name may hold what stands for something in a replacement ($&).
  return hint.replace('FILE', () => shellWord(named)).replace('FOLDER', () => shellWord(dirname(named)));
}

/** The commands that read a file, with its name in them. */
function pasted({ commands, stdin }: Kind, named: string, packed: boolean): string {
  const lines = (file: string): string =>
    commands.map((one) => `gctune ${one.replace('FILE', () => file)}`).join(', or: ');
  if (named === '-')
    return stdin === true && !packed ? `pipe it to: ${lines('-')}` : `save it to a file, then: ${lines('FILE')}`;
  if (!packed) return `read it with: ${lines(shellWord(named))}`;
  const unpack = `gunzip -c ${shellWord(named)}`;
  return stdin === true
    ? `read it with: ${unpack} | ${lines('-')}`
    : `unpack it, then: ${unpack} >FILE && ${lines('FILE')}`;
}

/** The first bytes of a plain file; undefined where it is none, or cannot be read. It never waits. */
export function headOfFile(path: string): Uint8Array | undefined {
  let file: number | undefined;
  try {
    if (statusOf(path)?.isFile() !== true) return undefined;
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!fstatSync(file).isFile()) return undefined;
    const head = Buffer.allocUnsafe(HEAD_BYTES);
    return head.subarray(0, readSync(file, head, 0, HEAD_BYTES, 0));
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** What stands at a path; undefined where there is nothing, or it cannot be looked at. */
function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/** The error for the folder of a run where a file was expected; undefined where it is none. */
export function runInstead(named: string, cwd: string, expected: Expected, at?: string): UserError | undefined {
  if (statusOf(join(resolve(cwd, named), runFiles.manifest))?.isFile() !== true) return undefined;
  const word = shellWord(named);
  return new UserError({
    code: 'wrong-kind-of-file',
    message: `${named} is the folder of a run, not ${READS[expected].noun}`,
    ...(at === undefined ? {} : { at }),
    hint: `read it with: gctune report ${word}, or: gctune explain ${word}, or: gctune profile ${word}`,
  });
}

/** The folder of a run that the user named, as an absolute path. Throws UserError where it is a file, with the command that reads it. */
export function namedRun(named: string, cwd: string, command: string, at?: string): string {
  const path = resolve(cwd, named);
  // What is not there, or cannot be looked at, is told by whoever reads the run.
  const found = statusOf(path);
  if (found === undefined || found.isDirectory()) return path;
  const folder = dirname(path);
  if (statusOf(join(folder, runFiles.manifest))?.isFile() === true) {
    const run = dirname(named);
    throw new UserError({
      code: 'wrong-kind-of-file',
      message: `${named} is a file of a run, not its folder`,
      ...(at === undefined ? {} : { at }),
      hint: `name the folder: gctune ${command} ${shellWord(run)}`,
    });
  }
  const head = headOfFile(path);
  throw (
    (head && otherKind(head, named, 'run', at)) ??
    new UserError({
      code: 'not-a-run',
      message: `${named} is ${found.isFile() ? 'a file' : 'a pipe or a device'}, not the folder of a run`,
      ...(at === undefined ? {} : { at }),
      hint: 'gctune list shows the runs',
    })
  );
}
