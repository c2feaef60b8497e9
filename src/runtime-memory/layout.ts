import { LAYOUTS, NEWEST_MINOR } from './layouts.ts';
import { RuntimeRefused } from './refused.ts';

type Fields<Struct extends keyof typeof LAYOUTS> =
  (typeof LAYOUTS)[Struct] extends Readonly<Record<number, infer Each>> ? Each : never;
/** The offsets that every release has, and those of some as far as they have them. */
type Offsets<Each> = Readonly<
  Record<Each extends unknown ? keyof Each : never, number | undefined> & Record<keyof Each, number>
>;

/** Where one Go release keeps what is read of its runtime. */
export interface Layout {
  readonly controller: Offsets<Fields<'gcController'>>;
  readonly stats: Offsets<Fields<'memstats'>>;
  readonly work: Offsets<Fields<'work'>>;
  readonly limiter: Offsets<Fields<'gcCPULimiter'>>;
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
    stats: since(LAYOUTS.memstats, minor),
    work: since(LAYOUTS.work, minor),
    limiter: since(LAYOUTS.gcCPULimiter, minor),
  };
}

function since<Each extends object>(table: Readonly<Record<number, Each>>, minor: number): Offsets<Each> {
  const from = Math.max(
    ...Object.keys(table)
      .map(Number)
      .filter((each) => each <= minor),
  );
  return table[from] as Offsets<Each>;
}
