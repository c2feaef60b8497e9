import type { ExplanationSampling, ExplanationSource } from '../../analysis/explain/explanation-document.ts';
import type { Reconciliation } from '../../analysis/explain/reconcile.ts';
import type { UnitScale } from '../../units/format-units.ts';
import { formatBytes, formatFraction, formatSeconds } from '../../units/format-units.ts';
import { mebibyteScale } from '../../units/mebibytes.ts';
import type { ExplainRow } from './explain-rows.ts';

/** `95.9 + 76.5 + 65.6 + 25.5 + 19.4 = 282.8 MiB Go’s own, 26.0 MiB outside Go`; the terms are rounded each by itself. */
export function sumText({ parts, goBytes, outside, rssBytes, ranges }: Reconciliation): string {
  const scale = scaleOf({ rssBytes, goBytes, parts });
  const sum = parts
    .map(({ bytes }, index) => `${index === 0 ? '' : bytes < 0 ? ' − ' : ' + '}${scale.number(Math.abs(bytes))}`)
    .join('');
  if (goBytes === undefined)
    return parts.length === 0 ? 'Too few values are known to add up.' : `Known parts, in MiB: ${sum}.`;
  if (parts.length === 1 && parts[0]?.key === 'unsplit') return `${scale.format(goBytes)} Go’s own`;
  const between =
    ranges?.go === undefined || ranges.go.low === ranges.go.high
      ? ''
      : ` (between ${scale.number(ranges.go.low)} and ${scale.number(ranges.go.high)})`;
  const own = `${sum} ${between === '' ? '=' : '≈'} ${scale.format(goBytes)} Go’s own${between}`;
  if (outside === undefined || rssBytes === undefined) return own;
  const { fileBytes, otherBytes, lazyFreeBytes = 0, untouchedBytes = 0, swappedBytes = 0 } = outside;
  if (fileBytes !== undefined && otherBytes !== undefined) {
    const other =
      otherBytes < 0 ? `− ${scale.number(-otherBytes)} not resident` : `+ ${scale.number(otherBytes)} other`;
    const notResident = untouchedBytes + swappedBytes;
    const less = notResident === 0 ? '' : `− ${scale.number(notResident)} heap not resident `;
    const lazy = lazyFreeBytes === 0 ? '' : `+ ${scale.number(lazyFreeBytes)} returned, still resident `;
    return `${own}; ${less}+ ${scale.number(fileBytes)} files ${lazy}${other} = ${scale.format(rssBytes)} RSS`;
  }
  return outside.bytes < 0
    ? `${own}, ${scale.format(-outside.bytes)} of it not resident`
    : `${own}, ${scale.format(outside.bytes)} outside Go${outside.mayBeReleased ? ', or released by Go and still resident' : ''}`;
}

/** Where the figures are from, in one line. The names in it are untrusted. */
export function sourceText({ kind, name, form, url, pid, commandLine, goVersion }: ExplanationSource): string {
  const who = commandLine?.[0];
  const told = goVersion === undefined ? form : `${form} and its memory, ${goVersion}`;
  const program = who === undefined ? '' : ` (${cut(who)})`;
  if (form === 'memory' && kind === 'process')
    return `Memory of process ${pid}${program}, ${goVersion}, read from outside`;
  const process = pid === undefined ? '' : `, process ${pid}${program}`;
  switch (kind) {
    case 'text':
      return `Memory of a Go process: ${name} (${form})`;
    case 'process':
      return `Memory of ${name}${process} (${told})`;
    case 'container':
      return form === 'memory'
        ? `Memory of container ${name}${process}, ${goVersion}, read from outside`
        : `Memory of container ${name}${process}, counters from ${url ?? 'nowhere'} (${told})`;
  }
}

/** What reading a living process cost it, and how well its two halves go together. */
export function samplingText(sampling: ExplanationSampling): string {
  const { readSeconds, answerBytes, apartSeconds, rssBeforeBytes, rssAfterBytes } = sampling;
  const cost =
    answerBytes === undefined
      ? `The counters were read once from the memory of the process, which took no part in it: ${formatSeconds(readSeconds)}. HeapAlloc lacks what was allocated last, at most some spans for each P.`
      : `The counters were read once: ${formatSeconds(readSeconds)}, ${formatBytes(answerBytes)} of answer.`;
  if (apartSeconds === undefined || rssBeforeBytes === undefined || rssAfterBytes === undefined) return cost;
  const moved = rssAfterBytes - rssBeforeBytes;
  return `${cost} RSS was read before and after it, ${formatSeconds(apartSeconds)} apart; it changed by ${
    moved === 0 ? 'nothing' : `${moved < 0 ? '−' : '+'}${formatBytes(Math.abs(moved))}`
  }. The values may be off by that much. The table shows RSS as it was before.`;
}

/** A figure with a true minus sign. */
export function signed(text: string): string {
  return text.replace(/^-/, '−');
}

/** The scale of a reconciliation: MiB throughout. */
export function scaleOf({
  rssBytes,
  goBytes,
  parts,
}: Pick<Reconciliation, 'rssBytes' | 'goBytes' | 'parts'>): UnitScale {
  return mebibyteScale(Math.max(rssBytes ?? 0, goBytes ?? 0, ...parts.map(({ bytes }) => bytes)));
}

function cut(text: string): string {
  return text.length > 60 ? `…${text.slice(-59)}` : text;
}

/** A line's share of RSS: `31.0 %`. */
export function shareText({ bytes, kind }: ExplainRow, { rssBytes }: Pick<Reconciliation, 'rssBytes'>): string {
  if (kind === 'apart') return 'no part';
  return rssBytes === undefined || rssBytes === 0 ? '' : signed(formatFraction(bytes / rssBytes));
}
