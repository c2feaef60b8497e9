import { isAlias, isCollection, isMap, isScalar, isSeq, LineCounter, parseDocument, visit, type Document } from 'yaml';
import type { Diagnostic, Position } from '../../errors.ts';
import { kindOf } from '../schema/leaf.ts';
import { plainText } from '../../text/plain-text.ts';
import { quote } from '../../units/units.ts';

/** A place in a value: keys and indices from the root. */
export type Path = readonly (string | number)[];

/** A YAML file that could be read, with the places of its parts. */
export interface YamlSource {
  /** The plain value. */
  readonly value: Readonly<Record<string, unknown>>;
  /** Where a value stands, or the nearest part around it that there is. */
  valueAt(path: Path): Position;
  /** Where the key of a value stands. */
  keyAt(path: Path): Position;
  /** How a scalar is written in the file: `1e2` where the value is 100. */
  writtenAt(path: Path): string | undefined;
}

/** More than any experiment needs; a file of this size is something else. */
const MOST_CHARACTERS = 200_000;
/** A pyramid of aliases multiplies: this many nodes may come of aliases in all, and this many aliases may stand in a file. */
const MOST_ALIASED_NODES = 500;

/**
 * Reads YAML 1.2, or says everything that is wrong with it as YAML. A file with duplicate keys gives both. `merge`: the key << takes
 * in other mappings.
 */
export function readYaml(
  text: string,
  file: string,
  { merge = false }: { readonly merge?: boolean } = {},
): { readonly source: YamlSource | undefined; readonly diagnostics: readonly Diagnostic[] } {
  const lines = new LineCounter();
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const refuse = (code: string, message: string, hint: string, at = position(0)) => ({
    source: undefined,
    diagnostics: [{ code, message, at, hint }],
  });
  const start: Position = { file, line: 1, column: 1 };
  if (text.length > MOST_CHARACTERS) {
    return refuse('file-too-large', `the file has ${text.length} characters`, 'this is not an experiment', start);
  }
  const tooDeep = () =>
    refuse('nested-too-deeply', 'the file is nested too deeply', 'an experiment has seven levels', start);
  let document: Document;
  try {
    document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error', merge });
  } catch {
    // The parser recurses, and says so either way.
    return tooDeep();
  }
  if (document.errors.some((error) => /call stack/i.test(error.message))) return tooDeep();
  const tooManyAliases = () =>
    refuse('too-many-aliases', 'the aliases of the file multiply beyond measure', 'write the values out', start);
  if (countAliases(document) > MOST_ALIASED_NODES) return tooManyAliases();
  // What the parser says of one place twice is one slip.
  const offsets = new Set<number>();
  const diagnostics: Diagnostic[] = [...document.errors, ...document.warnings].flatMap((problem) => {
    const [offset] = problem.pos;
    if (offsets.has(offset)) return [];
    offsets.add(offset);
    return [{ ...describe(problem.code, problem.message, text.slice(offset)), at: position(offset) }];
  });
  diagnostics.push(...refusedNodes(document, position));
  const usable = diagnostics.every(({ code }) => code === 'duplicate-key' || code === 'unknown-key');
  if (!usable) return { source: undefined, diagnostics };
  if (document.contents === null)
    return refuse('empty-file', 'the file is empty', 'gctune init writes one to start from');
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MOST_ALIASED_NODES });
  } catch (error) {
    if (error instanceof RangeError) return tooDeep();
    return tooManyAliases();
  }
  if (value === null) return refuse('empty-file', 'the file is empty', 'gctune init writes one to start from');
  if (typeof value !== 'object' || Array.isArray(value)) {
    const found = kindOf(value);
    return refuse(
      'not-a-mapping',
      `the file holds ${found}, not a mapping`,
      'an experiment is lines such as name: gogc-sweep',
    );
  }
  return { source: places(document, value as Record<string, unknown>, position), diagnostics };
}

function countAliases(document: Document): number {
  let aliases = 0;
  visit(document, { Alias: () => void aliases++ });
  return aliases;
}

/** What is YAML, but has no place in an experiment. */
function refusedNodes(document: Document, position: (offset: number) => Position): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  visit(document, {
    Pair(_, { key }) {
      if (!isScalar(key)) {
        const at = position(startOf(key) ?? 0);
        diagnostics.push({ code: 'bad-yaml', message: 'a key is a word, not a list or mapping', at });
      } else if (key.value === '__proto__') {
        const at = position(key.range?.[0] ?? 0);
        diagnostics.push({ code: 'unknown-key', message: 'the key "__proto__" is not allowed', at });
      }
    },
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return;
      const at = position(alias.range?.[0] ?? 0);
      const hint = 'a * begins an alias; put text that begins with it in quotes';
      diagnostics.push({ code: 'bad-yaml', message: `there is no anchor &${plainText(alias.source)}`, at, hint });
    },
  });
  return diagnostics;
}

function places(
  document: Document,
  value: Record<string, unknown>,
  position: (offset: number) => Position,
): YamlSource {
  const find = (path: Path): { key: number | undefined; value: number; written: string | undefined } => {
    let node: unknown = document.contents;
    let found = {
      key: undefined as number | undefined,
      value: startOf(node) ?? 0,
      written: undefined as string | undefined,
    };
    for (const step of path) {
      const inside = isAlias(node) ? node.resolve(document) : node;
      if (isMap(inside)) {
        const pair = inside.items.find(({ key }) => (isScalar(key) ? String(key.value) : String(key)) === String(step));
        if (pair === undefined) break;
        const key = startOf(pair.key);
        found = { key, value: startOf(pair.value) ?? key ?? found.value, written: writtenAs(pair.value) };
        node = pair.value;
      } else if (isSeq(inside)) {
        const item = inside.items[Number(step)];
        if (item === undefined) break;
        found = { key: found.key, value: startOf(item) ?? found.value, written: writtenAs(item) };
        node = item;
      } else break;
    }
    return found;
  };
  return {
    value,
    valueAt: (path) => position(find(path).value),
    keyAt: (path) => {
      const found = find(path);
      return position(found.key ?? found.value);
    },
    writtenAt: (path) => find(path).written,
  };
}

function startOf(node: unknown): number | undefined {
  if (!isScalar(node) && !isCollection(node) && !isAlias(node)) return undefined;
  // An empty value has a range of its own, behind the colon; the key says more.
  if (isScalar(node) && node.value === null && node.source === '') return undefined;
  return node.range?.[0];
}

function writtenAs(node: unknown): string | undefined {
  return isScalar(node) && node.type === 'PLAIN' ? node.source : undefined;
}

/** Our words for what the parser found; its own where it says more than its code. */
function describe(code: string, message: string, from: string): Pick<Diagnostic, 'code' | 'message' | 'hint'> {
  switch (code) {
    case 'DUPLICATE_KEY':
      return {
        code: 'duplicate-key',
        message: `${quote(/^[^\s:,}\]]*/.exec(from)?.[0])} stands here a second time`,
        hint: 'keep one of the two',
      };
    case 'TAB_AS_INDENT':
      return { code: 'bad-yaml', message: 'a tab is used as indentation', hint: 'YAML is indented with spaces' };
    case 'MULTIPLE_DOCS':
      return { code: 'bad-yaml', message: 'the file holds several documents', hint: 'take out what follows ---' };
    case 'TAG_RESOLVE_FAILED':
      return { code: 'bad-yaml', message: 'tags such as !this are not used here', hint: 'put the text in quotes' };
    default:
      return { code: 'bad-yaml', message: `this is not YAML: ${lowerFirst(message)}` };
  }
}

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
