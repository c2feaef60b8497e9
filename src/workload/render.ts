import type { RequestTemplate } from '../experiment/experiment.ts';
import { parseTemplate, type TemplatePart } from '../experiment/workloads/template.ts';
import type { RandomStream } from '../statistics/random.ts';
import type { OutgoingRequest } from './outgoing-request.ts';
import { weightedChoice } from './weighted-choice.ts';

/** Fills one template from the stream; `seq` is the number of the request. */
type Render = (random: RandomStream, seq: number) => string;

/**
 * Compiles the templates of a workload into a function that draws the next request: which of them by weight, then its
 * placeholders. The same stream and the same numbers give the same requests.
 */
export function requestRenderer(
  templates: readonly RequestTemplate[],
): (random: RandomStream, seq: number) => OutgoingRequest {
  const compiled = templates.map((template) => ({ draw: compileRequest(template), weight: template.weight }));
  const choose = weightedChoice(compiled, ({ weight }) => weight);
  return (random, seq) => choose(random).draw(random, seq);
}

function compileRequest(template: RequestTemplate): (random: RandomStream, seq: number) => OutgoingRequest {
  const { method } = template;
  const path = compile(template.path);
  const headers = Object.entries(template.headers).flatMap(([name, value]) => [() => name, compile(value)]);
  const body = template.body === undefined ? () => null : compile(template.body);
  return (random, seq) => ({
    method,
    path: path(random, seq),
    headers: headers.map((text) => text(random, seq)),
    body: body(random, seq),
  });
}

function compile(text: string): Render {
  const parts = parseTemplate(text).map(renderPart);
  const [first] = parts;
  if (first === undefined) return () => '';
  if (parts.length === 1) return first;
  return (random, seq) => {
    let filled = '';
    for (const part of parts) filled += part(random, seq);
    return filled;
  };
}

function renderPart(part: TemplatePart): Render {
  switch (part.kind) {
    case 'text':
      return () => part.text;
    case 'int':
      return (random) => String(part.min + random.int(part.max - part.min + 1));
    case 'hex':
      return (random) => hex(random, part.digits);
    case 'uuid':
      return uuid;
    case 'choice':
      return (random) => part.options[random.int(part.options.length)] ?? '';
    case 'seq':
      return (_random, seq) => String(seq);
  }
}

/** 12 hexadecimal digits are 48 bits: a draw holds 53. */
const digitsPerDraw = 12;

function hex(random: RandomStream, digits: number): string {
  let text = '';
  while (text.length < digits) {
    text += Math.floor(random.next() * 2 ** 48)
      .toString(16)
      .padStart(digitsPerDraw, '0');
  }
  return text.length === digits ? text : text.slice(0, digits);
}

/** RFC 9562, version 4: all random but for the version and the variant. */
function uuid(random: RandomStream): string {
  const digits = hex(random, 32);
  const variant = '89ab'[random.int(4)] ?? '8';
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20)}`;
}
