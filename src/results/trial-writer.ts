import { type FileHandle, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeAtomically, writing } from './disk.ts';
import type { OutputLine, Reading, TrialRecord } from './format.ts';
import { partialTrialFolder, trialFiles, trialFolder } from './layout.ts';
import { openToAppend, syncFolder, writeNewFile, type FileMode } from './plain-file.ts';

/** Readings are handed to the disk at least this often, so that a kill loses no more than that. */
const flushMilliseconds = 1000;
/** A daemon that chatters does not fill the disk: what goes beyond is left out, and the log says so. */
const outputLimitBytes = 8 * 1024 * 1024;

/** Appends lines to a file in batches; remembers the first failure and reports it at the next call. */
class LineFile {
  #pending: string[] = [];
  #bytes = 0;
  #writing: Promise<void> = Promise.resolve();
  #failure: Error | undefined;
  readonly #file: FileHandle;
  readonly #path: string;
  readonly #limitBytes: number;

  private constructor(file: FileHandle, path: string, limitBytes: number) {
    this.#file = file;
    this.#path = path;
    this.#limitBytes = limitBytes;
  }

  static async open(path: string, mode: FileMode, limitBytes = Infinity): Promise<LineFile> {
    return new LineFile(await writing(path, () => openToAppend(path, mode)), path, limitBytes);
  }

  append(line: string): void {
    if (this.#bytes > this.#limitBytes) return;
    this.#bytes += line.length + 1;
    this.#pending.push(
      this.#bytes > this.#limitBytes ? `[gctune: output beyond ${this.#limitBytes} bytes left out]` : line,
    );
  }

  flush(): void {
    if (this.#pending.length === 0) return;
    const text = `${this.#pending.join('\n')}\n`;
    this.#pending = [];
    this.#writing = this.#writing
      .then(() => writing(this.#path, () => this.#file.appendFile(text)))
      .catch((error: unknown) => {
        this.#failure ??= error instanceof Error ? error : new Error(String(error));
      });
  }

  get failure(): Error | undefined {
    return this.#failure;
  }

  async close(): Promise<void> {
    this.flush();
    await this.#writing;
    try {
      if (this.#failure === undefined) await writing(this.#path, () => this.#file.sync());
    } finally {
      await this.#file.close();
    }
    if (this.#failure !== undefined) throw this.#failure;
  }
}

/** The files a trial appends to. */
interface TrialLogs {
  readonly readings: LineFile;
  readonly output: LineFile;
  readonly gctrace: LineFile;
}

/**
 * Writes one attempt at a trial: under a temporary name while it runs, renamed when it has ended,
 * so that a folder without the leading dot is always whole.
 */
export class TrialWriter implements AsyncDisposable {
  readonly #run: string;
  readonly #trial: string;
  readonly #attempt: number;
  readonly #folder: string;
  readonly #files: TrialLogs;
  readonly #mode: FileMode;
  readonly #timer: NodeJS.Timeout;
  #closed = false;

  private constructor(run: string, trial: string, attempt: number, folder: string, files: TrialLogs, mode: FileMode) {
    this.#run = run;
    this.#trial = trial;
    this.#attempt = attempt;
    this.#folder = folder;
    this.#files = files;
    this.#mode = mode;
    this.#timer = setInterval(() => this.#flush(), flushMilliseconds);
    this.#timer.unref();
  }

  /** Begins an attempt; what an earlier, killed one left under the temporary name is thrown away. */
  static async open(run: string, trial: string, attempt: number, mode: FileMode = 0o644): Promise<TrialWriter> {
    const folder = partialTrialFolder(run, trial, attempt);
    await writing(folder, async () => {
      await rm(folder, { recursive: true, force: true });
      // Not with what is above it: a run whose folder has gone is not made up again.
      await mkdir(folder);
    });
    const files = {
      readings: await LineFile.open(join(folder, trialFiles.readings), mode),
      output: await LineFile.open(join(folder, trialFiles.output), mode, outputLimitBytes),
      gctrace: await LineFile.open(join(folder, trialFiles.gctrace), mode, outputLimitBytes),
    };
    return new TrialWriter(run, trial, attempt, folder, files, mode);
  }

  /** Keeps a reading. */
  reading(reading: Reading): void {
    this.#files.readings.append(JSON.stringify(reading));
  }

  /** Keeps a line of the daemon's output. */
  output(line: OutputLine): void {
    this.#files.output.append(`${line.stream} ${line.text}`);
  }

  /** Keeps a gctrace line. */
  gctrace(line: string): void {
    this.#files.gctrace.append(line);
  }

  /** Keeps a pprof profile as the target sent it. */
  async profile(kind: 'heap' | 'allocs', bytes: Uint8Array): Promise<void> {
    const path = join(this.#folder, kind === 'heap' ? trialFiles.heapProfile : trialFiles.allocsProfile);
    await writing(path, () => writeNewFile(path, bytes, this.#mode));
  }

  /** Throws what the disk refused so far, if anything; the trial asks now and then. */
  throwFailure(): void {
    const { readings, output, gctrace } = this.#files;
    const failure = readings.failure ?? output.failure ?? gctrace.failure;
    if (failure !== undefined) throw failure;
  }

  /** Ends the attempt: writes `trial.json`, syncs, renames the folder. Throws EnvironmentError `disk-full` where it cannot. */
  async finish(record: TrialRecord): Promise<void> {
    await this.#close();
    const hdr = record.work?.latency?.hdr;
    if (hdr !== undefined) {
      const path = join(this.#folder, trialFiles.latency);
      await writing(path, () => writeNewFile(path, hdr, this.#mode));
    }
    await writeAtomically(join(this.#folder, trialFiles.record), `${JSON.stringify(record, null, 1)}\n`, this.#mode);
    const final = trialFolder(this.#run, this.#trial, this.#attempt);
    await writing(final, async () => {
      await rename(this.#folder, final);
      await syncFolder(dirname(final));
    });
  }

  /** Closes the files of an attempt that was not finished; what is on disk stays under the temporary name. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#close();
    } catch {
      // the failure was reported by `finish` or `failure` already
    }
  }

  #flush(): void {
    this.#files.readings.flush();
    this.#files.output.flush();
    this.#files.gctrace.flush();
  }

  async #close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    const closed = await Promise.allSettled([
      this.#files.readings.close(),
      this.#files.output.close(),
      this.#files.gctrace.close(),
    ]);
    for (const one of closed) if (one.status === 'rejected') throw one.reason;
  }
}
