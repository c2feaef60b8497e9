import { dirname, relative, resolve } from 'node:path';
import { BadExperiment } from '../experiment/bad-experiment.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { parseExperiment } from '../experiment/parse-experiment.ts';
import { maskText } from '../experiment/secrets/redact-experiment.ts';
import type { Secrets } from '../experiment/secrets/secrets.ts';
import { readYaml } from '../experiment/check/yaml-source.ts';
import { otherKind } from './file-kind.ts';
import { readInputFile, type InputIo } from './input-file.ts';

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

/** Reads and checks an experiment file. Throws BadExperiment with every problem of the file. */
export async function loadExperiment(file: string, io: InputIo): Promise<LoadedExperiment> {
  const path = resolve(io.cwd, file);
  const hint = 'gctune init writes one to start from';
  const bytes = await readInputFile(file, { limitBytes: LIMIT_BYTES, expected: 'experiment', hint }, io);
  const text = bytes.toString('utf8');
  const parsed = parseExperiment(text, shownPath(path, io.cwd), { directory: dirname(path) });
  if ('diagnostics' in parsed) {
    const other = otherKind(bytes, file, 'experiment');
    if (other !== undefined) throw other;
    throw new BadExperiment(parsed.diagnostics, maskText(text, readYaml(text, file).source?.value));
  }
  const { experiment, secrets, file: values } = parsed;
  return { experiment, secrets, values, text, file: path };
}

/** A path as it is shown to the user: relative where that is shorter. */
export function shownPath(path: string, cwd: string): string {
  const short = relative(cwd, path) || '.';
  return short.length < path.length ? short : path;
}
