/** Tags of the records of a heap dump; runtime/heapdump.go. */
export const Tag = {
  eof: 0,
  object: 1,
  otherRoot: 2,
  type: 3,
  goroutine: 4,
  stackFrame: 5,
  params: 6,
  finalizer: 7,
  itab: 8,
  osThread: 9,
  memStats: 10,
  queuedFinalizer: 11,
  data: 12,
  bss: 13,
  defer: 14,
  panic: 15,
  memProf: 16,
  allocSample: 17,
} as const;

/** What the dump says of the program. */
export interface DumpParams {
  readonly bigEndian: boolean;
  /** Bytes of a pointer: 4 or 8. */
  readonly pointerBytes: number;
  readonly arenaStart: number;
  /** First address behind the heap. */
  readonly arenaEnd: number;
  readonly goarch: string;
  /** As `runtime.Version()`: `go1.26.8`, with `-X:…` where experiments differ from the release's. */
  readonly goVersion: string;
  readonly cpus: number;
}

/** The names of the first 24 numbers of the memstats record, in its order. Bytes but for counts and times. */
export const MEM_STATS = [
  'alloc',
  'totalAlloc',
  'sys',
  'lookups',
  'mallocs',
  'frees',
  'heapAlloc',
  'heapSys',
  'heapIdle',
  'heapInuse',
  'heapReleased',
  'heapObjects',
  'stackInuse',
  'stackSys',
  'mspanInuse',
  'mspanSys',
  'mcacheInuse',
  'mcacheSys',
  'buckHashSys',
  'gcSys',
  'otherSys',
  'nextGC',
  'lastGC',
  'pauseTotalNs',
] as const;

/** The runtime.MemStats of the dump. Beyond 2⁵³ (LastGC, in nanoseconds since 1970) the last digits are lost. */
export type DumpMemStats = Readonly<Record<(typeof MEM_STATS)[number] | 'numGC', number>>;

/** A goroutine. Addresses are 0 where there is none. */
export interface DumpGoroutine {
  readonly address: number;
  readonly id: number;
  readonly status: number;
  /** Started by the runtime itself. */
  readonly isSystem: boolean;
  /** Why it waits. Untrusted text. */
  readonly waitReason: string;
  readonly context: number;
  readonly defer: number;
  readonly panic: number;
}

/** A frame of the stack of the goroutine before it. */
export interface DumpFrame {
  readonly sp: number;
  /** 0 is the innermost one. */
  readonly depth: number;
  /** Where the function begins. */
  readonly entry: number;
  /** Name of the function. Untrusted text. */
  readonly name: string;
}

/** One call of a stack that allocated. Untrusted text. */
export interface DumpCall {
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

/** A call stack that allocated, as runtime.MemProfile counts it: sampled, not scaled. */
export interface DumpBucket {
  readonly address: number;
  /** Bytes asked for by one allocation. */
  readonly sizeBytes: number;
  /** The innermost call first. */
  readonly stack: readonly DumpCall[];
  readonly allocs: number;
  readonly frees: number;
}

/** An object that something happens to when it is freed. */
export interface DumpFinalizer {
  readonly object: number;
  /** The closure. */
  readonly closure: number;
  /** Where its function begins. */
  readonly entry: number;
  /** Unreachable already, waiting to be run. */
  readonly isQueued: boolean;
}

/** Memory with pointers in it, valid only during the call that hands it over. */
export interface Contents {
  readonly address: number;
  readonly sizeBytes: number;
  /** How many pointer fields it has; their values are `pointerAt(0)` and so on. */
  readonly pointerCount: number;
  /** The value of a pointer field, 0 for nil. */
  pointerAt(index: number): number;
  /** Where in the memory the field stands. */
  offsetAt(index: number): number;
  /** The word at an offset, pointer or not. */
  wordAt(offset: number): number;
}

/** What is made of the records, one call for each in the order of the file. A call may throw DumpFault. */
export interface DumpVisitor {
  params(params: DumpParams): void;
  object(contents: Contents, position: number): void;
  otherRoot(description: string, target: number): void;
  type(address: number, sizeBytes: number, name: string): void;
  goroutine(goroutine: DumpGoroutine): void;
  frame(frame: DumpFrame, contents: Contents): void;
  finalizer(finalizer: DumpFinalizer): void;
  segment(section: 'data' | 'bss', contents: Contents): void;
  defer(goroutine: number, address: number, closure: number): void;
  panic(goroutine: number, address: number, value: number): void;
  memStats(stats: DumpMemStats): void;
  bucket(bucket: DumpBucket): void;
  sample(object: number, bucket: number): void;
}
