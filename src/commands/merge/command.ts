import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';
import { colorOption, quietOption, runsOption } from '../shared-options.ts';

/** `gctune merge`. */
export const mergeCommand = defineCommand({
  name: 'merge',
  summary: 'Join the parts of a plan that were run with --shard',
  details:
    'Makes one run of them and reports on it. The parts must be of one plan: same experiment, seed, target to the byte and ' +
    'version of gctune; whatever differs is named with both values. Blocks that are missing are named, and the run is reported ' +
    'without them. The report has a table of what the machines differ by. The parts stay as they are.',
  positionals: { folders: { describe: 'The folders of the parts.', required: true, many: true } },
  options: {
    output: runsOption,
    json: {
      type: 'boolean',
      default: false,
      describe: 'Print one line of JSON with the finding and the paths.',
      group: 'Output',
    },
    color: colorOption,
    quiet: quietOption,
    verbose: {
      type: 'boolean',
      alias: 'v',
      default: false,
      describe: 'Print the whole report as text.',
      group: 'Output',
    },
  },
  examples: [
    ['gctune merge shards/*', 'join what was downloaded to this folder'],
    ['gctune merge node1/results/* node2/results/* -o results', 'parts of two machines'],
  ],
  exitCodes: [
    ExitCode.ok,
    ExitCode.usage,
    ExitCode.environment,
    ExitCode.someTrialsFailed,
    ExitCode.noUsableResult,
    ExitCode.assertion,
    ExitCode.corruptResults,
  ],
  keepsAnswer: true,
  run: async ({ values }, io) => (await import('./run.ts')).mergeRuns(values, io),
});
