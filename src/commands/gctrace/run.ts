import { basename } from 'node:path';
import type { GctraceDocument, TracedProcess } from '../../analysis/gctrace/gctrace-document.ts';
import { ExitCode, UserError } from '../../errors.ts';
import { documentPage } from '../../report/document/document-page.ts';
import { drawnProcesses, gctraceDocument } from '../../report/gctrace/gctrace-document.ts';
import { HEAD_BYTES, otherKind } from '../../session/file-kind.ts';
import { inputChunks } from '../../session/input-file.ts';
import type { Io } from '../../cli/io.ts';
import { toolVersion } from '../../cli/tool-version.ts';
import { printAnswer, type PrintValues } from '../../session/print-answer.ts';
import { shellWord } from '../../text/quoted.ts';
import { LogReader } from './read-log.ts';

/** What `gctune gctrace` is called with. */
export interface GctraceValues extends PrintValues {
  readonly file: string;
  readonly process: number | undefined;
}

/** Processes that a page shows in full. */
const ON_PAGES = 8;

/** Prints what a log of gctrace says. */
export async function gctrace(values: GctraceValues, io: Io): Promise<ExitCode> {
  const document = await readLog(values.file, io);
  const byCpu = document.processes.toSorted((a, b) => b.cpu.gcSeconds - a.cpu.gcSeconds);
  const wanted = values.process === undefined ? undefined : [processNumbered(document, values.process)];
  const title = `gctrace: ${document.source}`;
  await printAnswer(
    {
      title,
      document: gctraceDocument(document, wanted ?? byCpu.slice(0, values.format === 'md' ? ON_PAGES : 1)),
      json: document,
      page: async () => {
        const shown = wanted ?? byCpu.slice(0, ON_PAGES);
        return documentPage(gctraceDocument(document, shown, await drawnProcesses(shown)), title, toolVersion());
      },
    },
    values,
    io,
  );
  // What was read before Ctrl-C has been shown; that it was not all is told by the exit code.
  io.signal.throwIfAborted();
  return ExitCode.ok;
}

/** Sums up a log as it comes; until Ctrl-C where it has no end. */
async function readLog(file: string, io: Io): Promise<GctraceDocument> {
  const log = new LogReader(file === '-' ? 'stdin' : basename(file));
  const warnings: string[] = [];
  let head: Uint8Array = new Uint8Array();
  try {
    for await (const chunk of inputChunks(file, { at: '<file>', expected: 'gctrace' }, io)) {
      if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk]).subarray(0, HEAD_BYTES);
      log.push(chunk);
    }
  } catch (error) {
    if (!io.signal.aborted || log.lines === 0) throw error;
    warnings.push('interrupted: the log was not read to its end');
  }
  const document = log.finish(warnings);
  if (log.newestFirst) throw newestFirst(document.source, file);
  if (document.processes.length === 0) throw otherKind(head, file, 'gctrace', '<file>') ?? withoutCycles(document);
  return document;
}

function processNumbered({ processes }: GctraceDocument, number: number): TracedProcess {
  const found = processes[number - 1];
  if (found !== undefined) return found;
  throw new UserError({
    code: 'no-such-process',
    message: `the log has no process ${number}: it has ${processes.length}`,
    at: '--process',
  });
}

function newestFirst(source: string, file: string): UserError {
  return new UserError({
    code: 'newest-first',
    message: `${source} has its newest line first: the numbers of its cycles go down`,
    at: '<file>',
    hint: file === '-' ? 'reverse it: tac | gctune gctrace -' : `reverse it: tac ${shellWord(file)} | gctune gctrace -`,
  });
}

function withoutCycles({ source, unread }: GctraceDocument): UserError {
  const { broken, go15, go14 } = unread;
  const old = go15 > 0 ? 'Go 1.5' : 'Go 1.4 or older';
  if (go15 + go14 > 0) {
    return new UserError({
      code: 'old-gctrace',
      message: `${source} contains gctrace of ${old} only, and none of Go 1.6 or newer`,
      at: '<file>',
    });
  }
  return new UserError({
    code: 'no-gctrace',
    message:
      broken === 0
        ? `${source} contains no line of gctrace`
        : `${source} contains no whole line of gctrace: ${broken} begin as one and cannot be read`,
    at: '<file>',
    hint: 'a Go program writes a line to stderr for each GC cycle if GODEBUG=gctrace=1 is in its environment',
  });
}
