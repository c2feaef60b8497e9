import { unfit } from './corrupt.ts';
import { readPlainFileIfAny, UnfitFile } from './plain-file.ts';

/** A file of the folder; undefined where it is not there. Throws UserError where the name stands for something else. */
export function readFile(path: string, limitBytes: number): Buffer | undefined {
  try {
    return readPlainFileIfAny(path, limitBytes);
  } catch (error) {
    throw error instanceof UnfitFile ? unfit(error) : error;
  }
}

/** The text of a file of the folder; of one that is not there, none. */
export function readText(path: string, limitBytes: number): string {
  return readFile(path, limitBytes)?.toString('utf8') ?? '';
}

/**
 * One value a line, without holding all of them. A last line without an end was cut short by a kill and is passed over;
 * any other one that is no JSON, or that `read` does not know, is passed over and counted by `onBad`.
 */
export function* parseLines<T>(
  text: string,
  read: (value: unknown) => T | undefined,
  onBad: () => void = () => undefined,
): Generator<T, void, undefined> {
  let start = 0;
  while (start < text.length) {
    const end = text.indexOf('\n', start);
    const line = text.slice(start, end === -1 ? text.length : end);
    const parsed = parsedLine(line);
    // A shape takes a hundred times as long to refuse what is nothing at all, and a file may be full of it.
    const value = parsed === undefined ? undefined : read(parsed);
    if (value !== undefined) yield value;
    else if (line !== '' && end !== -1) onBad();
    if (end === -1) return;
    start = end + 1;
  }
}

function parsedLine(line: string): unknown {
  // Everything that is written is an object; to refuse anything else here costs no exception.
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
