import { DumpFault } from './dump-fault.ts';
import { GrowingFloats, GrowingIntegers } from './growing.ts';
import { PAGE_BYTES, type SlotRule } from './phantom-slots.ts';
import type { Contents } from './records.ts';

/** Slots are whole multiples of this, which lets 32 bits hold the size of any. */
const GRAIN_BYTES = 8;
/** Pages of one arena on 64-bit Linux: 64 MiB. Only a way to divide the address space here. */
const ARENA_PAGES = 8192;
const ARENA_BYTES = ARENA_PAGES * PAGE_BYTES;
const NOTHING = 0xffff_ffff;
/** Corrupt addresses must not make a table without end: arenas of 1 TiB, far more than can be analysed. */
const MAX_ARENAS = 2 ** 40 / ARENA_BYTES;

/** The pages of 64 MiB: which object begins first in each, and how many do. */
interface Arena {
  /** Number of the first object that begins in the page, or that covers it where none begins; NOTHING for none. */
  readonly first: Uint32Array;
  readonly count: Uint16Array;
}

/** The objects of a heap, numbered from 0 in the order of the dump, and what each points to. */
export interface ObjectTable {
  readonly count: number;
  /** Slots that no object stands in; they are in `count` and have a size of 0. */
  readonly phantoms: { readonly slots: number; readonly bytes: number };
  addressOf(object: number): number;
  /** Bytes of the object's slot; 0 for a phantom. */
  sizeOf(object: number): number;
  /** Whether its type has pointers. */
  hasPointers(object: number): boolean;
  /** The object that an address lies in, at its beginning or inside; -1 for none. */
  find(address: number): number;
  /** Where the targets of an object begin in `targets`; of the next object, where they end. */
  readonly starts: Uint32Array;
  readonly targets: Uint32Array;
}

/** Takes the objects of a dump one by one and makes the table of them. */
export class ObjectTableBuilder {
  readonly #addresses = new GrowingFloats();
  readonly #grains = new GrowingIntegers();
  readonly #starts = new GrowingIntegers();
  readonly #pointers = new GrowingFloats();
  readonly #flags = new GrowingIntegers();
  readonly #arenas = new Map<number, Arena>();
  readonly #arenaStart: number;
  readonly #arenaEnd: number;

  constructor(arenaStart: number, arenaEnd: number) {
    this.#arenaStart = arenaStart;
    this.#arenaEnd = arenaEnd;
  }

  /** Adds an object. Throws DumpFault where it lies outside of the heap or on another one. */
  add(contents: Contents, position: number): void {
    const { address, sizeBytes, pointerCount } = contents;
    if (address < this.#arenaStart || address + sizeBytes > this.#arenaEnd || sizeBytes === 0)
      throw new DumpFault(
        `an object of ${sizeBytes} bytes at 0x${address.toString(16)} lies outside of the heap`,
        position,
      );
    if (sizeBytes % GRAIN_BYTES !== 0 || sizeBytes / GRAIN_BYTES > 0xffff_ffff)
      throw new DumpFault(`there are no slots of ${sizeBytes} bytes`, position);
    const object = this.#addresses.length;
    if (object >= NOTHING - 1) throw new DumpFault('it has more than 4,294,967,294 objects', position);
    this.#place(object, address, sizeBytes, position);
    this.#addresses.push(address);
    this.#grains.push(sizeBytes / GRAIN_BYTES);
    this.#starts.push(this.#pointers.length);
    // A bit for each object, 32 to a number.
    if (object % 32 === 0) this.#flags.push(0);
    if (pointerCount > 0) this.#flags.setLast(object % 32);
    for (let i = 0; i < pointerCount; i += 1) {
      const target = contents.pointerAt(i);
      // Most other pointers are nil; the rest point to globals, code or memory that is not the heap's.
      if (target >= this.#arenaStart && target < this.#arenaEnd) this.#pointers.push(target);
    }
  }

  /** Resolves the pointers. The builder must not be used afterwards. */
  build(rule: SlotRule): ObjectTable {
    const addresses = this.#addresses.take();
    const grains = this.#grains.take();
    const flags = this.#flags.take();
    const arenas = this.#arenas;
    const hasPointers = (object: number): boolean => ((flags[object >>> 5] ?? 0) & (1 << (object & 31))) !== 0;
    const phantoms = removePhantoms(addresses, grains, hasPointers, rule);

    let lastNumber = -1;
    let lastArena: Arena | undefined;
    const find = (address: number): number => {
      const number = Math.floor(address / ARENA_BYTES);
      if (number !== lastNumber) {
        lastNumber = number;
        lastArena = arenas.get(number);
      }
      if (lastArena === undefined) return -1;
      const page = Math.floor((address - number * ARENA_BYTES) / PAGE_BYTES);
      const first = lastArena.first[page] as number;
      if (first === NOTHING) return -1;
      // The last one that begins at or before the address; one before the first, where a slot straddles two pages.
      let low = first - 1;
      let high = first + Math.max(1, lastArena.count[page] as number) - 1;
      while (low < high) {
        const middle = (low + high + 1) >>> 1;
        if ((addresses[middle] as number) <= address) low = middle;
        else high = middle - 1;
      }
      if (low < 0) return -1;
      const offset = address - (addresses[low] as number);
      return offset >= 0 && offset < (grains[low] as number) * GRAIN_BYTES ? low : -1;
    };

    const starts = new Uint32Array(addresses.length + 1);
    const targets = resolved(this.#starts.take(), this.#pointers.take(), grains, starts, find);
    return {
      count: addresses.length,
      phantoms,
      addressOf: (object) => addresses[object] ?? 0,
      sizeOf: (object) => (grains[object] ?? 0) * GRAIN_BYTES,
      hasPointers,
      find,
      starts,
      targets,
    };
  }

  /** Enters an object into the pages that it begins in and covers. */
  #place(object: number, address: number, sizeBytes: number, position: number): void {
    const from = Math.floor(address / PAGE_BYTES);
    const to = Math.floor((address + sizeBytes - 1) / PAGE_BYTES);
    for (let page = from; page <= to; page += 1) {
      const arena = this.#arena(Math.floor(page / ARENA_PAGES), position);
      const at = page % ARENA_PAGES;
      const first = arena.first[at] as number;
      if (page === from) {
        if (first === NOTHING) arena.first[at] = object;
        else if (first + Math.max(1, arena.count[at] as number) !== object)
          throw new DumpFault(`two objects share the page of 0x${address.toString(16)}`, position);
        if (first !== NOTHING && arena.count[at] === 0) arena.first[at] = object;
        const before = object - 1;
        if (first !== NOTHING && this.#addresses.at(before) + this.#grains.at(before) * GRAIN_BYTES > address)
          throw new DumpFault(`two objects overlap at 0x${address.toString(16)}`, position);
        arena.count[at] = (arena.count[at] as number) + 1;
      } else {
        if (first !== NOTHING)
          throw new DumpFault(`two objects overlap at 0x${(page * PAGE_BYTES).toString(16)}`, position);
        arena.first[at] = object;
      }
    }
  }

  #arena(number: number, position: number): Arena {
    let arena = this.#arenas.get(number);
    if (arena === undefined) {
      if (this.#arenas.size >= MAX_ARENAS) throw new DumpFault('its objects are spread over more than 1 TiB', position);
      arena = { first: new Uint32Array(ARENA_PAGES).fill(NOTHING), count: new Uint16Array(ARENA_PAGES) };
      this.#arenas.set(number, arena);
    }
    return arena;
  }
}

/** Sets the size of the slots that are no objects to 0. The slots of a page follow one another in the table. */
function removePhantoms(
  addresses: Float64Array,
  grains: Uint32Array,
  hasPointers: (object: number) => boolean,
  rule: SlotRule,
): { slots: number; bytes: number } {
  const phantoms = { slots: 0, bytes: 0 };
  for (let object = 0; object < grains.length;) {
    const slotBytes = (grains[object] as number) * GRAIN_BYTES;
    if (slotBytes > rule.upToBytes) {
      object += 1;
      continue;
    }
    const page = Math.floor((addresses[object] as number) / PAGE_BYTES);
    let withPointers = false;
    let end = object;
    while (end < grains.length && Math.floor((addresses[end] as number) / PAGE_BYTES) === page) {
      withPointers ||= hasPointers(end);
      end += 1;
    }
    const real = rule.realSlots(slotBytes, withPointers);
    for (; object < end; object += 1) {
      if (((addresses[object] as number) - page * PAGE_BYTES) / slotBytes < real) continue;
      grains[object] = 0;
      phantoms.slots += 1;
      phantoms.bytes += slotBytes;
    }
  }
  return phantoms;
}

/** Turns the pointers into numbers of objects, in the memory of the pointers themselves, and fills in `starts`. */
function resolved(
  firsts: Uint32Array,
  pointers: Float64Array<ArrayBuffer>,
  grains: Uint32Array,
  starts: Uint32Array,
  find: (address: number) => number,
): Uint32Array {
  // An object's number takes half the place of a pointer, so that writing never overtakes reading.
  const targets = new Uint32Array(pointers.buffer);
  let length = 0;
  for (let object = 0; object < firsts.length; object += 1) {
    starts[object] = length;
    const from = firsts[object] as number;
    const to = object + 1 < firsts.length ? (firsts[object + 1] as number) : pointers.length;
    // What a phantom seems to point to is the bitmap's bits.
    if (grains[object] === 0) continue;
    for (let i = from; i < to; i += 1) {
      const target = find(pointers[i] as number);
      if (target >= 0 && target !== object) {
        targets[length] = target;
        length += 1;
      }
    }
  }
  starts[firsts.length] = length;
  return new Uint32Array(pointers.buffer.transfer(length * 4));
}
