import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';
import { historyOption, jsonOption, quietOption } from '../shared-options.ts';

/** `gctune record`. */
export const recordCommand = defineCommand({
  name: 'record',
  summary: 'Append what a run found to a history, for gctune history and gctune gate',
  details:
    'Writes one line to history.ndjson in the folder: every cell and metric with its interval, the machine, the programs, and the ' +
    'commit and branch, which the environment of CI or the Git repository around the current folder tell. The folder may be kept ' +
    'in Git or as an artifact of CI; several processes may record at the same time, and a run that is recorded twice counts once.',
  positionals: {
    run: {
      describe: 'Folder of a run.',
      required: true,
      many: false,
      several: 'for run in results/*; do gctune record "$run"; done',
    },
  },
  options: {
    history: historyOption,
    commit: {
      type: 'string',
      value: '<commit>',
      describe: 'The commit that was built. Default: what CI or Git tell.',
      group: 'History',
      environment: false,
    },
    branch: {
      type: 'string',
      value: '<branch>',
      describe: 'Its branch. Default: what CI or Git tell.',
      group: 'History',
      environment: false,
    },
    quiet: quietOption,
    json: jsonOption,
  },
  examples: [
    [
      'gctune record results/nightly-1 --history history',
      'after the run of a night, and before gctune gate, which may fail the job',
    ],
    [
      'gctune record results/nightly-1 --commit 1a2b3c4d --branch main',
      'a daemon whose sources are in another repository',
    ],
  ],
  exitCodes: [ExitCode.ok, ExitCode.usage, ExitCode.environment, ExitCode.noUsableResult, ExitCode.corruptResults],
  run: async ({ values }, io) => (await import('./run.ts')).recordRun(values, io),
});
