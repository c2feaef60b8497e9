import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ExitCode } from '../../errors.ts';
import { experimentJsonSchema } from '../../experiment/schema/json-schema.ts';
import { replaceFile } from '../../results/plain-file.ts';
import type { Io } from '../../cli/io.ts';

const SCHEMA_FILE = 'schema/experiment.schema.json';

/** Prints the JSON Schema of experiment files, or writes it where the package keeps it. */
export async function printSchema(values: { readonly write: boolean }, io: Io): Promise<ExitCode> {
  const text = `${JSON.stringify(experimentJsonSchema(), null, 2)}\n`;
  if (!values.write) {
    io.stdout.write(text);
    return ExitCode.ok;
  }
  const path = join(io.cwd, SCHEMA_FILE);
  await mkdir(dirname(path), { recursive: true });
  await replaceFile(path, text);
  io.stderr.write(`wrote ${SCHEMA_FILE}\n`);
  return ExitCode.ok;
}
