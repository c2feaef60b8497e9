import { MEMSTATS, type GoFigures } from './counters.ts';

/** The figures of a MemStats given as names and numbers; names that are not known are left out. */
export function memStatsFigures(stats: Iterable<readonly [string, unknown]>): GoFigures {
  const fields: Readonly<Record<string, readonly [key: keyof GoFigures, perUnit: number]>> = MEMSTATS;
  const figures: Partial<Record<keyof GoFigures, number>> = {};
  for (const [name, value] of stats) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined || typeof value !== 'number' || !Number.isFinite(value) || value < 0) continue;
    figures[field[0]] = value / field[1];
  }
  return figures;
}

/** Between what a figure may lie that is written with less than all its digits; the others are exact. */
export type Rounding = Readonly<Partial<Record<keyof GoFigures, { readonly low: number; readonly high: number }>>>;

/** Whether figures hold what a reconciliation of memory needs. */
export function hasMemStats(figures: GoFigures | undefined): boolean {
  return figures?.heapSysBytes !== undefined && figures.sysBytes !== undefined;
}

/** Sys − HeapReleased: what Go holds of the system, and what GOMEMLIMIT limits. */
export function committedBytes({ sysBytes, heapReleasedBytes }: GoFigures): number | undefined {
  return minus(sysBytes, heapReleasedBytes);
}

/** The parts of what Go holds of the system, as they are stacked. */
export const GO_PARTS = ['objects', 'unusedInSpans', 'retainedIdle', 'stacks', 'metadata'] as const;
/** A part of what Go holds of the system. */
export type GoPartName = (typeof GO_PARTS)[number];

/** The sums that the parts are differences of. */
export interface Books {
  readonly heapAlloc: number | undefined;
  readonly heapInuse: number | undefined;
  readonly heapIdle: number | undefined;
  readonly released: number | undefined;
  readonly stacks: number | undefined;
  /** What the runtime takes for its own books. */
  readonly metadata: number | undefined;
}

/** The parts; those of one read add up to Sys − HeapReleased. */
export function goParts(books: Books): Readonly<Record<GoPartName, number | undefined>> {
  const { heapAlloc, heapInuse, heapIdle, released, stacks, metadata } = books;
  return {
    objects: heapAlloc,
    unusedInSpans: minus(heapInuse, heapAlloc),
    retainedIdle: minus(heapIdle, released),
    stacks,
    metadata,
  };
}

/** The fields that `metadata` is the sum of. */
export const METADATA = [
  { key: 'mspanSysBytes', field: 'MSpanSys' },
  { key: 'mcacheSysBytes', field: 'MCacheSys' },
  { key: 'buckHashSysBytes', field: 'BuckHashSys' },
  { key: 'gcSysBytes', field: 'GCSys' },
  { key: 'otherSysBytes', field: 'OtherSys' },
] as const satisfies readonly { readonly key: keyof GoFigures; readonly field: keyof typeof MEMSTATS }[];

/** What a read shows, as it stands. */
export function booksOf(v: GoFigures): Books {
  return {
    heapAlloc: v.heapAllocBytes,
    heapInuse: v.heapInuseBytes,
    heapIdle: v.heapIdleBytes,
    released: v.heapReleasedBytes,
    stacks: v.stackSysBytes,
    metadata: METADATA.map(({ key }) => v[key]).reduce(plus, 0),
  };
}

/** What a read shows in whole bytes, with Sys; a field that is missing is derived from the others where they determine it. */
export function completedBooks(figures: GoFigures): Books & { readonly sys: number | undefined } {
  const whole = Object.entries(figures).filter(([, value]) => Number.isSafeInteger(value));
  const v: GoFigures = Object.fromEntries(whole);
  const shown = booksOf(v);
  const heapSys = v.heapSysBytes ?? plus(v.heapIdleBytes, v.heapInuseBytes);
  const stacks = shown.stacks ?? minus(minus(v.sysBytes, heapSys), shown.metadata);
  const metadata = shown.metadata ?? minus(minus(v.sysBytes, heapSys), stacks);
  return {
    ...shown,
    heapInuse: shown.heapInuse ?? minus(heapSys, v.heapIdleBytes),
    heapIdle: shown.heapIdle ?? minus(heapSys, v.heapInuseBytes),
    stacks,
    metadata,
    sys: v.sysBytes ?? plus(plus(heapSys, stacks), metadata),
  };
}

/** The identities that hold within one read (Go src/runtime/mstats.go) and do not here, whatever was rounded, in words. */
export function contradictionsOf(v: GoFigures, rounding: Rounding = {}): readonly string[] {
  const found: string[] = [];
  const slackOf = (keys: readonly (keyof GoFigures)[]): number =>
    keys.reduce((sum, key) => sum + (rounding[key] === undefined ? 0 : rounding[key].high - rounding[key].low), 0);
  type Side = readonly [name: string, bytes: number | undefined];
  const equal = ([left, a]: Side, [right, b]: Side, keys: readonly (keyof GoFigures)[]): void => {
    if (a !== undefined && b !== undefined && Math.abs(a - b) > slackOf(keys))
      found.push(`${left} is ${Math.abs(a - b)} B ${a > b ? 'more' : 'less'} than ${right}`);
  };
  const within = ([left, a]: Side, [right, b]: Side, keys: readonly (keyof GoFigures)[]): void => {
    if (a !== undefined && b !== undefined && a - b > slackOf(keys)) found.push(`${left} is larger than ${right}`);
  };
  const heap = ['heapIdleBytes', 'heapInuseBytes', 'heapSysBytes'] as const;
  equal(['HeapIdle + HeapInuse', plus(v.heapIdleBytes, v.heapInuseBytes)], ['HeapSys', v.heapSysBytes], heap);
  const all = plus(plus(v.heapSysBytes, v.stackSysBytes), booksOf(v).metadata);
  const every = ['heapSysBytes', 'stackSysBytes', 'sysBytes', ...METADATA.map(({ key }) => key)] as const;
  equal(['the sum of all …Sys', all], ['Sys', v.sysBytes], every);
  within(['HeapReleased', v.heapReleasedBytes], ['HeapIdle', v.heapIdleBytes], ['heapReleasedBytes', 'heapIdleBytes']);
  within(['HeapAlloc', v.heapAllocBytes], ['HeapInuse', v.heapInuseBytes], ['heapAllocBytes', 'heapInuseBytes']);
  return found;
}

/** A sum of figures, where both are known. */
export function plus(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}

/** A difference of figures, where both are known. */
export function minus(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a - b;
}
