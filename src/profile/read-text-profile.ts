import { exact, MAX_DEPTH, MAX_FRAMES, MAX_NAME, MAX_PARTS, Names } from './bounds.ts';
import { ProfileFault } from './profile-fault.ts';
import type { Profile, Sample, SampleType } from './profile.ts';

/** Go writes lines of some thousand characters; pprof refuses what is longer than this. */
const MAX_LINE = 2 ** 16;
/** How far from the beginning the first line that is no comment may be. */
const HEAD_BYTES = 2 ** 16;

/**
 * Reads the text that `debug=1` gives (heap, allocs, goroutine, threadcreate, block, mutex), and `goroutine?debug=2`. Values
 * are those that pprof computes of the same text (profile/legacy_profile.go); names are those that the program has written
 * behind each sample, which pprof passes over. Undefined where the bytes are no such text. Throws ProfileFault.
 */
export function readTextProfile(bytes: Uint8Array): Profile | undefined {
  const head = firstLine(new TextDecoder('latin1').decode(bytes.subarray(0, HEAD_BYTES)));
  const form = head === undefined ? undefined : formOf(head);
  if (form === undefined) return undefined;
  const stacks = new Stacks();
  const text = new TextDecoder().decode(bytes);
  const samples = form.traces === true ? readTraces(text, stacks) : readSamples(text, form, stacks);
  return {
    sampleTypes: form.sampleTypes,
    defaultType: undefined,
    durationSeconds: undefined,
    period: form.period,
    names: stacks.names.list,
    samples,
    doubts: [...(form.doubts ?? []), ...form.missing()],
  };
}

/** What the first line of a text says of the lines below it. */
interface Form {
  readonly sampleTypes: readonly SampleType[];
  /** Undefined for the traces of `debug=2`, which are not read line by line. */
  readonly sample: RegExp;
  /** The values of a sample, one for each type; `fields` is what `sample` has matched. Throws ProfileFault. */
  readonly values: (fields: readonly string[]) => readonly number[];
  /** Lines `name=value` between the first line and the samples. */
  readonly setting?: (name: string, value: number) => void;
  /** What the first line promised and the samples read so far have not given. */
  readonly missing: () => readonly string[];
  period?: number | undefined;
  doubts?: readonly string[];
  readonly traces?: true;
}

const STACK = String.raw`@((?: +0x[0-9a-f]{1,16})*)`;
const HEAP_HEAD =
  /^heap profile: {0,9}(\d{1,19}): {0,9}(\d{1,19}) {0,9}\[ {0,9}(\d{1,19}): {0,9}(\d{1,19}) {0,9}\] {0,9}@ {0,9}(heap[_a-z0-9]{0,20})\/?(\d{0,19})$/;
const HEAP_SAMPLE = new RegExp(
  String.raw`^(-?\d{1,19}): {0,9}(-?\d{1,19}) {0,9}\[ {0,9}(-?\d{1,19}): {0,9}(-?\d{1,19}) {0,9}\] ${STACK}$`,
);
const COUNT_HEAD = /^(\w{1,60}) profile: total (\d{1,19})$/;
const COUNT_SAMPLE = new RegExp(String.raw`^(\d{1,19}) ${STACK}$`);
const CONTENTION_HEAD = /^--- (?:contention|mutex):$/;
const CONTENTION_SAMPLE = new RegExp(String.raw`^(\d{1,19}) {1,9}(\d{1,19}) ${STACK}$`);
const TRACE_HEAD = /^goroutine \d{1,19} (?:[\w=*]{1,40} ){0,4}\[.{1,9999}\]:$/;

/** The first line that is neither empty nor a comment; undefined where there is none. */
function firstLine(head: string): string | undefined {
  const at = /^(?:\ufeff|ï»¿)?(?:[ \t]*(?:#[^\n]*)?\r?\n)*/.exec(head)?.[0].length ?? 0;
  const end = head.indexOf('\n', at);
  return (end === -1 ? head.slice(at) : head.slice(at, end)).trim() || undefined;
}

function formOf(head: string): Form | undefined {
  const heap = HEAP_HEAD.exec(head);
  if (heap !== null) return heapForm(heap);
  const count = COUNT_HEAD.exec(head);
  if (count !== null) return countForm(count[1] ?? '', Number(count[2]));
  if (CONTENTION_HEAD.test(head)) return contentionForm();
  return TRACE_HEAD.test(head) ? traceForm() : undefined;
}

function heapForm([, objects = '', bytes = '', allocObjects = '', allocBytes = '', kind, rateText]: readonly string[]):
  Form | undefined {
  const written = rateText === '' ? 0 : exact(Number(rateText));
  // Go writes twice its rate, as the first heap profiler of C++ did.
  const rates: Readonly<Record<string, number>> = {
    heap: Math.trunc(written / 2),
    heap_v2: written,
    heapz_v2: written,
    heapprofile: 1,
  };
  const period = Object.hasOwn(rates, kind ?? '') ? rates[kind ?? ''] : undefined;
  if (period === undefined) return undefined;
  const scaled = kind !== 'heapprofile';
  const hasAlloc = (allocObjects !== objects && allocObjects !== '0') || (allocBytes !== bytes && allocBytes !== '0');
  const left = { objects: Number(objects), bytes: Number(bytes) };
  const pair = (count: number, size: number): readonly [number, number] => {
    if (count === 0 && size !== 0) throw new ProfileFault(`it has no objects and ${size} bytes`);
    return scaled ? scaledUp(count, size, period) : [count, size];
  };
  return {
    sampleTypes: [
      ...(hasAlloc ? [type('alloc_objects', 'count'), type('alloc_space', 'bytes')] : []),
      type(hasAlloc ? 'inuse_objects' : 'objects', 'count'),
      type(hasAlloc ? 'inuse_space' : 'space', 'bytes'),
    ],
    sample: HEAP_SAMPLE,
    values: ([inuse, inuseBytes, allocated, allocatedBytes]) => {
      left.objects -= number(inuse);
      left.bytes -= number(inuseBytes);
      return [
        ...(hasAlloc ? pair(number(allocated), number(allocatedBytes)) : []),
        ...pair(number(inuse), number(inuseBytes)),
      ];
    },
    missing: () =>
      left.objects === 0 && left.bytes === 0
        ? []
        : [incomplete(`${left.bytes} of the ${bytes} sampled bytes that its first line names are missing`)],
    period: period > 0 ? period : undefined,
  };
}

function countForm(name: string, total: number): Form {
  let left = exact(total);
  return {
    sampleTypes: [type(name, 'count')],
    sample: COUNT_SAMPLE,
    values: ([count]) => {
      left -= number(count);
      return [number(count)];
    },
    missing: () => (left === 0 ? [] : [incomplete(`${left} of the ${total} that its first line names are missing`)]),
    period: 1,
  };
}

function contentionForm(): Form {
  let hertz = 0;
  let period = 1;
  const form: Form = {
    sampleTypes: [type('contentions', 'count'), type('delay', 'nanoseconds')],
    sample: CONTENTION_SAMPLE,
    setting: (name, value) => {
      if (name === 'cycles/second') hertz = value;
      else if (name === 'sampling period') {
        period = value;
        form.period = value > 0 ? value : undefined;
        if (value > 1) form.doubts = [SCALED_TWICE(value)];
      }
    },
    values: ([cycles, count]) => {
      if (period <= 0) return [number(count), number(cycles)];
      const delay = hertz > 0 ? Math.trunc((number(cycles) * period) / (hertz / 1e9)) : number(cycles);
      return [exact(number(count) * period), exact(delay)];
    },
    missing: () => [],
    period: 1,
  };
  return form;
}

function traceForm(): Form {
  return {
    sampleTypes: [type('goroutine', 'count')],
    sample: TRACE_HEAD,
    values: () => [1],
    missing: () => [],
    period: 1,
    traces: true,
  };
}

const SCALED_TWICE = (period: number): string =>
  `one contention in ${period} was sampled, and pprof multiplies this text by ${period}, as is done here. Go 1.26 has already done so when it writes it: then every value is ${period} times too large. The profile without debug=1 is right`;

function incomplete(what: string): string {
  return `it is cut short or was edited: ${what}`;
}

function type(name: string, unit: string): SampleType {
  return { type: name, unit };
}

function number(text: string | undefined): number {
  return exact(Number(text));
}

/** What samples of objects of this mean size stand for, at a mean of `rate` bytes from one sample to the next. */
function scaledUp(count: number, size: number, rate: number): readonly [number, number] {
  if (count === 0 || size === 0) return [0, 0];
  if (rate <= 1) return [count, size];
  const scale = 1 / (1 - Math.exp(-(size / count) / rate));
  return [exact(Math.trunc(count * scale)), exact(Math.trunc(size * scale))];
}

/** Its lines without the blanks around them. Throws ProfileFault where one is longer than any that Go writes. */
function* linesOf(text: string): Generator<readonly [line: string, number: number]> {
  let count = 0;
  for (let at = 0; at < text.length;) {
    const found = text.indexOf('\n', at);
    const end = found === -1 ? text.length : found;
    count += 1;
    if (end - at > MAX_LINE) throw new ProfileFault(`line ${count} is longer than ${MAX_LINE} characters`);
    yield [text.slice(at, end).trim(), count];
    at = end + 1;
  }
}

/** Samples with a count and addresses each, and their functions in the comments below each. */
function readSamples(text: string, form: Form, stacks: Stacks): readonly Sample[] {
  const samples: Sample[] = [];
  let open: readonly number[] | undefined;
  let addresses = false;
  const close = (): void => {
    if (open !== undefined) samples.push({ frames: stacks.take(addresses), values: open });
    open = undefined;
  };
  let begun = false;
  for (const [line, count] of linesOf(text)) {
    if (line.startsWith('#')) {
      if (open !== undefined) stacks.comment(line);
      continue;
    }
    if (line === '' || line === '\ufeff') continue;
    if (!begun) {
      begun = true;
      continue;
    }
    if (line.startsWith('---') || line.includes('MAPPED_LIBRARIES:')) break;
    const setting = form.setting === undefined ? null : /^([a-z/ ]{1,40}?) {0,9}= {0,9}(\d{1,19})$/.exec(line);
    if (setting !== null && samples.length === 0 && open === undefined) {
      form.setting?.(setting[1] ?? '', number(setting[2]));
      continue;
    }
    const fields = form.sample.exec(line);
    if (fields === null) throw new ProfileFault(`line ${count} is neither a sample nor a comment`);
    close();
    if (samples.length === MAX_PARTS) throw new ProfileFault(`it has more than ${MAX_PARTS} samples`);
    open = withLine(count, () => form.values(fields.slice(1)));
    addresses = fields.at(-1) !== '';
  }
  close();
  return samples;
}

/** Says in which line a fault is. */
function withLine<T>(count: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof ProfileFault ? new ProfileFault(`line ${count}: ${error.message}`) : error;
  }
}

/** The stacks of all goroutines as a program that dies prints them. */
function readTraces(text: string, stacks: Stacks): readonly Sample[] {
  const samples: Sample[] = [];
  let open = false;
  const close = (): void => {
    if (open) samples.push({ frames: stacks.take(true), values: [1] });
    open = false;
  };
  for (const [line, count] of linesOf(text)) {
    if (TRACE_HEAD.test(line)) {
      close();
      if (samples.length === MAX_PARTS) throw new ProfileFault(`it has more than ${MAX_PARTS} goroutines`);
      open = true;
    } else if (line === '') close();
    else if (open && !PASSED_OVER.test(line) && !withLine(count, () => stacks.call(line)))
      throw new ProfileFault(`line ${count} is neither a call nor the place of one`);
  }
  close();
  return samples;
}

/** The place of a call, who started the goroutine, and what stands for calls that are not shown. */
const PASSED_OVER =
  /^(?:\/|[A-Za-z]:[\\/]|[^ ]{1,999}:\d{1,9}\b|created by |\.\.\.|goroutine running on |\[originating from |non-Go function$|pc=0x)/;

/** Collects the functions of one stack after the other, within bounds for all of them together. */
class Stacks {
  readonly names = new Names();
  #left = MAX_FRAMES;
  /** From the leaf to the root, coded as in `Sample.frames`. */
  #frames: number[] = [];
  #entry: number | undefined;

  /** A comment below a sample: `#	0x4a6f05	main.f+0x25	/x/main.go:12`, without a name where there is none, or anything else. */
  comment(line: string): void {
    const found = /^#\s+0x([0-9a-f]{1,16})(?:\s+(\S.*?)\+0x([0-9a-f]{1,16})(?:\s.*)?)?$/.exec(line);
    if (found === null) return;
    const [, at = '', name, offset] = found;
    const entry = name === undefined ? undefined : parseInt(at, 16) - parseInt(offset ?? '', 16);
    this.#add(name ?? NAMELESS, entry);
  }

  /** A call of a trace: `main.(*T).f(0xc000012345, …)`, with `(...)` where it was inlined. Tells whether it is one. */
  call(line: string): boolean {
    const open = line.endsWith(')') ? line.lastIndexOf('(') : line.length;
    // A function of C has no list of arguments.
    if (open <= 0 || line[open - 1] === ' ' || (open === line.length && line.includes(' '))) return false;
    const last = this.#frames.length;
    this.#add(line.slice(0, open), undefined);
    if (line.endsWith('(...)')) this.#frames[last] = (this.#frames[last] ?? 0) | 1;
    return true;
  }

  #add(name: string, entry: number | undefined): void {
    if (this.#frames.length === MAX_DEPTH) throw new ProfileFault(`a stack has more than ${MAX_DEPTH} calls`);
    if ((this.#left -= 1) < 0) throw new ProfileFault(`its stacks have more than ${MAX_FRAMES} frames`);
    const index = this.names.index(name.slice(0, MAX_NAME));
    if (this.names.list.length > MAX_PARTS) throw new ProfileFault(`it has more than ${MAX_PARTS} functions`);
    const inner = this.#frames.length - 1;
    // What begins where its caller begins has been put into it; a function is never put into itself.
    if (entry !== undefined && entry === this.#entry && (this.#frames[inner] ?? 0) >> 1 !== index)
      this.#frames[inner] = (this.#frames[inner] ?? 0) | 1;
    this.#entry = entry;
    this.#frames.push(index * 2);
  }

  /** The stack from its root to its leaf; one of which only the addresses are known is one nameless function. */
  take(addresses: boolean): Uint32Array {
    if (this.#frames.length === 0 && addresses) this.#add(NAMELESS, undefined);
    const frames = Uint32Array.from(this.#frames.toReversed());
    this.#frames = [];
    this.#entry = undefined;
    return frames;
  }
}

/** What pprof calls code of which nothing is known. */
const NAMELESS = '<unknown>';
