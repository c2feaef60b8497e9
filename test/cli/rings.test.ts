import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile, copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));

const folders = [
  'cli',
  'sweep',
  'trial',
  'runner',
  'workload',
  'probe',
  'target',
  'results',
  'analysis',
  'report',
  'experiment',
  'statistics',
  'profile',
  'heapdump',
  'simulation',
] as const;
type Folder = (typeof folders)[number];

/** What each folder may know of: `values`, only `types`, or only results/format.ts (`format`). */
const arrows: Readonly<Record<Folder, Readonly<Partial<Record<Folder, 'values' | 'types' | 'format'>>>>> = {
  cli: Object.fromEntries(folders.map((folder) => [folder, 'values'])),
  sweep: {
    trial: 'values',
    runner: 'values',
    target: 'values',
    results: 'values',
    experiment: 'values',
    statistics: 'values',
    simulation: 'values',
  },
  trial: {
    runner: 'values',
    workload: 'values',
    probe: 'values',
    target: 'values',
    results: 'values',
    experiment: 'values',
    statistics: 'values',
    simulation: 'values',
  },
  runner: { target: 'values', experiment: 'values', results: 'format' },
  workload: { experiment: 'values', statistics: 'values', results: 'format', runner: 'types' },
  probe: { experiment: 'values', results: 'format', runner: 'types' },
  target: { experiment: 'values', results: 'format' },
  results: { experiment: 'values', runner: 'types' },
  analysis: { statistics: 'values', experiment: 'values', profile: 'values', results: 'format' },
  report: { analysis: 'types', statistics: 'types', heapdump: 'types', experiment: 'values', results: 'format' },
  experiment: { statistics: 'values' },
  statistics: {},
  profile: {},
  heapdump: {},
  simulation: { experiment: 'values', statistics: 'values', results: 'format' },
};

/** The packages that a folder may import; whatever else package.json names, new ones too, is refused everywhere. */
const packages: Readonly<Record<Folder, readonly string[]>> = {
  cli: ['yaml', 'yargs'],
  sweep: ['execa'],
  trial: ['undici'],
  runner: ['dockerode', 'execa', 'tar-stream', 'zod'],
  workload: ['execa', 'hdr-histogram-js', 'undici'],
  probe: ['undici'],
  target: ['execa'],
  results: ['zod'],
  analysis: ['hdr-histogram-js'],
  report: ['vega', 'vega-lite'],
  experiment: ['yaml', 'zod'],
  statistics: ['simple-statistics'],
  profile: [],
  heapdump: [],
  simulation: [],
};
const dependencies = Object.keys(
  (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies: Record<string, string> })
    .dependencies,
);

/** Code that a folder must not hold although it imports nothing of ours. */
const pure: readonly Folder[] = ['experiment', 'statistics', 'profile', 'heapdump', 'analysis', 'report', 'simulation'];
const impure: readonly (readonly [code: string, rule: string])[] = [
  ["import { readFileSync } from 'node:fs';\nexport const text = readFileSync;", 'no-restricted-imports'],
  ["import { request } from 'undici';\nexport const ask = request;", 'no-restricted-imports'],
  ["import { execa } from 'execa';\nexport const run = execa;", 'no-restricted-imports'],
  ['export const now = Date.now();', 'no-restricted-globals'],
  ['export const now = new Date();', 'no-restricted-globals'],
  ['export const chance = Math.random();', 'no-restricted-properties'],
  ['export const env = process.env;', 'no-restricted-globals'],
  ["export const page = fetch('http://127.0.0.1');", 'no-restricted-globals'],
  ['export const timer = setTimeout(String, 1);', 'no-restricted-globals'],
];

interface Case {
  readonly title: string;
  readonly file: string;
  readonly code: string;
  /** The rule that must be broken; undefined: none may be. */
  readonly rule: string | undefined;
}

const cases = [
  ...folders.flatMap(arrowCases),
  ...folders.flatMap(packageCases),
  ...pure.flatMap(purityCases),
  ...processCases(),
].map((one, index) => ({
  ...one,
  file: one.file.replace('.ts', `-${index}.ts`),
}));
/** Rules broken in each file of the copy. */
const broken = new Map<string, readonly string[]>();
let copy = '';

/** One run of the linter over a copy of the tree that holds nothing but the cases. */
before(async () => {
  copy = await mkdtemp(join(tmpdir(), 'gctune-rings-'));
  await copyFile(join(root, '.oxlintrc.json'), join(copy, '.oxlintrc.json'));
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
  for (const { file, code } of cases) {
    await mkdir(dirname(join(copy, file)), { recursive: true });
    await writeFile(join(copy, file), `${code}\n`);
  }
  for (const [file, rules] of await lint(copy)) broken.set(file, rules);
});
after(() => rm(copy, { recursive: true, force: true }));

for (const { title, file, rule } of cases) {
  test(title, () => {
    assert.deepEqual(broken.get(file) ?? [], rule === undefined ? [] : [`eslint(${rule})`]);
  });
}

test('every folder of src stands in the table of arrows', () => {
  const found = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  assert.deepEqual(found.map(({ name }) => name).toSorted(), folders.toSorted());
});

test('the linter and this table name only packages that package.json has', () => {
  const named = new Set(Object.values(packages).flat());
  const lists = [
    ...readFileSync(join(root, '.oxlintrc.json'), 'utf8').matchAll(/"regex": "\^\(([a-z|-]+)\)\(\$\|\/\)"/g),
  ];
  assert.equal(lists.length, folders.length);
  for (const [, list = ''] of lists) for (const name of list.split('|')) named.add(name);
  assert.deepEqual([...named].toSorted(), dependencies.toSorted());
});

function arrowCases(from: Folder): readonly Case[] {
  return folders
    .filter((to) => to !== from)
    .flatMap((to) => {
      const arrow = arrows[from][to];
      const file = `src/${from}/knows-${to}.ts`;
      const refused = (allowed: boolean): string | undefined => (allowed ? undefined : 'no-restricted-imports');
      const may = (allowed: boolean): string => (allowed ? 'may' : 'must not');
      return [
        {
          title: `${from} ${may(arrow === 'values')} import values of ${to}`,
          file,
          code: `import { thing } from '../${to}/thing.ts';\nexport const own = thing;`,
          rule: refused(arrow === 'values'),
        },
        {
          title: `${from} ${may(arrow === 'values' || arrow === 'types')} import types of ${to}`,
          file,
          code: `import type { Thing } from '../${to}/thing.ts';\nexport type Own = Thing;`,
          rule: refused(arrow === 'values' || arrow === 'types'),
        },
        {
          title: `${from} ${may(arrow === 'values')} load ${to} later, from a folder below`,
          file: `src/${from}/below/knows-${to}.ts`,
          code: `export const own = import('../../${to}/thing.ts');`,
          rule: refused(arrow === 'values'),
        },
        ...(arrow === 'format'
          ? [
              {
                title: `${from} may import ${to}/format.ts`,
                file,
                code: `import type { Thing } from '../${to}/format.ts';\nexport type Own = Thing;`,
                rule: undefined,
              },
            ]
          : []),
      ];
    });
}

function packageCases(folder: Folder): readonly Case[] {
  return dependencies.map((name) => {
    const allowed = packages[folder].includes(name);
    return {
      title: `${folder} ${allowed ? 'may' : 'must not'} import the package ${name}`,
      file: `src/${folder}/needs-package.ts`,
      code: `import { thing } from '${name}';\nexport const own = thing;`,
      rule: allowed ? undefined : 'no-restricted-imports',
    };
  });
}

function purityCases(folder: Folder): readonly Case[] {
  return impure.map(([code, rule]) => ({
    title: `${folder} is pure: ${code.split('\n')[0] ?? ''}`,
    file: `src/${folder}/impure.ts`,
    code,
    rule,
  }));
}

function processCases(): readonly Case[] {
  return folders
    .filter((folder) => !pure.includes(folder))
    .map((folder) => ({
      title: `${folder} must not end the process`,
      file: `src/${folder}/ends.ts`,
      code: 'process.exit(1);',
      rule: 'no-restricted-properties',
    }));
}

/** The rules that each file breaks, by the file's path below the folder. */
async function lint(folder: string): Promise<readonly (readonly [file: string, rules: readonly string[]])[]> {
  const bin = join(root, 'node_modules/oxlint/bin/oxlint');
  const { stdout } = await promisify(execFile)(process.execPath, [bin, '--format', 'json'], {
    cwd: folder,
    maxBuffer: 2 ** 26,
  }).catch((error: { stdout: string }) => error);
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: readonly { filename: string; code: string }[] };
  return [...Map.groupBy(diagnostics, ({ filename }) => filename)].map(
    ([file, found]) => [file, [...new Set(found.map(({ code }) => code))]] as const,
  );
}
