import { ExitCode, UserError, type Diagnostic } from '../../errors.ts';
import { BadExperiment } from '../../experiment/bad-experiment.ts';
import type { Io } from '../../cli/io.ts';
import { loadExperiment } from '../../session/load-experiment.ts';
import type { Document } from '../../report/document/document.ts';
import { printAnswer, type PrintValues } from '../../session/print-answer.ts';
import { renderDiagnostic } from '../../text/format-diagnostic.ts';

/** What `gctune validate` is called with. */
export interface ValidateValues extends PrintValues {
  readonly file: readonly string[];
}

/** Checks every file and prints every problem; the problems are the answer, so they go to stdout. */
export async function validateFiles(values: ValidateValues, io: Io): Promise<ExitCode> {
  const checked = await Promise.all(values.file.map((file) => check(file, io)));
  const files = checked.map(({ file, diagnostics }) => ({ file, valid: diagnostics.length === 0, diagnostics }));
  await printAnswer(
    {
      title: 'Experiment files',
      document: checked.flatMap(blocksOf),
      json: { formatVersion: 1, files },
      // Editors look for file:line:column at the beginning of a line.
      unbroken: true,
    },
    values,
    io,
  );
  return checked.every(({ diagnostics }) => diagnostics.length === 0) ? ExitCode.ok : ExitCode.usage;
}

interface Checked {
  readonly file: string;
  readonly diagnostics: readonly Diagnostic[];
  readonly text?: string;
}

function blocksOf({ file, diagnostics, text }: Checked): Document {
  if (diagnostics.length === 0) return [{ kind: 'prose', text: [`${file}: `, { text: 'valid', as: 'good' }] }];
  return diagnostics.flatMap((diagnostic): Document => {
    const [head = '', ...rest] = renderDiagnostic(diagnostic, text).split('\n');
    const code = rest.map((line) => line.replace(/^ {2}/, '')).join('\n');
    return [
      { kind: 'prose', text: [{ text: head, as: 'strong' }] },
      ...(rest.length === 0 ? [] : [{ kind: 'code', text: code } as const]),
    ];
  });
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
