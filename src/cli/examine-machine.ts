import { ExitCode } from '../errors.ts';
import { plainText } from '../experiment/plain-text.ts';
import { dockerRunner } from '../runner/docker-runner.ts';
import { machineChecks } from '../runner/checks.ts';
import { processRunner } from '../runner/process-runner.ts';
import type { Check } from '../runner/runner.ts';
import type { Io } from './io.ts';
import { styleOf, type ColorChoice } from './terminal/style.ts';
import { tableLines } from './terminal/table.ts';

/** What `gctune doctor` is called with. */
export interface DoctorValues {
  readonly runner: 'auto' | 'docker' | 'process';
  readonly json: boolean;
  readonly color: ColorChoice;
}

type Group = 'machine' | 'process' | 'docker';

/** Looks at the machine and at each runner. Fails if the machine is unfit or no runner that was asked for can be used. */
export async function examineMachine(values: DoctorValues, io: Io): Promise<ExitCode> {
  const [machine, process, docker] = await Promise.all([
    machineChecks(),
    processRunner().check(),
    values.runner === 'process' ? [] : dockerRunner().check(),
  ]);
  const groups = { machine, process: values.runner === 'docker' ? [] : process, docker };
  const ready = isReady(groups, values.runner);
  if (values.json) {
    const checks = Object.entries(groups).flatMap(([group, found]) => found.map((check) => ({ group, ...check })));
    io.stdout.write(`${JSON.stringify({ formatVersion: 1, ready, checks }, null, 2)}\n`);
  } else {
    printChecks(groups, values.color, io);
    io.stdout.write(`\n${ready ? 'ready to measure' : 'not ready: mend what is marked fail'}\n`);
  }
  return ready ? ExitCode.ok : ExitCode.environment;
}

function isReady(groups: Readonly<Record<Group, readonly Check[]>>, runner: DoctorValues['runner']): boolean {
  const usable = (group: Group): boolean =>
    groups[group].length > 0 && groups[group].every((check) => check.status !== 'fail');
  const wanted = runner === 'auto' ? usable('process') || usable('docker') : usable(runner);
  return groups.machine.every((check) => check.status !== 'fail') && wanted;
}

function printChecks(groups: Readonly<Record<Group, readonly Check[]>>, color: ColorChoice, io: Io): void {
  const style = styleOf(io.stdout, color, io.env);
  const paint = { ok: style.green, warn: style.yellow, fail: style.red, unknown: style.yellow, skipped: style.dim };
  const checks = Object.values(groups).flat();
  const lines = tableLines(
    [{ head: 'status' }, { head: 'check' }, { head: 'found', shrink: true }],
    checks.map((check) => [check.status, check.id, plainText(check.message)]),
    style,
    // What was found is the point: it is never cut for the sake of the table.
    undefined,
    (cell, row, column) => (column === 0 ? paint[checks[row]?.status ?? 'unknown'](cell) : cell),
  );
  for (const [row, line] of lines.entries()) {
    io.stdout.write(`${line}\n`);
    const remedy = checks[row - 1]?.remedy;
    if (remedy !== undefined) io.stdout.write(`          ${style.cyan('hint')} ${style.text(plainText(remedy))}\n`);
  }
}
