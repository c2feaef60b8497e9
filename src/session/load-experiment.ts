import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { UserError, type Diagnostic } from '../errors.ts';
import { BadExperiment } from '../experiment/bad-experiment.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { parseExperiment } from '../experiment/parse-experiment.ts';
import { maskText } from '../experiment/redact-experiment.ts';
import type { Secrets } from '../experiment/secrets.ts';
import { readYaml } from '../experiment/yaml-source.ts';
import type { Io } from '../cli/io.ts';

/** An experiment with the text that it was read from. */
export interface LoadedExperiment {
  readonly experiment: Experiment;
  readonly secrets: Secrets;
  readonly text: string;
  /** Absolute path of the file. */
  readonly file: string;
}

/** Reads and checks an experiment file. Throws BadExperiment with every problem of the file. */
export async function loadExperiment(file: string, io: Pick<Io, 'cwd'>): Promise<LoadedExperiment> {
  const path = resolve(io.cwd, file);
  const text = await readText(path, file);
  const parsed = parseExperiment(text, shownPath(path, io.cwd), { directory: dirname(path) });
  if ('diagnostics' in parsed) {
    throw new BadExperiment(parsed.diagnostics, maskText(text, readYaml(text, file).source?.value));
  }
  return { ...parsed, text, file: path };
}

/** The text of a file that the user named. Throws UserError. */
export async function readText(path: string, named: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UserError(unreadable(error as NodeJS.ErrnoException, named));
  }
}

function unreadable(error: NodeJS.ErrnoException, named: string): Diagnostic {
  if (error.code === 'ENOENT') {
    return { code: 'no-such-file', message: `there is no file ${named}`, hint: 'gctune init writes one to begin from' };
  }
  if (error.code === 'EISDIR') {
    return { code: 'not-a-file', message: `${named} is a folder`, hint: 'name the YAML file in it' };
  }
  return { code: 'unreadable-file', message: `${named} cannot be read: ${error.message}` };
}

/** A path as it is shown to the user: relative where that is shorter. */
export function shownPath(path: string, cwd: string): string {
  const short = relative(cwd, path) || '.';
  return short.length < path.length ? short : path;
}
