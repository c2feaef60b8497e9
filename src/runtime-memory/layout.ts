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
}

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
      `where ${goVersion} keeps its runtime’s variables is not known; Go 1.${OLDEST_MINOR} to 1.${NEWEST_MINOR} can be read`,
      'ask the program itself: --url',
    );
  }
  return {
    controller: since(LAYOUTS.gcController, minor),
    stats: since<Rows<'memstats'>>(LAYOUTS.memstats, minor),
    work: since<Rows<'work'>>(LAYOUTS.work, minor),
    limiter: since(LAYOUTS.gcCPULimiter, minor),
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
