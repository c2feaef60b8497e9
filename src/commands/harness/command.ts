import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';

/** `gctune harness`. */
export const harnessCommand = defineCommand({
  name: 'harness',
  summary: 'Run one block in a pod of gctune run --on kubernetes',
  details:
    'Started by the pods of a run, not by hand: what it is to do is in GCTUNE_ORDER and JOB_COMPLETION_INDEX. It prints the results of its ' +
    'block as numbered, checksummed lines, and their digest becomes the termination message of its container.',
  positionals: {},
  options: {
    results: {
      type: 'string',
      value: '<folder>',
      default: '/results',
      describe: 'Where the block is written before it is printed.',
      environment: false,
    },
    message: {
      type: 'string',
      value: '<file>',
      default: '/dev/termination-log',
      describe: 'Where the digest of the results is written.',
      environment: false,
    },
    send: {
      type: 'string',
      value: '<pieces>',
      describe: 'Print these pieces of results that are there already, e.g. 3,7, or all; for a driver that lacks them.',
      environment: false,
    },
    release: {
      type: 'boolean',
      default: false,
      describe: 'Tell the harness that waits in this container that everything has arrived.',
      environment: false,
    },
  },
  examples: [
    ['gctune harness --send 3,7', 'within a pod: print two pieces again'],
    ['gctune harness --release', 'within a pod: end the wait for whoever lacks some'],
  ],
  exitCodes: [
    ExitCode.ok,
    ExitCode.usage,
    ExitCode.environment,
    ExitCode.machineFault,
    ExitCode.uselessBlock,
    ExitCode.terminated,
  ],
  run: async ({ values }, io) => (await import('./run.ts')).runHarness(values, io),
});
