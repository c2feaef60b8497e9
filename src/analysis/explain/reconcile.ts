import {
  completedBooks,
  contradictionsOf,
  GO_PARTS,
  goParts,
  METADATA,
  minus,
  type GoPartName,
} from '../../go/memstats.ts';
import type { Reading } from '../../results/format.ts';

/** What is known of a process at one moment: MemStats, and what the kernel says of it. */
export interface MemoryFigures {
  /** MemStats in base units. */
  readonly counters: Reading['v'];
  readonly rssBytes?: number | undefined;
  /** RssFile of /proc/PID/status: resident pages of files. */
  readonly rssFileBytes?: number | undefined;
  /** What the last collection could reach, where anything tells it. */
  readonly live?: { readonly bytes: number; readonly source: LiveSource } | undefined;
}

/** Who tells the live heap: the runtime (`/gc/heap/live:bytes`), or a heap profile's total of inuse_space. */
export type LiveSource = 'runtime' | 'pprof';

/** A part of what Go holds of the system. `unsplit` is what is left where a field that would split it is missing. */
export type GoPartKey = GoPartName | 'unsplit';

/** A part with its exact bytes. */
export interface GoPart {
  readonly key: GoPartKey;
  readonly bytes: number;
}

/** A field that is missing and what cannot be said without it. */
export interface Gap {
  readonly field: string;
  readonly lost: string;
}

/** Where the memory of one process is: exact bytes of one moment. */
export interface Reconciliation {
  /** What is known of Go's own memory. Where `goBytes` is known the parts add up to it exactly. */
  readonly parts: readonly GoPart[];
  /** The objects in two, where the live heap is known and not larger than they are. */
  readonly split?: { readonly liveBytes: number; readonly restBytes: number; readonly source: LiveSource } | undefined;
  /** Sys − HeapReleased: what Go holds of the system, and what GOMEMLIMIT limits. */
  readonly goBytes?: number | undefined;
  readonly rssBytes?: number | undefined;
  /** RSS − goBytes; negative where Go has mapped more than is resident. */
  readonly outside?: Outside | undefined;
  /** HeapReleased: given back to the system, no part of any sum here. */
  readonly releasedBytes?: number | undefined;
  readonly gaps: readonly Gap[];
  /** Identities of MemStats that do not hold: the figures are not of one read, or not of MemStats. */
  readonly contradictions: readonly string[];
}

/** What is resident and not Go's own. */
export interface Outside {
  readonly bytes: number;
  /** RssFile: the program itself and mapped files. */
  readonly fileBytes?: number | undefined;
  /** The rest: cgo and anonymous maps, less what Go has mapped and never touched, so that it may be negative. */
  readonly otherBytes?: number | undefined;
}

/**
 * Reconciles MemStats with RSS by the identities that hold within one read (Go src/runtime/mstats.go): HeapSys =
 * HeapIdle + HeapInuse, and Sys is the sum of all `…Sys`. A field that is missing is derived from the others where they
 * determine it. Bytes in, bytes out; sums are exact. Never throws: what cannot be said is in `gaps`.
 */
export function reconcile(figures: MemoryFigures): Reconciliation {
  const { rssBytes, rssFileBytes, live } = figures;
  const known = completedBooks(figures.counters);
  const { heapAlloc, released, sys } = known;
  const shown = goParts(known);
  // A negative part can only come of figures that contradict each other.
  const parts: GoPart[] = GO_PARTS.flatMap((key) => {
    const bytes = shown[key];
    return bytes === undefined || bytes < 0 ? [] : [{ key, bytes }];
  });
  const sum = parts.reduce((all, { bytes }) => all + bytes, 0);
  const total = parts.length === GO_PARTS.length ? sum : minus(sys, released);
  if (total !== undefined && total !== sum) parts.push({ key: 'unsplit', bytes: total - sum });
  const split =
    live === undefined || heapAlloc === undefined || live.bytes > heapAlloc
      ? undefined
      : { liveBytes: live.bytes, restBytes: heapAlloc - live.bytes, source: live.source };
  const outsideBytes = minus(rssBytes, total);
  return {
    parts,
    split,
    goBytes: total,
    rssBytes,
    outside:
      outsideBytes === undefined
        ? undefined
        : { bytes: outsideBytes, fileBytes: rssFileBytes, otherBytes: minus(outsideBytes, rssFileBytes) },
    releasedBytes: released,
    gaps: gapsOf(figures, known),
    contradictions: contradictionsOf(figures.counters),
  };
}

function gapsOf(
  { counters, rssBytes, rssFileBytes, live }: MemoryFigures,
  known: ReturnType<typeof completedBooks>,
): readonly Gap[] {
  const gaps: Gap[] = [];
  const note = (value: number | undefined, field: string, lost: string): void => {
    if (value === undefined) gaps.push({ field, lost });
  };
  note(known.heapAlloc, 'HeapAlloc', 'how much of the heap is objects and how much is unused space in spans');
  note(known.heapInuse, 'HeapInuse', 'how much space in spans is unused');
  note(known.heapIdle, 'HeapIdle', 'how much idle heap is retained');
  note(known.released, 'HeapReleased', 'how much of Sys and of the idle heap has been returned to the system');
  note(known.stacks, 'StackSys', 'how much stacks take');
  if (known.metadata === undefined) {
    const absent = METADATA.filter(({ key }) => counters[key] === undefined).map(({ field }) => field);
    gaps.push({ field: absent.join(', '), lost: 'how much the runtime’s metadata takes' });
  }
  note(known.sys, 'Sys', 'how much memory Go holds in total');
  note(rssBytes, 'RSS', 'how much memory lies outside Go');
  if (rssBytes !== undefined) note(rssFileBytes, 'RssFile', 'how much of the memory outside Go is file pages');
  note(live?.bytes, 'the live heap', 'how many of the objects the last collection could reach');
  return gaps;
}
