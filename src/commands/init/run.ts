import { mkdir } from 'node:fs/promises';
import { dirname, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EnvironmentError, ExitCode, UserError } from '../../errors.ts';
import { packageFolder } from '../../package-folder.ts';
import { plainText } from '../../text/plain-text.ts';
import { shellWord } from '../../text/quoted.ts';
import { writeNamedFile, writeNewFile } from '../../results/plain-file.ts';
import type { Io } from '../../cli/io.ts';
import { templateText, type TemplateName } from './templates.ts';

/** What `gctune init` is called with. */
export interface InitValues {
  readonly file: string | undefined;
  readonly template: TemplateName;
  readonly force: boolean;
}

const STANDARD_FILE = 'gctune.yaml';

/** Writes a template and says what to do next. Never overwrites unless told to. */
export async function writeTemplate(values: InitValues, io: Io): Promise<ExitCode> {
  const file = values.file ?? STANDARD_FILE;
  const path = resolve(io.cwd, file);
  const packaged = (place: string): string => fromFolder(dirname(path), fileURLToPath(new URL(place, packageFolder())));
  const text = templateText(values.template, {
    schema: packaged('schema/experiment.schema.json'),
    heapd: packaged('experiments/targets/heapd'),
  });
  try {
    await mkdir(dirname(path), { recursive: true });
    // The latter looks and writes in one step, so that nothing that appears in between is lost.
    await (values.force ? writeNamedFile(path, text) : writeNewFile(path, text));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      throw new UserError({
        code: 'file-exists',
        message: `${file} already exists`,
        hint: 'give another name, or --force to overwrite it',
      });
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new EnvironmentError('output-not-writable', `${file} cannot be written: ${reason}`, { cause: error });
  }
  io.stderr.write(`wrote ${plainText(file)}\nnext: edit it, then gctune plan ${shellWord(file)}\n`);
  return ExitCode.ok;
}

/** A path as a file in `folder` should name it: relative where it is below or beside, absolute otherwise. */
function fromFolder(folder: string, path: string): string {
  const way = relative(folder, path).split(sep).join('/');
  if (way.startsWith('../../..')) return path;
  return way.startsWith('.') ? way : `./${way}`;
}
