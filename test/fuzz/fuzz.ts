import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { READERS } from './readers.ts';

/** What became of the inputs of one reader. */
export interface FuzzRow {
  readonly reader: string;
  readonly inputs: number;
  readonly refused: number;
  readonly crashes: number;
  readonly hangs: number;
  /** The most that the process of the reader grew by, in MiB. */
  readonly memoryMiB: number;
  /** What went wrong, with the seed that shows it. */
  readonly faults: readonly string[];
}

/** Seeds to go through. */
export interface FuzzRange {
  readonly first: number;
  readonly count: number;
}

type Message =
  | { readonly begins: number; readonly memoryMiB: number }
  | { readonly ended: number; readonly refused: boolean; readonly fault?: string; readonly memoryMiB: number }
  | { readonly ready: true };

/** So long a worker may take to make its samples. */
const PREPARE_SECONDS = 120;

/** Gives a reader the input of each seed, in a process of its own, which is started again where it dies or hangs. */
export async function fuzzReader(reader: string, { first, count }: FuzzRange): Promise<FuzzRow> {
  const row = { reader, inputs: 0, refused: 0, crashes: 0, hangs: 0, memoryMiB: 0, faults: [] as string[] };
  const seconds = READERS[reader]?.seconds ?? 0;
  let next = first;
  while (next < first + count) {
    const child = fork(import.meta.filename, [reader, String(next), String(first + count)], {
      execArgv: ['--max-old-space-size=1024'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2000)));
    let hung = false;
    const watch = (limit: number): NodeJS.Timeout =>
      setTimeout(() => {
        hung = true;
        child.kill('SIGKILL');
      }, limit * 1000);
    let timer = watch(PREPARE_SECONDS);
    let ready = false;
    child.on('message', (message: Message) => {
      clearTimeout(timer);
      if ('ready' in message) ready = true;
      else {
        row.memoryMiB = Math.max(row.memoryMiB, message.memoryMiB);
        if ('begins' in message) timer = watch(seconds);
        else {
          next = message.ended + 1;
          row.inputs++;
          if (message.refused) row.refused++;
          if (message.fault !== undefined) {
            row.crashes++;
            row.faults.push(`${reader}, seed ${message.ended}: ${message.fault}`);
          }
        }
      }
    });
    await new Promise<void>((resolve) => child.on('close', () => resolve()));
    clearTimeout(timer);
    if (next >= first + count) break;
    if (!ready) throw new Error(`the worker of ${reader} did not get ready: ${said}`);
    row.inputs++;
    if (hung) row.hangs++;
    else row.crashes++;
    row.faults.push(`${reader}, seed ${next}: ${hung ? `no end after ${seconds} s` : `the process ended: ${said}`}`);
    next++;
  }
  return row;
}

/** The rows as a table. */
export function fuzzTable(rows: readonly FuzzRow[]): string {
  const head = ['reader', 'inputs', 'refused', 'crashes', 'hangs', 'memory MiB'];
  const cells = rows.map(({ reader, inputs, refused, crashes, hangs, memoryMiB }) => [
    reader,
    ...[inputs, refused, crashes, hangs, Math.round(memoryMiB)].map(String),
  ]);
  const widths = head.map((_, i) => Math.max(...[head, ...cells].map((row) => row[i]?.length ?? 0)));
  return [head, ...cells]
    .map((row) =>
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
    )
    .join('\n');
}

/** Peak and present memory of this process in MiB. */
function residentMiB(field: 'VmHWM' | 'VmRSS'): number {
  return (
    Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) / 1024
  );
}

async function work([reader = '', from = '', to = '']: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gctune-fuzz-'));
  const say = (message: Message): Promise<void> =>
    new Promise((resolve, reject) => {
      process.send?.(message, (error: Error | null) => (error === null ? resolve() : reject(error)));
    });
  try {
    const read = await READERS[reader]?.prepare(folder);
    if (read === undefined) throw new Error(`no reader ${reader}`);
    // The peak from here on is the inputs' own.
    writeFileSync('/proc/self/clear_refs', '5');
    const before = residentMiB('VmRSS');
    const grown = (): number => residentMiB('VmHWM') - before;
    await say({ ready: true });
    for (let seed = Number(from); seed < Number(to); seed++) {
      await say({ begins: seed, memoryMiB: grown() });
      try {
        const refused = await read(seed);
        await say({ ended: seed, refused, memoryMiB: grown() });
      } catch (error) {
        const fault = error instanceof Error ? (error.stack ?? error.message) : String(error);
        await say({ ended: seed, refused: false, fault: fault.slice(0, 1000), memoryMiB: grown() });
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  process.disconnect();
}

if (process.argv[1] === import.meta.filename) await work(process.argv.slice(2));
