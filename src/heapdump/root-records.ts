import { GrowingFloats, GrowingIntegers } from './growing.ts';
import type { Contents, DumpFinalizer, DumpFrame, DumpGoroutine } from './records.ts';

/** What a dump says of the places that the collector starts from, as it was read. */
export class RootRecords {
  readonly goroutines: DumpGoroutine[] = [];
  readonly finalizers: DumpFinalizer[] = [];
  readonly others: { readonly description: string; readonly target: number }[] = [];
  /** What a goroutine's defer and panic records hold, by its number in `goroutines`. */
  readonly held: { readonly goroutine: number; readonly what: string; readonly target: number }[] = [];
  /** Frames, each with the number of its goroutine. */
  readonly frames: (DumpFrame & { readonly goroutine: number })[] = [];
  /** Pointers of the frames, and the frame of each. */
  readonly framePointers = new GrowingFloats();
  readonly framePointerOwners = new GrowingIntegers();
  /** Words of the frames that look like pointers without being marked as such, and the frame of each. */
  readonly frameWords = new GrowingFloats();
  readonly frameWordOwners = new GrowingIntegers();
  /** Pointers of the data and bss segments, and the address that each stands at. */
  readonly variables = new GrowingFloats();
  readonly variableAddresses = new GrowingFloats();
  readonly segments: { readonly section: 'data' | 'bss'; readonly address: number; readonly sizeBytes: number }[] = [];

  readonly #arenaStart: number;
  readonly #arenaEnd: number;
  readonly #pointerBytes: number;
  readonly #byAddress = new Map<number, number>();
  readonly #marked = new Set<number>();

  constructor(arenaStart: number, arenaEnd: number, pointerBytes: number) {
    this.#arenaStart = arenaStart;
    this.#arenaEnd = arenaEnd;
    this.#pointerBytes = pointerBytes;
  }

  goroutine(goroutine: DumpGoroutine): void {
    this.#byAddress.set(goroutine.address, this.goroutines.length);
    const number = this.goroutines.length;
    this.goroutines.push(goroutine);
    this.#hold(number, 'the closure it runs', goroutine.context);
    this.#hold(number, 'a deferred call', goroutine.defer);
    this.#hold(number, 'a panic', goroutine.panic);
  }

  /** A defer or panic record of a goroutine. */
  hold(goroutineAddress: number, what: string, target: number): void {
    const number = this.#byAddress.get(goroutineAddress);
    if (number !== undefined) this.#hold(number, what, target);
  }

  /** A frame of the goroutine that came last. */
  frame(frame: DumpFrame, contents: Contents): void {
    const owner = this.frames.length;
    this.frames.push({ ...frame, goroutine: this.goroutines.length - 1 });
    this.#marked.clear();
    for (let i = 0; i < contents.pointerCount; i += 1) {
      this.#marked.add(contents.offsetAt(i));
      const target = contents.pointerAt(i);
      if (!this.#inHeap(target)) continue;
      this.framePointers.push(target);
      this.framePointerOwners.push(owner);
    }
    // Variables whose address is taken are found by the collector in tables of stack objects, which no dump has.
    const last = contents.sizeBytes - this.#pointerBytes;
    for (let offset = 0; offset <= last; offset += this.#pointerBytes) {
      const word = contents.wordAt(offset);
      if (!this.#inHeap(word) || this.#marked.has(offset)) continue;
      this.frameWords.push(word);
      this.frameWordOwners.push(owner);
    }
  }

  segment(section: 'data' | 'bss', contents: Contents): void {
    this.segments.push({ section, address: contents.address, sizeBytes: contents.sizeBytes });
    for (let i = 0; i < contents.pointerCount; i += 1) {
      const target = contents.pointerAt(i);
      if (!this.#inHeap(target)) continue;
      this.variables.push(target);
      this.variableAddresses.push(contents.address + contents.offsetAt(i));
    }
  }

  #hold(goroutine: number, what: string, target: number): void {
    if (this.#inHeap(target)) this.held.push({ goroutine, what, target });
  }

  #inHeap(address: number): boolean {
    return address >= this.#arenaStart && address < this.#arenaEnd;
  }
}
