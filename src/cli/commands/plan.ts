import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../command.ts';
import { colorOption, experimentOptions, jsonOption } from '../shared-options.ts';

/** `gctune plan`. */
export const planCommand = defineCommand({
  name: 'plan',
  summary: 'Show what would be run, how long it takes and what it could detect',
  details: 'Nothing is started and nothing is written.',
  positionals: { file: { describe: 'The experiment file (YAML).', required: true, many: false } },
  options: { ...experimentOptions, json: jsonOption, color: colorOption },
  examples: [
    ['gctune plan gogc-sweep.yaml', 'cells, order, time, disk, smallest detectable effect, settings in force'],
    ['gctune plan gogc-sweep.yaml --blocks 12', 'what twice the blocks would bring'],
  ],
  exitCodes: [ExitCode.ok, ExitCode.usage],
  run: async ({ values, sources }, io) => (await import('../show-plan.ts')).showPlan(values, sources, io),
});
