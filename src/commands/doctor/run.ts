import { ExitCode } from '../../errors.ts';
import type { RealRunnerChoice } from '../../experiment/runner-names.ts';
import { machineChecks } from '../../runner/checks.ts';
import type { Check, Leftover } from '../../runner/runner.ts';
import { findLeftovers, leftoverWarnings } from '../../sweep/leftovers.ts';
import type { Io } from '../../cli/io.ts';
import type { Document, Fact } from '../../report/document/document.ts';
import { printAnswer, type PrintValues } from '../../session/print-answer.ts';

/** What `gctune doctor` is called with. */
export interface DoctorValues extends PrintValues {
  readonly runner: RealRunnerChoice;
}

/** Looks at the machine; a check that fails makes the exit code 3. A runner is a must only where it is asked for. */
export async function examineMachine(values: DoctorValues, io: Io): Promise<ExitCode> {
  const [machine, left] = await Promise.all([
    machineChecks({ folder: io.cwd, runner: values.runner }),
    findLeftovers().then(leftoverCheck),
  ]);
  const checks = [...machine, left];
  const ready = checks.every(({ status }) => status !== 'fail');
  const document: Document = [
    { kind: 'facts', facts: checks.flatMap(factsOf) },
    { kind: 'prose', text: ready ? 'ready to measure' : 'not ready: fix the checks marked fail' },
  ];
  await printAnswer({ title: 'Fit to measure?', document, json: { formatVersion: 1, ready, checks } }, values, io);
  return ready ? ExitCode.ok : ExitCode.environment;
}

function leftoverCheck(leftovers: readonly Leftover[]): Check {
  const found = leftoverWarnings(leftovers).map(({ message }) => message);
  if (found.length === 0) return { id: 'leftovers', status: 'ok', message: 'killed runs have left nothing behind' };
  return { id: 'leftovers', status: 'warn', message: found.join('; '), remedy: 'gctune clean' };
}

const DRESS = { ok: 'good', warn: 'caution', fail: 'bad', unknown: 'caution', skipped: 'dim' } as const;

function factsOf({ id, status, message, remedy }: Check): readonly Fact[] {
  return [
    [id, [{ text: status, as: DRESS[status] }, `: ${message}`]],
    ...(remedy === undefined ? [] : [[id, `Hint: ${remedy}`] as const]),
  ];
}
