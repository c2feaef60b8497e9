import { RUNNER_CHOICES } from '../experiment/runner-names.ts';
import type { CommandOption } from '../cli/command.ts';

/** `--json`, where the answer is one document: another name of `--format json` where there is that. */
export const jsonOption = {
  type: 'boolean',
  default: false,
  describe: 'Print one JSON document on stdout instead of text.',
  group: 'Output',
} as const satisfies CommandOption;

/** `--format` of a command that prints a document for people; `more`: other forms that it has. */
export function formatOption<const More extends string>(...more: readonly More[]) {
  return {
    type: 'string',
    alias: 'f',
    choices: ['text', 'md', 'html', 'json', ...more],
    default: 'text',
    value: '<format>',
    describe: 'How the answer is written.',
    group: 'Output',
  } as const satisfies CommandOption;
}

/** `--format` of a command whose answer fits on a screen, where the rest is asked for; `more`: other forms that it has. */
export function briefFormatOption<const More extends string>(...more: readonly More[]) {
  return {
    ...formatOption<More>(...more),
    choices: ['brief', 'text', 'md', 'html', 'json', ...more],
    default: 'brief',
    describe: 'How the answer is written. brief: at most 12 lines; text: all of it.',
  } as const satisfies CommandOption;
}

/** `--verbose` of such a command. */
export const wholeOption = {
  type: 'boolean',
  alias: 'v',
  default: false,
  describe: 'Print the whole answer: short for --format text.',
  group: 'Output',
} as const satisfies CommandOption;

/** `--output` of a command that makes a run. */
export const runsOption = {
  type: 'string',
  alias: 'o',
  value: '<folder>',
  default: 'results',
  describe: 'Folder in which to create the folder of the run.',
} as const satisfies CommandOption;

/** `--confirm` and how many blocks it takes. */
export const confirmOptions = {
  confirm: {
    type: 'boolean',
    default: false,
    describe:
      'Then run the recommended setting with and without its advised GOMEMLIMIT, under the measured load and under a spike, and report the result.',
    group: 'Confirmation',
  },
  'confirm-blocks': {
    type: 'number',
    least: 1,
    value: '<number>',
    default: 6,
    describe: 'Number of blocks in the confirmation run; fewer than 6 give no 95 % interval.',
    group: 'Confirmation',
  },
} as const satisfies Readonly<Record<string, CommandOption>>;

/** `--color`. */
export const colorOption = {
  type: 'string',
  choices: ['auto', 'always', 'never'],
  default: 'auto',
  value: '<when>',
  describe: 'Use colours. auto: on a terminal; NO_COLOR, FORCE_COLOR and TERM=dumb are respected.',
  group: 'Output',
} as const satisfies CommandOption;

/**
 * What every command that prints for people takes. The variable GCTUNE_FORMAT is that of `report`, `compare` and `assert`,
 * some of whose formats others do not have.
 */
export const printOptions = {
  format: { ...formatOption<never>(), environment: false },
  json: jsonOption,
  color: colorOption,
} as const;

/** `--quiet`. */
export const quietOption = {
  type: 'boolean',
  alias: 'q',
  default: false,
  describe: 'Print only errors on stderr.',
  group: 'Output',
} as const satisfies CommandOption;

/** `--results`: where runs are looked for. */
export const resultsOption = {
  type: 'string',
  value: '<folder>',
  default: 'results',
  describe: 'The folder that contains the runs.',
} as const satisfies CommandOption;

/** `--history`: where nights are recorded. */
export const historyOption = {
  type: 'string',
  value: '<folder>',
  default: 'history',
  describe: 'The folder of the history.',
  group: 'History',
} as const satisfies CommandOption;

/** Flags that stand above what the experiment file says; `run` and `plan` share them. */
export const experimentOptions = {
  runner: {
    type: 'string',
    choices: RUNNER_CHOICES,
    value: '<name>',
    describe: 'Where the target runs; overrides the file. auto: docker if an engine answers, otherwise process.',
    group: 'Experiment',
  },
  seed: {
    type: 'number',
    value: '<number>',
    describe: 'Seed for the order of trials and for all load. Default: the seed in the file, or a new one.',
    group: 'Experiment',
  },
  blocks: {
    type: 'number',
    least: 1,
    value: '<number>',
    describe: 'How often every cell is measured; overrides the file.',
    group: 'Experiment',
  },
  filter: {
    type: 'string',
    array: true,
    value: '<factor=level>',
    describe: 'Run only cells with this level, e.g. gogc=25. May be repeated. The baseline is always included.',
    group: 'Experiment',
  },
} as const satisfies Readonly<Record<string, CommandOption>>;

/** Which part of a plan is run, and where; see docs/many-machines.md. */
export const shardOptions = {
  shard: {
    type: 'string',
    value: '<number/of>',
    describe:
      'Run only the blocks of this part of the plan, e.g. 2/5. All parts take the same file and seed, each on a machine of its own; gctune merge joins them.',
    group: 'Experiment',
  },
  node: {
    type: 'string',
    value: '<name>',
    describe: 'With --shard: the name of this machine in the report. Default: one made from a digest of its host name.',
    group: 'Experiment',
  },
} as const satisfies Readonly<Record<string, CommandOption>>;

/** A run in a cluster, of the commands that begin one; see docs/kubernetes.md. */
export const clusterOptions = {
  on: {
    type: 'string',
    choices: ['kubernetes'],
    value: '<where>',
    describe:
      'Run every block in a pod of its own, as one Indexed Job, and collect the results here. Default: this machine.',
    group: 'Cluster',
  },
  namespace: {
    type: 'string',
    value: '<name>',
    describe: 'With --on kubernetes: the namespace of the Job. Default: that of the context, otherwise default.',
    group: 'Cluster',
  },
  context: {
    type: 'string',
    value: '<name>',
    describe: 'With --on kubernetes: the context of the kubeconfig. Default: its current one.',
    group: 'Cluster',
  },
  nodes: {
    type: 'number',
    least: 1,
    value: '<number>',
    default: 1,
    describe:
      'With --on kubernetes: how many blocks run at a time. Each has a node to itself, as far as gctune is concerned.',
    group: 'Cluster',
  },
  'node-names': {
    type: 'boolean',
    default: false,
    describe:
      'With --on kubernetes: call nodes by their names in the report. Default: by names made from a digest of them.',
    group: 'Cluster',
  },
  'node-selector': {
    type: 'string',
    array: true,
    value: '<label=value>',
    describe: 'With --on kubernetes: use only nodes with this label. May be repeated.',
    group: 'Cluster',
  },
  toleration: {
    type: 'string',
    array: true,
    value: '<key[=value][:effect]>',
    describe: 'With --on kubernetes: use nodes with this taint too. May be repeated.',
    group: 'Cluster',
  },
  queue: {
    type: 'string',
    value: '<name>',
    describe: 'With --on kubernetes: the queue of Kueue in which the Job waits until it is admitted.',
    group: 'Cluster',
  },
  secret: {
    type: 'string',
    value: '<name>',
    describe: 'With --on kubernetes: the Secret of the namespace whose keys stand for ${NAME} in the experiment.',
    group: 'Cluster',
    environment: false,
  },
  'harness-image': {
    type: 'string',
    value: '<image>',
    describe: "With --on kubernetes: gctune's own image. Default: gctune with the tag of this version.",
    group: 'Cluster',
  },
  'harness-cpus': {
    type: 'number',
    least: 1,
    value: '<number>',
    default: 1,
    describe:
      'With --on kubernetes: whole CPUs for load and probes, in addition to those of limits.cpus for the target.',
    group: 'Cluster',
  },
  'target-image': {
    type: 'string',
    value: '<image>',
    describe:
      'With --on kubernetes: an image that holds the program of a target which the file does not give as an image, at /target.',
    group: 'Cluster',
  },
  load: {
    type: 'string',
    value: '<command>',
    describe:
      'With --on kubernetes: the command that brings an image to the nodes, e.g. "kind load image-archive {archive}". The target is then built here and put into an image with nothing else in it.',
    group: 'Cluster',
  },
} as const satisfies Readonly<Record<string, CommandOption>>;

/** How a sweep is bounded, shown and judged, of the commands that run one. */
export const sweepOptions = {
  timeout: {
    type: 'duration',
    value: '<duration>',
    describe: 'Stop after this long (e.g. 20m), as if Ctrl-C had been pressed. Completed trials are still reported.',
    group: 'Experiment',
  },
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
    describe:
      'Print the whole report as text at the end, and with --progress plain the start and each phase of every trial.',
    group: 'Output',
  },
  json: {
    type: 'boolean',
    default: false,
    describe: 'Print events as JSON lines on stdout; the last one contains the finding and the paths.',
    group: 'Output',
  },
  'metrics-port': {
    type: 'number',
    value: '<port>',
    describe:
      'Serve progress, estimates so far and current readings for Prometheus on this port of 127.0.0.1 while the sweep runs; 0: any free port, which is then printed.',
    group: 'Output',
  },
  'exit-zero': {
    type: 'boolean',
    default: false,
    describe: 'Exit with 0 even if trials have failed, as long as there is a report.',
    group: 'Output',
  },
} as const satisfies Readonly<Record<string, CommandOption>>;
