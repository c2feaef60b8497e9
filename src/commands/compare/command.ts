import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';
import { formatOption, jsonOption, resultsOption } from '../shared-options.ts';

/** `gctune compare`. */
export const compareCommand = defineCommand({
  name: 'compare',
  summary: 'Compare two runs, cell by cell: what became better or worse, and how surely',
  details:
    'For two versions of a daemon under the same experiment. Refuses runs that differ in more than the daemon (machine, ' +
    'Go, limits, workload, phases) and names what differs. A change is claimed only where its interval excludes zero, p ' +
    'after correction allows it, and it exceeds the margin.',
  positionals: {
    run: {
      describe: 'Folders of the base and the new run; with --baseline only of the new one.',
      required: true,
      many: true,
    },
  },
  options: {
    baseline: {
      type: 'string',
      value: '<name>',
      describe:
        'Base by name, below --results: a run’s folder, or an experiment, of which its newest other run is taken.',
    },
    results: resultsOption,
    margin: {
      type: 'string',
      value: '<share>',
      default: '0%',
      describe: 'Changes up to this share of the base’s median are none.',
    },
    'accept-drift': {
      type: 'boolean',
      default: false,
      describe: 'Compare although the runs differ in more than the daemon; each difference becomes a warning.',
    },
    'fail-on': {
      type: 'string',
      choices: ['never', 'regression'],
      default: 'never',
      value: '<when>',
      describe: 'Exit with 6 where a primary metric became worse.',
    },
    format: formatOption('csv', 'junit'),
    all: {
      type: 'boolean',
      default: false,
      describe: 'In text, md and html also the exploratory metrics in which nothing is claimed.',
      group: 'Output',
    },
    json: jsonOption,
  },
  examples: [
    ['gctune compare results/kubo-1 results/kubo-2', 'last week’s run against today’s'],
    ['gctune compare results/kubo-2 --baseline kubo', 'against the newest other run of kubo'],
    ['gctune compare results/a results/b --fail-on regression --margin 2% -f junit', 'as a gate in CI'],
  ],
  exitCodes: [ExitCode.ok, ExitCode.usage, ExitCode.noUsableResult, ExitCode.assertion, ExitCode.corruptResults],
  run: async ({ values }, io) => (await import('./run.ts')).compareTwoRuns(values, io),
});
