import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';
import {
  clusterOptions,
  confirmOptions,
  experimentOptions,
  shardOptions,
  sweepOptions,
  runsOption,
} from '../shared-options.ts';

/** `gctune run`. */
export const runCommand = defineCommand({
  name: 'run',
  summary: 'Run an experiment and report the finding',
  details:
    'Trials run in randomised blocks, each against a fresh daemon. Every trial is saved as soon as it ends. ' +
    'Ctrl-C stops the current trial and reports the completed ones; a second Ctrl-C kills immediately. ' +
    'gctune resume runs what is then missing.',
  positionals: { file: { describe: 'The experiment file (YAML).', required: true, many: false } },
  options: {
    output: { ...runsOption, group: 'Experiment' },
    ...experimentOptions,
    ...shardOptions,
    ...clusterOptions,
    ...sweepOptions,
    ...confirmOptions,
  },
  examples: [
    ['gctune run gogc-sweep.yaml', 'measure, show progress, write the report'],
    ['gctune run gogc-sweep.yaml --blocks 3 --filter gogc=50', 'a quick look at one level'],
    ['gctune run gogc-sweep.yaml --seed 42 --shard 2/5', 'one fifth of the blocks; gctune merge joins the five'],
  ],
  exitCodes: [
    ExitCode.ok,
    ExitCode.usage,
    ExitCode.environment,
    ExitCode.someTrialsFailed,
    ExitCode.noUsableResult,
    ExitCode.assertion,
    ExitCode.machineFault,
    ExitCode.interrupted,
    ExitCode.quit,
    ExitCode.terminated,
  ],
  keepsAnswer: true,
  run: async ({ values }, io) => (await import('./run.ts')).runExperiment(values, io),
});
