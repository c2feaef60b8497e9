import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';
import { colorOption, confirmOptions, experimentOptions, quietOption } from '../shared-options.ts';

/** `gctune run`. */
export const runCommand = defineCommand({
  name: 'run',
  summary: 'Run an experiment and report the finding',
  details:
    'Trials run in randomised blocks, each against a fresh daemon. Every trial is saved as soon as it ends. ' +
    'Ctrl-C stops the current trial and reports the completed ones; a second Ctrl-C kills immediately.',
  positionals: { file: { describe: 'The experiment file (YAML).', required: true, many: false } },
  options: {
    output: {
      type: 'string',
      alias: 'o',
      value: '<folder>',
      default: 'results',
      describe: 'Folder in which to create the folder of the run.',
      group: 'Experiment',
    },
    ...experimentOptions,
    timeout: {
      type: 'duration',
      value: '<duration>',
      describe: 'Stop after this long (e.g. 20m), as if Ctrl-C had been pressed. Completed trials are still reported.',
      group: 'Experiment',
    },
    ...confirmOptions,
    progress: {
      type: 'string',
      choices: ['auto', 'tty', 'plain', 'none'],
      value: '<kind>',
      default: 'auto',
      describe: 'Progress display on stderr. auto: tty on a terminal, plain (one line per trial) elsewhere and in CI.',
      group: 'Output',
    },
    color: colorOption,
    quiet: quietOption,
    verbose: {
      type: 'boolean',
      alias: 'v',
      default: false,
      describe: 'Also show the start and each phase of every trial (with --progress plain).',
      group: 'Output',
    },
    json: {
      type: 'boolean',
      default: false,
      describe: 'Print events as JSON lines on stdout; the last one contains the finding and the paths.',
      group: 'Output',
    },
    'exit-zero': {
      type: 'boolean',
      default: false,
      describe: 'Exit with 0 even if trials have failed, as long as there is a report.',
      group: 'Output',
    },
  },
  examples: [
    ['gctune run gogc-sweep.yaml', 'measure, show progress, write the report'],
    ['gctune run gogc-sweep.yaml --blocks 3 --filter gogc=50', 'a quick look at one level'],
    ['gctune run gogc-sweep.yaml --runner process --seed 42 --json', 'for a script'],
  ],
  exitCodes: [
    ExitCode.ok,
    ExitCode.usage,
    ExitCode.environment,
    ExitCode.someTrialsFailed,
    ExitCode.noUsableResult,
    ExitCode.assertion,
    ExitCode.interrupted,
    ExitCode.terminated,
  ],
  run: async ({ values }, io) => (await import('./run.ts')).runExperiment(values, io),
});
