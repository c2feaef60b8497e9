/**
 * What a mapping is, by what the kernel calls it. `go`: named by Go’s runtime (1.25 and later, where the kernel keeps names).
 * `reserved`: address space that nobody may touch.
 */
export const MAPPING_KINDS = [
  'go',
  'anonymous',
  'named',
  'c-heap',
  'stack',
  'program',
  'file',
  'shared',
  'kernel',
  'reserved',
] as const;
/** What a mapping is. */
export type MappingKind = (typeof MAPPING_KINDS)[number];

/** The sums over all mappings of one kind and name. */
export interface MappingSum {
  readonly kind: MappingKind;
  /** Go's name for it (`heap`), of kind `go` alone. */
  readonly name: string | undefined;
  readonly mappings: number;
  /** Address space, resident or not. */
  readonly sizeBytes: number;
  readonly rssBytes: number;
  /** Resident, but returned with MADV_FREE: the kernel takes it where memory is short. It may be more than this. */
  readonly lazyFreeBytes: number;
  /** Resident as huge pages, anonymous or of files. */
  readonly hugeBytes: number;
  readonly swapBytes: number;
}

/** A process's mappings in sums. */
export interface Smaps {
  readonly sums: readonly MappingSum[];
  /** The file, other than the program, of which most is resident. Untrusted. */
  readonly largestFile: { readonly path: string; readonly rssBytes: number } | undefined;
}

/** Address, permissions, offset, device, inode, name (proc_pid_maps(5)). */
const HEADER =
  /^([0-9a-f]{1,16})-([0-9a-f]{1,16}) ([r-][w-][x-][ps]) [0-9a-f]{1,16} [0-9a-f]{1,8}:[0-9a-f]{1,8} (\d{1,20})(?: +(\S.*)?)?$/;
/** `Rss:   12 kB`; kB there means KiB (proc_pid_smaps(5)). */
const FIELD = /^(Rss|LazyFree|AnonHugePages|ShmemPmdMapped|FilePmdMapped|Swap): {1,20}(\d{1,15}) kB$/;
/** `[anon:NAME]` of PR_SET_VMA_ANON_NAME; Go's names begin with ` Go: ` (src/runtime/set_vma_name_linux.go). */
const GO_NAME = /^\[anon: Go: ([^\]]{1,70})\]$/;
/** Go has some 20 names; a program that makes up its own gets one sum for the rest. */
const MOST_NAMES = 40;
/** Of more files not even the largest is looked for. */
const MOST_FILES = 10_000;

interface Sum {
  kind: MappingKind;
  name: string | undefined;
  mappings: number;
  sizeBytes: number;
  rssBytes: number;
  lazyFreeBytes: number;
  hugeBytes: number;
  swapBytes: number;
}

/** Adds up the lines of `/proc/PID/smaps` as they come, in bounded memory. */
export class SmapsReader {
  readonly #program: string | undefined;
  readonly #sums = new Map<string, Sum>();
  readonly #files = new Map<string, number>();
  #sum: Sum | undefined;
  #file: string | undefined;
  /** Where the last mapping of the program ends: what follows without a name is its bss. */
  #programEnd: string | undefined;

  /** `program`: what `/proc/PID/exe` leads to, where that is known. */
  constructor(program: string | undefined) {
    this.#program = program;
  }

  /** Takes the next line. */
  line(text: string): void {
    const header = HEADER.exec(text);
    if (header !== null) {
      this.#begin(header[1] ?? '', header[2] ?? '', header[3] ?? '', header[4] !== '0', header[5] ?? '');
      return;
    }
    const field = FIELD.exec(text);
    const sum = this.#sum;
    if (field === null || sum === undefined) return;
    const bytes = Number(field[2]) * 1024;
    switch (field[1]) {
      case 'Rss':
        sum.rssBytes += bytes;
        if (this.#file !== undefined && (this.#files.size < MOST_FILES || this.#files.has(this.#file)))
          this.#files.set(this.#file, (this.#files.get(this.#file) ?? 0) + bytes);
        break;
      case 'LazyFree':
        sum.lazyFreeBytes += bytes;
        break;
      case 'Swap':
        sum.swapBytes += bytes;
        break;
      default:
        sum.hugeBytes += bytes;
    }
  }

  /** The sums over what was read; undefined where nothing was. */
  result(): Smaps | undefined {
    if (this.#sums.size === 0) return undefined;
    const [path, rssBytes] = [...this.#files].reduce<readonly [string, number]>(
      (most, file) => (file[1] > most[1] ? file : most),
      ['', 0],
    );
    return {
      sums: [...this.#sums.values()].map((sum) => ({ ...sum })),
      largestFile: rssBytes === 0 ? undefined : { path, rssBytes },
    };
  }

  #begin(from: string, to: string, permissions: string, inode: boolean, called: string): void {
    const { kind, name } = this.#kindOf(from, permissions, inode, called);
    if (kind === 'program') this.#programEnd = to;
    this.#file = kind === 'file' ? called : undefined;
    const key = kind === 'go' && this.#sums.size >= MOST_NAMES ? 'go ' : `${kind} ${name ?? ''}`;
    let sum = this.#sums.get(key);
    if (sum === undefined) {
      sum = {
        kind,
        name: key === 'go ' ? 'other' : name,
        mappings: 0,
        sizeBytes: 0,
        rssBytes: 0,
        lazyFreeBytes: 0,
        hugeBytes: 0,
        swapBytes: 0,
      };
      this.#sums.set(key, sum);
    }
    sum.mappings += 1;
    sum.sizeBytes += Number.parseInt(to, 16) - Number.parseInt(from, 16);
    this.#sum = sum;
  }

  #kindOf(
    from: string,
    permissions: string,
    inode: boolean,
    called: string,
  ): { readonly kind: MappingKind; readonly name?: string | undefined } {
    const go = GO_NAME.exec(called)?.[1];
    if (go !== undefined) return { kind: 'go', name: go };
    if (inode && called.startsWith('/')) {
      if (called === this.#program) return { kind: 'program' };
      // Shared memory has an inode of its own, and a name that is no file.
      return /^\/(?:dev\/(?:shm\/|zero\b)|SYSV|memfd:|anon_hugepage\b)/.test(called)
        ? { kind: 'shared' }
        : { kind: 'file' };
    }
    if (permissions.startsWith('---')) return { kind: 'reserved' };
    if (called.startsWith('[anon_shmem:')) return { kind: 'shared' };
    if (called.startsWith('[anon:')) return { kind: 'named' };
    if (called === '[heap]') return { kind: 'c-heap' };
    if (called.startsWith('[stack')) return { kind: 'stack' };
    if (called.startsWith('[')) return { kind: 'kernel' };
    return { kind: from === this.#programEnd && this.#program !== undefined ? 'program' : 'anonymous' };
  }
}
