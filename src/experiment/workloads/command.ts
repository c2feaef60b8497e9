import { RE2JS } from 're2js';
import { z } from 'zod';
import { quote } from '../../units/units.ts';
import type { TargetSource } from '../experiment.ts';
import { choice, text, wholeNumber, type Fault } from '../schema/leaf.ts';
import { described, exactlyOne, listOf, section, secretText, type Frozen } from '../schema/parts.ts';
import { harmlessLine, harmlessText, storedAs, storedForm } from '../schema/stored.ts';
import { moduleVersion } from '../schema/target.ts';
import { jsonPath } from './json-path.ts';
import { checkCommand } from './check-command.ts';
import type { KindOfWorkload } from './kind.ts';
import { duration } from './load.ts';
import { LOAD_TOOLS, loopOf, type LoadTool, type Loop } from './load-tools.ts';

function pathFault(value: string): Fault | undefined {
  if (jsonPath(value) !== undefined) return undefined;
  const hint = 'write keys with dots between them: summary.count, rows[0].n, metrics["http_reqs"].count';
  return { code: 'bad-json-path', problem: `${quote(value)} is not a path into JSON`, hint };
}

function patternFault(value: string): Fault | undefined {
  const hint = 'write a regular expression of RE2 with one group for the number: requests: (\\d+)';
  try {
    if (RE2JS.compile(value, RE2JS.MULTILINE).groupCount() === 1) return undefined;
    return { code: 'bad-pattern', problem: `${quote(value)} does not have exactly one group`, hint };
  } catch (error) {
    // The library writes the flag of several lines before the pattern.
    const said = (error instanceof Error ? error.message : String(error)).replace('(?m)', '');
    return { code: 'bad-pattern', problem: `${quote(value)} is not a pattern: ${said}`, hint };
  }
}

const UNITS = ['ns', 'us', 'ms', 's'] as const;

/** Where each figure stands in a report; `place` reads the words that say so. */
function places(place: () => z.ZodType<string>, example: (what: string) => string) {
  const at = (what: string, description: string) => described(place().optional(), description, [example(what)]);
  return {
    requests: at('requests', 'How many requests were made, those that failed among them.'),
    errors: at('errors', 'How many of them failed. Default: none did.'),
    mean: at('mean', 'The mean latency.'),
    p50: at('p50', 'The median latency.'),
    p90: at('p90', 'The latency that 9 of 10 requests did not exceed.'),
    p99: at('p99', 'The latency that 99 of 100 requests did not exceed.'),
    p999: at('p999', 'The latency that 999 of 1000 requests did not exceed.'),
    max: at('max', 'The longest latency.'),
    unit: described(choice(UNITS).prefault('ms'), 'The unit of the latencies.', ['ms']),
  };
}

const jsonPlaces = section(
  places(
    () => text('line', pathFault),
    (what) => `summary.${what}`,
  ),
);
const textPlaces = section(
  places(
    () => text('line', patternFault),
    (what) => `^${what}: (\\d+)`,
  ),
);
type Places = Frozen<Omit<z.output<typeof jsonPlaces>, 'unit'>>;

/** A report of which the file says where its figures are. */
export interface DescribedReport {
  readonly tool?: undefined;
  readonly format: 'json' | 'text';
  /** Paths into JSON, or patterns with one group. */
  readonly places: Places;
  readonly unit: (typeof UNITS)[number];
}

/** What the report of a load program is. */
export type ReportSpec = { readonly tool: LoadTool } | DescribedReport;

const report = exactlyOne(['tool', 'json', 'text'], {
  tool: described(choice(LOAD_TOOLS).optional(), 'The program whose report it is.', ['ghz']),
  json: described(jsonPlaces.optional(), 'JSON, with the path of each figure.', [
    { requests: 'summary.count', p99: 'latency["99%"]', unit: 'ms' },
  ]),
  text: described(
    textPlaces.optional(),
    'Text, with a pattern of each figure: a regular expression of RE2 whose group is the number. Counts of several matches are added up.',
    [{ requests: '^requests: (\\d+)$', errors: '^failed: (\\d+)$' }],
  ),
  command: described(
    listOf(text('optionalLine')).optional(),
    'A program that makes the report of what the run left in {report}, when it has ended: its output is the report. {program} stands for the load program.',
    [['{program}', 'report', '-type=json', '{report}']],
  ),
});

const source = {
  program: described(text('line').optional(), 'A program: a path relative to this file, or the name of one on PATH.', [
    'wrk',
    './load/run.sh',
  ]),
  module: described(
    text('line', moduleVersion).optional(),
    'A Go main package at a version, from the Go module proxy, built before the run and cached.',
    ['github.com/bojand/ghz/cmd/ghz@v0.93.0'],
  ),
  package: described(text('line').optional(), 'Folder of a Go main package, built before the run.', ['./load']),
  image: described(
    text('line').optional(),
    'A container image, of which each run is a container on the network of the target, for runs in Docker. args are the arguments of its entry point.',
    ['grafana/k6:1.8.1'],
  ),
};
const SOURCES = ['program', 'module', 'package', 'image'] as const;

const PLACEHOLDERS =
  '{host}, {port}, {port:NAME} and {address} stand for where the target serves, {seconds} for phases.measure, {seed} for the seed of the trial, {report} for a file for the report, {service:NAME} for a service, {work} for the run’s scratch folder';

const command = exactlyOne(SOURCES, {
  ...source,
  flags: described(z.array(text('optionalLine')).prefault([]), 'Flags for go build, for a package or a module.', [
    ['-tags', 'netgo'],
  ]),
  args: described(
    z.array(text('optionalLine')).prefault([]),
    `Arguments of the program, which is started without a shell in the folder of this file. ${PLACEHOLDERS}.`,
    [['--insecure', '--duration={seconds}s', '{address}']],
  ),
  env: described(
    z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), secretText()).prefault({}),
    'Environment of the program, with the placeholders of the arguments; ${NAME} takes a value from the environment of gctune. GCTUNE_HOST, GCTUNE_PORT, GCTUNE_PORT_NAME, GCTUNE_ADDRESS, GCTUNE_SECONDS, GCTUNE_SEED and GCTUNE_REPORT are set as well.',
    [{ TARGET: 'http://{address}' }],
  ),
  stdin: described(
    text('lines').optional(),
    'What the program reads from its standard input, with the placeholders of the arguments. Default: nothing.',
    ['GET http://{address}/work'],
  ),
  report: described(
    report,
    'Where to read what a run did: its output, or the file {report} where the arguments or the environment name it.',
    [{ tool: 'ghz' }],
  ),
  loop: described(
    choice(['open', 'closed']).optional(),
    'open: requests are sent at their times, whether or not the target keeps up; closed: each connection waits for an answer before it sends the next. Default: what is known of the tool.',
    ['open'],
  ),
  requests: described(
    wholeNumber(1, 1e12).optional(),
    'How many requests a run makes. Default with an open loop: as many as the first one; with a closed loop, it may be any number.',
    [20_000],
  ),
  within: described(
    duration('60s').prefault('60s'),
    'Time limit of a run; a longer one is stopped, and the trial does not count.',
    ['60s'],
  ),
}).transform(
  ({ program, module, package: folder, image, flags, report: given, loop, within, ...rest }): CommandWorkload => ({
    kind: 'command',
    ...rest,
    source: image === undefined ? sourceOf(program, module, folder, flags) : { kind: 'image', reference: image },
    report: reportOf(given),
    ...(given.command === undefined ? {} : { reportCommand: given.command }),
    loop: loop ?? (given.tool === undefined ? undefined : loopOf(given.tool)),
    withinSeconds: within,
  }),
);

/** A load program: one of this machine, one that is built, or an image. */
export type LoadSource =
  | { readonly kind: 'program'; readonly path: string }
  | Extract<TargetSource, { readonly kind: 'module' | 'package' | 'image' }>;

/** Load by a program of the user's; a trial is a run of it that warms up, and one that is measured. */
export interface CommandWorkload {
  readonly kind: 'command';
  readonly source: LoadSource;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin?: string | undefined;
  readonly report: ReportSpec;
  /** Makes the report of what a run left; undefined: the run reports itself. */
  readonly reportCommand?: readonly string[] | undefined;
  /** Undefined only where a file does not say, which it must. */
  readonly loop?: Loop | undefined;
  readonly requests?: number | undefined;
  readonly withinSeconds: number;
}

function sourceOf(
  program: string | undefined,
  module: string | undefined,
  folder: string | undefined,
  flags: readonly string[],
): LoadSource {
  if (folder !== undefined) return { kind: 'package', directory: folder, flags };
  if (module === undefined) return { kind: 'program', path: program ?? '' };
  const at = module.lastIndexOf('@');
  return { kind: 'module', package: module.slice(0, at), version: module.slice(at + 1), replaces: [], flags };
}

function reportOf({ tool, json, text: lines }: z.output<typeof report>): ReportSpec {
  if (tool !== undefined) return { tool };
  const { unit, ...rest } = json ?? lines ?? { unit: 'ms' as const };
  return { format: json === undefined ? 'text' : 'json', places: rest, unit };
}

const words = z.array(harmlessText);
const place = harmlessLine.optional();
const storedReport: z.ZodType<ReportSpec> = z.union([
  z.object({ tool: z.enum(LOAD_TOOLS) }),
  z.object({
    format: z.enum(['json', 'text']),
    places: z.object({
      requests: place,
      errors: place,
      mean: place,
      p50: place,
      p90: place,
      p99: place,
      p999: place,
      max: place,
    }),
    unit: z.enum(UNITS),
  }),
]);
const stored: z.ZodType<CommandWorkload> = z.object({
  kind: z.literal('command'),
  source: z.union([
    z.object({ kind: z.literal('program'), path: harmlessLine }),
    z.object({ kind: z.literal('package'), directory: harmlessLine, flags: words }),
    z.object({ kind: z.literal('image'), reference: harmlessLine }),
    z.object({
      kind: z.literal('module'),
      package: harmlessLine,
      version: harmlessLine,
      replaces: z.array(z.object({ from: harmlessLine, to: harmlessLine })).max(0),
      flags: words,
    }),
  ]),
  args: words,
  env: z.record(harmlessLine, harmlessText),
  stdin: harmlessText.optional(),
  report: storedReport,
  reportCommand: words.optional(),
  loop: z.enum(['open', 'closed']).optional(),
  requests: z.int().min(1).max(1e12).optional(),
  withinSeconds: storedForm(duration('60s')),
});

/** The name of what makes the load, for people: `ghz`, `run.sh`. */
function nameOf({ report: { tool }, source: from }: CommandWorkload): string {
  if (tool !== undefined) return tool;
  if (from.kind === 'image') return from.reference;
  const path = from.kind === 'program' ? from.path : from.kind === 'module' ? from.package : from.directory;
  return path.split('/').at(-1) ?? path;
}

/** `command`. */
export const COMMAND = {
  schema: described(
    storedAs(command, stored).optional(),
    'A program that loads the target, run twice in each trial: first to warm up, then measured from its start to its end. What it did is read from its report.',
    [{ program: 'wrk', args: ['-c4', '-d{seconds}s', '--latency', 'http://{address}/'], report: { tool: 'wrk' } }],
  ),
  unit: 'request',
  simulated: false,
  describe: (spec) => `command, ${nameOf(spec)}, ${spec.loop ?? 'unknown'} loop`,
  check: checkCommand,
} as const satisfies KindOfWorkload<CommandWorkload>;
