import { constants } from 'node:fs';
import { copyFile, chmod, mkdir, rm } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EnvironmentError, ExitCode, UserError } from '../../errors.ts';
import { packageFolder } from '../../package-folder.ts';
import { plainText } from '../../text/plain-text.ts';
import { shellWord } from '../../text/quoted.ts';
import { writeNamedFile, writeNewFile } from '../../results/plain-file.ts';
import type { Io } from '../../cli/io.ts';
import { draftText, type Draft } from './draft.ts';
import type { Beside } from './process-places.ts';
import { templateText, type TemplateName } from './templates.ts';

/** What `gctune init` is called with. */
export interface InitValues {
  readonly file: string | undefined;
  readonly template: TemplateName;
  readonly force: boolean;
  readonly 'from-container': string | undefined;
  readonly 'from-compose': readonly string[] | undefined;
  readonly 'from-pid': number | undefined;
  readonly 'from-image': string | undefined;
}

const STANDARD_FILE = 'gctune.yaml';

/** Writes an experiment from a template or from what is there, and says what to do next. Never overwrites unless told to. */
export async function init(values: InitValues, io: Io): Promise<ExitCode> {
  checkOneSource(values);
  const file = values.file ?? STANDARD_FILE;
  const path = resolve(io.cwd, file);
  const packaged = (place: string): string => fromFolder(dirname(path), fileURLToPath(new URL(place, packageFolder())));
  const schema = packaged('schema/experiment.schema.json');
  const draft = await draftOf(values, path, io);
  const text =
    draft === undefined
      ? templateText(values.template, { schema, heapd: packaged('experiments/targets/heapd') })
      : draftText(draft, schema);
  await write(file, path, text, draft?.beside ?? [], values.force);
  io.stderr.write(
    `wrote ${plainText(file)}${draft?.beside?.length ? ` and what it needs in ${besideFolder(path)}` : ''}\n`,
  );
  for (const note of draft?.notes ?? []) io.stderr.write(`note: ${plainText(note)}\n`);
  io.stderr.write(
    draft === undefined
      ? `next: edit it, then gctune plan ${shellWord(file)}\n`
      : `next: gctune plan ${shellWord(file)}, then gctune run ${shellWord(file)}\n`,
  );
  return ExitCode.ok;
}

function checkOneSource(values: InitValues): void {
  const given = (['from-container', 'from-compose', 'from-pid', 'from-image'] as const).filter(
    (name) => values[name] !== undefined,
  );
  const [, second] = given;
  if (second !== undefined)
    throw new UserError({
      code: 'bad-combination',
      message: `only one of ${given.map((name) => `--${name}`).join(', ')} can be given`,
      at: `--${second}`,
      hint: 'leave one out',
    });
  if (values['from-compose'] !== undefined && values['from-compose'].length !== 2)
    throw new UserError({
      code: 'bad-combination',
      message: 'it is given more than once',
      at: '--from-compose',
      hint: 'write --from-compose <file> <service> once',
    });
}

/** Loads only what the source at hand needs; undefined: a template. */
async function draftOf(
  values: InitValues,
  path: string,
  io: Io,
): Promise<(Draft & { readonly beside?: readonly Beside[] }) | undefined> {
  const { 'from-container': container, 'from-compose': compose, 'from-pid': pid, 'from-image': image } = values;
  if (container !== undefined) return (await import('./from-container.ts')).draftOfContainer(container, io);
  if (image !== undefined) return (await import('./from-container.ts')).draftOfImage(image, io);
  if (pid !== undefined) return (await import('./from-process.ts')).draftOfProcess(pid, besideFolder(path), io);
  const [file, service] = compose ?? [];
  if (file === undefined || service === undefined) return undefined;
  return (await import('./from-compose.ts')).draftOfCompose(file, service, dirname(path), io);
}

/** The folder for what an experiment needs beside it. */
function besideFolder(path: string): string {
  return `${basename(path, extname(path))}.files`;
}

async function write(
  file: string,
  path: string,
  text: string,
  beside: readonly Beside[],
  force: boolean,
): Promise<void> {
  const folder = dirname(path);
  try {
    await mkdir(folder, { recursive: true });
    const own = join(folder, besideFolder(path));
    // A folder from an earlier time goes with its file.
    if (beside.length > 0 && force) await rm(own, { recursive: true, force: true });
    // Config files may hold secrets.
    if (beside.length > 0) await mkdir(own, { mode: 0o700 });
    for (const { path: place, content, executable } of beside) {
      const at = join(folder, place);
      if ('text' in content) await writeNewFile(at, content.text, 0o600);
      else await copyFile(content.copyOf, at, constants.COPYFILE_EXCL);
      if (executable) await chmod(at, 0o755);
    }
    // The latter looks and writes in one step, so that nothing that appears in between is lost.
    await (force ? writeNamedFile(path, text) : writeNewFile(path, text));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      throw new UserError({
        code: 'file-exists',
        message: `${'path' in error && error.path !== path ? besideFolder(path) : file} already exists`,
        hint: 'give another name, or --force to overwrite it',
      });
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new EnvironmentError('output-not-writable', `${file} cannot be written: ${reason}`, { cause: error });
  }
}

/** A path as a file in `folder` should name it: relative where it is below or beside, absolute otherwise. */
function fromFolder(folder: string, path: string): string {
  const way = relative(folder, path).split(sep).join('/');
  if (way.startsWith('../../..')) return path;
  return way.startsWith('.') ? way : `./${way}`;
}
