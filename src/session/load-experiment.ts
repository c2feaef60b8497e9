import { dirname, relative, resolve } from 'node:path';
import { BadExperiment } from '../experiment/bad-experiment.ts';
import type { Experiment } from '../experiment/experiment.ts';
import type { ComposeStack } from '../experiment/compose/read-compose.ts';
import { parseExperiment } from '../experiment/parse-experiment.ts';
import { maskText } from '../experiment/secrets/redact-experiment.ts';
import type { Secrets } from '../experiment/secrets/secrets.ts';
import { readYaml } from '../experiment/check/yaml-source.ts';
import type { Io } from '../cli/io.ts';
import { otherKind } from './file-kind.ts';
import { readInputFile, type InputIo } from './input-file.ts';
import { loadCompose } from './load-compose.ts';

/** More than any experiment file: what is longer is not one. */
export const LIMIT_BYTES = 4 * 2 ** 20;

/** An experiment with the text that it was read from. */
export interface LoadedExperiment {
  readonly experiment: Experiment;
  readonly secrets: Secrets;
  readonly text: string;
  /** What the text says, as plain values. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Absolute path of the file. */
  readonly file: string;
}

/** Reads and checks an experiment file. `directory`: what its paths are relative to, where it is a copy. Throws BadExperiment with every problem of the file. */
export async function loadExperiment(
  file: string,
  io: InputIo & Pick<Io, 'env'>,
  directory?: string,
): Promise<LoadedExperiment> {
  const path = resolve(io.cwd, file);
  const hint = 'gctune init writes one to start from';
  const bytes = await readInputFile(file, { limitBytes: LIMIT_BYTES, expected: 'experiment', hint }, io);
  const text = bytes.toString('utf8');
  const compose = await composeOf(text, path, io);
  const parsed = parseExperiment(text, shownPath(path, io.cwd), {
    directory: directory ?? dirname(path),
    compose,
  });
  if ('diagnostics' in parsed) {
    const other = otherKind(bytes, file, 'experiment');
    if (other !== undefined) throw other;
    throw new BadExperiment(parsed.diagnostics, maskText(text, readYaml(text, file).source?.value));
  }
  const { experiment, secrets, file: values } = parsed;
  return { experiment, secrets, values, text, file: path };
}

/** The service of a Compose file that an experiment names as its target; undefined where it names none, or not rightly. */
async function composeOf(text: string, path: string, io: InputIo & Pick<Io, 'env'>): Promise<ComposeStack | undefined> {
  const target = readYaml(text, '').source?.value['target'] as
    { readonly compose?: { readonly file?: unknown; readonly service?: unknown } | null } | null | undefined;
  const { file, service } = target?.compose ?? {};
  if (typeof file !== 'string' || typeof service !== 'string') return undefined;
  return loadCompose(shownPath(resolve(dirname(path), file), io.cwd), service, io);
}

/** A path as it is shown to the user: relative where that is shorter. */
export function shownPath(path: string, cwd: string): string {
  const short = relative(cwd, path) || '.';
  return short.length < path.length ? short : path;
}
