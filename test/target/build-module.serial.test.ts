import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { execa } from 'execa';
import { EnvironmentError, UserError } from '../../src/errors.ts';
import type { ModuleReplace } from '../../src/experiment/experiment.ts';
import type { ModuleSource } from '../../src/target/build-module.ts';
import { platformOfNode } from '../../src/executable/platform.ts';
import { resolveTarget } from '../../src/target/resolve-target.ts';
import type { ResolveContext } from '../../src/target/resolve-target.ts';
import { requirement } from '../requirements.ts';
import { scratch } from './hello.ts';
import { moduleProxy, serveProxy, setEnv } from './module-proxy.ts';
import type { ModuleProxy } from './module-proxy.ts';

const here = platformOfNode(process.platform, process.arch);

/** A context that remembers what it was told. */
function contextIn(folder: string, signal = new AbortController().signal): ResolveContext & { lines: string[] } {
  const lines: string[] = [];
  const onProgress = (line: string): void => void lines.push(line);
  return { cacheDirectory: join(folder, 'cache'), platform: here, owner: '-', signal, onProgress, lines };
}

function daemon(version: string, replace: Readonly<Record<string, string>> = {}, ...flags: string[]): ModuleSource {
  const replaces = Object.entries(replace).map(([from, to]): ModuleReplace => ({ from, to }));
  return { kind: 'module', package: 'example.com/daemon/cmd/served', version, replaces, flags };
}

const library = (name: string, path = 'example.com/library'): Record<string, string> => ({
  'go.mod': `module ${path}\n\ngo 1.19\n`,
  'library.go': `package library\n\nconst Name = "${name}"\n`,
});

const program = (more = '', main = 'println(library.Name)', imports = 'import "example.com/library"') => ({
  'go.mod': `module example.com/daemon\n\ngo 1.20\n\nrequire example.com/library v1.0.0\n${more}`,
  'cmd/served/main.go': `package main\n\n${imports}\n\nfunc main() { ${main} }\n`,
  'shared/shared.go': 'package shared\n',
});

/** A daemon with a library, in a folder of their own. */
async function published(t: Parameters<typeof moduleProxy>[0]): Promise<ModuleProxy> {
  const proxy = await moduleProxy(t);
  await proxy.publish('example.com/library', 'v1.0.0', library('published'));
  await proxy.publish('example.com/daemon', 'v1.0.0', program());
  return proxy;
}

const printed = async (path: string): Promise<string> => (await execa(path)).stderr;

/** Expects an EnvironmentError of one code and returns it. */
async function unable(attempt: Promise<unknown>, code: string): Promise<EnvironmentError> {
  const error: unknown = await attempt.then(
    () => assert.fail('nothing was refused'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof EnvironmentError, String(error));
  assert.equal(error.code, code, [error.message, ...error.details].join('\n'));
  return error;
}

/** Expects a UserError of one code whose message has a text in it. */
async function refused(attempt: Promise<unknown>, code: string, text: RegExp): Promise<void> {
  await assert.rejects(attempt, (error) => {
    assert.ok(error instanceof UserError, String(error));
    assert.equal(error.diagnostics[0]?.code, code);
    assert.match(error.message, text);
    return true;
  });
}

suite('a module', requirement('go'), () => {
  test('is built once and found the second time, without the network', async (t) => {
    const folder = await scratch(t);
    await published(t);
    const first = contextIn(folder);
    const built = await resolveTarget(daemon('v1.0.0'), first);
    assert.equal(await printed(built.reference), 'published');
    assert.match(built.description, /^example\.com\/daemon\/cmd\/served@v1\.0\.0, built with go1\./);
    assert.equal(built.buildInfo.path, 'example.com/daemon/cmd/served');
    assert.equal(built.buildInfo.settings['CGO_ENABLED'], '0');
    assert.deepEqual(
      first.lines.map((line) => line.replace(/go1.*/, 'go')),
      ['downloading modules', 'building example.com/daemon/cmd/served@v1.0.0 with go'],
    );
    const second = contextIn(folder);
    setEnv(t, { GOPROXY: 'off', GOMODCACHE: join(folder, 'nothing') });
    assert.deepEqual(await resolveTarget(daemon('v1.0.0'), second), built);
    assert.deepEqual(second.lines, []);
    // The build, and nothing of the wrapper.
    assert.equal((await readdir(join(folder, 'cache', 'builds'))).length, 1);
  });

  test('counts its exact version, its flags and its replaces', async (t) => {
    const folder = await scratch(t);
    const proxy = await published(t);
    await proxy.publish('example.com/daemon', 'v1.0.1', program());
    await proxy.publish('example.com/fork', 'v1.5.0', library('fork', 'example.com/fork'));
    const context = contextIn(folder);
    const built = await Promise.all([
      resolveTarget(daemon('v1.0.0'), context),
      resolveTarget(daemon('v1.0.1'), context),
      resolveTarget(daemon('v1.0.0', {}, '-tags', 'some'), context),
      resolveTarget(daemon('v1.0.0', { 'example.com/library': 'example.com/fork@v1.5.0' }), context),
    ]);
    assert.equal(new Set(built.map(({ reference }) => reference)).size, 4);
    const [, , tagged, forked] = built;
    assert.equal(tagged?.buildInfo.settings['-tags'], 'some');
    assert.equal(await printed(forked?.reference ?? ''), 'fork');
    assert.match(forked?.description ?? '', /@v1\.0\.0 with example\.com\/library replaced, built/);
  });

  test('can be asked for as a branch or as the latest, and is known by what that is', async (t) => {
    const folder = await scratch(t);
    const proxy = await published(t);
    await proxy.point('example.com/daemon', 'main', 'v1.0.0');
    const context = contextIn(folder);
    const exact = await resolveTarget(daemon('v1.0.0'), context);
    assert.deepEqual(await resolveTarget(daemon('main'), context), exact);
    assert.deepEqual(await resolveTarget(daemon('latest'), context), exact);
    await proxy.publish('example.com/daemon', 'v1.0.1', program('', 'println("newer")', ''));
    await proxy.point('example.com/daemon', 'main', 'v1.0.1');
    for (const query of ['main', 'latest']) {
      const newer = await resolveTarget(daemon(query), context);
      assert.match(newer.description, /served@v1\.0\.1,/);
      assert.equal(await printed(newer.reference), 'newer');
    }
  });

  test('keeps the replace, exclude and godebug lines and the Go version of its own go.mod', async (t) => {
    const proxy = await published(t);
    await proxy.publish('example.com/library', 'v1.1.0', library('excluded'));
    await proxy.publish('example.com/library', 'v1.2.0', library('next'));
    await proxy.publish('example.com/fork', 'v1.5.0', library('fork', 'example.com/fork'));
    const context = contextIn(await scratch(t));

    const folderLine = 'replace example.com/unused => ./unused\n';
    await proxy.publish(
      'example.com/daemon',
      'v1.1.0',
      program(`replace example.com/library v1.0.0 => example.com/fork v1.5.0\n${folderLine}`),
    );
    const forked = await resolveTarget(daemon('v1.1.0'), context);
    assert.equal(await printed(forked.reference), 'fork');
    assert.ok(context.lines.some((line) => /replaces example\.com\/unused with its folder \.\/unused/.test(line)));
    // What a newer Go does otherwise than Go 1.20 did.
    assert.match(forked.buildInfo.settings['DefaultGODEBUG'] ?? '', /\w=\d/);

    await proxy.publish('example.com/other', 'v1.0.0', library('other', 'example.com/other'));
    const other = await resolveTarget(daemon('v1.1.0', { 'example.com/library': 'example.com/other@v1.0.0' }), context);
    assert.equal(await printed(other.reference), 'other');

    const { 'go.mod': mod, ...files } = program('exclude example.com/library v1.1.0\n');
    const raised = mod.replace('library v1.0.0', 'library v1.1.0');
    await proxy.publish('example.com/daemon', 'v1.2.0', { 'go.mod': raised, ...files });
    assert.equal(await printed((await resolveTarget(daemon('v1.2.0'), context)).reference), 'next');

    const set = mod.replace('go 1.20', 'go 1.23\n\ngodebug panicnil=1');
    await proxy.publish('example.com/daemon', 'v1.3.0', { 'go.mod': set, ...files });
    const debug = await resolveTarget(daemon('v1.3.0'), context);
    assert.match(debug.buildInfo.settings['DefaultGODEBUG'] ?? '', /panicnil=1/);
  });

  test('is built anew when a folder that replaces a module changes, and only then', async (t) => {
    const folder = await scratch(t);
    await published(t);
    const write = async (at: string, files: Readonly<Record<string, string>>): Promise<void> => {
      for (const [name, text] of Object.entries(files)) {
        await mkdir(join(at, name, '..'), { recursive: true });
        await writeFile(join(at, name), text);
      }
    };
    const mine = join(folder, 'my "library"');
    await write(mine, library('mine'));
    const context = contextIn(folder);
    const source = daemon('v1.0.0', { 'example.com/library': mine });
    const first = await resolveTarget(source, context);
    assert.equal(await printed(first.reference), 'mine');
    const { length } = context.lines;
    await write(mine, { 'README.md': 'not a part of it' });
    assert.deepEqual(await resolveTarget(source, context), first);
    assert.equal(context.lines.length, length);
    await write(mine, library('changed'));
    assert.equal(await printed((await resolveTarget(source, context)).reference), 'changed');

    const whole = join(folder, 'daemon');
    await write(whole, program('', 'println("own", library.Name)'));
    for (const version of ['v1.0.0', 'latest']) {
      const own = await resolveTarget(daemon(version, { 'example.com/daemon': whole }), context);
      assert.equal(await printed(own.reference), 'own published');
    }
  });

  test('can be replaced at a branch of a fork, which keeps the name of the module', async (t) => {
    const proxy = await published(t);
    await proxy.publish('example.com/fork', 'v1.5.0', library('fork'));
    await proxy.publish('example.com/fork', 'v1.6.0', library('newer fork'));
    const context = contextIn(await scratch(t));
    const source = daemon('v1.0.0', { 'example.com/library': 'example.com/fork@fix' });
    for (const [version, name] of [
      ['v1.5.0', 'fork'],
      ['v1.6.0', 'newer fork'],
    ] as const) {
      await proxy.point('example.com/fork', 'fix', version);
      assert.equal(await printed((await resolveTarget(source, context)).reference), name);
    }
  });

  test('is not spoilt by what the shell sets for other modules', async (t) => {
    const folder = await scratch(t);
    await published(t);
    const work = join(folder, 'go.work');
    await writeFile(work, 'go 1.19\n\nuse ./nowhere\n');
    await writeFile(join(folder, 'go.mod'), 'module example.com/around\n');
    setEnv(t, { GOFLAGS: '-mod=vendor -tags=shell', GOWORK: work, GO111MODULE: 'off' });
    const built = await resolveTarget(daemon('v1.0.0'), contextIn(folder));
    assert.equal(built.buildInfo.settings['-tags'], undefined);
    assert.equal(await readFile(join(folder, 'go.mod'), 'utf8'), 'module example.com/around\n');
  });

  test('that does not compile shows the lines of the compiler', async (t) => {
    const folder = await scratch(t);
    const proxy = await published(t);
    await proxy.publish('example.com/daemon', 'v1.1.0', program('', 'println(library.Name, undefinedFunction())'));
    const error = await unable(resolveTarget(daemon('v1.1.0'), contextIn(folder)), 'build-failed');
    assert.match(error.message, /example\.com\/daemon\/cmd\/served@v1\.1\.0/);
    assert.match(error.details.join('\n'), /main\.go:5:\d+: undefined: undefinedFunction/);
    assert.ok(
      !error.details.some((line) => /downloading|^example\.com\/library$/.test(line)),
      error.details.join('\n'),
    );
    assert.equal(error.hint, undefined);
    assert.deepEqual(await readdir(join(folder, 'cache', 'builds')), []);
  });

  test('that needs cgo says so', async (t) => {
    const proxy = await published(t);
    const context = contextIn(await scratch(t));
    const cgo = 'package library\n\n// int one(void) { return 1; }\nimport "C"\n\nvar Name = int(C.one())\n';
    await proxy.publish('example.com/library', 'v1.1.0', { ...library(''), 'library.go': cgo });
    await proxy.publish('example.com/library', 'v1.2.0', {
      ...library(''),
      'library.go': cgo,
      'other.go': 'package library\n\nvar Other = Name\n',
    });
    await proxy.publish('example.com/library', 'v1.3.0', {
      ...library(''),
      'library.go': cgo,
      'other.go': 'package library\n',
    });
    for (const [version, words] of [
      ['v1.1.0', /build constraints exclude all Go files/],
      ['v1.2.0', /undefined: Name/],
      ['v1.3.0', /undefined: library\.Name/],
    ] as const) {
      const { 'go.mod': mod, ...files } = program();
      await proxy.publish('example.com/daemon', version, { 'go.mod': mod.replace('v1.0.0', version), ...files });
      const error = await unable(resolveTarget(daemon(version), context), 'build-failed');
      assert.match(error.details.join('\n'), words);
      assert.match(error.hint ?? '', /^example\.com\/library needs cgo/);
    }
    // It may have such files and fail for another reason.
    await proxy.publish('example.com/library', 'v1.4.0', {
      ...library('pure'),
      'more.go': cgo.replace('Name', 'More'),
    });
    const { 'go.mod': mod, ...files } = program('', 'println(library.Name, undefinedFunction())');
    await proxy.publish('example.com/daemon', 'v1.4.0', { 'go.mod': mod.replace('v1.0.0', 'v1.4.0'), ...files });
    const error = await unable(resolveTarget(daemon('v1.4.0'), context), 'build-failed');
    assert.match(error.details.join('\n'), /undefined: undefinedFunction/);
    assert.equal(error.hint, undefined);
  });

  test('that needs a newer Go says which', async (t) => {
    const proxy = await published(t);
    const { 'go.mod': mod, ...files } = program();
    await proxy.publish('example.com/daemon', 'v1.1.0', { 'go.mod': mod.replace('1.20', '1.99'), ...files });
    const error = await unable(resolveTarget(daemon('v1.1.0'), contextIn(await scratch(t))), 'build-failed');
    assert.match(error.hint ?? '', /^Install Go 1\.99 or newer/);
    assert.match(error.details.join('\n'), /requires go >= 1\.99/);
  });

  test('that the proxy does not have shows its words, and each place is asked once', async (t) => {
    const folder = await scratch(t);
    const asked = await serveProxy(t, await published(t));
    const error = await unable(resolveTarget(daemon('v9.9.9'), contextIn(folder)), 'module-unavailable');
    assert.match(error.message, /example\.com\/daemon\/cmd\/served@v9\.9\.9/);
    assert.match(error.details.join('\n'), /404 Not Found/);
    assert.match(error.details.join('\n'), /nothing of that name here/);
    assert.match(error.hint ?? '', /go list -m -versions/);
    assert.equal(asked.filter((path) => path === '/example.com/daemon/@v/v9.9.9.info').length, 1);
    assert.ok(asked.length <= 8, asked.join('\n'));
    assert.deepEqual(await readdir(join(folder, 'cache', 'builds')), []);
  });

  test('whose proxy does not answer fails at the first question', async (t) => {
    await published(t);
    setEnv(t, { GOPROXY: 'http://127.0.0.1:1,direct' });
    const error = await unable(resolveTarget(daemon('v1.0.0'), contextIn(await scratch(t))), 'module-unavailable');
    assert.match(error.hint ?? '', /Check the network and GOPROXY/);
    assert.equal(error.details.length, 1, error.details.join('\n'));
    assert.match(error.details[0] ?? '', /connection refused/);
  });

  test('whose package is none, or no program, is refused', async (t) => {
    await published(t);
    const context = contextIn(await scratch(t));
    const of = (path: string): ModuleSource => ({ ...daemon('v1.0.0'), package: path });
    await refused(resolveTarget(of('example.com/daemon/cmd/other'), context), 'no-package', /daemon@v1\.0\.0 has no/);
    await refused(resolveTarget(of('example.com/daemon/shared'), context), 'not-a-main-package', /package shared/);
    const replace = (to: string): ModuleSource => daemon('v1.0.0', { 'example.com/library': to });
    await refused(resolveTarget(replace('/no/such/folder'), context), 'target-missing', /\/no\/such\/folder/);
    await refused(resolveTarget(replace('example.com/fork'), context), 'bad-replace', /example\.com\/fork/);
  });

  test('is not built when that was called off, and nothing is left of it', async (t) => {
    const folder = await scratch(t);
    await published(t);
    setEnv(t, { GOTMPDIR: folder, GOCACHE: join(folder, 'objects') });
    const stop = new AbortController();
    const context = contextIn(folder, stop.signal);
    // With an empty build cache the whole standard library is to be compiled, so that compilers are at work.
    const onProgress = (line: string): void => {
      if (line.startsWith('building ')) setImmediate(() => stop.abort(new Error('enough')));
    };
    await assert.rejects(resolveTarget(daemon('v1.0.0'), { ...context, onProgress }), /enough/);
    assert.deepEqual(await readdir(join(folder, 'cache', 'builds')), []);
    assert.deepEqual((await readdir(folder)).toSorted(), ['cache', 'objects']);
    if (process.platform === 'linux') assert.deepEqual(await processesIn(folder), []);
  });
});

/** Command lines of living processes that name a folder. */
async function processesIn(folder: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line.includes(folder));
}

test('a small module of the real proxy', requirement('go'), async (t) => {
  const version = 'v0.0.0-20250915201037-7f05d217867b';
  const asked = await execa('go', ['list', '-m', `golang.org/x/example/hello@${version}`], {
    reject: false,
    timeout: 60_000,
  });
  if (asked.failed) return t.skip('the Go module proxy does not answer');
  const source = { ...daemon(version), package: 'golang.org/x/example/hello' };
  const built = await resolveTarget(source, contextIn(await scratch(t)));
  assert.equal((await execa(built.reference)).stdout, 'Hello, world!');
  assert.ok((await stat(built.reference)).isFile());
  return undefined;
});
