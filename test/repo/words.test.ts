import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';

// The texts of src are read by people on call: phrases that a native reader stumbles over do not come back.

const src = new URL('../../src/', import.meta.url);

/** What is not written, and what is written instead. */
const BANNED: readonly (readonly [phrase: RegExp, instead: string])[] = [
  [/(?<!\bthere )\b(?:is|are) no (?!longer|larger|more|worse)(?=[a-z])/i, '“is not a …”, “is not an …”'],
  [/, as (?=["'“]?[+\d=$]|[a-z]+=|[a-z-]+\.[a-z]|--)/, '“, e.g. …”'],
  [/\bmend(?:s|ed|ing)?\b/i, '“fix”'],
  [/\bfor (?:want|lack) of\b/i, '“because … is missing”'],
  [/\bforetells?\b/i, '“predict”'],
  [/\banew\b/i, '“again”, or a verb with re-'],
  [/\bbesides?\b/i, '“next to”, “in addition to”, “other than”'],
  [/\bin per cent\b/i, '“as a percentage”'],
  [/\b4 of 5\b/, '“80 % power”'],
  [/\btells\b/i, '“shows”, “reports”'],
  [/\bspoilt\b/i, '“invalid”'],
  [/\bwhims?\b/i, '“chance”'],
  [/\bthe same setting run twice\b/i, '“the A/A cell”, “the A/A noise”'],
  [/\b(?:ran|runs?) out of memory\b|\bkilled for\b/i, '“OOM-killed”'],
  [/\bcannot be said\b|\bnothing can be said\b/i, '“is unknown”'],
  [/\bgiven back\b/i, '“returned to the system”'],
  [/\bis not known\b|\bare not known\b/i, '“is unknown”'],
  [/\bwas asked for\b|\bwere asked for\b/i, '“requested”'],
];

test('no text of src has a phrase that a native reader stumbles over', () => {
  const found = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => faults(readFileSync(new URL(file, src), 'utf8')).map((fault) => `src/${file}:${fault}`));
  assert.deepEqual(found, [], `${found.length} texts to write in plain English:\n${found.join('\n')}`);
});

test('texts are found in quotes and templates, and not in comments, names or code', () => {
  const code = [
    '// it is no comment',
    '/* for want of */ const spoilt = 1;',
    "const a = 'x is no assertion';",
    'const b = `${spoilt ? "mend it" : /[`\'"]/} there is no file`;',
    'const c = `line\n tells ${`deeper ${a} anew`}`;',
    "const d = 'it is no longer so';",
  ].join('\n');
  assert.deepEqual(
    faults(code).map((fault) => fault.split(':')[0]),
    ['3', '4', '5', '6'],
  );
});

function faults(code: string): readonly string[] {
  return textsOf(code).flatMap(({ line, text }) =>
    BANNED.flatMap(([phrase, instead]) => {
      const match = phrase.exec(text);
      return match === null ? [] : [`${line}: “${match[0]}” in “${text.trim().slice(0, 90)}”: write ${instead}`];
    }),
  );
}

/** The texts of string and template literals, with the line that each begins in. */
function textsOf(code: string): readonly { readonly line: number; readonly text: string }[] {
  const texts: { line: number; text: string }[] = [];
  // What each open brace belongs to: a template's placeholder, or a block.
  const braces: ('placeholder' | 'block')[] = [];
  let i = 0;
  const skip = (pattern: RegExp): string => {
    pattern.lastIndex = i;
    const [all = ''] = pattern.exec(code) ?? [];
    i += Math.max(1, all.length);
    return all;
  };
  const literal = (pattern: RegExp): void => {
    const line = code.slice(0, i).split('\n').length;
    const text = skip(pattern);
    texts.push({ line, text: text.slice(1, -1) });
    if (text.endsWith('${')) braces.push('placeholder');
  };
  while (i < code.length) {
    const next = code[i] as string;
    if (code.startsWith('//', i)) skip(/[^\n]*/y);
    else if (code.startsWith('/*', i)) skip(/[^]*?\*\//y);
    else if (next === "'" || next === '"') literal(next === '"' ? /"(?:\\.|[^"\\])*"/y : /'(?:\\.|[^'\\])*'/y);
    else if (next === '`') literal(TEMPLATE);
    else if (next === '/' && /(?:^|[([{,;:=!&|?}>]|\breturn)\s*$/.test(code.slice(Math.max(0, i - 40), i))) skip(REGEX);
    else if (next === '}' && braces.pop() === 'placeholder') literal(TEMPLATE);
    else {
      if (next === '{') braces.push('block');
      i += 1;
    }
  }
  return texts;
}

/** A template, or the rest of one, up to its end or its next placeholder. */
const TEMPLATE = /[`}](?:\\.|\$(?!\{)|[^\\`$])*(?:`|\$\{)/y;
const REGEX = /\/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\[\n])+\//y;
