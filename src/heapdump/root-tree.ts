import { GrowingIntegers } from './growing.ts';
import type { ObjectTable } from './object-table.ts';
import type { RootRecords } from './root-records.ts';
import type { SymbolTable } from './symbols.ts';

/** What kind of place holds objects. */
export type HolderKind = 'variables' | 'goroutines' | 'finalizers' | 'queued-finalizers' | 'other' | 'stack-words';

/** A place that holds objects, or a group of such places. */
export interface Holder {
  /** Index of the group that it belongs to; -1 for the kinds themselves. */
  readonly parent: number;
  readonly kind: HolderKind;
  /** Untrusted text. */
  readonly label: string;
}

/** The places that the collector starts from, in groups, and the objects that each holds directly. */
export interface RootTree {
  readonly holders: readonly Holder[];
  /** Pairs of a holder and an object. */
  readonly owners: Uint32Array;
  readonly objects: Uint32Array;
}

/** Collects pairs of holder and object and makes holders when they are first needed. */
export class RootTreeBuilder {
  readonly #holders: Holder[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #owners = new GrowingIntegers();
  readonly #objects = new GrowingIntegers();

  /** The holder below these labels, from the kind's down. */
  holder(kind: HolderKind, ...path: readonly string[]): number {
    let parent = -1;
    for (const label of [KIND_LABELS[kind], ...path]) {
      const key = `${parent}\n${label}`;
      let number = this.#numbers.get(key);
      if (number === undefined) {
        number = this.#holders.length;
        this.#holders.push({ parent, kind, label });
        this.#numbers.set(key, number);
      }
      parent = number;
    }
    return parent;
  }

  add(holder: number, object: number): void {
    this.#owners.push(holder);
    this.#objects.push(object);
  }

  /** The objects that are held so far, one for each pair. */
  heldObjects(): Uint32Array {
    return this.#objects.copy();
  }

  build(): RootTree {
    return { holders: this.#holders, owners: this.#owners.take(), objects: this.#objects.take() };
  }
}

const KIND_LABELS: Readonly<Record<HolderKind, string>> = {
  variables: 'package variables',
  goroutines: 'goroutines',
  finalizers: 'finalizers',
  'queued-finalizers': 'finalizers that are due',
  other: 'other roots',
  'stack-words': 'stack words not marked as pointers',
};

/** Enters every root that the dump is sure of. */
export function addRoots(
  tree: RootTreeBuilder,
  records: RootRecords,
  objects: ObjectTable,
  symbols: SymbolTable | undefined,
): void {
  const hold = (target: number, holder: () => number): void => {
    const object = objects.find(target);
    if (object >= 0) tree.add(holder(), object);
  };
  const [pointers, addresses] = [records.variables.take(), records.variableAddresses.take()];
  for (let i = 0; i < pointers.length; i += 1) {
    const address = addresses[i] as number;
    hold(pointers[i] as number, () => tree.holder('variables', ...variablePath(address, records, symbols)));
  }
  const stack = stackPaths(records);
  for (const { goroutine, what, target } of records.held)
    hold(target, () => tree.holder('goroutines', ...stack.goroutine(goroutine), what));
  const [held, owners] = [records.framePointers.take(), records.framePointerOwners.take()];
  for (let i = 0; i < held.length; i += 1)
    hold(held[i] as number, () => tree.holder('goroutines', ...stack.frame(owners[i] as number)));
  const names = new Map(records.frames.map(({ entry, name }) => [entry, name]));
  for (const { object, closure, entry, isQueued } of records.finalizers) {
    const name = symbols?.function(entry)?.name ?? names.get(entry) ?? `function at ${hex(entry)}`;
    const holder = (): number => tree.holder(isQueued ? 'queued-finalizers' : 'finalizers', name);
    hold(object, holder);
    hold(closure, holder);
  }
  for (const { description, target } of records.others) hold(target, () => tree.holder('other', description));
}

/** Enters the words of stacks that look like pointers, as far as `isWanted` says so of what they point to. */
export function addStackWords(
  tree: RootTreeBuilder,
  records: RootRecords,
  objects: ObjectTable,
  isWanted: (object: number) => boolean,
): void {
  const stack = stackPaths(records);
  const [words, owners] = [records.frameWords.take(), records.frameWordOwners.take()];
  for (let i = 0; i < words.length; i += 1) {
    const object = objects.find(words[i] as number);
    if (object >= 0 && isWanted(object))
      tree.add(tree.holder('stack-words', ...stack.frame(owners[i] as number)), object);
  }
}

/** How goroutines and frames are grouped: by the function that the goroutine was started with. */
function stackPaths({ goroutines, frames }: RootRecords): {
  goroutine(number: number): readonly string[];
  frame(number: number): readonly string[];
} {
  const starts = new Map<number, string>();
  // The outermost frame is the last one; below it stands runtime.goexit.
  for (const { goroutine, name } of frames) if (name !== 'runtime.goexit') starts.set(goroutine, name);
  const goroutine = (number: number): readonly string[] => [
    starts.get(number) ?? 'without a stack',
    `goroutine ${goroutines[number]?.id ?? '?'}`,
  ];
  return {
    goroutine,
    frame: (number) => {
      const frame = frames[number];
      return frame === undefined ? [] : [...goroutine(frame.goroutine), `frame of ${frame.name}`];
    },
  };
}

function variablePath(address: number, { segments }: RootRecords, symbols: SymbolTable | undefined): readonly string[] {
  const segment = segments.find((one) => address >= one.address && address < one.address + one.sizeBytes);
  // A program may be moved as a whole when it is loaded (-buildmode=pie): then its data segment says how far.
  const data = segments.find(({ section }) => section === 'data');
  const moved = data === undefined || symbols?.dataAddress === undefined ? 0 : data.address - symbols.dataAddress;
  const name = symbols?.variable(address - moved)?.name;
  if (name !== undefined) return [packageOf(name), name];
  const section = segment?.section ?? 'data';
  return [section, `${section}+${hex(address - (segment?.address ?? 0))} (${hex(address)})`];
}

/** The package of a symbol: `net/http` of `net/http.DefaultClient`. Names of the linker have none. */
export function packageOf(symbol: string): string {
  const plain = symbol.replace(/\[.*$/s, '');
  const dot = plain.indexOf('.', plain.lastIndexOf('/') + 1);
  return dot > 0 ? plain.slice(0, dot) : 'the linker';
}

function hex(address: number): string {
  return `0x${address.toString(16)}`;
}
