import { plainText } from '../text/plain-text.ts';

/** A text that Prometheus reads: OpenMetrics 1.0, or the older text format 0.0.4, which is all that a textfile collector takes. */
export type Exposition = 'openmetrics' | 'prometheus';

/** Samples of one name, type and unit. */
export interface Family {
  /** Without the suffix of its type (`_total`, `_info`), and with that of its unit. */
  readonly name: string;
  readonly type: 'gauge' | 'counter' | 'info';
  /** As it stands at the end of the name: `bytes`. Left out where the name has none. */
  readonly unit?: string;
  /** One sentence. */
  readonly help: string;
}

/** Labels by name, in the order in which they are written; what is undefined or empty is no label. */
export type Labels = Readonly<Record<string, string | undefined>>;

/** One number of a family. */
export interface Sample {
  /** As text where they have been written once for all samples of a series (`labelText`). */
  readonly labels: Labels | string;
  readonly value: number;
  /** When it was so; left out: when it is read. */
  readonly unixSeconds?: number;
}

/** A family with what it holds. */
export interface FilledFamily {
  readonly family: Family;
  readonly samples: Iterable<Sample>;
}

/** The name that the samples of a family have. */
export function sampleName({ name, type }: Family): string {
  return type === 'counter' ? `${name}_total` : type === 'info' ? `${name}_info` : name;
}

/** The lines that stand before the samples of a family. */
export function headOf(family: Family, form: Exposition): string {
  const { type, unit, help } = family;
  const text = escaped(plainText(help), form === 'openmetrics');
  if (form === 'prometheus') {
    const name = sampleName(family);
    return `# HELP ${name} ${text}\n# TYPE ${name} ${type === 'info' ? 'gauge' : type}\n`;
  }
  const { name } = family;
  return `# TYPE ${name} ${type}\n${unit === undefined ? '' : `# UNIT ${name} ${unit}\n`}# HELP ${name} ${text}\n`;
}

/** `{a="1",b="2"}`; empty without labels. Values are made one line of harmless text, since they may come from a file of anybody's. */
export function labelText(labels: Labels): string {
  const written = Object.entries(labels).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [`${name}="${escaped(plainText(value), true)}"`],
  );
  return written.length === 0 ? '' : `{${written.join(',')}}`;
}

/** A number as both formats write it. */
export function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

/** What ends a text. */
export function endOf(form: Exposition): string {
  return form === 'openmetrics' ? '# EOF\n' : '';
}

/** The text of families, in pieces: each family once, and none without samples. */
export function* exposition(families: Iterable<FilledFamily>, form: Exposition): Generator<string, void, undefined> {
  for (const { family, samples } of families) {
    const name = sampleName(family);
    let text = '';
    let begun = false;
    for (const { labels, value, unixSeconds } of samples) {
      if (!begun) text = headOf(family, form);
      begun = true;
      const at = unixSeconds === undefined ? '' : ` ${timeText(unixSeconds, form)}`;
      text += `${name}${typeof labels === 'string' ? labels : labelText(labels)} ${numberText(value)}${at}\n`;
      if (text.length < PIECE) continue;
      yield text;
      text = '';
    }
    if (text !== '') yield text;
  }
  yield endOf(form);
}

const PIECE = 2 ** 16;

/** Prometheus keeps milliseconds. */
function timeText(unixSeconds: number, form: Exposition): string {
  return form === 'openmetrics' ? unixSeconds.toFixed(3) : String(Math.round(unixSeconds * 1000));
}

function escaped(text: string, quotes: boolean): string {
  const lines = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return quotes ? lines.replaceAll('"', '\\"') : lines;
}
