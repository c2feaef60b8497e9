import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';
import { briefFormatOption, jsonOption, resultsOption, wholeOption } from '../shared-options.ts';

/** `gctune compare`. */
export const compareCommand = defineCommand({
  name: 'compare',
  summary:
    'Compare two runs, or two versions in one run, cell by cell: what improved or regressed, and how certain that is',
  details:
    'For two versions of a daemon under the same experiment. Refuses runs that differ in anything but the daemon (machine, ' +
    'Go, limits, workload, phases) and names the differences. A change is reported only if its interval excludes zero, its ' +
    'adjusted p is small enough, and it exceeds the margin. With --by: the levels of a factor of one run, paired block by block. --format github prints annotations and appends a ' +
    'summary to the file that GITHUB_STEP_SUMMARY names.',
  positionals: {
    run: {
      describe: 'Folders of the base run and the new run; with --baseline, only the new one; with --by, one run.',
      required: true,
      many: true,
    },
  },
  options: {
    baseline: {
      type: 'string',
      value: '<name>',
      describe: 'Name of the base under --results: a run, or an experiment (its newest other run is used).',
    },
    results: resultsOption,
    by: {
      type: 'string',
      value: '<factor>',
      describe:
        'Compare the levels of a factor of one run with its baseline level: version, toolchain, gomaxprocs, cpus, memory, env.NAME or args.NAME; version=new for one level.',
    },
    margin: {
      type: 'string',
      value: '<share>',
      default: '0%',
      describe: 'Ignore changes up to this share of the base’s median.',
    },
    'accept-drift': {
      type: 'boolean',
      default: false,
      describe: 'Compare even if the runs differ in more than the daemon; each difference becomes a warning.',
    },
    'fail-on': {
      type: 'string',
      choices: ['never', 'regression'],
      default: 'never',
      value: '<when>',
      describe: 'Exit with 6 if a primary metric regressed.',
    },
    format: briefFormatOption('csv', 'junit', 'github'),
    verbose: wholeOption,
    all: {
      type: 'boolean',
      default: false,
      describe: 'In text, md and html, also show exploratory metrics without a reported change.',
      group: 'Output',
    },
    json: jsonOption,
  },
  examples: [
    ['gctune compare results/kubo-1 results/kubo-2', 'last week’s run and today’s'],
    ['gctune compare results/versions-1 --by version', 'the versions of one run, which ran in the same blocks'],
    [
      'gctune compare results/pr-1 --by version --fail-on regression -f github',
      'annotations and the job’s summary on GitHub',
    ],
  ],
  exitCodes: [
    ExitCode.ok,
    ExitCode.usage,
    ExitCode.environment,
    ExitCode.noUsableResult,
    ExitCode.assertion,
    ExitCode.corruptResults,
  ],
  run: async ({ values }, io) => (await import('./run.ts')).compareTwoRuns(values, io),
});
