import { ExitCode } from '../errors.ts';

/** What each exit code says, for the help. */
export const exitCodeMeanings: readonly (readonly [code: ExitCode, meaning: string])[] = [
  [ExitCode.ok, 'done'],
  [ExitCode.bug, 'a bug in gctune; the stack is printed, please report it'],
  [ExitCode.usage, 'a bad flag, value or experiment file; every problem is listed'],
  [ExitCode.environment, 'the machine or the target is not ready; see gctune doctor'],
  [ExitCode.someTrialsFailed, 'some planned trials have no valid result; what there is can be used'],
  [ExitCode.noUsableResult, 'no usable result'],
  [ExitCode.assertion, 'an assertion does not hold or something became worse'],
  [ExitCode.corruptResults, 'the results folder is not a run, is damaged, or is of a newer version'],
  [ExitCode.interrupted, 'interrupted (Ctrl-C); what was measured is kept'],
  [ExitCode.terminated, 'terminated (SIGTERM or SIGHUP); what was measured is kept'],
];
