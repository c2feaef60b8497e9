import type { BuildInfo } from '../results/format.ts';

/** Parses the text that `go version -m` prints: tab-separated lines of path, mod, dep, => and build (Go's runtime/debug.ParseBuildInfo). */
export function parseModuleInfo(goVersion: string, text: string): BuildInfo {
  let path = '';
  let mainModule: BuildInfo['mainModule'];
  const settings: [string, string][] = [];
  for (const line of text.split('\n')) {
    const [kind = '', first = '', second = ''] = line.split('\t');
    if (kind === 'path') path = first;
    else if (kind === 'mod') mainModule = { path: first, version: second };
    else if (kind === 'build') settings.push(parseSetting(line.slice('build\t'.length)));
  }
  // fromEntries defines properties, so that a key such as __proto__ is a key like any other.
  return { goVersion, path, mainModule, settings: Object.fromEntries(settings) };
}

/** `key=value`, either of them quoted where it holds blanks, quotes or line ends. */
function parseSetting(text: string): [string, string] {
  const quoted = /^("(?:[^"\\]|\\.)*"|`[^`]*`)=(.*)$/s.exec(text);
  const equals = text.indexOf('=');
  const [key, value] =
    quoted === null
      ? equals === -1
        ? [text, '']
        : [text.slice(0, equals), text.slice(equals + 1)]
      : [quoted[1] ?? '', quoted[2] ?? ''];
  return [unquote(key), unquote(value)];
}

const escapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** Undoes Go's strconv.Quote, and raw strings. */
function unquote(text: string): string {
  if (/^`[^`]*`$/.test(text)) return text.slice(1, -1);
  if (!/^"(?:[^"\\]|\\.)*"$/s.test(text)) return text;
  return text
    .slice(1, -1)
    .replace(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/gs, (_, x, u, long, single: string) => {
      const code = parseInt((x ?? u ?? long ?? '') as string, 16);
      if (Number.isNaN(code)) return escapes[single] ?? single;
      return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
    });
}
