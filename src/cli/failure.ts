import {
  type EnvironmentError,
  ExitCode,
  firstCause,
  machineCondition,
  UserError,
  type Diagnostic,
} from '../errors.ts';
import { renderDiagnostic } from '../text/format-diagnostic.ts';
import { plainText } from '../text/plain-text.ts';
import { Interruption, type Io } from './io.ts';
import { BadExperiment } from '../experiment/bad-experiment.ts';
import { styleOf, type Style } from './terminal/style.ts';

/** Says on stderr what went wrong and gives the exit code for it. */
export function reportFailure(error: unknown, io: Io): ExitCode {
  const style = styleOf(io.stderr, 'auto', io.env);
  const say = (line: string): void => io.stderr.write(`${line}\n`);
  const cause = firstCause(error);
  if (io.signal.aborted && (cause === io.signal.reason || isAbort(cause))) return interruptionCode(io.signal);
  if (cause instanceof UserError) return reportProblems(cause, style, say);
  const condition = machineCondition(cause);
  if (condition !== undefined) {
    sayFault(condition, io);
    return condition.exitCode;
  }
  say(style.red('This is a bug in gctune.'));
  for (const line of stackOf(cause).split('\n')) say(plainText(line));
  say('Please report it with the lines above, the command you ran, and the output of: gctune version --json');
  return ExitCode.bug;
}

/** Says on stderr what is wrong with the machine or the target, and what to do. */
export function sayFault({ message, code, hint, details }: EnvironmentError, io: Io): void {
  const style = styleOf(io.stderr, 'auto', io.env);
  const say = (line: string): void => io.stderr.write(`${line}\n`);
  for (const line of details) say(style.dim(style.text(`  | ${plainText(line)}`)));
  say(style.bold(style.text(`${plainText(message)} [${code}]`)));
  if (hint !== undefined) say(style.text(`  ${plainText(hint)}`));
}

function reportProblems(error: UserError, style: Style, say: (line: string) => void): ExitCode {
  const text = error instanceof BadExperiment ? error.text : undefined;
  for (const diagnostic of error.diagnostics) say(diagnosticText(diagnostic, style, text));
  return error.exitCode;
}

/** The exit code of a run that a signal ended. */
export function interruptionCode(signal: AbortSignal): ExitCode {
  return signal.reason instanceof Interruption ? signal.reason.exitCode : ExitCode.interrupted;
}

/** A problem as compilers print it, with the line that it is about where the text is at hand. */
function diagnosticText(diagnostic: Diagnostic, style: Style, sourceText?: string): string {
  const [head = '', ...rest] = style.text(renderDiagnostic(diagnostic, sourceText)).split('\n');
  return [style.bold(head), ...rest].join('\n');
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** The stack with those of its causes. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? String(error);
  return error.cause === undefined ? own : `${own}\ncaused by ${stackOf(error.cause)}`;
}
