import { setTimeout as sleep } from 'node:timers/promises';
import { EnvironmentError } from '../errors.ts';
import { fetchProfile, PROFILE_ALLOWANCE_SECONDS } from '../probe/pprof-profile.ts';
import { servedAt } from '../probe/served-at.ts';
import { parseCpuList } from '../linux/cpu-list.ts';
import type { Outcome, WorkDone } from '../results/format.ts';
import type { Daemon } from '../runner/runner.ts';
import { LoadFault, type PreloadDone, type RunningLoad } from '../workload/workload.ts';
import type { TrialAccount } from './account.ts';
import { Ended } from './ended.ts';
import type { Guard } from './guard.ts';
import { neverSettled, SETTLE_CHECK_SECONDS } from './settle-watch.ts';

/** How long the end of a target may take to be noticed after its connections have broken. */
const deathSeconds = 2;

/** The share of its CPUs from which on a load program may be what sets the pace. */
const BUSY_SHARE = 0.9;

/** How long before the end of an allocs profile its last cycle is forced: a collection of a large heap takes a while. */
const lastCycleSeconds = 0.5;

/** The trial of a daemon that is ready: preload → warm-up → settle → measure → drain, under load or idle. */
export async function runDaemon(
  account: TrialAccount,
  daemon: Daemon,
  guard: Guard,
  loading: Promise<RunningLoad>,
): Promise<Outcome> {
  const { clock } = account;
  const { experiment, purpose } = account.request;
  const { phases, profiles, sampling } = experiment;
  const detecting = account.instruments(daemon, sampling);
  await using instruments = await guard.wait(detecting).catch((error: unknown) => {
    // The target ended meanwhile: what is found all the same must not stay open.
    detecting.then((late) => late[Symbol.asyncDispose]()).catch(() => undefined);
    throw error;
  });
  await using load = await guard.wait(loading);
  guard.watch(load);
  if (load.preload !== undefined) {
    clock.enter('preload');
    const done = await preload(load.preload, guard);
    await guard.wait(instruments.readEdge());
    account.preloaded(done);
  }

  clock.enter('warm-up');
  await guard.wait(load.begin());
  instruments.start();
  const run = load.run === undefined ? undefined : () => runLoad(account, guard, load.run);
  const runSeconds = run === undefined ? undefined : await warmUpInRuns(account, guard, run);
  if (run === undefined) await warmUp(account, guard);
  if (phases.settleSeconds > 0) {
    clock.enter('settle');
    await guard.pass(phases.settleSeconds);
  }

  clock.enter('measure');
  await load.openWindow();
  const lengthSeconds = runSeconds ?? phases.measureSeconds;
  let startSeconds = clock.now();
  account.watch(startSeconds, lengthSeconds, account.runtimeSeconds(daemon));
  await guard.wait(instruments.readEdge());
  // Of a run that ends by itself the window is the run, and the edges are read beside it.
  if (run !== undefined) startSeconds = clock.now();
  const running = run?.();
  running?.catch(() => undefined);
  if (purpose === 'profile') {
    await guard.wait(keepProfile(account, 'allocs', () => allocsProfile(account, daemon, lengthSeconds)));
  }
  await (running ?? guard.pass(lengthSeconds - (clock.now() - startSeconds)));
  const endedSeconds = clock.now();
  await guard.wait(instruments.readEdge());
  if (run === undefined) account.window(startSeconds, clock.now(), lengthSeconds);
  else account.window(startSeconds, endedSeconds, endedSeconds - startSeconds);
  const replaced = await guard.wait(account.replaced(daemon));

  clock.enter('drain');
  const work = await guard.wait(load.closeWindow(phases.drainSeconds));
  account.worked(work);
  if (run !== undefined) warnOfBusyProgram(account, work);
  if (profiles.heap) {
    await guard.wait(keepProfile(account, 'heap', () => profileOf(account, daemon, '/heap?gc=1', 0, account.signal)));
  }
  return account.judged(instruments, replaced);
}

/** Lets the target warm up: for the time that was said, or until it has settled. That it never does is an outcome. */
async function warmUp(account: TrialAccount, guard: Guard): Promise<void> {
  const { warmupSeconds } = account.request.experiment.phases;
  if (warmupSeconds !== 'auto') return guard.pass(warmupSeconds);
  const watch = account.settling();
  for (;;) {
    await guard.pass(SETTLE_CHECK_SECONDS);
    const state = watch.state(account.clock.now());
    if (state.kind === 'waits') continue;
    if (state.kind === 'moves') throw new Ended(neverSettled(account.request.experiment.phases.autoWarmup, state.what));
    if (state.warning !== undefined) account.warn('few-warm-up-cycles', state.warning);
    return undefined;
  }
}

/**
 * Warms the target up by whole runs of a load program: one, and further ones until the warm-up's time is over or the target
 * has settled. Gives the length of the last one.
 */
async function warmUpInRuns(account: TrialAccount, guard: Guard, run: () => Promise<void>): Promise<number> {
  const warm = { over: false, seconds: 0 };
  const enough = warmUp(account, guard).then(() => {
    warm.over = true;
  });
  const runs = async (): Promise<void> => {
    do {
      const began = account.clock.now();
      await run();
      warm.seconds = account.clock.now() - began;
    } while (!warm.over);
  };
  await Promise.all([enough, runs()]);
  return warm.seconds;
}

/** Warns where a load program took all of its CPUs: then it and not the target set the pace. */
function warnOfBusyProgram(account: TrialAccount, { generatorCpuSeconds = 0, windowSeconds }: WorkDone): void {
  const { generator } = account.request.placement;
  const cpus = generator === undefined ? undefined : parseCpuList(generator)?.length;
  const share = cpus === undefined ? 0 : generatorCpuSeconds / (windowSeconds * cpus);
  if (share < BUSY_SHARE) return;
  const message = `the load program used ${Math.round(Math.min(1, share) * 100)} % of the CPU that it may use: the load may be what it can do and not what was asked of it`;
  account.warn('load-program-busy', message);
}

/** One run of a load program. That it does not do its work is an outcome of the trial; so is what made it so, if the target has ended. */
async function runLoad(account: TrialAccount, guard: Guard, run: RunningLoad['run']): Promise<void> {
  try {
    await guard.wait(run?.() ?? Promise.resolve());
  } catch (error) {
    if (!(error instanceof LoadFault)) throw error;
    await guard.wait(sleep(deathSeconds * 1000));
    const { redact } = account.request;
    const { phase } = account.clock;
    throw new Ended({ kind: 'failed', phase, cause: redact(error.message), log: error.lines.map(redact) });
  }
}

/** Fills the target. That it cannot be filled is an outcome of the trial; so is what made it so, if it has ended. */
async function preload(fill: () => Promise<PreloadDone>, guard: Guard): Promise<PreloadDone> {
  try {
    return await guard.wait(fill());
  } catch (error) {
    if (!(error instanceof EnvironmentError) || error.code !== 'preload-failed') throw error;
    await guard.wait(sleep(deathSeconds * 1000));
    throw new Ended({ kind: 'failed', phase: 'preload', cause: error.message, log: [] });
  }
}

/** Keeps a profile; a target that serves none is a warning, for its figures are as good without. */
async function keepProfile(
  account: TrialAccount,
  kind: 'heap' | 'allocs',
  take: () => Promise<Uint8Array>,
): Promise<void> {
  try {
    await account.request.writer.profile(kind, await take());
  } catch (error) {
    if (error instanceof EnvironmentError) throw error;
    if (account.signal.aborted) return;
    const said = error instanceof Error ? error.message : String(error);
    account.warn('profile-missing', `the ${kind} profile could not be read: ${said}`);
  }
}

/**
 * What is allocated over the window. The runtime brings its profile up to date only when a cycle ends (runtime/mprof.go),
 * so one is forced at either end of it: without them a window of few cycles would seem to have allocated little.
 */
async function allocsProfile(account: TrialAccount, daemon: Daemon, windowSeconds: number): Promise<Uint8Array> {
  // Whole seconds is what the endpoint takes.
  const seconds = Math.max(1, Math.floor(windowSeconds));
  const cancel = new AbortController();
  const deadline = AbortSignal.timeout((seconds + PROFILE_ALLOWANCE_SECONDS) * 1000);
  const signal = AbortSignal.any([cancel.signal, deadline, account.signal]);
  const collect = (): Promise<unknown> => profileOf(account, daemon, '/heap?gc=1', 0, signal);
  await collect();
  const last = sleep(Math.max(0, seconds - lastCycleSeconds) * 1000, undefined, { signal }).then(collect);
  last.catch(() => undefined);
  try {
    return await profileOf(account, daemon, `/allocs?seconds=${seconds}`, seconds, signal);
  } finally {
    cancel.abort();
  }
}

/** A profile from the first port of the target that serves one. */
async function profileOf(
  { request }: TrialAccount,
  daemon: Daemon,
  query: string,
  seconds: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const failed: string[] = [];
  for (const { address, path, port } of servedAt(daemon, request.experiment.sampling.paths.pprof)) {
    try {
      return await fetchProfile(address, path + query, seconds, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      const said = error instanceof Error ? error.message : String(error);
      failed.push(port === undefined ? said : `${said} at port ${port}`);
    }
  }
  throw new Error(failed.length === 0 ? 'the target serves no port' : failed.join(', '));
}
