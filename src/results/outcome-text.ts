import { formatBytes, formatWait } from '../units/format-units.ts';
import type { Outcome } from './format.ts';

/** How a trial ended, in a few words: the one vocabulary of terminal, report and analysis. Holds untrusted text. */
export function outcomeText(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'completed':
      return ENDINGS[outcome.kind];
    case 'invalid':
      return `${ENDINGS[outcome.kind]}: ${outcome.message}`;
    case 'failed':
      return `${ENDINGS[outcome.kind]} ${duringText(outcome.phase)}: ${outcome.cause}`;
    case 'timed-out':
      return `${ENDINGS[outcome.kind]} ${duringText(outcome.phase)} after ${formatWait(outcome.seconds)}${outcome.said === undefined ? '' : `: ${outcome.said}`}`;
    case 'oom-killed':
      return `${ENDINGS[outcome.kind]} ${duringText(outcome.phase)}${limitText(outcome.limitBytes)}`;
    case 'aborted':
      return `${ENDINGS[outcome.kind]} ${duringText(outcome.phase)}`;
  }
}

/** What each way to end is called. */
export const ENDINGS: Readonly<Record<Outcome['kind'], string>> = {
  completed: 'completed',
  invalid: 'invalid',
  failed: 'failed',
  'timed-out': 'timed out',
  'oom-killed': 'OOM-killed',
  aborted: 'interrupted',
};

/** When a trial ended: `during the measurement window`. */
export function duringText(phase: string): string {
  return `during ${PHASES.get(phase) ?? `the ${phase} phase`}`;
}

/** The memory limit of a trial that was OOM-killed: ` (limit 160 MiB)`, or nothing where it is not known. */
export function limitText(limitBytes: number | undefined): string {
  return limitBytes === undefined ? '' : ` (limit ${formatBytes(limitBytes)})`;
}

const PHASES: ReadonlyMap<string, string> = new Map([
  ['launch', 'launch'],
  ['ready', 'start-up'],
  ['preload', 'the preload'],
  ['warm-up', 'warm-up'],
  ['settle', 'the settle phase'],
  ['measure', 'the measurement window'],
  ['drain', 'the drain phase'],
  ['stop', 'shutdown'],
]);
