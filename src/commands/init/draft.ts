import { kuboAdd } from './first-load.ts';
import type { FirstTimes } from './first-times.ts';
import { yamlList, yamlWord } from './yaml-words.ts';
import { plainText } from '../../text/plain-text.ts';
import { shellWord } from '../../text/quoted.ts';
import type { Gogc, Gomemlimit } from '../../experiment/experiment.ts';

/** A fresh copy that each trial gets. */
export interface Copied {
  /** What it is copied from, absolute. */
  readonly from: string;
  /** Its name in the data folder. */
  readonly to: string;
  /** Where it is in a container; undefined for a process, which is told by its arguments. */
  readonly at: string | undefined;
}

/** A file beside the experiment that holds placeholders. */
export interface Template {
  /** Relative to the experiment. */
  readonly from: string;
  readonly to: string;
}

/** How a container differs from what its image says. */
export interface ContainerDraft {
  readonly entrypoint?: readonly string[] | undefined;
  readonly user?: string | undefined;
  readonly workdir?: string | undefined;
}

/** What is known of a program, before it is written down. Comments may hold untrusted text. */
export interface Draft {
  readonly name: string;
  /** What it was made from, for the head of the file. */
  readonly about: readonly string[];
  /** The line or lines of the target that say where the program comes from. */
  readonly source: readonly string[];
  /** Comments of the target: what was left out, and why. */
  readonly notes: readonly string[];
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly container: ContainerDraft;
  readonly port: number | 'auto' | undefined;
  readonly ports: Readonly<Record<string, number | 'auto'>>;
  readonly ready: string | undefined;
  readonly copies: readonly Copied[];
  readonly templates: readonly Template[];
  /** Undefined: whichever the program can run in. */
  readonly runner: 'process' | undefined;
  readonly cpus: number | undefined;
  readonly memoryBytes: number | undefined;
  readonly pids: number | undefined;
  /** Whether a run in which these limits cannot be set is refused. */
  readonly required: boolean;
  readonly gogc: Gogc | undefined;
  readonly gomemlimit: Gomemlimit | undefined;
  /** `/path`: GET of it; `kubo`: files added to a kubo node; `batch`: it runs to its end; undefined: nothing is sent. */
  readonly load: string | undefined;
  /** Further keys of the file, whole lines. */
  readonly more: readonly string[];
}

/** What a draft has whose image or Compose file says how it is started. */
export const AS_IT_SAYS = {
  args: [],
  env: {},
  container: {},
  copies: [],
  templates: [],
  runner: undefined,
  cpus: undefined,
  memoryBytes: undefined,
  pids: undefined,
  required: true,
  more: [],
} as const satisfies Partial<Draft>;

/** Levels around the default and the one in force. */
const LEVELS = [50, 100, 200, 400] as const;

/** The text of an experiment; with `times`, how long it takes and what shows in a minute that it runs. */
export function draftText(draft: Draft, schema: string, file?: string, times?: FirstTimes): string {
  const { gogc, gomemlimit } = draft;
  const current = gogc ?? 100;
  const levels =
    typeof current === 'number' ? [...new Set([...LEVELS, current])].toSorted((a, b) => a - b) : [...LEVELS, current];
  return [
    `# yaml-language-server: $schema=${schema}`,
    '# gctune help experiment explains every key.',
    ...comments('', draft.about),
    `name: ${yamlWord(draft.name)}`,
    '',
    'target:',
    ...draft.source.map((line) => `  ${line}`),
    ...targetLines(draft),
    ...(draft.runner === undefined ? [] : [`runner: ${draft.runner}`]),
    ...limitLines(draft),
    '',
    'matrix:',
    `  gogc: [${levels.join(', ')}]`,
    ...(gomemlimit === undefined || gomemlimit === 'off'
      ? []
      : [`  gomemlimit: [${sizeWord(gomemlimit)}]   # set now; add off to compare`]),
    `baseline: { gogc: ${current} }   # ${gogc === undefined ? 'Go’s default' : 'set now'}; the others are compared with it`,
    '',
    ...loadLines(draft),
    ...(draft.load === 'batch'
      ? []
      : ['phases: { warmup: auto }   # the load runs unmeasured until memory has levelled off']),
    ...(file === undefined || times === undefined
      ? []
      : comments('', [
          `Takes ${times.all} at the least. A first look, whether it runs (${times.oneBlock}): gctune run ${shellWord(file)} --blocks 1`,
        ])),
    'blocks: 15   # how often each GOGC is run; gctune plan says how likely so many are to answer',
    ...draft.more,
    '',
  ].join('\n');
}

function targetLines(draft: Draft): readonly string[] {
  const { args, env, container, port, ports, ready, copies, templates, notes } = draft;
  const variables = Object.entries(env);
  const inside = copies.flatMap(({ at, to }) => (at === undefined ? [] : [`${yamlWord(at)}: ${yamlWord(to)}`]));
  const contained = [
    ...(container.entrypoint === undefined ? [] : [`entrypoint: ${yamlList(container.entrypoint)}`]),
    ...(container.user === undefined ? [] : [`user: ${yamlWord(container.user)}`]),
    ...(container.workdir === undefined ? [] : [`workdir: ${yamlWord(container.workdir)}`]),
    ...(inside.length === 0 ? [] : [`mounts: { ${inside.join(', ')} }`]),
  ];
  const lines = [
    ...(args.length === 0 ? [] : [`args: ${yamlList(args)}`]),
    ...(variables.length === 0
      ? []
      : ['env:', ...variables.map(([name, value]) => `  ${yamlWord(name)}: ${yamlWord(value)}`)]),
    ...(contained.length === 0 ? [] : ['container:', ...contained.map((line) => `  ${line}`)]),
    ...(port === undefined ? [] : [`port: ${port}`]),
    ...(Object.keys(ports).length === 0
      ? []
      : [
          `ports: { ${Object.entries(ports)
            .map(([name, one]) => `${name}: ${one}`)
            .join(', ')} }`,
        ]),
    ...(ready === undefined ? [] : [`ready: ${ready}`]),
    ...(templates.length === 0
      ? []
      : [
          'files:   # copied fresh for each trial; ports stand in them as placeholders',
          ...templates.map(({ from, to }) => `  - { from: ${yamlWord(from)}, to: ${yamlWord(to)}, template: true }`),
        ]),
    ...(copies.length === 0
      ? []
      : [
          'prepare:   # copied once before the first trial, as it is by then; each trial gets that fresh',
          ...copies.map(({ from, to }) => `  - run: [cp, -a, ${yamlWord(from)}, ${yamlWord(`{data}/${to}`)}]`),
        ]),
  ];
  return [...lines, ...comments('', notes)].map((line) => `  ${line}`);
}

function limitLines({ required, cpus, memoryBytes, pids }: Draft): readonly string[] {
  const parts = [
    ...(cpus === undefined ? [] : [`cpus: ${cpus}`]),
    ...(memoryBytes === undefined ? [] : [`memory: ${sizeWord(memoryBytes)}`]),
    ...(pids === undefined ? [] : [`pids: ${pids}`]),
    // As a process it may not be possible.
    ...(required ? [] : ['required: false']),
  ];
  if (cpus === undefined && memoryBytes === undefined && pids === undefined) return [];
  return [`limits: { ${parts.join(', ')} }`];
}

function loadLines({ load }: Draft): readonly string[] {
  if (load === 'kubo') return kuboAdd();
  if (load === 'batch')
    return ['workloads:', '  whole: { batch: { within: 60s } }   # a run of it, from its start to its end'];
  const better =
    '# Better: the requests that it gets in production, at their rate: docs/how-to/choose-a-workload.md of gctune.';
  if (load === undefined) {
    return [
      '# Nothing answered that requests could be sent to, so it is only watched.',
      better,
      'workloads:',
      '  idle: { idle: {} }',
    ];
  }
  return [better, 'workloads:', `  get: { http: { path: ${yamlWord(load)}, rate: 100/s } }`];
}

/** A size as the file has it. */
export function sizeWord(bytes: number): string {
  for (const [unit, size] of [
    ['GiB', 2 ** 30],
    ['MiB', 2 ** 20],
    ['KiB', 2 ** 10],
  ] as const) {
    if (bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return `${bytes}B`;
}

/** Lines of a comment, one for each text: nothing in it can become YAML. */
function comments(indent: string, texts: readonly string[]): readonly string[] {
  return texts.map((text) => `${indent}# ${plainText(text).slice(0, 400)}`);
}
