import { LAYOUTS, NEWEST_MINOR } from './layouts.ts';
import { RuntimeRefused } from './refused.ts';

type Rows<Struct extends keyof typeof LAYOUTS> = (typeof LAYOUTS)[Struct][keyof (typeof LAYOUTS)[Struct]];
type KeyOfAny<Row> = Row extends unknown ? keyof Row : never;
/** The offsets that every release has, and those that only some have. */
type Offsets<Row> = Readonly<Record<keyof Row, number>> & { readonly [Key in KeyOfAny<Row>]?: number };

/** Where one Go release keeps what is read of its runtime. */
export interface Layout {
  readonly controller: Offsets<Rows<'gcController'>>;
  readonly stats: Offsets<Rows<'memstats'>>;
  readonly work: Offsets<Rows<'work'>>;
  readonly limiter: Offsets<Rows<'gcCPULimiter'>>;
  /** What a memory limit keeps free of the heap goal, in percent, where that is more than a mebibyte. */
  readonly headroomPercent: number;
}

/** Go 1.x that began to keep a share of the goal free (memoryLimitHeapGoalHeadroomPercent). */
const HEADROOM_SINCE = 21;
const OLDEST_MINOR = Math.min(...Object.keys(LAYOUTS.gcController).map(Number));

/**
 * The layout of a Go release by the version that its linker wrote: `go1.26.8`, `go1.26.8-X:nogreenteagc`. Throws
 * RuntimeRefused for a version that nobody has looked at: older, newer, of the development branch or a pre-release.
 */
export function layoutOf(goVersion: string): Layout {
  const minor = Number(/^go1\.(\d{1,3})(?:\.\d{1,4})?(?![\w.])/.exec(goVersion)?.[1] ?? NaN);
  if (!(minor >= OLDEST_MINOR && minor <= NEWEST_MINOR)) {
    throw new RuntimeRefused(
      'unknown-version',
      `where ${goVersion} keeps its runtime’s variables is unknown; Go 1.${OLDEST_MINOR} to 1.${NEWEST_MINOR} can be read`,
      'ask the program itself: --url',
    );
  }
  return {
    controller: since(LAYOUTS.gcController, minor),
    stats: since<Rows<'memstats'>>(LAYOUTS.memstats, minor),
    work: since<Rows<'work'>>(LAYOUTS.work, minor),
    limiter: since(LAYOUTS.gcCPULimiter, minor),
    headroomPercent: minor >= HEADROOM_SINCE ? 3 : 0,
  };
}

function since<Row extends object>(table: Readonly<Record<number, Row>>, minor: number): Offsets<Row> {
  const from = Math.max(
    ...Object.keys(table)
      .map(Number)
      .filter((each) => each <= minor),
  );
  return table[from] as Offsets<Row>;
}
