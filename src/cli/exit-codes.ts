import { ExitCode } from '../errors.ts';

/** What each exit code says, for the help. */
export const exitCodeMeanings: readonly (readonly [code: ExitCode, meaning: string])[] = [
  [ExitCode.ok, 'done'],
  [ExitCode.bug, 'a bug in gctune; the stack is printed, please report it'],
  [ExitCode.usage, 'a bad flag, value or experiment file; every problem is listed'],
  [ExitCode.environment, 'the machine or the target is not ready, see gctune doctor; or stdout could not be written'],
  [ExitCode.someTrialsFailed, 'some planned trials have no valid result; the rest can be used'],
  [ExitCode.noUsableResult, 'no usable result'],
  [ExitCode.assertion, 'an assertion failed, or a metric regressed'],
  [ExitCode.corruptResults, 'the results folder is not a run, is damaged, or was written by a newer version'],
  [
    ExitCode.machineFault,
    'a fault of the machine outlasted the retries; completed trials are kept, and gctune resume goes on',
  ],
  [
    ExitCode.uselessBlock,
    'of gctune harness alone: no trial of the block has a usable result, and it is not run again',
  ],
  [ExitCode.interrupted, 'interrupted (Ctrl-C); completed trials are kept'],
  [ExitCode.quit, 'killed (Ctrl-\\); completed trials are kept'],
  [ExitCode.terminated, 'terminated (SIGTERM or SIGHUP); completed trials are kept'],
];
