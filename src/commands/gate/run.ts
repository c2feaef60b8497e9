import type { ExitCode } from '../../errors.ts';
import { shortNames } from '../../history/night.ts';
import { gateJunit } from '../../report/history/gate-junit.ts';
import { briefGate, gateDocument } from '../../report/history/gate-document.ts';
import { namedRun } from '../../session/file-kind.ts';
import { readHistory } from '../../session/history-file.ts';
import { printAnswer, type PrintValues } from '../../session/print-answer.ts';
import { analyseRun } from '../../session/report-run.ts';
import { gateCode, gateRun } from '../../session/run-gate.ts';
import type { Io } from '../../cli/io.ts';

/** What `gctune gate` is called with. */
export interface GateValues extends Omit<PrintValues, 'format'> {
  readonly run: string;
  readonly history: string;
  readonly confirm: 'auto' | 'never';
  readonly strict: boolean;
  readonly timeout: number | undefined;
  readonly verbose: boolean;
  readonly quiet: boolean;
  readonly format: PrintValues['format'] | 'junit';
}

/** Judges a night; ends with `assertion` where something is worse, and was so again. */
export async function gate(values: GateValues, io: Io): Promise<ExitCode> {
  const folder = namedRun(values.run, io.cwd, 'gate', '<run>');
  const history = (await readHistory(values.history, io.cwd)) ?? { nights: [], warnings: () => [] };
  const analysis = await analyseRun(folder);
  const { timeout, quiet, color, format } = values;
  const confirm = { output: '', timeout, progress: 'auto', color, quiet, verbose: false, json: false } as const;
  const ended = await gateRun(
    { folder, analysis, history, confirm: values.confirm === 'never' ? undefined : confirm },
    io,
  );
  if ('exitCode' in ended) return ended.exitCode;
  const { report } = ended;
  const names = shortNames([...new Set([...report.worse, ...report.better].map(({ cell }) => cell))]);
  if (format === 'junit' && !values.json) io.stdout.write(gateJunit(report, names, values.strict));
  else {
    const whole = format === 'md' || format === 'html' || values.verbose;
    await printAnswer(
      {
        title: `Gate: ${report.run}`,
        document: whole ? gateDocument(report, names) : briefGate(report, names),
        json: report,
      },
      { ...values, format: format === 'junit' ? 'text' : format },
      io,
    );
  }
  return gateCode(report, values.strict);
}
