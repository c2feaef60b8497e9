import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';
import { colorOption, confirmOptions, experimentOptions, quietOption } from '../shared-options.ts';

/** `gctune run`. */
export const runCommand = defineCommand({
  name: 'run',
  summary: 'Measure an experiment and report what was found',
  details:
    'Trials run in randomised blocks, each against a fresh daemon. Every trial is on disk as soon as it has ended; ' +
    'Ctrl-C ends the trial, keeps what was measured and reports it; a second Ctrl-C kills at once.',
  positionals: { file: { describe: 'The experiment file (YAML).', required: true, many: false } },
  options: {
    output: {
      type: 'string',
      alias: 'o',
      value: '<folder>',
      default: 'results',
      describe: 'The folder in which the folder of the run is made.',
      group: 'Experiment',
    },
    ...experimentOptions,
    timeout: {
      type: 'duration',
      value: '<duration>',
      describe: 'Stop as with Ctrl-C after this long, as 20m; what was measured is reported.',
      group: 'Experiment',
    },
    ...confirmOptions,
    progress: {
      type: 'string',
      choices: ['auto', 'tty', 'plain', 'none'],
      value: '<kind>',
      default: 'auto',
      describe:
        'How it is shown on stderr. auto: tty on a terminal, plain (a line for each trial) elsewhere and in CI.',
      group: 'Output',
    },
    color: colorOption,
    quiet: quietOption,
    verbose: {
      type: 'boolean',
      alias: 'v',
      default: false,
      describe: 'Also show each trial as it starts and each of its phases (with --progress plain).',
      group: 'Output',
    },
    json: {
      type: 'boolean',
      default: false,
      describe: 'Print events as JSON lines on stdout; the last one has the finding and the paths.',
      group: 'Output',
    },
    'exit-zero': {
      type: 'boolean',
      default: false,
      describe: 'Exit with 0 where trials have failed, if there is a report.',
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
