import { EnvironmentError, ExitCode } from '../../errors.ts';
import { judgedCells, type GateReport } from '../../history/gate.ts';
import { nightOf } from '../../history/night-of-run.ts';
import { shortNames } from '../../history/night.ts';
import type { BriefFoot } from '../../report/brief/brief.ts';
import { gateBrief, gateDocument } from '../../report/history/gate-document.ts';
import { gateGithub } from '../../report/history/gate-github.ts';
import { gateJunit } from '../../report/history/gate-junit.ts';
import { heldTo, leastSuspected, roomLeft } from '../../report/history/gate-words.ts';
import type { CellNames } from '../../report/history/history-document.ts';
import { namedRun } from '../../session/file-kind.ts';
import { readHistory, type History } from '../../session/history-file.ts';
import { printAnswer, type PrintValues } from '../../session/print-answer.ts';
import { assertGithubSummary, printGithub } from '../../session/print-github.ts';
import { analyseRun } from '../../session/report-run.ts';
import { gateCode, gateRun } from '../../session/run-gate.ts';
import { refuseUnfitNight } from '../../session/unfit-night.ts';
import { assertOutput, writeOutput } from '../../session/write-output.ts';
import type { Io } from '../../cli/io.ts';
import { plainText } from '../../text/plain-text.ts';
import { shellWord } from '../../text/quoted.ts';

/** What `gctune gate` is called with. */
export interface GateValues extends Omit<PrintValues, 'format'> {
  readonly run: string;
  readonly history: string;
  readonly confirm: 'auto' | 'never';
  readonly strict: boolean;
  readonly timeout: number | undefined;
  readonly verbose: boolean;
  readonly quiet: boolean;
  readonly junit: string | undefined;
  readonly format: PrintValues['format'] | 'junit' | 'github';
}

/** Judges a night; ends with `assertion` where something is worse, and was so again. */
export async function gate(values: GateValues, io: Io): Promise<ExitCode> {
  const folder = namedRun(values.run, io.cwd, 'gate', '<run>');
  const history = (await readHistory(values.history, io.cwd)) ?? { nights: [], warnings: () => [] };
  const analysis = await analyseRun(folder);
  const night = nightOf(analysis, {});
  refuseUnfitNight(analysis, night, 'judge', values.run);
  // A second run takes long; that its answer cannot be written is said before.
  if (values.junit !== undefined) await assertOutput(values.junit, io.cwd, '--junit');
  if (values.format === 'github') await assertGithubSummary(io);
  const { timeout, quiet, color } = values;
  const confirm = { output: '', timeout, progress: 'auto', color, quiet, verbose: false, json: false } as const;
  const ended = await gateRun(
    { folder, analysis, night, history, confirm: values.confirm === 'never' ? undefined : confirm },
    io,
  );
  if ('exitCode' in ended) return ended.exitCode;
  const code = gateCode(ended.report, values.strict);
  try {
    await print(ended.report, { history, names: shortNames([...judgedCells(analysis)]) }, values, io);
  } catch (error) {
    // A verdict that fails the night stands, whatever could not be written of it.
    if (code === ExitCode.ok || !(error instanceof EnvironmentError)) throw error;
    io.stderr.write(`${plainText(error.message)} [${error.code}]\n`);
  }
  return code;
}

async function print(
  report: GateReport,
  { history, names }: { readonly history: History; readonly names: CellNames },
  values: GateValues,
  io: Io,
): Promise<void> {
  await printForm(report, { history, names }, values, io);
  const { junit, strict } = values;
  if (junit !== undefined) await writeOutput(gateJunit(report, names, strict), junit, io.cwd, '--junit');
}

async function printForm(
  report: GateReport,
  { history, names }: { readonly history: History; readonly names: CellNames },
  values: GateValues,
  io: Io,
): Promise<void> {
  const { format, strict, json } = values;
  if (!json && format === 'junit') return io.stdout.write(gateJunit(report, names, strict));
  if (!json && format === 'github') return printGithub(gateGithub(report, names, strict), io);
  await printAnswer(
    {
      title: `Gate: ${report.run}`,
      document: gateDocument(report, names),
      brief: { brief: gateBrief(report, names), foot: footOf(report, history, values) },
      json: report,
    },
    { ...values, format: format === 'junit' || format === 'github' ? 'json' : format },
    io,
  );
}

function footOf(report: GateReport, { nights }: History, { run, history }: GateValues): readonly BriefFoot[] {
  const recorded = nights.some((night) => night.run === report.run);
  const [suspected, room] = [leastSuspected(report), roomLeft(report)];
  const flags = history === 'history' ? '' : ` --history ${shellWord(history)}`;
  return [
    { name: 'Held to', text: heldTo(report) },
    ...(suspected === undefined ? [] : [{ name: 'Suspects from', text: suspected }]),
    ...(room === undefined ? [] : [{ name: 'Room for worse', text: room }]),
    ...(report.confirmation === undefined ? [] : [{ name: 'Second run', text: report.confirmation }]),
    {
      name: 'Next',
      text: recorded ? `gctune history ${shellWord(history)}` : `gctune record ${shellWord(run)}${flags}`,
    },
  ];
}
