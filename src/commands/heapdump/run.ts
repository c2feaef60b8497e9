import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { EnvironmentError, ExitCode, UserError } from '../../errors.ts';
import { formatBytes } from '../../units/format-units.ts';
import { plainText } from '../../text/plain-text.ts';
import { analyseHeap } from '../../heapdump/analyse-heap.ts';
import { DumpFault } from '../../heapdump/dump-fault.ts';
import type { HeapAnalysis } from '../../heapdump/heap-analysis.ts';
import { readHeapDump, type HeapDump } from '../../heapdump/read-heap-dump.ts';
import { readSymbols, SymbolFault, type SymbolTable } from '../../heapdump/symbols.ts';
import { heapdumpPage } from '../../report/heapdump/heapdump-page.ts';
import { heapdumpFindings, heapdumpTables } from '../../report/heapdump/heapdump-document.ts';
import { openByteSource } from '../../executable/byte-source.ts';
import type { Io } from '../../cli/io.ts';
import { headOfFile, otherKind, runInstead, type Expected } from '../../session/file-kind.ts';
import { unreadableFile } from '../../session/input-file.ts';
import { shownPath } from '../../session/load-experiment.ts';
import { toolVersion } from '../../cli/tool-version.ts';
import { printAnswer, type PrintValues } from '../../session/print-answer.ts';

/** What `gctune heapdump` is called with. */
export interface HeapdumpValues extends PrintValues {
  readonly file: string;
  readonly binary: string | undefined;
  readonly top: number;
}

/** Smaller dumps are read before one could wonder what goes on. */
const TELL_FROM_BYTES = 64 * 2 ** 20;

/** Prints what a heap dump holds, and writes a page of it where one is asked for. */
export async function heapdump(values: HeapdumpValues, io: Io): Promise<ExitCode> {
  const { file, binary, top } = values;
  const symbols = binary === undefined ? undefined : await symbolsOf(binary, io);
  const analysis = await analyse(file, symbols, Math.max(top, 50), io);
  await printAnswer(
    {
      title: 'Heap dump',
      document: [...heapdumpFindings(analysis, file), ...heapdumpTables(analysis, top)],
      json: analysis,
      page: () =>
        heapdumpPage(analysis, {
          file: shownPath(resolve(io.cwd, file), io.cwd),
          toolVersion: toolVersion(),
          sha256: (text) => createHash('sha256').update(text).digest('base64'),
        }),
    },
    values,
    io,
  );
  return ExitCode.ok;
}

async function analyse(
  file: string,
  symbols: SymbolTable | undefined,
  bigObjects: number,
  io: Io,
): Promise<HeapAnalysis> {
  await using source = await opened(file, 'heap-dump', io);
  const tell = (what: string): void => {
    if (source.sizeBytes >= TELL_FROM_BYTES) io.stderr.write(`${what} …\n`);
  };
  const { signal } = io;
  tell(`reading ${plainText(file)}, ${formatBytes(source.sizeBytes)}`);
  try {
    const dump = await readHeapDump(source, { signal });
    checkProgram(dump, symbols);
    return await analyseHeap(dump, {
      ...(symbols === undefined ? {} : { symbols }),
      bigObjects,
      step: async (name) => {
        tell(name);
        // A signal that came meanwhile is only heard of here.
        await setImmediate();
        signal.throwIfAborted();
      },
    });
  } catch (error) {
    if (error instanceof DumpFault)
      throw (
        otherKindOf(file, 'heap-dump', io) ??
        new UserError({
          code: 'bad-heap-dump',
          message: `${file} is not a readable heap dump: ${error.message}`,
          hint: 'heap dumps are written by runtime/debug.WriteHeapDump of Go 1.7 or newer',
        })
      );
    if (error instanceof RangeError && /allocation|length/i.test(error.message))
      throw new EnvironmentError('out-of-memory', `there is not enough memory to analyse ${file}`, {
        hint: 'about twice the size of the dump is needed',
        cause: error,
      });
    throw error;
  }
}

/** A program that did not write the dump would give wrong names: the size of its data segment tells. */
function checkProgram({ roots }: HeapDump, symbols: SymbolTable | undefined): void {
  const data = roots.segments.find(({ section }) => section === 'data');
  if (symbols?.dataBytes === undefined || data === undefined || data.sizeBytes === symbols.dataBytes) return;
  throw new UserError({
    code: 'wrong-program',
    message: `the program's variables take ${symbols.dataBytes} bytes, those of the dump ${data.sizeBytes}: another program wrote it`,
    at: '--binary',
    hint: 'give the exact binary that wrote the dump, or leave out --binary',
  });
}

async function symbolsOf(binary: string, io: Io): Promise<SymbolTable> {
  await using source = await opened(binary, 'program', io, '--binary');
  try {
    return await readSymbols(source);
  } catch (error) {
    if (!(error instanceof SymbolFault)) throw error;
    throw (
      otherKindOf(binary, 'program', io, '--binary') ??
      new UserError({
        code: 'no-symbols',
        message: `no names can be read from ${binary}: ${error.message}`,
        at: '--binary',
        hint: 'leave out --binary: variables are then shown by address',
      })
    );
  }
}

function otherKindOf(file: string, expected: Expected, io: Io, at?: string): UserError | undefined {
  const head = headOfFile(resolve(io.cwd, file));
  return head && otherKind(head, file, expected, at);
}

async function opened(
  file: string,
  expected: Expected,
  io: Io,
  at?: string,
): Promise<Awaited<ReturnType<typeof openByteSource>>> {
  const path = resolve(io.cwd, file);
  if (file === '-')
    throw new UserError({
      code: 'not-a-file',
      message: 'stdin cannot be read here: a dump and its program are read at many places',
      ...(at === undefined ? {} : { at }),
      hint: 'save it to a file and name that',
    });
  const run = runInstead(file, io.cwd, expected, at);
  if (run !== undefined) throw run;
  try {
    if (!(await stat(path)).isFile()) throw new Error('it is not a regular file');
    return await openByteSource(path);
  } catch (error) {
    throw unreadableFile(error, file, at === undefined ? {} : { at });
  }
}
