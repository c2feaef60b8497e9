import { createReadStream } from 'node:fs';
import { readFile, readlink } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { parseGoEnvironment, type GoEnvironment } from '../go/environment.ts';
import { SmapsReader, type Smaps } from '../linux/smaps.ts';
import { isGone } from './kernel-file.ts';

/** Whether an error says that the process is gone, or is another user's. */
function isClosed(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return isGone(error) || code === 'EACCES' || code === 'EPERM';
}

/**
 * Where a process's memory is resident, by its mappings. The kernel walks all its page tables for that: milliseconds, and
 * some more for a heap of many GiB, so it is read once and never sampled. Undefined where there is no such file, the
 * process is gone, or it is another user's.
 */
export async function readSmaps(pid: number): Promise<Smaps | undefined> {
  try {
    const reader = new SmapsReader(await readlink(`/proc/${pid}/exe`).catch(() => undefined));
    for await (const line of createInterface({ input: createReadStream(`/proc/${pid}/smaps`, 'latin1'), crlfDelay: 0 }))
      reader.line(line);
    return reader.result();
  } catch (error) {
    if (isClosed(error)) return undefined;
    throw error;
  }
}

/**
 * What Go's runtime found in the environment that a process was started with; nothing else of the environment is kept.
 * Undefined where it cannot be read.
 */
export async function readGoEnvironment(pid: number): Promise<GoEnvironment | undefined> {
  try {
    return parseGoEnvironment(await readFile(`/proc/${pid}/environ`, 'utf8'));
  } catch (error) {
    if (isClosed(error)) return undefined;
    throw error;
  }
}
