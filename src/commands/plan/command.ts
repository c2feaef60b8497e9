import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';
import { clusterOptions, experimentOptions, printOptions, wholeOption } from '../shared-options.ts';

/** `gctune plan`. */
export const planCommand = defineCommand({
  name: 'plan',
  summary: 'Show what would run, how long it takes, what it could detect and how likely it is to give an answer',
  details: 'Nothing is started and nothing is written. With --on kubernetes no cluster is asked either.',
  positionals: { file: { describe: 'The experiment file (YAML).', required: true, many: false } },
  options: {
    ...experimentOptions,
    'scatter-of': {
      type: 'string',
      value: '<run>',
      describe: 'A run whose A/A trials show how trials scatter. Default: assume an ordinary machine.',
    },
    ...clusterOptions,
    ...printOptions,
    verbose: {
      ...wholeOption,
      describe: 'Also list the settings that have their defaults, and the order of the first block.',
    },
  },
  examples: [
    ['gctune plan gogc-sweep.yaml', 'cells, order, time, disk, smallest detectable effect, settings in force'],
    ['gctune plan gogc-sweep.yaml --scatter-of results/<run>', 'with the noise of an earlier run'],
    ['gctune plan gogc-sweep.yaml --on kubernetes', 'the manifest of the Job that a run would create, as YAML'],
  ],
  exitCodes: [ExitCode.ok, ExitCode.usage, ExitCode.environment],
  run: async ({ values, sources }, io) => (await import('./run.ts')).showPlan(values, sources, io),
});
