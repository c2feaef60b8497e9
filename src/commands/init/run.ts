import { constants, existsSync } from 'node:fs';
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
import { firstTimes } from './first-times.ts';
import type { Beside } from './process-places.ts';
import { SOURCES, starterDraft, withSaid, type Said } from './starter.ts';

/** What `gctune init` is called with. */
export interface InitValues extends Said {
  readonly file: string | undefined;
  readonly force: boolean;
  readonly 'from-container': string | undefined;
  readonly 'from-compose': readonly string[] | undefined;
  readonly 'from-pid': number | undefined;
  readonly 'from-image': string | undefined;
}

const STANDARD_FILE = 'gctune.yaml';

/** What of it says where the program comes from. */
const KINDS = [...SOURCES, 'from-container', 'from-compose', 'from-pid', 'from-image'] as const;
/** What says how it is started and loaded. */
const DETAILS = ['args', 'port', 'ready', 'path'] as const;

/**
 * Writes an experiment of what the flags name, or, on a terminal and without any, of what is answered. Says what to do next. Never
 * overwrites unless told to.
 */
export async function init(given: InitValues, io: Io): Promise<ExitCode> {
  checkOneSource(given);
  const file = given.file ?? STANDARD_FILE;
  const path = resolve(io.cwd, file);
  // Known before anybody has answered questions for it.
  if (!given.force && existsSync(path)) throw alreadyThere(file);
  const values = mayAsk(given, io) ? await answered(given, io) : given;
  if (values === undefined) {
    io.stderr.write('nothing was written\n');
    return ExitCode.interrupted;
  }
  const packaged = (place: string): string => fromFolder(dirname(path), fileURLToPath(new URL(place, packageFolder())));
  const draft = await draftOf(values, path, io);
  const schema = packaged('schema/experiment.schema.json');
  const times = firstTimes(draftText(draft, schema), file, dirname(path));
  await write(file, path, draftText(draft, schema, file, times), draft.beside, given.force);
  io.stderr.write(
    `wrote ${plainText(file)}${draft.beside.length === 0 ? '' : ` and what it needs in ${besideFolder(path)}`}\n`,
  );
  for (const note of draft.notes) io.stderr.write(`note: ${plainText(note)}\n`);
  const command = `gctune run ${shellWord(file)}`;
  const look =
    times === undefined
      ? ''
      : ` (${times.oneBlock}) shows whether it runs, then ${command} (${times.all} at the least)`;
  io.stderr.write(`next: ${command} --blocks 1${look}\n`);
  return ExitCode.ok;
}

/** Somebody is there who can answer, and has not said anything yet. */
function mayAsk(values: InitValues, io: Io): boolean {
  const said = [...KINDS, ...DETAILS].some((name) => values[name] !== undefined) || values.batch === true;
  const { CI = '', TERM } = io.env;
  return !said && process.stdin.isTTY && io.stderr.isTTY && CI === '' && TERM !== 'dumb';
}

async function answered(given: InitValues, io: Io): Promise<InitValues | undefined> {
  const answers = await (await import('./questions.ts')).askWhatItIs(io);
  return answers === undefined ? undefined : { ...given, ...answers };
}

function checkOneSource(values: InitValues): void {
  const given = KINDS.filter((name) => values[name] !== undefined);
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

/** Loads only what the source at hand needs. */
async function draftOf(
  values: InitValues,
  path: string,
  io: Io,
): Promise<Draft & { readonly beside: readonly Beside[] }> {
  const { 'from-container': container, 'from-compose': compose, 'from-pid': pid, 'from-image': image } = values;
  const [file, service] = compose ?? [];
  if (pid !== undefined) {
    const draft = await (await import('./from-process.ts')).draftOfProcess(pid, besideFolder(path), io);
    return { ...withSaid(draft, values), beside: draft.beside };
  }
  const draft =
    container !== undefined
      ? await (await import('./from-container.ts')).draftOfContainer(container, io)
      : image !== undefined
        ? await (await import('./from-container.ts')).draftOfImage(image, io)
        : file !== undefined && service !== undefined
          ? await (await import('./from-compose.ts')).draftOfCompose(file, service, dirname(path), io)
          : undefined;
  const whole = draft === undefined ? starterDraft(values, io.cwd, dirname(path)) : withSaid(draft, values);
  return { ...whole, beside: [] };
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
      throw alreadyThere('path' in error && error.path !== path ? besideFolder(path) : file);
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new EnvironmentError('output-not-writable', `${file} cannot be written: ${reason}`, { cause: error });
  }
}

function alreadyThere(name: string): UserError {
  return new UserError({
    code: 'file-exists',
    message: `${name} already exists`,
    hint: 'give another name, or --force to overwrite it',
  });
}

/** A path as a file in `folder` should name it: relative where it is below or beside, absolute otherwise. */
function fromFolder(folder: string, path: string): string {
  const way = relative(folder, path).split(sep).join('/');
  if (way.startsWith('../../..')) return path;
  return way.startsWith('.') ? way : `./${way}`;
}
