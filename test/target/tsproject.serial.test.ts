import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { execa } from 'execa';
import { findNpmFile } from '../../src/target/npm-path.ts';
import { platformOfNode } from '../../src/executable/platform.ts';
import { scratch } from './hello.ts';

const generator = resolve(import.meta.dirname, '../../experiments/targets/tsproject/generate.mjs');

/** Every file of a folder with its content. */
async function contents(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const texts = await Promise.all(
    paths.map(async (path) => [path.slice(folder.length), await readFile(path, 'utf8')] as const),
  );
  return Object.fromEntries(texts);
}

test('the generated workspace is always the same', async (t) => {
  const folder = await scratch(t);
  for (const name of ['one', 'two']) await execa(process.execPath, [generator, join(folder, name), '3']);
  const one = await contents(join(folder, 'one'));
  assert.deepEqual(await contents(join(folder, 'two')), one);
  assert.equal(Object.keys(one).filter((path) => path.endsWith('.ts')).length, 1 + 3 * 5);
});

test('the native compiler collects garbage and finds no fault in the generated workspace', async (t) => {
  const folder = await scratch(t);
  await execa(process.execPath, [generator, folder]);
  const here = platformOfNode(process.platform, process.arch);
  const { path: tsc } = await findNpmFile('npm:@typescript/typescript-{platform}-{arch}/lib/tsc', here);
  const build = ['-b', join(folder, 'tsconfig.solution.json'), '--force', '--builders', '1', '--checkers', '1'];
  const env = { GOGC: '100', GOMAXPROCS: '2', GODEBUG: 'gctrace=1' };
  const { stdout, stderr } = await execa(tsc, build, { env });
  assert.equal(stdout, '');
  const cycles = stderr.split('\n').filter((line) => line.startsWith('gc ')).length;
  assert.ok(cycles >= 20, `${cycles} cycles at GOGC=100`);
  assert.equal((await execa(tsc, ['-p', folder])).stdout, '');
});

test('the compiler looks at every package', async (t) => {
  const folder = await scratch(t);
  await execa(process.execPath, [generator, folder, '1']);
  const { path: tsc } = await findNpmFile(
    'npm:@typescript/typescript-{platform}-{arch}/lib/tsc',
    platformOfNode(process.platform, process.arch),
  );
  const { stdout } = await execa(tsc, ['-b', join(folder, 'tsconfig.solution.json'), '--force', '--listFiles']);
  for (const name of ['core.ts', 'account0.ts', 'device3.ts', 'index.ts']) assert.ok(stdout.includes(name), name);
});

test('wrong arguments of the generator are refused', async (t) => {
  const folder = await scratch(t);
  for (const args of [[], [folder, '0'], [folder, 'x'], [folder, '1', 'more']]) {
    const { exitCode, stderr } = await execa(process.execPath, [generator, ...args], { reject: false });
    assert.equal(exitCode, 2);
    assert.match(stderr, /^usage:/);
  }
});
