import { DumpFault } from './dump-fault.ts';
import { foreignName, HEADER } from './foreign.ts';
import { RecordWindow, Underrun } from './record-window.ts';
import {
  MEM_STATS,
  Tag,
  type DumpCall,
  type DumpFinalizer,
  type DumpGoroutine,
  type DumpMemStats,
  type DumpVisitor,
} from './records.ts';

/** Bytes that can be read at any place; a file. */
export interface DumpSource {
  readonly sizeBytes: number;
  /** The bytes from `offset`, fewer than `length` only where the source ends. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** How the reading is followed and ended. */
export interface ReadOptions {
  readonly signal?: AbortSignal;
  /** Called now and then with the number of bytes read. */
  readonly progress?: (bytes: number) => void;
}

/** Frames and calls of one stack; the runtime records 128 at most. */
const MAX_STACK = 4096;
const PIECE_BYTES = 8 * 2 ** 20;

/**
 * Reads a dump of debug.WriteHeapDump from its first byte to its last and hands each record to the visitor. Holds one
 * piece of 8 MiB in memory, or one record where that is larger. Throws DumpFault with the position where the
 * bytes are no dump, are cut short or go on after the end. Source: runtime/heapdump.go, golang.org/s/go15heapdump.
 */
export async function readRecords(
  source: DumpSource,
  visitor: DumpVisitor,
  { signal, progress }: ReadOptions = {},
): Promise<void> {
  const head = await source.read(0, 64);
  const header = Array.from(head.subarray(0, HEADER.length), (byte) => String.fromCharCode(byte)).join('');
  if (header !== HEADER) throw new DumpFault(foreignName(head));
  const window = new RecordWindow(source.sizeBytes, HEADER.length);
  const reader = new RecordReader(window, visitor);
  for (let wanted = PIECE_BYTES; ;) {
    signal?.throwIfAborted();
    const from = window.loadedTo;
    window.append(await source.read(from, Math.max(PIECE_BYTES, wanted)));
    progress?.(window.loadedTo);
    const outcome = reader.readAll();
    if (outcome === 'end') return;
    // A source that has nothing more although its size says so would be asked for ever.
    if (window.loadedTo === from)
      throw new DumpFault(
        `it is cut short: a ${outcome.record} record that begins at byte ${window.position} has no end`,
        window.loadedTo,
      );
    wanted = outcome.wanted;
  }
}

const RECORD_NAMES: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(Tag).map(([name, tag]) => [tag, name]),
);

class RecordReader {
  readonly #window: RecordWindow;
  readonly #visitor: DumpVisitor;
  #hasParams = false;

  constructor(window: RecordWindow, visitor: DumpVisitor) {
    this.#window = window;
    this.#visitor = visitor;
  }

  /** Reads the records that are loaded as a whole. */
  readAll(): 'end' | { readonly wanted: number; readonly record: string } {
    const window = this.#window;
    for (;;) {
      window.beginRecord();
      let tag: number = -1;
      try {
        tag = window.varint();
        if (tag === Tag.eof) {
          if (window.position < window.sizeBytes)
            throw new DumpFault(
              `${window.sizeBytes - window.position} bytes follow the end of the dump`,
              window.position,
            );
          return 'end';
        }
        this.#read(tag);
      } catch (error) {
        if (!(error instanceof Underrun)) throw error;
        // Nothing of the record has been handed over yet: it is read again with more bytes.
        window.rewind();
        return { wanted: error.wanted, record: RECORD_NAMES[tag] ?? 'new' };
      }
    }
  }

  #read(tag: number): void {
    const window = this.#window;
    if (!this.#hasParams && tag !== Tag.params)
      throw new DumpFault(`record ${tag} stands where the parameters must be`, window.recordPosition);
    switch (tag) {
      case Tag.params:
        return this.#params();
      case Tag.object: {
        const address = window.address();
        this.#visitor.object(window.contents(address), window.recordPosition);
        return;
      }
      case Tag.otherRoot:
        return this.#visitor.otherRoot(window.text(), window.varint());
      case Tag.type: {
        const [address, size, name] = [window.varint(), window.varint(), window.text()];
        window.boolean();
        return this.#visitor.type(address, size, name);
      }
      case Tag.goroutine:
        return this.#goroutine();
      case Tag.stackFrame:
        return this.#frame();
      case Tag.finalizer:
      case Tag.queuedFinalizer:
        return this.#visitor.finalizer(this.#finalizer(tag === Tag.queuedFinalizer));
      case Tag.itab:
        return window.skip(2);
      case Tag.osThread:
        return window.skip(3);
      case Tag.memStats:
        return this.#visitor.memStats(this.#memStats());
      case Tag.data:
      case Tag.bss: {
        const address = window.address();
        return this.#visitor.segment(tag === Tag.data ? 'data' : 'bss', window.contents(address));
      }
      case Tag.defer: {
        const [address, goroutine] = [window.varint(), window.varint()];
        window.skip(2);
        const closure = window.varint();
        window.skip(2);
        return this.#visitor.defer(goroutine, address, closure);
      }
      case Tag.panic: {
        const [address, goroutine] = [window.varint(), window.varint()];
        window.skip(1);
        const value = window.varint();
        window.skip(2);
        return this.#visitor.panic(goroutine, address, value);
      }
      case Tag.memProf:
        return this.#bucket();
      case Tag.allocSample:
        return this.#visitor.sample(window.varint(), window.varint());
      default:
        throw new DumpFault(`there is no record ${tag}`, window.recordPosition);
    }
  }

  #params(): void {
    const window = this.#window;
    if (this.#hasParams) throw new DumpFault('the parameters come a second time', window.recordPosition);
    const bigEndian = window.boolean();
    const pointerBytes = window.varint();
    if (pointerBytes !== 4 && pointerBytes !== 8)
      throw new DumpFault(`a pointer of ${pointerBytes} bytes does not exist`, window.recordPosition);
    const params = {
      bigEndian,
      pointerBytes,
      arenaStart: window.address(),
      arenaEnd: window.address(),
      goarch: window.text(),
      goVersion: window.text(),
      cpus: window.varint(),
    };
    window.setWords(bigEndian, pointerBytes);
    this.#hasParams = true;
    this.#visitor.params(params);
  }

  #goroutine(): void {
    const window = this.#window;
    const address = window.varint();
    window.skip(1);
    const id = window.varint();
    window.skip(1);
    const status = window.varint();
    const isSystem = window.boolean();
    window.boolean();
    window.skip(1);
    const waitReason = window.text();
    const context = window.varint();
    window.skip(1);
    const goroutine: DumpGoroutine = {
      address,
      id,
      status,
      isSystem,
      waitReason,
      context,
      defer: window.varint(),
      panic: window.varint(),
    };
    this.#visitor.goroutine(goroutine);
  }

  #frame(): void {
    const window = this.#window;
    const sp = window.address();
    const depth = window.varint();
    window.skip(1);
    const range = window.range();
    const entry = window.varint();
    window.skip(2);
    const name = window.text();
    const contents = window.contentsOf(sp, range, true);
    this.#visitor.frame({ sp, depth, entry, name }, contents);
  }

  #finalizer(isQueued: boolean): DumpFinalizer {
    const window = this.#window;
    const finalizer = { object: window.varint(), closure: window.varint(), entry: window.varint(), isQueued };
    window.skip(2);
    return finalizer;
  }

  #memStats(): DumpMemStats {
    const window = this.#window;
    const values = MEM_STATS.map((name) => [name, window.varint()] as const);
    window.skip(256);
    return { ...(Object.fromEntries(values) as Record<(typeof MEM_STATS)[number], number>), numGC: window.varint() };
  }

  #bucket(): void {
    const window = this.#window;
    const address = window.varint();
    const sizeBytes = window.varint();
    const depth = window.varint();
    if (depth > MAX_STACK) throw new DumpFault(`a stack of ${depth} calls does not exist`, window.recordPosition);
    const stack: DumpCall[] = [];
    for (let i = 0; i < depth; i += 1) stack.push({ name: window.text(), file: window.text(), line: window.varint() });
    this.#visitor.bucket({ address, sizeBytes, stack, allocs: window.varint(), frees: window.varint() });
  }
}
