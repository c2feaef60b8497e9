import { formatBytes, formatCount } from '../../units/format-units.ts';
import { plainText } from '../../text/plain-text.ts';
import type { AllocationSite, HeapAnalysis } from '../../heapdump/heap-analysis.ts';
import { amountText, findings, objectText, placeText, shareText, telling, heldText } from './heapdump-words.ts';

/** A piece of text for a terminal; its cells and lines are sanitised. */
export type TextPart =
  | { readonly kind: 'facts'; readonly facts: readonly (readonly [name: string, value: string])[] }
  | { readonly kind: 'prose'; readonly lines: readonly string[] }
  | {
      readonly kind: 'table';
      readonly title: string;
      readonly columns: readonly { readonly head: string; readonly align?: 'right'; readonly shrink?: boolean }[];
      readonly rows: readonly (readonly string[])[];
    };

/** What a terminal shows of a heap dump, at most `top` rows to a table. */
export function heapdumpText(analysis: HeapAnalysis, file: string, top: number): readonly TextPart[] {
  const { params, all, reach } = analysis;
  return [
    {
      kind: 'facts',
      facts: [
        ['heap dump', file],
        ['program', plainText(`${params.goVersion}, ${params.goarch}, ${formatCount(params.cpus)} CPUs`)],
        ['goroutines', formatCount(analysis.goroutines)],
        ['heap', amountText(all)],
        ['reachable', `${amountText(reach.reachable)}, ${shareText(reach.reachable.bytes, all.bytes)}`],
        ...(reach.perhaps.objects > 0 ? [['perhaps', amountText(reach.perhaps)] as const] : []),
        ['garbage', `${amountText(reach.garbage)}, ${shareText(reach.garbage.bytes, all.bytes)}`],
      ],
    },
    { kind: 'prose', lines: findings(analysis).map(plainText) },
    ...tables(analysis, top).filter((part) => part.kind !== 'table' || part.rows.length > 0),
  ];
}

function tables(analysis: HeapAnalysis, top: number): readonly TextPart[] {
  const right = (head: string): { head: string; align: 'right' } => ({ head, align: 'right' });
  const share = (bytes: number): string => shareText(bytes, analysis.all.bytes);
  return [
    {
      kind: 'table',
      title: 'What single places hold',
      columns: [right('retained'), right('share'), right('objects'), { head: 'place', shrink: true }],
      rows: telling(analysis.holders)
        .slice(0, top)
        .map((holder) => [
          formatBytes(holder.retained.bytes),
          share(holder.retained.bytes),
          formatCount(holder.retained.objects),
          plainText(placeText(holder)),
        ]),
    },
    {
      kind: 'table',
      title: 'Objects that hold most',
      columns: [
        right('retained'),
        right('share'),
        right('objects'),
        { head: 'object' },
        { head: 'held by', shrink: true },
      ],
      rows: analysis.bigObjects
        .slice(0, top)
        .map((object) => [
          formatBytes(object.retained.bytes),
          share(object.retained.bytes),
          formatCount(object.retained.objects),
          objectText(object),
          plainText(heldText(object)),
        ]),
    },
    {
      kind: 'table',
      title: 'Slot sizes',
      columns: [
        right('slot'),
        { head: 'pointers' },
        right('objects'),
        right('bytes'),
        right('share'),
        right('garbage'),
      ],
      rows: analysis.slotSizes.slice(0, top).map(({ slotBytes, withPointers, reachable, perhaps, garbage }) => {
        const bytes = reachable.bytes + perhaps.bytes + garbage.bytes;
        return [
          `${formatCount(slotBytes)} B`,
          withPointers ? 'yes' : 'no',
          formatCount(reachable.objects + perhaps.objects + garbage.objects),
          formatBytes(bytes),
          share(bytes),
          formatBytes(garbage.bytes),
        ];
      }),
    },
    {
      kind: 'table',
      title: 'Where it was allocated, estimated from the objects that the runtime sampled',
      columns: [right('live, about'), right('garbage, about'), right('samples'), { head: 'function', shrink: true }],
      rows: byFunction(analysis.sites)
        .slice(0, top)
        .map(({ name, live, garbage, samples }) => [
          formatBytes(live),
          formatBytes(garbage),
          formatCount(samples),
          plainText(name),
        ]),
    },
  ];
}

/** Sites summed up by the function that allocated; the largest first. Untrusted names. */
export function byFunction(
  sites: readonly AllocationSite[],
): readonly { readonly name: string; readonly live: number; readonly garbage: number; readonly samples: number }[] {
  const groups = Map.groupBy(sites, ({ stack }) => stack[0]?.name ?? '(unknown)');
  const rows = [...groups].map(([name, group]) => ({
    name,
    live: group.reduce((sum, { reachable }) => sum + reachable.bytes, 0),
    garbage: group.reduce((sum, { garbage }) => sum + garbage.bytes, 0),
    samples: group.reduce((sum, { sampled }) => sum + sampled.objects, 0),
  }));
  return rows.sort((a, b) => b.live + b.garbage - a.live - a.garbage);
}
