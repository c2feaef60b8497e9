import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import Docker from 'dockerode';
import { EnvironmentError, UserError } from '../../src/errors.ts';
import { dockerRunner } from '../../src/runner/docker/docker-runner.ts';
import { UNKNOWN_BUILD_INFO } from '../../src/runner/go-process.ts';
import { programsOfScript } from '../../src/runner/docker/image-program.ts';
import type { Daemon } from '../../src/runner/runner.ts';
import { resolveImage } from '../../src/runner/docker/resolve-image.ts';
import type { Artifact } from '../../src/target/artifact.ts';
import { requirement } from '../requirements.ts';
import { buildProgram, follow, NO_LIMITS, requestFor, temporaryFolder, type Folder } from './target-binary.ts';

const signal = AbortSignal.timeout(300_000);
const ignore = (): void => undefined;

describe('images', requirement('docker', 'go'), () => {
  const docker = new Docker();
  const runner = dockerRunner();
  const runId = `images-${process.pid}`;
  let folder: Folder;

  const build = async (dockerfile: string): Promise<Artifact> => {
    await writeFile(join(folder.path, 'Dockerfile'), dockerfile);
    const source = { kind: 'dockerfile', file: join(folder.path, 'Dockerfile'), context: folder.path } as const;
    return resolveImage(source, docker, signal, ignore);
  };

  const buildName = (): string =>
    `gctune/build:${createHash('sha256').update(join(folder.path, 'Dockerfile')).digest('hex').slice(0, 12)}`;
  const idOfBuild = async (): Promise<string> => (await docker.getImage(buildName()).inspect()).Id;

  before(async () => {
    folder = await temporaryFolder();
    await buildProgram('target', folder);
    await buildProgram('init', folder);
    await mkdir(join(folder.path, 'bin'));
    await writeFile(join(folder.path, 'bin', 'start'), '#!/bin/sh\nset -e\n# exec /nothing\nexec target "$@"\n', {
      mode: 0o755,
    });
    await writeFile(join(folder.path, 'bin', 'vague'), '#!/bin/sh\n"$PROGRAM" "$@"\n', { mode: 0o755 });
    // Not a program, but not a script either: what a C program looks like from here.
    await writeFile(join(folder.path, 'bin', 'other'), Buffer.from('\x7fELF\0\0\0'), { mode: 0o755 });
  });
  after(async () => {
    await docker.getImage(buildName()).remove({ force: true });
    const left = await docker.listContainers({ all: true, filters: { label: ['gctune.owner'] } });
    assert.deepEqual(
      left.filter(({ Labels }) => Labels['gctune.owner']?.startsWith(`${process.pid}:`)),
      [],
    );
    await folder[Symbol.asyncDispose]();
  });

  test('the entry point itself, on PATH and behind a link', async () => {
    const artifact = await build(
      'FROM scratch\nCOPY target /opt/target\nCOPY bin /bin\nENV PATH=/usr/bin:/opt\nENTRYPOINT ["target"]\nCMD ["wait"]\n',
    );
    assert.equal(artifact.kind, 'image');
    assert.equal(artifact.buildInfo.path, 'gctune.test/target');
    assert.match(artifact.buildInfo.goVersion, /^go1\./);
    assert.match(artifact.digest, /^sha256:[0-9a-f]{64}$/);
    assert.deepEqual(
      await resolveImage({ kind: 'image', reference: artifact.reference }, docker, signal, ignore).then(
        ({ digest, buildInfo }) => [digest, buildInfo],
      ),
      [artifact.digest, artifact.buildInfo],
    );
    await using daemon = await runner.launch(requestFor(artifact, [], { runId }), signal);
    await follow(daemon).until('ready');
    assert.equal(await commOf(daemon), 'target');
    assert.match(readFileSync(`/proc/${daemon.pid}/status`, 'utf8'), /^NoNewPrivs:\s*1$/m);
  });

  test('behind an init and a script, as images of daemons have it', async () => {
    const artifact = await build(
      'FROM scratch\nCOPY target /usr/bin/target\nCOPY bin /bin\nENTRYPOINT ["/bin/other", "--", "start"]\nCMD ["wait"]\n',
    );
    assert.equal(artifact.buildInfo.path, 'gctune.test/target');
  });

  test('a script that does not say what it starts leaves the program unknown', async () => {
    const artifact = await build('FROM scratch\nCOPY target /usr/bin/target\nCOPY bin /bin\nENTRYPOINT ["vague"]\n');
    assert.deepEqual(artifact.buildInfo, UNKNOWN_BUILD_INFO);
  });

  test('what is not a Go program is refused with its command', async () => {
    await assert.rejects(
      build('FROM scratch\nCOPY bin /bin\nENTRYPOINT ["other"]\nCMD ["--flag"]\n'),
      (error: Error) => {
        assert.ok(error instanceof UserError);
        assert.equal(error.diagnostics[0]?.code, 'not-a-go-program');
        assert.match(error.message, /\["other","--flag"\]/);
        return true;
      },
    );
  });

  test('an image that was removed is built again; another one in its place, or none, is refused', async () => {
    const context = { env: process.env, signal, onProgress: ignore };
    await writeFile(join(folder.path, 'Dockerfile'), 'FROM scratch\nCOPY target /target\nENTRYPOINT ["/target"]\n');
    const source = { kind: 'dockerfile', file: join(folder.path, 'Dockerfile'), context: folder.path } as const;
    const artifact = await runner.obtain(source, context);
    const name = `gctune-test/named:${process.pid}`;
    await docker.getImage(artifact.reference).tag({ repo: 'gctune-test/named', tag: String(process.pid) });
    const another = dockerRunner();
    const named = await another.obtain({ kind: 'image', reference: name }, context);
    assert.equal(named.digest, artifact.digest);
    await docker.getImage(artifact.reference).remove({ force: true });
    await assert.rejects(runner.launch(requestFor(artifact, ['wait'], { runId }), signal), { code: 'docker-refused' });
    // Else it would get the same id again, and the one with a name would be there too.
    await writeFile(
      join(folder.path, 'Dockerfile'),
      'FROM scratch\nCOPY target /target\nCOPY bin /bin\nENTRYPOINT ["/target"]\n',
    );
    await runner.restore(artifact, runId, signal);
    await using daemon = await runner.launch(requestFor(artifact, ['wait'], { runId }), signal);
    await follow(daemon).until('ready');
    await assert.rejects(another.restore(named, runId, signal), { code: 'image-unavailable' });
    await docker.getImage(await idOfBuild()).tag({ repo: 'gctune-test/named', tag: String(process.pid) });
    try {
      await assert.rejects(another.restore(named, runId, signal), { code: 'target-changed' });
    } finally {
      await docker.getImage(name).remove();
    }
  });

  test('a build that fails shows its output, a missing image its name', async () => {
    await assert.rejects(build('FROM scratch\nCOPY nowhere /nowhere\n'), (error: Error) => {
      assert.ok(error instanceof EnvironmentError && error.code === 'build-failed');
      assert.ok(
        error.details.some((line) => line.includes('COPY nowhere')),
        error.details.join('\n'),
      );
      return true;
    });
    const outside = { kind: 'dockerfile', file: '/elsewhere/Dockerfile', context: folder.path } as const;
    await assert.rejects(resolveImage(outside, docker, signal, ignore), /not inside its build context/);
    const absent = { kind: 'image', reference: '127.0.0.1:1/gctune/absent:latest' } as const;
    await assert.rejects(resolveImage(absent, docker, signal, ignore), (error: Error) => {
      assert.ok(error instanceof EnvironmentError && error.code === 'image-unavailable');
      assert.match(error.message, /127\.0\.0\.1:1\/gctune\/absent:latest/);
      return true;
    });
  });

  test('the Go process is found behind an init that is a Go program too and starts it late', async () => {
    const wrapped = await build('FROM scratch\nCOPY init target /\nENTRYPOINT ["/init", "/target"]\n');
    // By its command the init is the program; what is measured must be what the experiment means.
    const artifact = { ...wrapped, buildInfo: { ...wrapped.buildInfo, path: 'gctune.test/target' } };
    await using daemon = await runner.launch(requestFor(artifact, ['wait'], { runId }), signal);
    await follow(daemon).until('ready');
    assert.equal(await commOf(daemon), 'target');
    await using unknown = await runner.launch(
      requestFor({ ...wrapped, buildInfo: UNKNOWN_BUILD_INFO }, ['wait'], { runId }),
      signal,
    );
    await follow(unknown).until('ready');
    assert.equal(await commOf(unknown), 'target', 'the deepest Go program where nothing is known');
    assert.equal((await unknown.stop(10)).code, 0, 'the init passes SIGTERM on');
  });

  test('the Go process is found when the init becomes it', async () => {
    const wrapped = await build(
      'FROM scratch\nCOPY init target /\nENV GCTUNE_TEST_EXEC=1\nENTRYPOINT ["/init", "/target"]\n',
    );
    const artifact = { ...wrapped, buildInfo: { ...wrapped.buildInfo, path: 'gctune.test/target' } };
    await using daemon = await runner.launch(requestFor(artifact, ['wait'], { runId }), signal);
    await follow(daemon).until('ready');
    assert.equal(await commOf(daemon), 'target');
  });

  test('an image of ours is launched with the least rights even when its program is not known', async () => {
    const artifact = await build('FROM scratch\nCOPY target /\nENTRYPOINT ["/target"]\n');
    const limits = { ...NO_LIMITS, memoryBytes: 32 * 2 ** 20 };
    await using daemon = await runner.launch(requestFor(artifact, ['eat', '128'], { runId, limits }), signal);
    assert.equal((await daemon.exited).oomKilled, true);
  });
});

test('programs of a script are what it execs and absolute paths, not comments', () => {
  const script =
    '#!/bin/sh\n# exec no\n. /etc/profile\nif true; then exec gosu "$user" ipfs daemon; fi\nexec -a x /usr/bin/ipfs "$@"\n';
  assert.deepEqual(programsOfScript(script), ['/etc/profile', 'gosu', 'ipfs', 'daemon', 'x', '/usr/bin/ipfs']);
  assert.deepEqual(programsOfScript('/app/daemon --flag value'), ['/app/daemon', 'value']);
});

/** What the kernel calls the process that the daemon names, once it has settled on the target; the watch looks four times a second. */
async function commOf(daemon: Daemon): Promise<string> {
  let comm = '';
  for (let look = 0; look < 100 && comm !== 'target'; look += 1) {
    if (daemon.pid !== undefined) comm = readFileSync(`/proc/${daemon.pid}/comm`, 'utf8').trim();
    await sleep(50);
  }
  return comm;
}
