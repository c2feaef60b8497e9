import { formatBytes, formatCount, formatFraction } from '../../units/format-units.ts';
import type { Amount, BigObject, HeapAnalysis, HeapPart, HolderAmount } from '../../heapdump/heap-analysis.ts';

/** `1,000 objects, 1.10 MiB`. */
export function amountText({ objects, bytes }: Amount): string {
  return `${objectsText(objects)}, ${formatBytes(bytes)}`;
}

/** `1 object`, `1,000 objects`. */
export function objectsText(objects: number): string {
  const whole = Math.round(objects);
  return `${formatCount(whole)} ${whole === 1 ? 'object' : 'objects'}`;
}

/** A part of a whole as a percentage; empty where there is no whole. */
export function shareText(part: number, whole: number): string {
  return whole > 0 ? formatFraction(part / whole) : '';
}

/** What a dump says in sentences: what is live, what is garbage, what retains it. Holds untrusted names. */
export function findings(analysis: HeapAnalysis): readonly string[] {
  const { all, reach, phantoms, memStats, shared } = analysis;
  if (all.objects === 0) return ['The heap is empty.'];
  const live = `${amountText(reach.reachable)} (${shareText(reach.reachable.bytes, all.bytes)}), are live: something holds them.`;
  const garbage =
    reach.garbage.objects === 0
      ? 'Nothing is garbage.'
      : `${amountText(reach.garbage)} (${shareText(reach.garbage.bytes, all.bytes)}), are garbage: nothing recorded in the dump holds them, and the next collection frees them.`;
  const sentences = [live, garbage];
  if (reach.perhaps.objects > 0)
    sentences.push(
      `${amountText(reach.perhaps)}, are held only by stack words not marked as pointers: a variable whose address is taken, or a stale value.`,
    );
  const first = analysis.holders.find((holder) => !isGroup(holder, analysis.holders));
  if (first !== undefined && first.retained.bytes >= all.bytes * 0.01)
    sentences.push(
      `The single place that retains most is ${placeText(first)}: ${amountText(first.retained)} would be garbage without it.`,
    );
  if (shared.bytes >= all.bytes * 0.1)
    sentences.push(
      `${amountText(shared)}, are held by several places at once, so no single one retains them; the big objects below list a path to each.`,
    );
  sentences.push(
    `MemStats of the dump says HeapAlloc ${formatBytes(memStats.heapAlloc)}; the objects are ${shareText(all.bytes, memStats.heapAlloc)} of it.` +
      (phantoms.objects > 0
        ? ` ${formatCount(phantoms.objects)} slots (${formatBytes(phantoms.bytes)}) listed in the dump are not objects but the runtime's own marks, and are left out.`
        : ''),
  );
  if (!analysis.hasSymbols)
    sentences.push('A dump has no variable names; give the program that wrote it with --binary to get them.');
  return sentences;
}

function isGroup({ path }: HolderAmount, holders: readonly HolderAmount[]): boolean {
  return holders.some((other) => other.path.length > path.length && path.every((label, i) => other.path[i] === label));
}

/** Places without those groups whose amount is that of a single one in them. */
export function telling(holders: readonly HolderAmount[]): readonly HolderAmount[] {
  return holders.filter(
    ({ path, retained }) =>
      path.length > 1 &&
      !holders.some(
        (other) =>
          other.path.length > path.length &&
          other.retained.bytes >= retained.bytes * 0.95 &&
          path.every((label, i) => other.path[i] === label),
      ),
  );
}

/** A place as one text: `main.cache`, `goroutine 7 (main.serve), frame of main.work`. Untrusted text. */
export function placeText({ kind, path }: Pick<HolderAmount, 'kind' | 'path'>): string {
  return pathText(path, kind);
}

/** The same of the labels alone. */
export function pathText(path: readonly string[], kind?: HolderAmount['kind']): string {
  const [first = '', ...rest] = path;
  if (rest.length === 0) return first;
  if (first === 'package variables') {
    if (rest.length > 1)
      return `${rest[0] === 'data' || rest[0] === 'bss' ? 'word' : 'variable'} ${rest.slice(1).join(', ')}`;
    return rest[0] === 'data' || rest[0] === 'bss' ? `section ${rest[0]}` : `variables of ${rest[0] ?? ''}`;
  }
  if (first === 'goroutines' || kind === 'stack-words') {
    const [start = '', goroutine, ...frames] = rest;
    if (goroutine === undefined) return `goroutines that began with ${start}`;
    const words = kind === 'stack-words' ? ', words not marked as pointers' : '';
    return [`${goroutine} (${start})`, ...frames].join(', ') + words;
  }
  return path.join(', ');
}

/** An object in a few words: `list of 50 × 1.13 KiB from 0xc000012000, by main.fill`. Untrusted text. */
export function objectText({ chain, slotBytes, address, stack }: BigObject): string {
  const what =
    chain > 1
      ? `list of ${formatCount(chain)} × ${formatBytes(slotBytes)} from ${hex(address)}`
      : `${formatBytes(slotBytes)} at ${hex(address)}`;
  return stack?.[0] === undefined ? what : `${what}, by ${stack[0].name}`;
}

/** What holds an object: one place, or two of several. Untrusted text. */
export function heldText({ way, otherWay }: Pick<BigObject, 'way' | 'otherWay'>): string {
  return otherWay === undefined ? wayText(way) : `${wayText(way)}; also ${wayText(otherWay)}`;
}

function wayText({ holder, length }: BigObject['way']): string {
  const by = pathText(holder);
  return length === 0 ? by : `${by}, through ${objectsText(length)}`;
}

/** What a part of a drawing is called. Untrusted text. */
export function partText({ kind, name, slotBytes, count, behind, amount }: HeapPart): string {
  switch (kind) {
    case 'heap':
      return 'the heap';
    case 'holder':
    case 'site':
      return name === '' ? '(unknown)' : name;
    case 'shared':
      return 'held by several places';
    case 'object':
      return `${formatBytes(slotBytes)} object${from(name)}${hidden(behind)}`;
    case 'chain':
      return `list of ${formatCount(count)} × ${formatBytes(slotBytes)}${from(name)}${hidden(behind)}`;
    case 'group':
      if (name !== '') return name === 'perhaps' ? 'held by stack words only' : name;
      if (slotBytes === 0) return `${formatCount(count)} smaller places`;
      return `${formatCount(count)} × ${formatBytes(slotBytes)}${amount.objects > count ? ' and what they retain' : ''}`;
    case 'rest':
      return `${formatCount(count)} smaller ones`;
    case 'own':
      return amount.objects === 1 ? 'the object itself' : 'the objects themselves';
  }
}

function from(name: string): string {
  return name === '' ? '' : `, from ${name}`;
}

function hidden(behind: number): string {
  return behind === 0 ? '' : `, behind ${formatCount(behind)} smaller`;
}

/** An address as Go prints it. */
export function hex(address: number): string {
  return `0x${address.toString(16)}`;
}
