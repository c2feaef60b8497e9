import { formatBytes, formatCount } from '../../units/format-units.ts';
import type { AllocationSite, HeapAnalysis } from '../../heapdump/heap-analysis.ts';
import type { Block, Column, Document, Row, Text } from '../document/document.ts';
import { amountText, findings, objectText, placeText, shareText, telling, heldText } from './heapdump-words.ts';

/** What a dump comes down to: figures, and sentences. `file` names it. */
export function heapdumpFindings(analysis: HeapAnalysis, file: string): Document {
  const { params, all, reach } = analysis;
  const [first = '', ...others] = findings(analysis);
  return [
    {
      kind: 'facts',
      facts: [
        ['heap dump', file],
        ['program', `${params.goVersion}, ${params.goarch}, ${formatCount(params.cpus)} CPUs`],
        ['goroutines', formatCount(analysis.goroutines)],
        ['heap', amountText(all)],
        ['reachable', `${amountText(reach.reachable)}, ${shareText(reach.reachable.bytes, all.bytes)}`],
        ...(reach.perhaps.objects > 0 ? [['perhaps', amountText(reach.perhaps)] as const] : []),
        ['garbage', `${amountText(reach.garbage)}, ${shareText(reach.garbage.bytes, all.bytes)}`],
      ],
    },
    { kind: 'prose', text: first, lead: true },
    { kind: 'list', items: others },
  ];
}

/** The tables of a dump, at most `top` rows to each; those with nothing in them are left out. */
export function heapdumpTables(analysis: HeapAnalysis, top: number): Document {
  const share = (bytes: number): string => shareText(bytes, analysis.all.bytes);
  return [
    ...tableOf(
      'What single places retain',
      [right('retained'), right('share'), right('objects'), { head: 'place', shrink: true }],
      telling(analysis.holders)
        .slice(0, top)
        .map((holder) => [
          formatBytes(holder.retained.bytes),
          share(holder.retained.bytes),
          formatCount(holder.retained.objects),
          code(placeText(holder)),
        ]),
      'Without the place, these objects would be garbage. What several places retain together is not listed here.',
    ),
    ...tableOf(
      'Objects that retain most',
      [right('retained'), right('share'), right('objects'), { head: 'object' }, { head: 'held by', shrink: true }],
      analysis.bigObjects
        .slice(0, top)
        .map((object) => [
          formatBytes(object.retained.bytes),
          share(object.retained.bytes),
          formatCount(object.retained.objects),
          objectText(object),
          code(heldText(object)),
        ]),
      'What would be garbage without the object, including itself; the function that allocated it, if the runtime sampled it; and one of the shortest paths by which it is held.',
    ),
    ...tableOf(
      'Slot sizes',
      [right('slot'), { head: 'pointers' }, right('objects'), right('bytes'), right('share'), right('garbage')],
      analysis.slotSizes.slice(0, top).map(({ slotBytes, withPointers, reachable, perhaps, garbage }) => {
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
      'Go puts an object into the smallest slot that it fits in; the dump records slots, not types.',
    ),
    ...tableOf(
      'Where it was allocated',
      [right('live, about'), right('garbage, about'), right('samples'), { head: 'function', shrink: true }],
      byFunction(analysis.sites)
        .slice(0, top)
        .map(({ name, live, garbage, samples }) => [
          formatBytes(live),
          formatBytes(garbage),
          formatCount(samples),
          code(name),
        ]),
      `Estimates: the runtime samples one allocation in 512 KiB, unless the program sets MemProfileRate. They add up to ${shareText(analysis.siteCoverage, 1)} of the heap.`,
    ),
  ];
}

function tableOf(
  title: string,
  columns: readonly Column[],
  rows: readonly Row['cells'][],
  note: string,
): readonly Block[] {
  if (rows.length === 0) return [];
  return [
    { kind: 'heading', level: 2, text: title },
    { kind: 'table', name: title, columns, rows: rows.map((cells) => ({ cells })) },
    { kind: 'note', text: note },
  ];
}

function right(head: string): Column {
  return { head, align: 'right' };
}

function code(text: string): Text {
  return [{ text, as: 'code' }];
}

/** Sites summed up by the function that allocated; the largest first. Untrusted names. */
function byFunction(
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
