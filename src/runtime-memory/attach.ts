import { readBuildInfoFrom } from '../executable/build-info.ts';
import { openByteSource } from '../executable/byte-source.ts';
import { readElf, type ElfImage } from '../executable/elf.ts';
import type { BuildInfo } from '../results/format.ts';
import {
  booksAgree,
  findBooks,
  findLimiter,
  findWork,
  isController,
  workAgrees,
  type Candidate,
} from './identities.ts';
import { layoutOf, type Layout } from './layout.ts';
import { ProcessMemory, refusal, swappedOut } from './process-memory.ts';
import { readingOf, type RuntimeReading, type Snapshot } from './reading.ts';
import { RuntimeRefused } from './refused.ts';
import {
  controllerBytes,
  countObjects,
  limiterBytes,
  readController,
  readLimiter,
  readStats,
  readWork,
  statsBytes,
  workExtent,
  type Stats,
} from './variables.ts';
import { Words } from './words.ts';

/** The machines whose layouts are known: 64 bits, the same on both. */
const ARCHITECTURES: readonly string[] = ['amd64', 'arm64'];
/** Looks at the whole of the data, where variables move while they are looked at. */
const SCANS = 20;
/** Looks at the candidates, of which one must be right to the byte. */
const CHECKS = 300;
/** Reads until one is not torn. The moments at which one is are some microseconds at a cycle's end. */
const TRIES = 100;

/** The runtime of a living process. */
export interface RuntimeReader extends Disposable {
  readonly pid: number;
  /** What the Go linker wrote into the program. Untrusted. */
  readonly buildInfo: BuildInfo;
  /** What the runtime says now; undefined where the process has ended or replaced itself. Throws RuntimeRefused where it cannot be had at present. */
  read(): RuntimeReading | undefined;
  /** How many cycles have ended, for next to nothing; undefined where the process has ended or replaced itself. */
  cycles(): number | undefined;
  /** Closes it; may be done twice. */
  close(): void;
}

/**
 * Finds the runtime of a Go process in its memory. The process takes no part in it and is not stopped; what is read is the
 * resident part of its global variables. Throws RuntimeRefused where it cannot be read, or where its variables are not
 * where the Go release that built it should have them.
 */
export async function attachRuntime(pid: number): Promise<RuntimeReader> {
  if (process.platform !== 'linux')
    throw new RuntimeRefused(
      'not-linux',
      'only Linux lets a process be read from outside',
      'ask the program itself: --url',
    );
  // The memory first: its file belongs to the program that runs now, and reads nothing once that has been replaced.
  const memory = new ProcessMemory(pid);
  try {
    const { elf, buildInfo } = await programOf(pid);
    const layout = layoutOf(buildInfo.goVersion);
    const reader = new Reader(memory, layout, buildInfo, dataOf(elf, memory));
    reader.find();
    return reader;
  } catch (error) {
    memory[Symbol.dispose]();
    throw error;
  }
}

/** What the file of a process's program says. Throws RuntimeRefused where it is none of Go's. */
async function programOf(pid: number): Promise<{ elf: ElfImage; buildInfo: BuildInfo }> {
  try {
    await using source = await openByteSource(`/proc/${pid}/exe`);
    const elf = await readElf(source);
    const buildInfo = await readBuildInfoFrom(source);
    if (elf === undefined || buildInfo === undefined)
      throw new RuntimeRefused('not-go', 'its program was not built by Go, or by none since Go 1.13');
    if (!ARCHITECTURES.includes(elf.platform.arch))
      throw new RuntimeRefused(
        'other-machine',
        `it is a program for ${elf.platform.arch}; amd64 and arm64 can be read`,
      );
    return { elf, buildInfo };
  } catch (error) {
    throw error instanceof RuntimeRefused ? error : refusal(pid, error);
  }
}

/** Where a program's writable data are in the process. Throws RuntimeRefused where the file is not what runs. */
function dataOf(elf: ElfImage, { entry, pageBytes }: ProcessMemory): ElfImage['writable'] {
  const moved = entry - elf.entry;
  const data = elf.writable.map(({ address, sizeBytes }) => ({ address: address + moved, sizeBytes }));
  const plausible = data.every(
    ({ address, sizeBytes }) => address >= 0 && sizeBytes >= 0 && Number.isSafeInteger(address + sizeBytes),
  );
  if (!Number.isSafeInteger(moved) || moved % pageBytes !== 0 || !plausible) throw doesNotFit();
  return data;
}

function doesNotFit(): RuntimeRefused {
  return new RuntimeRefused(
    'does-not-fit',
    'its runtime’s variables are not where its Go version should have them: it is starting, collects without a pause, or its Go was changed',
    'try again, or ask the program itself: --url',
  );
}

/** Where the variables are. The two that are not there before the first cycle, or need not be found, may be undefined. */
interface Places extends Candidate {
  readonly work: number | undefined;
  readonly limiter: number | undefined;
}

class Reader implements RuntimeReader {
  readonly buildInfo: BuildInfo;
  readonly #memory: ProcessMemory;
  readonly #layout: Layout;
  readonly #data: ElfImage['writable'];
  readonly #controller: Words;
  readonly #stats: Words;
  readonly #statsAfter: Words;
  readonly #work: Words;
  readonly #limiter: Words;
  readonly #cycles = new Words(4);
  #places: Places | undefined;

  constructor(memory: ProcessMemory, layout: Layout, buildInfo: BuildInfo, data: ElfImage['writable']) {
    this.#memory = memory;
    this.#layout = layout;
    this.buildInfo = buildInfo;
    this.#data = data;
    const { first, end } = workExtent(layout);
    this.#controller = new Words(controllerBytes(layout));
    this.#stats = new Words(statsBytes(layout));
    this.#statsAfter = new Words(statsBytes(layout) - layout.stats.numgc);
    this.#work = new Words(end - first);
    this.#limiter = new Words(limiterBytes(layout));
  }

  get pid(): number {
    return this.#memory.pid;
  }

  close(): void {
    this.#memory[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Finds the variables. Throws RuntimeRefused where not exactly one of each kind is right. */
  find(): void {
    let swapped = 0;
    for (let scan = 0; scan < SCANS; scan += 1) {
      const look = this.#memory.resident(this.#data);
      if (look === undefined) throw new RuntimeRefused('no-such-process', `process ${this.pid} has ended`);
      swapped = look.swapped;
      const found = this.#onlyRight(findBooks(look.runs, this.#layout));
      if (found === undefined) continue;
      const stats = readStats(this.#stats, 0, this.#layout);
      const work = only(findWork(look.runs, this.#layout, stats));
      if (work === undefined && stats.numgc > 0) continue;
      this.#places = { ...found, work, limiter: only(findLimiter(look.runs, this.#layout, stats)) };
      return;
    }
    throw swapped > 0 ? swappedOut() : doesNotFit();
  }

  read(): RuntimeReading | undefined {
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const seen = this.#snapshot();
      if (seen === 'ended') return undefined;
      if (seen === 'first-cycle') this.find();
      else if (seen !== 'torn') return readingOf(seen, this.#layout.headroomPercent);
    }
    throw new RuntimeRefused('torn', 'its runtime’s variables changed during each of many reads', 'try again');
  }

  cycles(): number | undefined {
    const places = this.#places;
    if (places === undefined) throw doesNotFit();
    return this.#memory.read(places.stats + this.#layout.stats.numgc, this.#cycles) ? this.#cycles.u32(0) : undefined;
  }

  /** One look at all variables; it is torn where a cycle ended meanwhile. */
  #snapshot(): Snapshot | 'ended' | 'torn' | 'first-cycle' {
    const places = this.#places;
    if (places === undefined) throw doesNotFit();
    const layout = this.#layout;
    const { first } = workExtent(layout);
    const beginnings = [places.controller, places.stats, places.work ?? places.stats, places.limiter ?? places.stats];
    const whole =
      this.#memory.lookAt(Math.min(...beginnings) + first, Math.max(...beginnings) + this.#stats.bytes.length) &&
      this.#memory.read(places.stats, this.#stats) &&
      this.#memory.read(places.controller, this.#controller) &&
      (places.work === undefined || this.#memory.read(places.work + first, this.#work)) &&
      (places.limiter === undefined || this.#memory.read(places.limiter, this.#limiter)) &&
      this.#memory.read(places.stats + layout.stats.numgc, this.#statsAfter);
    if (!whole) return 'ended';
    if (this.#statsAfter.u32(0) !== this.#stats.u32(layout.stats.numgc)) return 'torn';
    const stats = readStats(this.#stats, 0, layout);
    if (places.work === undefined && stats.numgc > 0) return 'first-cycle';
    const work = places.work === undefined ? undefined : readWork(this.#work, -first, layout);
    if ((work !== undefined && !workAgrees(work, stats)) || !isController(this.#controller, 0, layout)) return 'torn';
    return {
      controller: readController(this.#controller, 0, layout),
      stats,
      objects: countObjects(this.#stats, 0, layout),
      work,
      limiter: places.limiter === undefined ? undefined : readLimiter(this.#limiter, 0, layout),
    };
  }

  /** The only candidate whose books agree at one moment; what was read of it then is in the buffers. */
  #onlyRight(candidates: readonly Candidate[]): Candidate | undefined {
    for (let check = 0; check < CHECKS; check += 1) {
      const right = candidates.filter((candidate) => this.#agree(candidate));
      const last = right[0];
      if (last !== undefined && right.length === 1 && this.#agree(last)) return last;
    }
    return undefined;
  }

  #agree({ controller, stats }: Candidate): boolean {
    if (!this.#memory.read(controller, this.#controller) || !this.#memory.read(stats, this.#stats)) return false;
    const said: Stats = readStats(this.#stats, 0, this.#layout);
    return (
      isController(this.#controller, 0, this.#layout) &&
      booksAgree(readController(this.#controller, 0, this.#layout), said)
    );
  }
}

function only(found: readonly number[]): number | undefined {
  return found.length === 1 ? found[0] : undefined;
}
