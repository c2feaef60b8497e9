import { existsSync } from 'node:fs';
import { jsonText } from '../text/json-text.ts';
import type { Experiment } from '../experiment/experiment.ts';
import type { Secrets } from '../experiment/secrets/secrets.ts';
import type { ExitCode } from '../errors.ts';
import type { RunManifest, RunShard } from '../results/format.ts';
import type { SweepEvent } from '../sweep/event.ts';
import type { SweepResult } from '../sweep/blocks.ts';
import { runSweep } from '../sweep/sweep.ts';
import type { SweepRequest } from '../sweep/sweep-request.ts';
import { shellWord } from '../text/quoted.ts';
import { shownPath } from './load-experiment.ts';
import { interruptionCode } from '../cli/failure.ts';
import type { Io } from '../cli/io.ts';
import { interimWatch } from './interim-watch.ts';
import { measureWidths } from './measure-widths.ts';
import { reduceEnded } from './reduce-ended.ts';
import type { ServedMetrics } from './serve-metrics.ts';
import { chooseProgress, type Progress, type ProgressChoice } from '../cli/terminal/progress.ts';
import { styleOf, type ColorChoice } from '../cli/terminal/style.ts';
import { toolVersion } from '../cli/tool-version.ts';

/** How a sweep is shown and where it is put. */
export interface SweepValues {
  readonly output: string;
  readonly timeout: number | undefined;
  readonly progress: ProgressChoice;
  readonly color: ColorChoice;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly json: boolean;
  /** Serve what there is of the sweep on this port of loopback; 0: any that is free. */
  readonly 'metrics-port'?: number | undefined;
}

/** Takes what is printed as JSON lines; undefined where text for people is printed. */
export function jsonLines({ json }: Pick<SweepValues, 'json'>, io: Io): ((line: unknown) => void) | undefined {
  return json ? (line: unknown) => io.stdout.write(`${jsonText(line)}\n`) : undefined;
}

/** One sweep to be run. */
export interface OneSweep {
  readonly values: SweepValues;
  readonly experiment: Experiment;
  readonly text: string;
  readonly secrets: Secrets;
  readonly file: string;
  readonly seed: number;
  /** In the place of the experiment's: one that nobody can ask for. */
  readonly runner?: 'sidecar';
  /** May refuse the run once its target and machine are known and before anything is measured. */
  readonly admit?: (manifest: RunManifest) => void;
  /** The run to go on with; see SweepRequest, as for the three below. */
  readonly resume?: NonNullable<SweepRequest['resume']>;
  readonly pilotOf?: Experiment;
  readonly confirms?: string;
  readonly shard?: RunShard;
}

/** Runs one sweep under its display; a kill gives the exit code at once. */
export async function sweepOnce(
  { values, text, file, ...sweep }: OneSweep,
  io: Io,
): Promise<SweepResult | { readonly exitCode: ExitCode }> {
  const style = styleOf(io.stderr, values.color, io.env);
  const progress = chooseProgress(values.quiet ? 'none' : values.progress, io, style, values.verbose);
  const watch = new RunWatch(progress, jsonLines(values, io));
  const metrics = await servedMetrics(values, sweep, io).catch((error: unknown) => {
    progress.close();
    throw error;
  });
  if (metrics !== undefined) {
    watch.json?.({ type: 'metrics', url: metrics.url });
    if (!values.quiet) progress.message(`metrics of this sweep: ${metrics.url}`);
  }
  const stopListening = announceInterruption(io, progress, values.quiet);
  let result: SweepResult | undefined;
  let later = (): void => undefined;
  try {
    const running = runSweep({
      ...sweep,
      experimentText: text,
      experimentFile: file,
      output: values.output,
      runner: sweep.runner ?? sweep.experiment.runner,
      onEvent: (event) => {
        watch.event(event);
        metrics?.sweep.event(event);
      },
      onLost: (listener) => io.onLost(listener),
      signal: limitedSignal(io.signal, values.timeout),
      env: io.env,
      cwd: io.cwd,
      toolVersion: toolVersion(),
      measureWidths: measureWidths(),
      afterBlock:
        progress.interim === undefined && metrics === undefined
          ? undefined
          : interimWatch(
              (interim, analysis) => {
                progress.interim?.(interim);
                metrics?.results(analysis);
              },
              () => io.nowSeconds(),
            ),
      reduce: reduceEnded,
    });
    result = await untilKilled(running, io.killSignal);
  } catch (error) {
    const { folder } = watch;
    // Not there any more where nothing was measured.
    if (folder !== undefined && existsSync(folder) && !values.quiet) later = () => sayHowToGoOn({ folder }, io);
    throw error;
  } finally {
    stopListening();
    progress.close();
    metrics?.[Symbol.dispose]();
    later();
  }
  if (result === undefined) {
    const { runId, folder } = watch;
    io.cleanUpBehind(runId);
    if (!values.quiet) io.stderr.write(folder === undefined ? 'killed before the run had a folder\n' : 'killed\n');
    if (!values.quiet && folder !== undefined) sayHowToGoOn({ folder }, io);
    return { exitCode: interruptionCode(io.killSignal) };
  }
  return result;
}

/** What is served of the sweep, where a port was named; loaded only then. */
async function servedMetrics(
  { 'metrics-port': port }: SweepValues,
  { experiment, seed }: Pick<OneSweep, 'experiment' | 'seed'>,
  io: Io,
): Promise<ServedMetrics | undefined> {
  return port === undefined ? undefined : (await import('./serve-metrics.ts')).serveMetrics(port, experiment, seed, io);
}

/** What is there of a run that was cut short, and how it goes on. */
export function sayHowToGoOn({ folder }: Pick<SweepResult, 'folder'>, io: Io): void {
  const shown = shellWord(shownPath(folder, io.cwd));
  const commands = [`gctune report ${shown}  # reports on them`, `gctune resume ${shown}  # runs the rest`];
  io.stderr.write(`the run is not complete; its trials so far are safe:\n  ${commands.join('\n  ')}\n`);
}

/** Tells the display and the JSON lines what happens, and remembers which run it is. */
class RunWatch {
  runId: string | undefined;
  folder: string | undefined;
  readonly #progress: Progress;
  readonly json: ((line: unknown) => void) | undefined;

  constructor(progress: Progress, json: ((line: unknown) => void) | undefined) {
    this.#progress = progress;
    this.json = json;
  }

  event(event: SweepEvent): void {
    if (event.type === 'run-started') ({ runId: this.runId, folder: this.folder } = event);
    this.#progress.event(event);
    // Readings come many times a second and are on disk.
    if (event.type !== 'reading') this.json?.(event);
  }
}

/** Says once what the first signal does. */
export function announceInterruption(io: Io, progress: Progress, quiet: boolean): () => void {
  const announce = (): void => {
    if (!quiet && !io.killSignal.aborted)
      progress.message('stopping this trial; results so far will be reported. Press Ctrl-C again to kill immediately');
  };
  io.signal.addEventListener('abort', announce, { once: true });
  return () => io.signal.removeEventListener('abort', announce);
}

/** What a timer of Node can wait, 24.8 days; beyond, it would end at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The signal, or the end of so many seconds. */
export function limitedSignal(signal: AbortSignal, seconds: number | undefined): AbortSignal {
  return seconds === undefined
    ? signal
    : AbortSignal.any([signal, AbortSignal.timeout(Math.min(Math.ceil(seconds * 1000), LONGEST_TIMER))]);
}

/** What the promise gives, or undefined once the signal is aborted. */
export async function untilKilled<T>(promise: Promise<T>, kill: AbortSignal): Promise<T | undefined> {
  const stop = new AbortController();
  try {
    const killed = new Promise<undefined>((resolve) => {
      if (kill.aborted) resolve(undefined);
      kill.addEventListener('abort', () => resolve(undefined), { once: true, signal: stop.signal });
    });
    return await Promise.race([promise, killed]);
  } finally {
    stop.abort();
    // After a kill nobody waits for it any more; that it fails then is no news.
    if (kill.aborted) promise.catch(() => {});
  }
}
