import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { RuntimeRefused } from './refused.ts';
import { Words } from './words.ts';

/** Keys of /proc/PID/auxv (linux/auxvec.h). */
const AT_PAGESZ = 6;
const AT_ENTRY = 9;
/** Bits of an entry of /proc/PID/pagemap, in its upper word (Documentation/admin-guide/mm/pagemap.rst). */
const PRESENT = 0x8000_0000;
const SWAPPED = 0x4000_0000;
const ENTRY_BYTES = 8;
/** Pages between the variables of a runtime, at most, that are asked for at once. */
const LOOKED_AT_PAGES = 512;
/** Entries of the page map that are read at a time. */
const MAP_PAGES = 65_536;
/** A hole of at most so many pages does not end a run: what nobody has touched is zero. */
const BRIDGED_PAGES = 4;
/** More than the data and zeros of any Go program that was seen, by far. */
const MOST_ADDRESSES = 4 * 2 ** 30;
/** Most bytes that are looked through. Those of the programs that were tried are 0.3 to 10 MiB. */
const MOST_RESIDENT = 64 * 2 ** 20;

/** A stretch of memory as it was at one moment. */
export interface Run {
  readonly address: number;
  readonly words: Words;
}

/**
 * The memory of a process, through files that belong to its address space: after it has ended or replaced itself they read
 * nothing, whoever has its number by then. Pages that are not resident are never touched, so that a read adds nothing to
 * the process: what it has not touched yet is zero, what is swapped out is refused.
 */
export class ProcessMemory implements Disposable {
  readonly pid: number;
  readonly pageBytes: number;
  /** Where the program was told to begin. */
  readonly entry: number;
  readonly #memory: number;
  readonly #pages: number;
  /** The page map of the pages that were last looked at. */
  readonly #entries = new Words(LOOKED_AT_PAGES * ENTRY_BYTES);
  #firstEntry = 0;
  #entryCount = 0;
  #open = true;

  /** Throws RuntimeRefused where it cannot be opened. */
  constructor(pid: number) {
    this.pid = pid;
    this.#memory = open(pid, 'mem');
    try {
      this.#pages = open(pid, 'pagemap');
    } catch (error) {
      closeSync(this.#memory);
      throw error;
    }
    try {
      const vector = auxiliaryVector(pid);
      this.pageBytes = vector.get(AT_PAGESZ) ?? 4096;
      this.entry = vector.get(AT_ENTRY) ?? NaN;
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** Closes it; may be done twice. */
  [Symbol.dispose](): void {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.#memory);
    closeSync(this.#pages);
  }

  /**
   * Asks which pages between two addresses are resident now, for the reads that follow. Where they are too many, each read
   * asks for its own. False where the process has ended or replaced itself.
   */
  lookAt(low: number, high: number): boolean {
    this.#firstEntry = Math.floor(low / this.pageBytes);
    this.#entryCount = Math.ceil(high / this.pageBytes) - this.#firstEntry;
    if (this.#entryCount <= LOOKED_AT_PAGES) return this.#readMap(this.#firstEntry, this.#entryCount, this.#entries);
    this.#entryCount = 0;
    return true;
  }

  /**
   * Fills `into` with what is at an address now. False where the process has ended or replaced itself. Throws
   * RuntimeRefused where a page of it is swapped out.
   */
  read(address: number, into: Words): boolean {
    const first = Math.floor(address / this.pageBytes);
    const end = address + into.bytes.length;
    const count = Math.ceil(end / this.pageBytes) - first;
    const known = first >= this.#firstEntry && first + count <= this.#firstEntry + this.#entryCount;
    const entries = known ? this.#entries : new Words(count * ENTRY_BYTES);
    if (!known && !this.#readMap(first, count, entries)) return false;
    const skipped = known ? first - this.#firstEntry : 0;
    const stateOf = (page: number): number => entries.u32((skipped + page) * ENTRY_BYTES + 4);
    for (let page = 0, from = address; page < count; page += 1) {
      const until = Math.min(end, (first + page + 1) * this.pageBytes);
      const state = stateOf(page);
      if ((state & PRESENT) === 0) {
        if ((state & SWAPPED) !== 0) throw swappedOut();
        into.bytes.fill(0, from - address, until - address);
        from = until;
        continue;
      }
      if (page + 1 < count && (stateOf(page + 1) & PRESENT) !== 0) continue;
      if (!this.#copy(from, into.bytes, from - address, until - from)) return false;
      from = until;
    }
    return true;
  }

  /** What is resident between addresses, as it is now; undefined where the process has ended. Throws RuntimeRefused where that is too much. */
  resident(ranges: readonly { readonly address: number; readonly sizeBytes: number }[]): Residents | undefined {
    const found: { address: number; sizeBytes: number }[] = [];
    let swapped = 0;
    // What is read to judge this look is to be as new as the look.
    this.#entryCount = 0;
    if (ranges.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) > MOST_ADDRESSES) throw tooLarge();
    const entries = new Words(MAP_PAGES * ENTRY_BYTES);
    for (const { address, sizeBytes } of ranges) {
      const last = Math.ceil((address + sizeBytes) / this.pageBytes);
      for (let first = Math.floor(address / this.pageBytes); first < last; first += MAP_PAGES) {
        const count = Math.min(MAP_PAGES, last - first);
        if (!this.#readMap(first, count, entries)) return undefined;
        for (let page = 0; page < count; page += 1) {
          const state = entries.u32(page * ENTRY_BYTES + 4);
          if ((state & PRESENT) === 0) {
            if ((state & SWAPPED) !== 0) swapped += 1;
            continue;
          }
          const at = (first + page) * this.pageBytes;
          const run = found.at(-1);
          if (run !== undefined && at - (run.address + run.sizeBytes) <= BRIDGED_PAGES * this.pageBytes)
            run.sizeBytes = at + this.pageBytes - run.address;
          else found.push({ address: at, sizeBytes: this.pageBytes });
        }
      }
    }
    if (found.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) > MOST_RESIDENT) throw tooLarge();
    const runs: Run[] = [];
    for (const { address, sizeBytes } of found) {
      // The end of a variable may be on pages behind the run that are not touched yet.
      const words = new Words(sizeBytes + BRIDGED_PAGES * this.pageBytes);
      if (!this.#readPresent(address, words, sizeBytes)) return undefined;
      runs.push({ address, words });
    }
    return { runs, swapped };
  }

  /** As `read`, and pages that are swapped out count as zeros. */
  #readPresent(address: number, into: Words, sizeBytes: number): boolean {
    const first = address / this.pageBytes;
    const count = sizeBytes / this.pageBytes;
    const entries = new Words(count * ENTRY_BYTES);
    if (!this.#readMap(first, count, entries)) return false;
    for (let page = 0; page < count; page += 1) {
      let many = 0;
      while (page + many < count && (entries.u32((page + many) * ENTRY_BYTES + 4) & PRESENT) !== 0) many += 1;
      const at = page * this.pageBytes;
      if (many > 0 && !this.#copy(address + at, into.bytes, at, many * this.pageBytes)) return false;
      page += many;
    }
    return true;
  }

  #readMap(firstPage: number, count: number, into: Words): boolean {
    const wanted = count * ENTRY_BYTES;
    for (let done = 0; done < wanted;) {
      const got = readSync(this.#pages, into.bytes, done, wanted - done, firstPage * ENTRY_BYTES + done);
      if (got === 0) return false;
      done += got;
    }
    return true;
  }

  #copy(address: number, into: Uint8Array, at: number, length: number): boolean {
    for (let done = 0; done < length;) {
      const got = readSync(this.#memory, into, at + done, length - done, address + done);
      if (got === 0) return false;
      done += got;
    }
    return true;
  }
}

/** What a look through a process found. */
export interface Residents {
  readonly runs: readonly Run[];
  /** Pages that are swapped out and were left alone. */
  readonly swapped: number;
}

/** The refusal to fetch memory back from swap. */
export function swappedOut(): RuntimeRefused {
  return new RuntimeRefused(
    'swapped',
    'part of its runtime’s variables is swapped out, and reading it would bring it back',
    'try again when it has done some work',
  );
}

function tooLarge(): RuntimeRefused {
  return new RuntimeRefused(
    'too-large',
    `it has more than ${MOST_RESIDENT / 2 ** 20} MiB of global variables`,
    'ask the program itself: --url',
  );
}

function open(pid: number, name: string): number {
  try {
    return openSync(`/proc/${pid}/${name}`, 'r');
  } catch (error) {
    throw refusal(pid, error);
  }
}

function auxiliaryVector(pid: number): ReadonlyMap<number, number> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(`/proc/${pid}/auxv`);
  } catch (error) {
    throw refusal(pid, error);
  }
  const words = new Words(bytes.length);
  words.bytes.set(bytes);
  const pairs: [number, number][] = [];
  for (let at = 0; at + 16 <= bytes.length; at += 16) pairs.push([words.u64(at), words.u64(at + 8)]);
  return new Map(pairs);
}

/** What the system's refusal to open a process's memory means, and what would help. */
export function refusal(pid: number, error: unknown): RuntimeRefused {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ESRCH')
    return new RuntimeRefused('no-such-process', `there is no process ${pid}`, 'ps lists them', error);
  if (code !== 'EACCES' && code !== 'EPERM')
    return new RuntimeRefused(
      'not-permitted',
      error instanceof Error ? error.message : String(error),
      undefined,
      error,
    );
  return new RuntimeRefused('not-permitted', whyDenied(pid), helpOf(pid), error);
}

function whyDenied(pid: number): string {
  const scope = yamaScope();
  if (scope !== '0' && scope !== undefined && canRead(`/proc/${pid}/auxv`))
    return `the kernel lets no process read another’s memory here (kernel.yama.ptrace_scope is ${scope})`;
  const owner = ownerOf(pid);
  return owner === undefined || owner === process.getuid?.()
    ? 'the system forbids to read its memory: its program has file capabilities, may not be read, or made itself unreadable'
    : `it belongs to another user (${owner})`;
}

function helpOf(pid: number): string {
  if (process.getuid?.() === 0) return 'CAP_SYS_PTRACE is missing; ask the program itself: --url';
  const owner = ownerOf(pid);
  return owner === undefined || owner === 0 || owner === process.getuid?.()
    ? 'try as root'
    : 'try as that user or as root';
}

function yamaScope(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/yama/ptrace_scope', 'utf8').trim();
  } catch {
    return undefined;
  }
}

function ownerOf(pid: number): number | undefined {
  try {
    // The folder of a process that is not dumpable belongs to root; its status says whose it is.
    const uid = /^Uid:\t(\d{1,10})\t/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return uid === undefined ? statSync(`/proc/${pid}`).uid : Number(uid);
  } catch {
    return undefined;
  }
}

function canRead(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}
