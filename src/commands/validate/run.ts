import { plainText } from '../../text/plain-text.ts';
import { jsonText } from '../../text/json-text.ts';
import { ExitCode, UserError, type Diagnostic } from '../../errors.ts';
import { BadExperiment } from '../../experiment/bad-experiment.ts';
import { diagnosticText } from '../../cli/failure.ts';
import type { Io } from '../../cli/io.ts';
import { loadExperiment } from '../../session/load-experiment.ts';
import { styleOf, type ColorChoice } from '../../cli/terminal/style.ts';

/** What `gctune validate` is called with. */
export interface ValidateValues {
  readonly file: readonly string[];
  readonly json: boolean;
  readonly color: ColorChoice;
}

/** Checks every file and prints every problem; the problems are the answer, so they go to stdout. */
export async function validateFiles(values: ValidateValues, io: Io): Promise<ExitCode> {
  const checked = await Promise.all(values.file.map((file) => check(file, io)));
  if (values.json) {
    const files = checked.map(({ file, diagnostics }) => ({ file, valid: diagnostics.length === 0, diagnostics }));
    io.stdout.write(`${jsonText({ formatVersion: 1, files }, 2)}\n`);
  } else {
    const style = styleOf(io.stdout, values.color, io.env);
    for (const { file, diagnostics, text } of checked) {
      if (diagnostics.length === 0) io.stdout.write(`${plainText(file)}: ${style.green('valid')}\n`);
      for (const diagnostic of diagnostics) io.stdout.write(`${diagnosticText(diagnostic, style, text)}\n`);
    }
  }
  return checked.every(({ diagnostics }) => diagnostics.length === 0) ? ExitCode.ok : ExitCode.usage;
}

interface Checked {
  readonly file: string;
  readonly diagnostics: readonly Diagnostic[];
  readonly text?: string;
}

async function check(file: string, io: Io): Promise<Checked> {
  try {
    await loadExperiment(file, io);
    return { file, diagnostics: [] };
  } catch (error) {
    if (error instanceof BadExperiment) return { file, diagnostics: error.diagnostics, text: error.text };
    if (error instanceof UserError) return { file, diagnostics: error.diagnostics };
    throw error;
  }
}
