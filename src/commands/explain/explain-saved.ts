import { createReadStream } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { ExplanationDocument } from '../../analysis/explanation-document.ts';
import { UserError } from '../../errors.ts';
import { findCounters } from '../../probe/memstats-text.ts';
import { documentFrom } from './explain-document.ts';
import type { GivenSizes } from './explain-sizes.ts';
import type { Io } from '../../cli/io.ts';

/** More than any dump of MemStats with the discussion around it. */
const MOST_BYTES = 16 * 1024 * 1024;
const STDIN = 0;

/** Explains counters that were saved or pasted into a file; `-` is stdin. Throws UserError where there are none in it. */
export async function explainSaved(file: string, given: GivenSizes, io: Io): Promise<ExplanationDocument> {
  const name = file === '-' ? 'stdin' : file;
  const counters = findCounters(await textOf(file, name, io));
  if (counters === undefined) {
    throw new UserError({
      code: 'no-memstats',
      message: `${name} holds no runtime.MemStats`,
      at: '--memstats',
      hint: 'save one of /debug/vars, /debug/pprof/heap?debug=1 or a Prometheus page, or paste a dump of runtime.MemStats',
    });
  }
  return documentFrom({ source: { kind: 'text', name: basename(name) }, counters, given, warnings: [] });
}

async function textOf(file: string, name: string, io: Io): Promise<string> {
  const stream =
    file === '-'
      ? createReadStream('', { fd: STDIN, autoClose: false, signal: io.signal })
      : createReadStream(resolve(io.cwd, file), { signal: io.signal });
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > MOST_BYTES) break;
      chunks.push(chunk);
    }
  } catch (error) {
    io.signal.throwIfAborted();
    throw unreadable(error as NodeJS.ErrnoException, name);
  }
  if (size <= MOST_BYTES) return Buffer.concat(chunks).toString('utf8');
  throw new UserError({
    code: 'file-too-large',
    message: `${name} is larger than ${MOST_BYTES / 2 ** 20} MiB`,
    at: '--memstats',
    hint: 'keep the part with the MemStats',
  });
}

function unreadable(error: NodeJS.ErrnoException, name: string): UserError {
  const [code, message] =
    error.code === 'ENOENT'
      ? ['no-such-file', `there is no file ${name}`]
      : error.code === 'EISDIR'
        ? ['not-a-file', `${name} is a folder`]
        : ['unreadable-file', `${name} cannot be read: ${error.message}`];
  return new UserError({ code, message, at: '--memstats' });
}
