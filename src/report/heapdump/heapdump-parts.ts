import type { HeapAnalysis, HeapPart } from '../../heapdump/heap-analysis.ts';
import { withoutHidden } from '../html.ts';
import { partText } from './heapdump-words.ts';

/** A part as the page's script takes it. */
interface DrawnPart {
  /** Its name. */
  readonly t: string;
  /** Bytes and objects. */
  readonly b: number;
  readonly o: number;
  /** Class that colours it. */
  readonly c: string;
  readonly p: readonly DrawnPart[];
}

/** One way to divide the heap. */
export interface View {
  readonly name: string;
  readonly root: DrawnPart;
}

/** The ways to divide the heap that the page offers; those with nothing in them are left out. */
export function views({ byHolder, bySlot, bySite, reach, all }: HeapAnalysis): readonly View[] {
  const garbage = bySlot.parts.find(({ name }) => name === 'garbage');
  const whole: HeapPart = {
    ...byHolder,
    amount: all,
    parts: [...byHolder.parts, ...(garbage === undefined ? [] : [garbage])].toSorted(
      (a, b) => b.amount.bytes - a.amount.bytes,
    ),
  };
  return [
    { name: 'By what holds it', root: drawn(whole, 'heap') },
    { name: 'By slot size', root: drawn(bySlot, 'heap') },
    { name: 'By allocation site (estimate)', root: drawn(bySite, 'heap') },
  ].filter(({ root }, i) => root.p.length > 0 || (i === 0 && reach.reachable.objects >= 0));
}

function drawn(part: HeapPart, colour: string): DrawnPart {
  return {
    t: withoutHidden(partText(part)),
    b: Math.round(part.amount.bytes),
    o: Math.round(part.amount.objects),
    c: colour,
    p: part.parts.map((one, i) => drawn(one, colour === 'heap' ? colourOf(one, i) : colour)),
  };
}

/** The colour of a part and all that is in it. */
function colourOf({ kind, name }: HeapPart, index: number): string {
  if (kind === 'site') return `site-${index % 4}`;
  if (kind === 'shared') return 'shared';
  const named: Readonly<Record<string, string>> = {
    garbage: 'garbage',
    reachable: 'variables',
    perhaps: 'words',
    'package variables': 'variables',
    goroutines: 'goroutines',
    finalizers: 'finalizers',
    'stack words not marked as pointers': 'words',
  };
  return named[name] ?? 'others';
}
