import assert from 'node:assert/strict';
import { chmod, copyFile, mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { execa } from 'execa';
import { EnvironmentError, UserError } from '../../src/errors.ts';
import { digestFile } from '../../src/target/digest-file.ts';
import { platformOfNode } from '../../src/executable/platform.ts';
import type { Platform } from '../../src/executable/platform.ts';
import { resolveTarget } from '../../src/target/resolve-target.ts';
import type { LocalTargetSource, ResolveContext } from '../../src/target/resolve-target.ts';
import { requirement } from '../requirements.ts';
import { goBuild, scratch, writeHello } from './hello.ts';

const here = platformOfNode(process.platform, process.arch);
const never = new AbortController().signal;

/** A context that remembers what it was told. */
function contextIn(folder: string, platform: Platform = here): ResolveContext & { readonly lines: string[] } {
  const lines: string[] = [];
  const onProgress = (line: string): void => void lines.push(line);
  return { cacheDirectory: join(folder, 'cache'), platform, owner: '-', signal: never, onProgress, lines };
}

const packageIn = (directory: string, ...flags: string[]): LocalTargetSource => ({ kind: 'package', directory, flags });

/** Expects a UserError of one code whose message has a text in it. */
async function refused(attempt: Promise<unknown>, code: string, text: RegExp): Promise<void> {
  await assert.rejects(attempt, (error) => {
    assert.ok(error instanceof UserError, String(error));
    assert.equal(error.diagnostics[0]?.code, code);
    assert.match(error.message, text);
    return true;
  });
}

/** Expects an EnvironmentError of one code and returns it. */
async function unable(attempt: Promise<unknown>, code: string): Promise<EnvironmentError> {
  const error: unknown = await attempt.then(
    () => assert.fail('nothing was refused'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof EnvironmentError, String(error));
  assert.equal(error.code, code, error.message);
  return error;
}

suite('a package', requirement('go'), () => {
  test('is built once and found the second time', async (t) => {
    const folder = await scratch(t);
    const source = packageIn(await writeHello(join(folder, 'hello')));
    const first = contextIn(folder);
    const built = await resolveTarget(source, first);
    assert.deepEqual([built.kind, built.buildInfo.path], ['binary', 'example.com/hello']);
    assert.match(built.description, /^example\.com\/hello, built with go1\./);
    assert.equal(built.digest, await digestFile(built.reference, never));
    assert.equal(built.buildInfo.settings['CGO_ENABLED'], '0');
    assert.match((await execa(built.reference)).stderr, /^hello$/);
    assert.deepEqual(
      first.lines.map((line) => line.replace(/go1.*/, 'go')),
      ['building example.com/hello with go'],
    );

    const { ino } = await stat(built.reference);
    const second = contextIn(folder);
    assert.deepEqual(await resolveTarget(source, second), built);
    assert.deepEqual(second.lines, []);
    assert.equal((await stat(built.reference)).ino, ino);
  });

  test('is built anew when something that goes into it changes, and only then', async (t) => {
    const folder = await scratch(t);
    const directory = await writeHello(join(folder, 'hello'));
    const context = contextIn(folder);
    const builds = async (...flags: string[]): Promise<number> => {
      await resolveTarget(packageIn(directory, ...flags), context);
      return context.lines.length;
    };
    assert.equal(await builds(), 1);
    await writeFile(join(directory, 'README.md'), 'not a part of the program');
    await writeFile(join(directory, 'hello_test.go'), 'package main\n');
    assert.equal(await builds(), 1);
    await writeFile(
      join(directory, 'more.go'),
      'package main\n\nimport _ "embed"\n\n//go:embed text\nvar text string\n',
    );
    await writeFile(join(directory, 'text'), 'one');
    assert.equal(await builds(), 2);
    await writeFile(join(directory, 'text'), 'two');
    assert.equal(await builds(), 3);
    assert.equal(await builds('-tags=some'), 4);
    await mkdir(join(directory, 'inner'));
    await writeFile(join(directory, 'inner', 'inner.go'), 'package inner\n');
    assert.equal(await builds(), 4);
    await writeFile(join(directory, 'use.go'), 'package main\n\nimport _ "example.com/hello/inner"\n');
    assert.equal(await builds(), 5);
    await writeFile(join(directory, 'inner', 'inner.go'), 'package inner\n\nvar X = 1\n');
    assert.equal(await builds(), 6);
    await writeFile(join(directory, 'go.mod'), 'module example.com/hello\n\ngo 1.18\n');
    assert.equal(await builds(), 7);
    assert.equal(await builds(), 7);
  });

  test('is built by two at once without harm', async (t) => {
    const folder = await scratch(t);
    const source = packageIn(await writeHello(join(folder, 'hello')));
    const artifacts = await Promise.all([1, 2, 3].map(() => resolveTarget(source, contextIn(folder))));
    assert.deepEqual(artifacts[1], artifacts[0]);
    assert.deepEqual(artifacts[2], artifacts[0]);
    assert.equal(artifacts[0]?.digest, await digestFile(artifacts[0]?.reference ?? '', never));
    assert.equal((await readdir(join(folder, 'cache', 'builds'))).length, 1);
  });

  test('is built anew when its cached file is damaged or half there', async (t) => {
    const folder = await scratch(t);
    const source = packageIn(await writeHello(join(folder, 'hello')));
    const built = await resolveTarget(source, contextIn(folder));
    await writeFile(built.reference, (await readFile(built.reference)).subarray(0, 1000));
    assert.deepEqual(await resolveTarget(source, contextIn(folder)), built);
    await writeFile(join(built.reference, '..', 'digest'), '');
    assert.deepEqual(await resolveTarget(source, contextIn(folder)), built);
    assert.equal(built.digest, await digestFile(built.reference, never));
  });

  test('makes room by deleting builds that nobody has used for a month', async (t) => {
    const folder = await scratch(t);
    const directory = await writeHello(join(folder, 'hello'));
    const old = await resolveTarget(packageIn(directory), contextIn(folder));
    const longAgo = new Date(Date.now() - 40 * 24 * 3600 * 1000);
    await utimes(join(old.reference, '..'), longAgo, longAgo);
    const other = await resolveTarget(packageIn(directory, '-tags=other'), contextIn(folder));
    await assert.rejects(stat(old.reference), { code: 'ENOENT' });
    await stat(other.reference);
  });

  test('that does not compile shows the lines of the compiler', async (t) => {
    const folder = await scratch(t);
    const directory = await writeHello(join(folder, 'hello'), 'undefinedFunction()');
    const error = await unable(resolveTarget(packageIn(directory), contextIn(folder)), 'build-failed');
    assert.ok(
      error.details.some((line) => /main\.go:3:\d+: undefined: undefinedFunction/.test(line)),
      error.details.join('\n'),
    );
    assert.deepEqual(await readdir(join(folder, 'cache', 'builds')), []);
  });

  test('that go cannot even list shows the lines of go', async (t) => {
    const folder = await scratch(t);
    const directory = await writeHello(join(folder, 'hello'));
    const details = async (): Promise<string> =>
      (await unable(resolveTarget(packageIn(directory), contextIn(folder)), 'build-failed')).details.join('\n');
    await writeFile(join(directory, 'go.mod'), 'module example.com/hello\n\ngo 9.99\n');
    assert.match(await details(), /go >= 9\.99/);
    await writeFile(join(directory, 'go.mod'), 'module example.com/hello\n');
    await writeFile(join(directory, 'main.go'), 'package main\n\nimport "example.com/hello/missing"\n');
    assert.match(await details(), /example\.com\/hello\/missing/);
    await writeFile(join(directory, 'main.go'), 'package {');
    assert.match(await details(), /main\.go:1/);
  });

  test('that is no program, or not there, is refused', async (t) => {
    const folder = await scratch(t);
    const directory = await writeHello(join(folder, 'hello'));
    await writeFile(join(directory, 'main.go'), 'package library\n');
    await refused(resolveTarget(packageIn(directory), contextIn(folder)), 'not-a-main-package', /package library/);
    const nowhere = join(folder, 'nowhere');
    await refused(resolveTarget(packageIn(nowhere), contextIn(folder)), 'target-missing', /nowhere/);
  });

  test('is built for the platform it is to run on', async (t) => {
    const folder = await scratch(t);
    const source = packageIn(await writeHello(join(folder, 'hello')));
    const foreign = { os: 'linux', arch: here.arch === 'arm64' ? 'amd64' : 'arm64' };
    const artifact = await resolveTarget(source, contextIn(folder, foreign));
    assert.equal(artifact.buildInfo.settings['GOARCH'], foreign.arch);
    const error = await unable(
      resolveTarget({ kind: 'binary', path: artifact.reference }, contextIn(folder)),
      'wrong-architecture',
    );
    assert.match(error.message, new RegExp(`linux/${foreign.arch}.*${here.os}/${here.arch}`));
  });

  test('is not built when that was called off', async (t) => {
    const folder = await scratch(t);
    const source = packageIn(await writeHello(join(folder, 'hello')));
    const stop = new AbortController();
    const context = { ...contextIn(folder), signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) };
    await assert.rejects(resolveTarget(source, context), /enough/);
    await assert.rejects(resolveTarget(source, context), /enough/);
    assert.deepEqual(await readdir(join(folder, 'cache', 'builds')), []);
  });
});

test('a package on a machine without go says both ways out', async (t) => {
  const folder = await scratch(t);
  const directory = await writeHello(join(folder, 'hello'));
  const path = process.env['PATH'];
  process.env['PATH'] = folder;
  t.after(() => (process.env['PATH'] = path));
  const error = await unable(resolveTarget(packageIn(directory), contextIn(folder)), 'go-missing');
  assert.match(error.hint ?? '', /Install Go.*binary/);
});

suite('a binary', () => {
  const binary = (path: string): LocalTargetSource => ({ kind: 'binary', path });

  test('is taken as it is', requirement('go'), async (t) => {
    const folder = await scratch(t);
    const path = await goBuild(await writeHello(folder), join(folder, 'some-name'), []);
    const artifact = await resolveTarget(binary(path), contextIn(folder));
    assert.equal(artifact.reference, path);
    assert.equal(artifact.digest, await digestFile(path, never));
    assert.match(artifact.description, /^some-name, built with go1\./);
    const copy = join(folder, 'copy');
    await copyFile(path, copy);
    await chmod(copy, 0o644);
    await refused(resolveTarget(binary(copy), contextIn(folder)), 'not-executable', /is not executable/);
  });

  test('can be a program of an npm package', async (t) => {
    const specifier = 'npm:@typescript/typescript-{platform}-{arch}/lib/tsc';
    const artifact = await resolveTarget(binary(specifier), contextIn(await scratch(t)));
    assert.match(artifact.description, /^tsc of @typescript\/typescript-\S+ 7\.\S+, built with go1\./);
    assert.match((await execa(artifact.reference, ['--version'])).stdout, /^Version 7\./);
  });

  test('that is no Go program is refused with what it is', async (t) => {
    const folder = await scratch(t);
    const script = join(folder, 'script');
    await writeFile(script, '#!/bin/sh\n', { mode: 0o755 });
    const empty = join(folder, 'empty');
    await writeFile(empty, '', { mode: 0o755 });
    const context = contextIn(folder);
    await refused(resolveTarget(binary(script), context), 'not-a-go-program', /is a script/);
    await refused(resolveTarget(binary(empty), context), 'not-a-go-program', /is an empty file/);
    await refused(resolveTarget(binary(process.execPath), context), 'not-a-go-program', /not one built by Go/);
    await refused(resolveTarget(binary(folder), context), 'target-not-a-file', /is not a file/);
    await refused(resolveTarget(binary(join(folder, 'absent')), context), 'target-missing', /absent/);
  });
});
