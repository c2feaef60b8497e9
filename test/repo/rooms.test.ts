import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { rooms } from '../../scripts/rooms.ts';

const root = join(import.meta.dirname, '../..');
const names = Object.keys(rooms);

interface Case {
  readonly room: string;
  readonly code: string;
  /** The rule that must be broken; undefined: none may be. */
  readonly rule: string | undefined;
  /** The folder below the room that it stands in. */
  readonly below?: string;
}

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
};
const unowned = 'a-new-package';
const packages = [...Object.keys(manifest.dependencies), unowned];

/** What a pure room must not hold although it imports nothing of ours. */
const IMPURE: readonly (readonly [code: string, rule: string])[] = [
  ["import { readFileSync } from 'node:fs';\nexport const text = readFileSync;", 'no-restricted-imports'],
  ["import { readFile } from 'node:fs/promises';\nexport const text = readFile;", 'no-restricted-imports'],
  ["import { connect } from 'node:net';\nexport const dial = connect;", 'no-restricted-imports'],
  ['export const now = Date.now();', 'no-restricted-globals'],
  ['export const now = new Date();', 'no-restricted-globals'],
  ['export const chance = Math.random();', 'no-restricted-properties'],
  ['export const env = process.env;', 'no-restricted-globals'],
  ["export const page = fetch('http://127.0.0.1');", 'no-restricted-globals'],
  ['export const timer = setTimeout(String, 1);', 'no-restricted-globals'],
];

const cases: readonly (Case & { readonly file: string })[] = [
  ...names.flatMap(arrowCases),
  ...names.flatMap(packageCases),
  ...names.flatMap(codeCases),
].map((one, i) => ({ ...one, file: join('src', one.room, one.below ?? '', `case-${i}.ts`) }));
/** Rules broken in each file of the copy. */
const broken = new Map<string, readonly string[]>();
let copy = '';

/** One run of the linter over a tree that holds nothing but the cases. */
before(async () => {
  copy = mkdtempSync(join(tmpdir(), 'gctune-rooms-'));
  mkdirSync(join(copy, 'scripts'));
  for (const file of ['oxlint.config.ts', 'scripts/rooms.ts']) copyFileSync(join(root, file), join(copy, file));
  const dependencies = { ...manifest.dependencies, [unowned]: '1.0.0' };
  writeFileSync(join(copy, 'package.json'), JSON.stringify({ ...manifest, dependencies }));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  for (const { file, code } of cases) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    writeFileSync(join(copy, file), `${code}\n`);
  }
  for (const [file, rules] of await lint(copy)) broken.set(file, rules);
});
after(() => rmSync(copy, { recursive: true, force: true }));

for (const name of names) {
  test(`the linter holds ${name} to what the table of rooms allows`, () => {
    const own = cases.filter(({ room }) => room === name);
    const wrong = own.filter(({ file, rule }) => {
      const found = broken.get(file) ?? [];
      return rule === undefined ? found.length > 0 : !(found.length === 1 && found[0] === `eslint(${rule})`);
    });
    assert.ok(own.length > names.length + packages.length);
    assert.deepEqual(
      wrong.map(({ code, rule, file }) => ({ code, rule, found: broken.get(file) })),
      [],
    );
  });
}

test('what everything rests on, whatever the table says', () => {
  const allows = (room: string, code: string): boolean => {
    const found = cases.find((one) => one.room === room && one.code === code && one.below === undefined);
    assert.ok(found, `${room}: ${code}`);
    return (broken.get(found.file) ?? []).length === 0;
  };
  const values = (of: string): string => `import { thing } from '../${of}/thing.ts';\nexport const own = thing;`;
  const types = (of: string): string => `import type { Thing } from '../${of}/thing.ts';\nexport type Own = Thing;`;
  assert.equal(allows('report', values('analysis')), false);
  assert.equal(allows('report', types('analysis')), true);
  assert.equal(allows('analysis', types('report')), false);
  assert.equal(allows('statistics', types('experiment')), false);
  assert.equal(allows('runner', values('results')), false);
  for (const room of ['statistics', 'analysis', 'report', 'experiment', 'heapdump', 'profile', 'simulation'])
    assert.equal(allows(room, 'export const now = Date.now();'), false, room);
});

test('every room of src stands in the table, and every package of ours has a room', () => {
  const found = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  assert.deepEqual(found.map(({ name }) => name).toSorted(), names.toSorted());
  const owned = new Set(Object.values(rooms).flatMap((room) => room.packages ?? []));
  assert.deepEqual([...owned].toSorted(), Object.keys(manifest.dependencies).toSorted());
});

function arrowCases(from: string): readonly Case[] {
  const { values = [], types = [], format = false } = rooms[from] ?? {};
  return names
    .filter((to) => to !== from)
    .flatMap((to) => {
      const value = values.includes(to) ? undefined : 'no-restricted-imports';
      const type = types.includes(to) ? undefined : value;
      return [
        { room: from, code: `import { thing } from '../${to}/thing.ts';\nexport const own = thing;`, rule: value },
        { room: from, code: `import type { Thing } from '../${to}/thing.ts';\nexport type Own = Thing;`, rule: type },
        { room: from, code: `export const own = import('../../${to}/thing.ts');`, rule: value, below: 'below' },
        ...(to === 'results'
          ? [
              {
                room: from,
                code: `import type { Thing } from '../results/format.ts';\nexport type Own = Thing;`,
                rule: format ? undefined : type,
              },
            ]
          : []),
      ];
    });
}

function packageCases(room: string): readonly Case[] {
  return packages.map((name) => ({
    room,
    code: `import { thing } from '${name}';\nexport const own = thing;`,
    rule: rooms[room]?.packages?.includes(name) === true ? undefined : 'no-restricted-imports',
  }));
}

function codeCases(room: string): readonly Case[] {
  const pure = rooms[room]?.pure !== undefined;
  return [
    ...(pure ? IMPURE.map(([code, rule]) => ({ room, code, rule })) : []),
    ...(pure ? [] : [{ room, code: 'process.exit(1);', rule: 'no-restricted-properties' }]),
  ];
}

/** The rules that each file breaks, by the file's path below the folder. */
async function lint(folder: string): Promise<readonly (readonly [file: string, rules: readonly string[]])[]> {
  const bin = join(root, 'node_modules/oxlint/bin/oxlint');
  const args = [bin, '--format', 'json', '--ignore-pattern', 'node_modules'];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: folder,
    maxBuffer: 2 ** 26,
  }).catch((error: { stdout: string }) => error);
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: readonly { filename: string; code: string }[] };
  return [...Map.groupBy(diagnostics, ({ filename }) => filename)].map(
    ([file, found]) => [file, [...new Set(found.map(({ code }) => code))]] as const,
  );
}
