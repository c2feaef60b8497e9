import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

/** Where the target of a case runs. */
export type CaseRunner = 'simulated' | 'process' | 'docker';

/** The program as it is in this checkout. */
export const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
/** Nothing here takes longer, whatever it waits for. */
const PATIENCE_SECONDS = 120;

/** How a process ended: `0`, `130`, `SIGKILL`; `hung` where it had to be ended. */
export type End = string;

/** One line of the journal, or of `gctune run --json`. */
export interface Event {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** A gctune that was started. */
export interface Started {
  /** The leader of its process group; undefined where something else started it. */
  readonly pid: number | undefined;
  readonly ended: Promise<End>;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Stops reading a stream of it. */
  readonly leave: (stream: 'stdout' | 'stderr') => void;
}

/** One gctune and all that belongs to it, apart from everybody else's on this machine: its own name, folders, cache, perhaps engine. */
export class Scene implements AsyncDisposable {
  /** In the ids of its runs, the labels of its containers, the arguments and the environment of its processes. */
  readonly name = `fault-${randomBytes(4).toString('hex')}`;
  readonly runner: CaseRunner;
  readonly folder: string;
  readonly results: string;
  readonly file: string;
  readonly env: Record<string, string>;
  /** Undone at the end, the last first. */
  readonly undo: (() => void | Promise<void>)[] = [];
  /** The gctune that the fault comes over. */
  run: Started | undefined;

  constructor(runner: CaseRunner) {
    this.runner = runner;
    this.folder = mkdtempSync(join(tmpdir(), 'gctune-faults-'));
    this.results = join(this.folder, 'results');
    this.file = join(this.folder, 'experiment.yaml');
    this.env = {
      GCTUNE_CACHE: join(this.folder, 'cache'),
      TMPDIR: join(this.folder, 'tmp'),
      FAULTS_MARK: this.name,
      CI: 'true',
      NO_COLOR: '1',
    };
    mkdirSync(join(this.folder, 'tmp'));
    mkdirSync(this.results);
  }

  /** Writes the experiment. `target`: arguments of a real target beside the usual ones; `more`: sections that stand beside the usual ones. */
  write(binary: string, { target = [], prepare, more = {} }: ExperimentParts): void {
    const simulated = this.runner === 'simulated';
    const experiment = {
      name: this.name,
      target: simulated
        ? { simulated: {} }
        : {
            binary,
            args: ['-listen', '{host}:{port}', '-mark', this.name, ...target],
            port: 'auto',
            ready: { http: '/healthz', within: '10s' },
            ...(prepare === undefined ? {} : { prepare: prepare(this) }),
          },
      ...(simulated ? {} : { limits: { required: false }, runner: this.runner }),
      matrix: { gogc: [50, 100] },
      workloads: { steady: { http: { path: '/work', rate: simulated ? '200/s' : '50/s' } } },
      phases: simulated ? { warmup: '1s', measure: '40s' } : { warmup: '300ms', measure: '700ms', drain: '200ms' },
      blocks: simulated ? 30 : 1,
      // The baseline is first, then the other level, then the baseline again.
      seed: 9,
      validity: simulated ? {} : { drift: '100%', lateness: '5s', achieved_rate: '5%', error_rate: '95%' },
      policy: { retries: 10, wait: '500ms' },
      ...more,
    };
    writeFileSync(this.file, JSON.stringify(experiment, null, 1));
  }

  /** Starts gctune with everything of its own, as the leader of a process group. `words`: what it is started by. */
  start(args: readonly string[], words: (command: readonly string[]) => readonly string[] = (each) => each): Started {
    const [file = '', ...rest] = words([process.execPath, main, ...args]);
    const child = spawn(file, rest, {
      cwd: this.folder,
      env: { ...process.env, ...this.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const ended = new Promise<End>((resolve) => {
      child.on('error', (error) => resolve(error.message));
      // What it left may hold its streams open for ever.
      child.on('exit', (code, signal) => setTimeout(() => resolve(signal ?? String(code)), 50));
    });
    return {
      pid: child.pid,
      ended,
      stdout: () => stdout,
      stderr: () => stderr,
      leave: (stream) => void child[stream].destroy(),
    };
  }

  /** Starts the run that the fault comes over, whose events come on stdout. */
  begin(...more: readonly string[]): void {
    this.run = this.start(['run', this.file, '--json', '--output', this.results, ...more]);
  }

  /** The events of the run so far, of `--json` where it writes them. */
  events(): readonly Event[] {
    return eventsIn(this.run?.stdout() ?? '');
  }

  journal(): readonly Event[] {
    const folder = this.runFolder();
    return folder === undefined ? [] : eventsIn(readText(join(folder, 'journal.ndjson')));
  }

  /** The folder of the run, once there is one. */
  runFolder(): string | undefined {
    const [run] = names(this.results).filter((name) => name.startsWith(this.name));
    return run === undefined ? undefined : join(this.results, run);
  }

  /** The same where there has to be one. */
  get theRun(): string {
    const folder = this.runFolder();
    if (folder === undefined) throw new Error('there is no run folder');
    return folder;
  }

  /** Waits until the n-th trial is in a phase. */
  async during(phase: string, trial = 2): Promise<void> {
    const count = (): number =>
      // The journal of a model is short, and its events come by the thousand.
      (this.runner === 'simulated' ? this.journal() : this.events()).filter((event) =>
        phase === 'between' ? event.type === 'trial-ended' : event.type === 'phase' && event['phase'] === phase,
      ).length;
    await this.until(`${phase} of trial ${trial}`, () => count() >= (phase === 'between' ? trial - 1 : trial));
  }

  /** Waits until a trial has begun, by the journal, then a little longer: for a run that writes no events. */
  async duringByJournal(trial = 2): Promise<void> {
    const begun = (): number => this.journal().filter(({ type }) => type === 'trial-started').length;
    await this.until(`trial ${trial}`, () => begun() >= trial);
    await sleep(this.runner === 'docker' ? 1500 : 700);
  }

  /** Waits until something is so; throws where gctune ends before, or after all patience. */
  async until(what: string, isSo: () => boolean): Promise<void> {
    let over: End | undefined;
    void this.run?.ended.then((end) => (over = end));
    for (const limit = performance.now() + PATIENCE_SECONDS * 1000; !isSo(); await sleep(5)) {
      if (over !== undefined) throw new Error(`gctune ended (${over}) before ${what}: ${this.run?.stderr() ?? ''}`);
      if (performance.now() > limit) throw new Error(`no ${what} in ${PATIENCE_SECONDS} s`);
    }
  }

  /** Sends a signal to gctune alone, or to its process group as a terminal does. */
  signal(name: NodeJS.Signals, to: 'gctune' | 'group' = 'gctune'): void {
    const pid = this.run?.pid;
    if (pid !== undefined) process.kill(to === 'group' ? -pid : pid, name);
  }

  /** Runs gctune to its end. */
  async gctune(
    ...args: readonly string[]
  ): Promise<{ readonly end: End; readonly stdout: string; readonly stderr: string }> {
    const started = this.start(args);
    return { end: await this.wait(started, PATIENCE_SECONDS), stdout: started.stdout(), stderr: started.stderr() };
  }

  /** Waits for an end; what does not end is killed and called `hung`. */
  async wait({ ended }: Started, seconds: number): Promise<End> {
    const timer = new AbortController();
    const end = await Promise.race([
      ended,
      sleep(seconds * 1000, 'hung', { signal: timer.signal }).catch(() => 'hung'),
    ]);
    timer.abort();
    if (end === 'hung') this.#killAll();
    return end;
  }

  #killAll(): void {
    for (const { pid } of this.processes()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended by itself.
      }
    }
  }

  /** The docker command, against the engine of this scene. */
  async docker(...args: readonly string[]): Promise<string> {
    return this.command('docker', ...args);
  }

  /** A program of this machine; gives what it prints. */
  async command(file: string, ...args: readonly string[]): Promise<string> {
    return (await execa(file, args, { env: this.env, timeout: 30_000 })).stdout;
  }

  /** The container of the trial under way. */
  async container(): Promise<string> {
    const [id] = await this.owned('container');
    if (id === undefined) throw new Error('there is no container');
    return id;
  }

  /** What the engine has of this scene. */
  async owned(kind: 'container' | 'network' | 'image'): Promise<readonly string[]> {
    const label = ['--filter', 'label=gctune.run'];
    const ids = (
      kind === 'container' ? await this.docker('ps', '-aq', ...label) : await this.docker(kind, 'ls', '-q', ...label)
    )
      .split('\n')
      .filter(Boolean);
    const own: string[] = [];
    for (const id of new Set(ids)) {
      // Somebody else's may be gone by now.
      const text = await this.docker(kind, 'inspect', id).catch(() => '');
      if (text.includes(this.name)) own.push(id);
    }
    return own;
  }

  /** The processes of this scene, with their command lines. */
  processes(): readonly { readonly pid: number; readonly command: string }[] {
    return names('/proc')
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .flatMap((pid) => {
        const command = readText(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
        const known = command.includes(this.name) || readText(`/proc/${pid}/environ`).includes(this.name);
        return known && command !== '' && !isZombie(pid) ? [{ pid: Number(pid), command }] : [];
      });
  }

  /** The control groups of this scene. */
  cgroups(): readonly string[] {
    try {
      const text = execFileSync('find', ['/sys/fs/cgroup', '-maxdepth', '6', '-type', 'd', '-name', `*${this.name}*`], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      return text.split('\n').filter(Boolean);
    } catch {
      return [];
    }
  }

  /** What of this scene is on the machine. */
  async leftovers(): Promise<readonly string[]> {
    const found = this.processes().map(({ command }) => `process ${command.slice(0, 100)}`);
    if (this.runner === 'docker') {
      for (const kind of ['container', 'network', 'image'] as const)
        for (const id of await this.owned(kind)) found.push(`${kind} ${id}`);
    }
    for (const name of names(join(this.folder, 'tmp'))) found.push(`in TMPDIR: ${name}`);
    for (const name of names(join(this.folder, 'cache/scratch'))) found.push(`scratch ${name}`);
    for (const group of this.cgroups()) found.push(`cgroup ${group}`);
    const run = this.runFolder();
    if (run !== undefined && names(run).some((name) => name.startsWith('run.lock'))) found.push('run.lock');
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#killAll();
    if (this.runner === 'docker') {
      for (const kind of ['container', 'network', 'image'] as const)
        for (const id of await this.owned(kind).catch(() => []))
          await this.docker(kind, 'rm', ...(kind === 'network' ? [] : ['-f']), id).catch(() => '');
    }
    for (const undo of this.undo.toReversed()) await undo();
    const mounts = readText('/proc/self/mounts')
      .split('\n')
      .flatMap((line) => line.split(' ')[1] ?? [])
      .filter((place) => place.startsWith(this.folder));
    for (const place of mounts.toReversed()) await this.command('umount', '-l', place);
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** What a case says of its experiment. */
export interface ExperimentParts {
  readonly target?: readonly string[];
  readonly prepare?: (scene: Scene) => readonly unknown[];
  readonly more?: Readonly<Record<string, unknown>>;
}

/** The lines that are whole. */
function eventsIn(text: string): readonly Event[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Event);
}

/** The names in a folder; none where there is no such folder. */
export function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** A file's text; empty where there is none. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function isZombie(pid: string): boolean {
  return /^State:\s+Z/m.test(readText(`/proc/${pid}/status`));
}
