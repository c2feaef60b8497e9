import { jsonText } from '../../text/json-text.ts';
import { ExitCode } from '../../errors.ts';
import { plainText } from '../../text/plain-text.ts';
import type { RealRunnerChoice } from '../../experiment/runner-names.ts';
import { machineChecks } from '../../runner/checks.ts';
import type { Check } from '../../runner/runner.ts';
import type { Io } from '../../cli/io.ts';
import { styleOf, type ColorChoice } from '../../cli/terminal/style.ts';
import { tableLines } from '../../cli/terminal/table.ts';

/** What `gctune doctor` is called with. */
export interface DoctorValues {
  readonly runner: RealRunnerChoice;
  readonly json: boolean;
  readonly color: ColorChoice;
}

/** Looks at the machine; a check that fails makes the exit code 3. A runner is a must only where it is asked for. */
export async function examineMachine(values: DoctorValues, io: Io): Promise<ExitCode> {
  const checks = await machineChecks({ folder: io.cwd, runner: values.runner });
  const ready = checks.every(({ status }) => status !== 'fail');
  if (values.json) {
    io.stdout.write(`${jsonText({ formatVersion: 1, ready, checks }, 2)}\n`);
  } else {
    printChecks(checks, values.color, io);
    io.stdout.write(`\n${ready ? 'ready to measure' : 'not ready: mend what is marked fail'}\n`);
  }
  return ready ? ExitCode.ok : ExitCode.environment;
}

function printChecks(checks: readonly Check[], color: ColorChoice, io: Io): void {
  const style = styleOf(io.stdout, color, io.env);
  const paint = { ok: style.green, warn: style.yellow, fail: style.red, unknown: style.yellow, skipped: style.dim };
  const lines = tableLines(
    [{ head: 'status' }, { head: 'check' }, { head: 'found' }],
    checks.map((check) => [check.status, check.id, plainText(check.message)]),
    style,
    // What was found is the point: it is never cut for the sake of the table.
    undefined,
    (cell, row, column) => (column === 0 ? paint[checks[row]?.status ?? 'unknown'](cell) : cell),
  );
  for (const [row, line] of lines.entries()) {
    io.stdout.write(`${line}\n`);
    const remedy = checks[row - 1]?.remedy;
    if (remedy !== undefined) io.stdout.write(`         ${style.cyan('hint')} ${style.text(plainText(remedy))}\n`);
  }
}
