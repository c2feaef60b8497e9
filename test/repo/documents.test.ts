import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { Tokens } from 'marked';
import { headingAnchor } from '../../docs/site/heading-anchor.ts';
import { rooms } from '../../scripts/rooms.ts';
import { tokensOf } from '../docs/page.ts';

const root = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  ...globSync('{docs,docs/{decisions,how-to},src/*}/*.md', { cwd: root }).toSorted(),
];
/** Of these every file that is named must exist; the manuals of users also name files of users. */
const aboutTheSource = documents.filter(
  (file) => file === 'CONTRIBUTING.md' || file === 'docs/architecture.md' || file.startsWith('src/'),
);

/** What stands between backticks, outside of fenced blocks. */
function codeOf(document: string): readonly string[] {
  return [
    ...read(document)
      .replaceAll(/^```.*?^```/gms, '')
      .matchAll(/`([^`\n]+)`/g),
  ].map(([, code = '']) => code);
}

/** Whether a text is the path of a file or folder of the source: of one with an extension of ours, or ending in a slash. */
function isPath(code: string): boolean {
  return /^[\w.@*<>/-]+(\.(ts|mjs|md|svg)|\/)$/.test(code) && !/[<*]/.test(code) && !code.startsWith('/');
}

function missingPaths(document: string, folder = dirname(document)): readonly string[] {
  return codeOf(document)
    .filter(isPath)
    .filter((path) => ![folder, '.'].some((from) => existsSync(join(root, from, path))));
}

for (const document of aboutTheSource) {
  test(`every file that ${document} names exists`, () => assert.deepEqual(missingPaths(document), []));
}

/** What CONTRIBUTING.md holds up as an example, and how it is found in the source. */
const EXAMPLES: Readonly<Record<string, RegExp>> = {
  'A metric': /'memory\.anon_peak'|anonymousPeak/,
  'A probe': /'docker-stats': \{|docker-stats\.ts|id: 'docker-stats'/,
  'A command': /\.\/list\/|name: 'list'|What `gctune list`/,
  'A format of the report': /'benchfmt'|benchfmt\.ts|function benchfmt/,
};

for (const [heading, example] of Object.entries(EXAMPLES)) {
  test(`CONTRIBUTING.md names exactly the files that know its example: ${heading}`, () => {
    const section = read('CONTRIBUTING.md').split(`### ${heading}\n`)[1]?.split(/^##/m)[0] ?? '';
    const named = [...section.matchAll(/^- `(src\/[^`]+)`/gm)].map(([, path = '']) => path);
    const knowing = globSync('src/**/*.ts', { cwd: root }).filter((file) => example.test(read(file)));
    assert.ok(knowing.length > 1);
    assert.deepEqual(
      knowing.filter((file) => !named.some((path) => file === path || (path.endsWith('/') && file.startsWith(path)))),
      [],
      'they know it and are not named',
    );
    assert.deepEqual(
      named.filter((path) => path.endsWith('.ts') && !knowing.includes(path)),
      [],
      'they are named and do not know it',
    );
  });
}

test('every link within the documents leads somewhere', () => {
  const broken = documents.flatMap((document) =>
    linksOf(document)
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => !leadsSomewhere(document, link))
      .map((link) => `${document}: ${link}`),
  );
  assert.deepEqual(broken, []);
});

/** Where the links and pictures of a document point. */
function linksOf(document: string): readonly string[] {
  return tokensOf(document).flatMap((token) =>
    token.type === 'link' || token.type === 'image' ? [(token as Tokens.Link | Tokens.Image).href] : [],
  );
}

function leadsSomewhere(document: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const file = path === '' ? document : join(dirname(document), path);
  if (!existsSync(join(root, file))) return false;
  return anchor === undefined || anchorsOf(file).has(anchor);
}

/** The anchors of the headings of a file. */
function anchorsOf(file: string): ReadonlySet<string> {
  return new Set([...read(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => headingAnchor(heading)));
}

test('every npm script that a document names exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
  const named = documents.flatMap((document) =>
    [...read(document).matchAll(/npm run (?:--silent |-s )?([\w:]+)/g)].map(([, name = '']) => name),
  );
  assert.ok(named.length > 10);
  assert.deepEqual(
    named.filter((name) => scripts[name] === undefined),
    [],
  );
});

test('every part of the lint chain is run by npm run lint', () => {
  const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
  const parts = Object.keys(scripts).filter((name) => name.startsWith('lint:'));
  assert.ok(parts.length > 5);
  assert.equal(scripts['lint'], parts.map((name) => `npm run ${name}`).join(' && '));
});

test('every room has a paragraph at its head, and every command has one in that of commands', () => {
  for (const name of Object.keys(rooms)) {
    const text = read(`src/${name}/README.md`);
    assert.ok(text.startsWith(`# ${name}\n`), name);
    for (const part of [/\*\*In:\*\*/, /\*\*Out:\*\*/, /Begin with|either will do/]) assert.match(text, part, name);
  }
  const commands = readdirSync(join(root, 'src/commands'), { withFileTypes: true }).filter((one) => one.isDirectory());
  const described = [...read('src/commands/README.md').matchAll(/^- `([\w-]+)\/`/gm)].map(([, name = '']) => name);
  assert.deepEqual(described.toSorted(), commands.map(({ name }) => name).toSorted());
});

test('every document of users is linked from the README or from another document', () => {
  const linked = new Set(
    documents.flatMap((document) =>
      [...read(document).matchAll(/\]\(([^)\s#]+)/g)].map(([, link = '']) => join(dirname(document), link)),
    ),
  );
  assert.deepEqual(
    documents.filter((file) => file.startsWith('docs/') && !linked.has(file)),
    [],
  );
});

test('the pictures and the table of rooms are up to date, and no text is wider than its box', () => {
  const script = join(root, 'scripts/draw-architecture.ts');
  execFileSync(process.execPath, [script, '--check'], { cwd: root, stdio: 'pipe' });
});
