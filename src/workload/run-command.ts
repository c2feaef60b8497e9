import { rm } from 'node:fs/promises';
import { writesReport } from '../experiment/workloads/check-command.ts';
import type { CommandWorkload } from '../experiment/workloads/command.ts';
import type { LatencySummary, WorkDone } from '../results/format.ts';
import { readPlainFile } from '../results/plain-file.ts';
import { fillEnvironment, fillPlaceholders, type Placeholders } from '../runner/placeholders.ts';
import { childCpuSeconds } from '../runner/proc.ts';
import type { Address, Services } from '../runner/runner.ts';
import { within } from '../runner/within.ts';
import { type ProgramRun, reportPlace, type ReportPlace, startRun } from './program-run.ts';
import type { LoadReport } from './report/load-report.ts';
import { readReport } from './report/read-report.ts';
import { LoadFault, type LoadProgramPlace, type LoadRequest, type RunningLoad } from './workload.ts';

/** The largest report that is read: ghz tells of each call. */
const MOST_REPORT = 64 * 2 ** 20;
/** How many of the last lines of a program that failed are shown, and how long each may be. */
const SHOWN_LINES = 20;
const SHOWN_LENGTH = 400;
/** How long a program that is to end is given to do so by itself. */
const GRACE_SECONDS = 1;

/**
 * Load by a program of the user's: each run of it is a process group, or a container, on the generator's CPUs, which ends when the
 * load is disposed of. Nothing has been started when this resolves.
 */
export async function startCommand(
  spec: CommandWorkload,
  { address, addresses, reached, program, seed, cpuset }: LoadRequest,
  signal: AbortSignal,
): Promise<RunningLoad> {
  if (program === undefined) throw new Error('a workload of kind command without its program');
  const main = await address;
  signal.throwIfAborted();
  const target: Target = { main, further: addresses?.() ?? {}, services: reached?.() ?? {}, seed };
  let running: ProgramRun | undefined;
  let first: LoadReport | undefined;
  let last: WorkDone | undefined;

  /** Runs a program to its end and gives what it printed. */
  const toItsEnd = async (
    argv: readonly [string | undefined, ...string[]],
    what: string,
    report: ReportPlace,
    input?: string,
  ): Promise<Printed> => {
    signal.throwIfAborted();
    const env = environmentOf(spec, target, program, report);
    const group = await startRun(program, { argv, env, input, report, cpuset, lineLength: MOST_REPORT }, signal);
    running = group;
    const printing = printed(group);
    const exit = await within(group.exited, spec.withinSeconds, signal);
    if (exit === undefined) await group.stop(GRACE_SECONDS);
    const output = await printing;
    signal.throwIfAborted();
    const refused = await group.failure();
    if (refused !== undefined) throw new LoadFault(`${what} could not be started: ${refused.message}`, output.last);
    if (exit === undefined) {
      throw new LoadFault(`${what} had not ended after ${spec.withinSeconds} s and was stopped`, output.last);
    }
    if (exit.code !== 0) {
      const how = exit.signal === null ? `with code ${exit.code ?? 'unknown'}` : `by ${exit.signal}`;
      throw new LoadFault(`${what} ended ${how}`, output.last);
    }
    return output;
  };

  const run = async (): Promise<void> => {
    const place = await reportPlace(program);
    const fill = (text: string): string => filled(text, target, program, place);
    const fillProgram = (word: string): string =>
      fill(word.replaceAll('{program}', program.program.path ?? '{program}'));
    try {
      const cpuBefore = await childCpuSeconds();
      const begun = performance.now();
      const input = spec.stdin === undefined ? undefined : fill(spec.stdin);
      let output = await toItsEnd([undefined, ...spec.args.map(fill)], 'the load program', place, input);
      const windowSeconds = (performance.now() - begun) / 1000;
      const counted = cpuBefore !== undefined && program.program.image === undefined;
      const cpuSeconds = counted ? ((await childCpuSeconds()) ?? cpuBefore) - cpuBefore : undefined;
      if (spec.reportCommand !== undefined) {
        const [made = '', ...rest] = spec.reportCommand;
        const maker = made === '{program}' ? undefined : fillProgram(made);
        output = await toItsEnd([maker, ...rest.map(fillProgram)], 'the program that makes the report', place);
      } else if (writesReport(spec)) {
        output = { ...output, text: fileText(place.path, output.last) };
      }
      if (output.text === undefined) {
        throw new LoadFault(`the report is larger than ${MOST_REPORT / 2 ** 20} MiB`, output.last);
      }
      const report = readReport(output.text, spec.report);
      if ('problem' in report) throw new LoadFault(`the report of the load program ${report.problem}`, output.last);
      const work = workOf(report, spec, first, windowSeconds);
      if (work.intended === 0) throw new LoadFault('the report of the load program counts no request', output.last);
      first ??= report;
      last = cpuSeconds === undefined ? work : { ...work, generatorCpuSeconds: Math.max(0, cpuSeconds) };
    } finally {
      await rm(place.folder, { force: true, recursive: true });
    }
  };

  return {
    preload: undefined,
    begin: async () => undefined,
    openWindow: async () => undefined,
    run,
    closeWindow: async () => {
      if (last === undefined) throw new Error('a load program that was never run');
      return last;
    },
    broken: new Promise(() => undefined),
    [Symbol.asyncDispose]: async () => {
      await running?.stop(0);
    },
  };
}

/** Where a run finds the target. */
interface Target {
  readonly main: Address | undefined;
  readonly further: Readonly<Record<string, Address>>;
  readonly services: Services;
  readonly seed: number;
}

/** Fills in what a run is told; `${NAME}` is left for `fillEnvironment`. */
function ownFilled(text: string, { main, seed }: Target, { seconds }: LoadProgramPlace, { told }: ReportPlace): string {
  const own: Readonly<Record<string, string | undefined>> = {
    address: main && `${main.host}:${main.port}`,
    seconds: String(seconds),
    seed: String(seed),
    report: told,
  };
  return text.replace(/(?<!\$)\{(address|seconds|seed|report)\}/g, (whole, name: string) => own[name] ?? whole);
}

function placeholdersOf({ main, further, services }: Target, { workDirectory }: LoadProgramPlace): Placeholders {
  const ports = Object.fromEntries(Object.entries(further).map(([name, { port }]) => [name, port]));
  const host = main?.host ?? Object.values(further)[0]?.host ?? '127.0.0.1';
  return { host, port: main?.port, ports, work: workDirectory, data: undefined, services };
}

function filled(text: string, target: Target, program: LoadProgramPlace, report: ReportPlace): string {
  return fillPlaceholders(ownFilled(text, target, program, report), placeholdersOf(target, program));
}

/** The environment of a load program: what the file says, where the target is, and where programs are found. */
function environmentOf(
  { env }: CommandWorkload,
  target: Target,
  program: LoadProgramPlace,
  report: ReportPlace,
): Readonly<Record<string, string>> {
  const fill = (text: string): string => filled(text, target, program, report);
  const own: Record<string, string> = {};
  // An image has its own.
  for (const name of program.program.image === undefined ? ['PATH', 'HOME', 'TMPDIR'] : []) {
    const value = process.env[name];
    if (value !== undefined) own[name] = value;
  }
  const { main, further } = target;
  for (const [name, { port }] of Object.entries(further)) {
    own[`GCTUNE_PORT_${name.toUpperCase().replaceAll('-', '_')}`] = String(port);
  }
  return {
    ...own,
    GCTUNE_HOST: fill('{host}'),
    ...(main === undefined ? {} : { GCTUNE_PORT: String(main.port), GCTUNE_ADDRESS: fill('{address}') }),
    GCTUNE_SECONDS: fill('{seconds}'),
    GCTUNE_SEED: fill('{seed}'),
    GCTUNE_REPORT: report.told,
    ...Object.fromEntries(
      Object.entries(env).map(([name, value]): [string, string] => [
        name,
        fillEnvironment(ownFilled(value, target, program, report), placeholdersOf(target, program), program.variables),
      ]),
    ),
  };
}

/** What a program printed: its output as far as it may be a report, and its last lines for people. */
interface Printed {
  /** Undefined where it is larger than a report may be. */
  readonly text: string | undefined;
  readonly last: readonly string[];
}

async function printed({ output }: ProgramRun): Promise<Printed> {
  const lines: string[] = [];
  const last: string[] = [];
  let length = 0;
  for await (const { stream, text } of output) {
    // A slice would keep the whole line that it is of.
    if (text.trim() !== '') last.push(Buffer.from(text.slice(0, SHOWN_LENGTH)).toString());
    if (last.length > SHOWN_LINES) last.shift();
    length += stream === 'stdout' ? text.length + 1 : 0;
    if (length > MOST_REPORT) lines.length = 0;
    else if (stream === 'stdout') lines.push(text);
  }
  return { text: length > MOST_REPORT ? undefined : lines.join('\n'), last };
}

function fileText(path: string, last: readonly string[]): string {
  try {
    return readPlainFile(path, MOST_REPORT).toString('utf8');
  } catch (error) {
    const what = error instanceof Error ? error.message.replace(path, 'the file {report}') : String(error);
    throw new LoadFault(`the load program ended well, but its report cannot be read: ${what}`, last);
  }
}

/** What a run did. `first`: the report of the first run; undefined where this is it. */
function workOf(
  report: LoadReport,
  spec: CommandWorkload,
  first: LoadReport | undefined,
  windowSeconds: number,
): WorkDone {
  const made = report.requests ?? spec.requests ?? 0;
  const expected = spec.requests ?? (spec.loop === 'open' ? first?.requests : undefined);
  const failed = Object.values(report.errors).reduce((sum, count) => sum + count, 0);
  const dropped = report.dropped ?? 0;
  const completed = Math.max(0, made - failed);
  const latency: LatencySummary | undefined =
    report.latency === undefined ? undefined : { count: completed, ...report.latency };
  return {
    unit: 'request',
    intended: made + dropped,
    completed,
    ...(expected === undefined ? {} : { expected }),
    dropped,
    errors: report.errors,
    lateness: { p99Seconds: 0, maxSeconds: 0 },
    windowSeconds,
    latency,
  };
}
