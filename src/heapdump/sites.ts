import { partOf } from './holder-parts.ts';
import type { AllocationSite, Amount, HeapPart } from './heap-analysis.ts';
import type { ObjectTable } from './object-table.ts';
import type { DumpBucket, DumpCall } from './records.ts';

/** runtime.MemProfileRate where the program does not set it: one sample in so many bytes, on average. */
const DEFAULT_RATE_BYTES = 512 * 1024;
const MAX_DEPTH = 6;
const LEAST_SHARE = 0.002;

/** The sampled objects of a heap by call stack. */
export interface Sites {
  /** The largest estimate first. */
  readonly sites: readonly AllocationSite[];
  /** The stack that allocated an object, if it was sampled. */
  stackOf(object: number): readonly DumpCall[] | undefined;
}

/** Groups the samples by stack and scales them, as runtime/pprof scaleHeapSample does. */
export function allocationSites(
  buckets: ReadonlyMap<number, DumpBucket>,
  samples: readonly (readonly [address: number, bucket: number])[],
  table: ObjectTable,
  isGarbage: (object: number) => boolean,
): Sites {
  const byObject = new Map<number, DumpBucket>();
  const sums = new Map<string, { stack: readonly DumpCall[]; sampled: Sum; reachable: Sum; garbage: Sum }>();
  for (const [address, at] of samples) {
    const bucket = buckets.get(at);
    const object = table.find(address);
    if (bucket === undefined || object < 0 || table.sizeOf(object) === 0) continue;
    byObject.set(object, bucket);
    const stack = withoutRuntime(bucket.stack);
    const key = JSON.stringify(stack);
    let sum = sums.get(key);
    if (sum === undefined) {
      sum = {
        stack,
        sampled: { objects: 0, bytes: 0 },
        reachable: { objects: 0, bytes: 0 },
        garbage: { objects: 0, bytes: 0 },
      };
      sums.set(key, sum);
    }
    // A sample stands for as many objects as it is unlikely that one of them is sampled.
    const scale = bucket.sizeBytes > 0 ? 1 / (1 - Math.exp(-bucket.sizeBytes / DEFAULT_RATE_BYTES)) : 1;
    const bytes = table.sizeOf(object);
    add(sum.sampled, 1, bytes);
    add(isGarbage(object) ? sum.garbage : sum.reachable, scale, scale * bytes);
  }
  const sites = [...sums.values()];
  sites.sort((a, b) => b.reachable.bytes + b.garbage.bytes - a.reachable.bytes - a.garbage.bytes);
  return {
    sites,
    stackOf: (object) => {
      const bucket = byObject.get(object);
      return bucket && withoutRuntime(bucket.stack);
    },
  };
}

/** Sites as nested parts: by function that allocated, within it by its callers. */
export function siteParts(sites: readonly AllocationSite[]): HeapPart {
  const whole = sites.reduce((all, site) => all + bytesOf(site), 0);
  return { ...partOf('heap', '', amountOf(sites)), parts: partsAt(sites, 0, whole * LEAST_SHARE) };
}

function partsAt(sites: readonly AllocationSite[], depth: number, least: number): readonly HeapPart[] {
  if (depth >= MAX_DEPTH) return [];
  const groups = Map.groupBy(sites, ({ stack }) => nameOfCall(stack[depth]));
  // A function that always has one caller is told by its own name.
  if (groups.size === 1 && depth > 0) return groups.has(undefined) ? [] : partsAt(sites, depth + 1, least);
  const parts = [...groups].map(([name, group]) => ({
    ...partOf('site', name ?? '', amountOf(group)),
    parts: name === undefined ? [] : partsAt(group, depth + 1, least),
  }));
  parts.sort((a, b) => b.amount.bytes - a.amount.bytes);
  const large = parts.filter(({ amount }) => amount.bytes >= least);
  const small = parts.slice(large.length);
  if (small.length === 0) return large;
  const amount = small.reduce<Amount>(
    (sum, part) => ({ objects: sum.objects + part.amount.objects, bytes: sum.bytes + part.amount.bytes }),
    { objects: 0, bytes: 0 },
  );
  return [...large, { ...partOf('rest', '', amount), count: small.length, parts: [] }];
}

/** A call as one name with its line. Untrusted text. */
export function nameOfCall(call: DumpCall | undefined): string | undefined {
  return call && `${call.name} (${call.file.slice(call.file.lastIndexOf('/') + 1)}:${call.line})`;
}

/** A stack without the runtime's own calls at its inner end, which say how and not where; all of it if it has no other. */
function withoutRuntime(stack: readonly DumpCall[]): readonly DumpCall[] {
  const first = stack.findIndex(({ name }) => !/^(?:runtime|internal\/runtime\/[^.]*)\./.test(name));
  return first < 0 ? stack : stack.slice(first);
}

interface Sum {
  objects: number;
  bytes: number;
}

function add(sum: Sum, objects: number, bytes: number): void {
  sum.objects += objects;
  sum.bytes += bytes;
}

function bytesOf({ reachable, garbage }: AllocationSite): number {
  return reachable.bytes + garbage.bytes;
}

function amountOf(sites: readonly AllocationSite[]): Amount {
  return {
    objects: sites.reduce((all, { reachable, garbage }) => all + reachable.objects + garbage.objects, 0),
    bytes: sites.reduce((all, site) => all + bytesOf(site), 0),
  };
}
