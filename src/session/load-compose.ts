import { dirname, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { UserError } from '../errors.ts';
import { readCompose, type ComposeStack } from '../experiment/compose/read-compose.ts';
import { ordered } from '../experiment/parse-experiment.ts';
import { readPlainFileIfAny, UnfitFile } from '../results/plain-file.ts';
import type { Io } from '../cli/io.ts';
import { readInputFile, type InputIo } from './input-file.ts';

/** More than any Compose file, or file of variables. */
const LIMIT_BYTES = 2 ** 20;

/**
 * Reads a service of a Compose file with the services that it depends on; `.env` beside it and its `env_file` are read too. Throws
 * UserError where a file cannot be read, or holds what cannot be carried over.
 */
export async function loadCompose(file: string, service: string, io: InputIo & Pick<Io, 'env'>): Promise<ComposeStack> {
  const bytes = await readInputFile(
    file,
    {
      limitBytes: LIMIT_BYTES,
      expected: 'experiment',
      at: 'target.compose.file',
      hint: 'its path is relative to the experiment file',
    },
    io,
  );
  const read = readCompose(bytes.toString('utf8'), file, service, {
    directory: dirname(resolve(io.cwd, file)),
    environment: io.env,
    variablesOf,
  });
  if ('diagnostics' in read) throw new UserError(ordered(read.diagnostics).diagnostics);
  return read;
}

function variablesOf(path: string): Readonly<Record<string, string | undefined>> | undefined {
  try {
    const text = readPlainFileIfAny(path, LIMIT_BYTES)?.toString('utf8');
    return text === undefined ? undefined : parseEnv(text);
  } catch (error) {
    if (!(error instanceof UnfitFile)) throw error;
    throw new UserError({ code: 'unreadable-file', message: error.message, hint: 'it holds lines such as NAME=value' });
  }
}
