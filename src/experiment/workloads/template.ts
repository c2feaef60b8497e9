import { UserError } from '../../errors.ts';
import { nearest } from '../../text/nearest.ts';

/** One piece of a request template: text as it stands, or something drawn anew for each request. */
export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  /** A whole number, `min` and `max` included. */
  | { readonly kind: 'int'; readonly min: number; readonly max: number }
  /** This many lower-case hexadecimal digits. */
  | { readonly kind: 'hex'; readonly digits: number }
  /** A random (version 4) UUID. */
  | { readonly kind: 'uuid' }
  | { readonly kind: 'choice'; readonly options: readonly string[] }
  /** The number of the request, from 1. */
  | { readonly kind: 'seq' };

/** What is wrong with a template. */
export interface TemplateProblem {
  readonly problem: string;
  readonly hint: string;
}

const KINDS = ['int', 'hex', 'uuid', 'choice', 'seq'] as const;

/** Longest `{hex:…}`; a body of a mebibyte is better made by the target. */
const MOST_HEX_DIGITS = 1_048_576;

/**
 * A brace opens a placeholder only where a lower-case word and `}` or `:` follow, so that JSON bodies need no
 * escaping; `{{` is a brace that opens nothing.
 */
const TOKEN = /\{\{|\{([a-z]+)(?::([^{}]*))?\}|\{([a-z]+):/g;

/** Splits a template into its parts, or says what is wrong with its first bad placeholder. */
export function readTemplate(text: string): { readonly parts: readonly TemplatePart[] } | TemplateProblem {
  const parts: TemplatePart[] = [];
  let literal = '';
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    literal += text.slice(end, match.index);
    end = match.index + match[0].length;
    if (match[0] === '{{') {
      literal += '{';
      continue;
    }
    if (match[3] !== undefined) {
      return {
        problem: `the placeholder ${match[0]}… is not closed`,
        hint: 'close it with }, or write {{ for a brace',
      };
    }
    const part = readPlaceholder(match[0], match[1] ?? '', match[2]);
    if ('problem' in part) return part;
    if (literal !== '') parts.push({ kind: 'text', text: literal });
    literal = '';
    parts.push(part);
  }
  literal += text.slice(end);
  if (literal !== '') parts.push({ kind: 'text', text: literal });
  return { parts };
}

/** Splits a template into its parts; throws UserError on a bad placeholder (an experiment that was read has none). */
export function parseTemplate(text: string): readonly TemplatePart[] {
  const template = readTemplate(text);
  if ('parts' in template) return template.parts;
  throw new UserError({ code: 'bad-placeholder', message: template.problem, hint: template.hint });
}

function readPlaceholder(whole: string, kind: string, argument: string | undefined): TemplatePart | TemplateProblem {
  switch (kind) {
    case 'int':
      return readInt(whole, argument ?? '');
    case 'hex': {
      const digits = /^[1-9]\d{0,6}$/.test(argument ?? '') ? Number(argument) : 0;
      return digits >= 1 && digits <= MOST_HEX_DIGITS
        ? { kind: 'hex', digits }
        : { problem: `the placeholder ${whole} does not say how many digits`, hint: 'write {hex:16} for 16 digits' };
    }
    case 'choice': {
      const options = (argument ?? '').split('|');
      return options.every((option) => option !== '')
        ? { kind: 'choice', options }
        : { problem: `the placeholder ${whole} has an empty choice`, hint: 'write {choice:a|b|c}' };
    }
    case 'uuid':
    case 'seq':
      return argument === undefined
        ? { kind }
        : { problem: `the placeholder ${whole} takes no argument`, hint: `write {${kind}}` };
    default: {
      const guess = nearest(kind, KINDS);
      const known = '{int:1..1000}, {hex:16}, {uuid}, {choice:a|b|c} and {seq}';
      return {
        problem: `there is no placeholder ${whole}`,
        hint: `${guess === undefined ? '' : `did you mean {${guess}${guess === 'uuid' || guess === 'seq' ? '' : ':…'}}? `}there are ${known}; {{ stands for a brace`,
      };
    }
  }
}

function readInt(whole: string, argument: string): TemplatePart | TemplateProblem {
  const match = /^(-?\d+)\.\.(-?\d+)$/.exec(argument);
  const [min, max] = match === null ? [Number.NaN, Number.NaN] : [Number(match[1]), Number(match[2])];
  if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max) || !Number.isSafeInteger(max - min)) {
    return { problem: `the placeholder ${whole} is not a range of whole numbers`, hint: 'write {int:1..1000}' };
  }
  if (min > max) {
    return { problem: `the placeholder ${whole} has its ends the wrong way round`, hint: `write {int:${max}..${min}}` };
  }
  return { kind: 'int', min, max };
}
