import { ExitCode, UserError, type Diagnostic } from '../errors.ts';
import { diagnosticLines } from './failure.ts';
import type { Io } from './io.ts';
import { loadExperiment } from './load-experiment.ts';
import { styleOf, type ColorChoice } from './terminal/style.ts';

/** What `gctune validate` is called with. */
export interface ValidateValues {
  readonly file: readonly string[];
  readonly json: boolean;
  readonly color: ColorChoice;
}

/** Checks every file and prints every problem; the problems are the answer, so they go to stdout. */
export async function validateFiles(values: ValidateValues, io: Io): Promise<ExitCode> {
  const checked = await Promise.all(
    values.file.map(async (file) => ({ file, diagnostics: await problemsOf(file, io) })),
  );
  if (values.json) {
    const files = checked.map(({ file, diagnostics }) => ({ file, valid: diagnostics.length === 0, diagnostics }));
    io.stdout.write(`${JSON.stringify({ formatVersion: 1, files }, null, 2)}\n`);
  } else {
    const style = styleOf(io.stdout, values.color, io.env);
    for (const { file, diagnostics } of checked) {
      const lines = diagnostics.flatMap((diagnostic) => diagnosticLines(diagnostic, style));
      io.stdout.write(`${(lines.length === 0 ? [`${file}: ${style.green('valid')}`] : lines).join('\n')}\n`);
    }
  }
  return checked.every(({ diagnostics }) => diagnostics.length === 0) ? ExitCode.ok : ExitCode.usage;
}

async function problemsOf(file: string, io: Io): Promise<readonly Diagnostic[]> {
  try {
    await loadExperiment(file, io);
    return [];
  } catch (error) {
    if (error instanceof UserError) return error.diagnostics;
    throw error;
  }
}
