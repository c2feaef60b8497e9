import { EnvironmentError, ExitCode, UserError, type Diagnostic } from '../errors.ts';
import { plainText } from '../experiment/plain-text.ts';
import { Interruption, type Io } from './io.ts';
import { styleOf, type Style } from './terminal/style.ts';

/** Says on stderr what went wrong and gives the exit code for it. */
export function reportFailure(error: unknown, io: Io): ExitCode {
  const style = styleOf(io.stderr, 'auto', io.env);
  const say = (line: string): void => io.stderr.write(`${line}\n`);
  if (io.signal.aborted && (error === io.signal.reason || isAbort(error))) return interruptionCode(io.signal);
  if (error instanceof UserError) {
    for (const diagnostic of error.diagnostics) diagnosticLines(diagnostic, style).forEach(say);
    return error.exitCode;
  }
  if (error instanceof EnvironmentError) {
    for (const line of error.details) say(style.dim(style.text(`  | ${plainText(line)}`)));
    say(`${style.red('error')} ${style.text(`${plainText(error.message)} [${error.code}]`)}`);
    if (error.hint !== undefined) say(hintLine(error.hint, style));
    return error.exitCode;
  }
  say(`${style.red('bug')} in gctune: it met something that it was not made for`);
  for (const line of stackOf(error).split('\n')) say(plainText(line));
  say('Please report it with the lines above, what you ran, and the output of: gctune version --json');
  return ExitCode.bug;
}

/** The exit code of a run that a signal ended. */
export function interruptionCode(signal: AbortSignal): ExitCode {
  return signal.reason instanceof Interruption ? signal.reason.exitCode : ExitCode.interrupted;
}

/** `file:line:column: error message [code]`, and the hint below it. */
export function diagnosticLines({ code, message, at, hint }: Diagnostic, style: Style): readonly string[] {
  const place = at === undefined ? '' : typeof at === 'string' ? `${at}: ` : `${at.file}:${at.line}:${at.column}: `;
  const head = `${style.bold(style.text(plainText(place)))}${style.red('error')} ${style.text(`${plainText(message)} [${code}]`)}`;
  return hint === undefined ? [head] : [head, hintLine(hint, style)];
}

function hintLine(hint: string, style: Style): string {
  return `  ${style.cyan('hint')} ${style.text(plainText(hint))}`;
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
