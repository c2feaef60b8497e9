import { DumpFault } from './dump-fault.ts';
import { ObjectTableBuilder, type ObjectTable } from './object-table.ts';
import { slotRuleOf } from './phantom-slots.ts';
import { readRecords, type DumpSource, type ReadOptions } from './record-reader.ts';
import type { DumpBucket, DumpMemStats, DumpParams, DumpVisitor } from './records.ts';
import { RootRecords } from './root-records.ts';

/** A heap dump as it was read: objects and what they point to, and all that holds them. */
export interface HeapDump {
  readonly params: DumpParams;
  readonly memStats: DumpMemStats;
  readonly objects: ObjectTable;
  readonly roots: RootRecords;
  readonly buckets: ReadonlyMap<number, DumpBucket>;
  readonly samples: readonly (readonly [address: number, bucket: number])[];
}

/** Reads a dump. Throws DumpFault where it is none, is damaged or cut short. */
export async function readHeapDump(source: DumpSource, options: ReadOptions = {}): Promise<HeapDump> {
  const found: Partial<{
    params: DumpParams;
    memStats: DumpMemStats;
    objects: ObjectTableBuilder;
    roots: RootRecords;
  }> = {};
  const buckets = new Map<number, DumpBucket>();
  const samples: [number, number][] = [];
  const visitor: DumpVisitor = {
    params(params) {
      found.params = params;
      found.objects = new ObjectTableBuilder(params.arenaStart, params.arenaEnd);
      found.roots = new RootRecords(params.arenaStart, params.arenaEnd, params.pointerBytes);
    },
    object: (contents, position) => found.objects?.add(contents, position),
    otherRoot: (description, target) => found.roots?.others.push({ description, target }),
    type: () => {},
    goroutine: (goroutine) => found.roots?.goroutine(goroutine),
    frame: (frame, contents) => found.roots?.frame(frame, contents),
    finalizer: (finalizer) => found.roots?.finalizers.push(finalizer),
    segment: (section, contents) => found.roots?.segment(section, contents),
    defer(goroutine, address, closure) {
      found.roots?.hold(goroutine, 'a deferred call', address);
      found.roots?.hold(goroutine, 'a deferred call', closure);
    },
    panic(goroutine, address, value) {
      found.roots?.hold(goroutine, 'a panic', address);
      found.roots?.hold(goroutine, 'a panic', value);
    },
    memStats(stats) {
      found.memStats = stats;
    },
    bucket: (bucket) => buckets.set(bucket.address, bucket),
    sample: (object, bucket) => samples.push([object, bucket]),
  };
  await readRecords(source, visitor, options);
  const { params, memStats, objects, roots } = found;
  if (params === undefined || memStats === undefined || objects === undefined || roots === undefined)
    throw new DumpFault(`it ends without ${params === undefined ? 'parameters' : 'memory statistics'}`);
  return { params, memStats, objects: objects.build(slotRuleOf(params)), roots, buckets, samples };
}
