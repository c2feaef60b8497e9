import { exact, MAX_DEPTH, MAX_FRAMES, MAX_NAME, MAX_PARTS, Names } from './bounds.ts';
import { inflate } from './inflate.ts';
import { ProfileFault } from './profile-fault.ts';
import type { Profile, Sample, SampleType } from './profile.ts';
import { readTextProfile } from './read-text-profile.ts';
import { fieldsOf, numbersOf, type Field } from './wire.ts';

/**
 * Reads a profile as `net/http/pprof` and `runtime/pprof` write it: profile.proto, or the text of `debug=1`, compressed by
 * gzip or not. Throws ProfileFault where it is anything else, cut short or damaged. Time and memory are bounded whatever
 * the bytes are. Source: github.com/google/pprof/proto/profile.proto.
 */
export function readProfile(file: Uint8Array): Profile {
  const bytes = inflate(file);
  const written = readTextProfile(bytes);
  if (written !== undefined) return written;
  const parts = partsOf(bytes);
  const texts = new Texts(bytes, parts.texts);
  const sampleTypes = parts.sampleTypes.map((part) => sampleType(bytes, part, texts));
  if (sampleTypes.length === 0) throw new ProfileFault('it has no sample types, so it is not a profile');
  const names = new Names();
  const stacks = new Stacks(placesOf(bytes, parts, texts, names));
  const samples = parts.samples.map((part) => sample(bytes, part, stacks, sampleTypes.length));
  return {
    sampleTypes,
    defaultType: parts.defaultType === 0 ? undefined : texts.at(parts.defaultType, 0),
    durationSeconds: parts.durationNanoseconds > 0 ? parts.durationNanoseconds / 1e9 : undefined,
    period: parts.period > 0 ? parts.period : undefined,
    names: names.list,
    samples,
    doubts: [],
  };
}

/** The messages and texts of a profile, as ranges of its bytes. */
interface Parts {
  readonly sampleTypes: Field[];
  readonly samples: Field[];
  readonly mappings: Field[];
  readonly locations: Field[];
  readonly functions: Field[];
  readonly texts: Field[];
  defaultType: number;
  durationNanoseconds: number;
  period: number;
}

function partsOf(bytes: Uint8Array): Parts {
  const parts: Parts = {
    sampleTypes: [],
    samples: [],
    mappings: [],
    locations: [],
    functions: [],
    texts: [],
    defaultType: 0,
    durationNanoseconds: 0,
    period: 0,
  };
  const lists = [parts.sampleTypes, parts.samples, parts.mappings, parts.locations, parts.functions, parts.texts];
  for (const field of fieldsOf(bytes, 0, bytes.length)) {
    const list = lists[field.number - 1];
    if (list !== undefined) {
      if (!field.isRange) throw new ProfileFault(`field ${field.number} is a number, not a message`, field.position);
      if (list.length === MAX_PARTS)
        throw new ProfileFault(`it has more than ${MAX_PARTS} parts of one kind`, field.position);
      list.push(field);
    } else if (field.number === 10) parts.durationNanoseconds = field.value;
    else if (field.number === 12) parts.period = field.value;
    else if (field.number === 14) parts.defaultType = field.value;
  }
  return parts;
}

function sampleType(bytes: Uint8Array, part: Field, texts: Texts): SampleType {
  let [type, unit] = ['', ''];
  for (const field of fieldsOf(bytes, part.start, part.end)) {
    if (field.number === 1) type = texts.at(field.value, field.position);
    else if (field.number === 2) unit = texts.at(field.value, field.position);
  }
  return { type, unit };
}

/** The frames of every place by its number: innermost first, coded as in `Sample.frames`. */
function placesOf(bytes: Uint8Array, parts: Parts, texts: Texts, names: Names): ReadonlyMap<number, readonly number[]> {
  const files = new Map<number, string>();
  for (const part of parts.mappings) {
    const { id, text } = named(bytes, part, 5, texts);
    files.set(id, text.slice(text.lastIndexOf('/') + 1));
  }
  const functions = new Map<number, string>();
  for (const part of parts.functions) {
    const { id, text } = named(bytes, part, 2, texts);
    if (id === 0 || functions.has(id)) throw new ProfileFault(`function ${id} is there twice`, part.position);
    functions.set(id, text);
  }
  const places = new Map<number, readonly number[]>();
  let lines = 0;
  for (const part of parts.locations) {
    let [id, mapping] = [0, 0];
    const called: (string | undefined)[] = [];
    for (const field of fieldsOf(bytes, part.start, part.end)) {
      if (field.number === 1) id = exact(field.value, field.position);
      else if (field.number === 2) mapping = field.value;
      else if (field.number === 4) {
        lines += 1;
        if (lines > MAX_PARTS) throw new ProfileFault(`it has more than ${MAX_PARTS} lines of code`, field.position);
        called.push(functions.get(functionOf(bytes, field)));
      }
    }
    if (id === 0 || places.has(id)) throw new ProfileFault(`place ${id} is there twice`, part.position);
    // What pprof calls code of which only the file is known.
    const file = files.get(mapping) ?? '';
    const nameless = file === '' ? '<unknown>' : `[${file}]`;
    const frames = called.length === 0 ? [undefined] : called;
    places.set(
      id,
      frames.map(
        (name, i) =>
          names.index(name === undefined || name === '' ? nameless : name) * 2 + (i < frames.length - 1 ? 1 : 0),
      ),
    );
  }
  return places;
}

function functionOf(bytes: Uint8Array, line: Field): number {
  for (const field of fieldsOf(bytes, line.start, line.end)) if (field.number === 1) return field.value;
  return 0;
}

/** The number of a message (its field 1) and the text that another of its fields names. */
function named(bytes: Uint8Array, part: Field, textField: number, texts: Texts): { id: number; text: string } {
  let [id, text] = [0, ''];
  for (const field of fieldsOf(bytes, part.start, part.end)) {
    if (field.number === 1) id = exact(field.value, field.position);
    else if (field.number === textField) text = texts.at(field.value, field.position);
  }
  return { id, text };
}

function sample(bytes: Uint8Array, part: Field, stacks: Stacks, types: number): Sample {
  const places: number[] = [];
  const values: number[] = [];
  for (const field of fieldsOf(bytes, part.start, part.end)) {
    if (field.number === 1) for (const id of numbersOf(bytes, field)) add(places, id, MAX_DEPTH, part);
    else if (field.number === 2)
      for (const value of numbersOf(bytes, field)) add(values, exact(value, field.position), types, part);
  }
  if (values.length !== types)
    throw new ProfileFault(`a sample has ${values.length} values for ${types} sample types`, part.position);
  return { frames: stacks.frames(places, part.position), values };
}

/** Keeps a number of a sample, as long as there are no more than it can have. */
function add(list: number[], value: number, most: number, { position }: Field): void {
  if (list.length === most) throw new ProfileFault(`a sample has more than ${most} places or values`, position);
  list.push(value);
}

/** Joins places to stacks, as long as all of them together stay within bounds. */
class Stacks {
  readonly #places: ReadonlyMap<number, readonly number[]>;
  #left = MAX_FRAMES;
  constructor(places: ReadonlyMap<number, readonly number[]>) {
    this.#places = places;
  }

  /** The frames from the root to the leaf; the profile has the leaf first. */
  frames(ids: readonly number[], position: number): Uint32Array {
    const stack = ids.map((id) => {
      const place = this.#places.get(id);
      if (place === undefined) throw new ProfileFault(`a sample names place ${id}, which is not there`, position);
      return place;
    });
    const length = stack.reduce((sum, place) => sum + place.length, 0);
    this.#left -= length;
    if (this.#left < 0) throw new ProfileFault(`its stacks have more than ${MAX_FRAMES} frames`, position);
    const frames = new Uint32Array(length);
    let at = length;
    for (const place of stack) for (const frame of place) frames[(at -= 1)] = frame;
    return frames;
  }
}

/** The table of texts; each is decoded once, when it is asked for. */
class Texts {
  readonly #bytes: Uint8Array;
  readonly #ranges: readonly Field[];
  readonly #known = new Map<number, string>();
  readonly #decoder = new TextDecoder();
  constructor(bytes: Uint8Array, ranges: readonly Field[]) {
    this.#bytes = bytes;
    this.#ranges = ranges;
  }

  at(index: number, position: number): string {
    const known = this.#known.get(index);
    if (known !== undefined) return known;
    const range = this.#ranges[index];
    if (range === undefined) throw new ProfileFault(`text ${index} is not in the table of texts`, position);
    const text = this.#decoder.decode(this.#bytes.subarray(range.start, Math.min(range.end, range.start + MAX_NAME)));
    this.#known.set(index, text);
    return text;
  }
}
