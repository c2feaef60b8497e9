import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, readdir, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ProgramSpec } from '../../src/experiment/experiment.ts';
import { dockerRunner } from '../../src/runner/docker/docker-runner.ts';
import { processRunner } from '../../src/runner/process/process-runner.ts';
import type { Runner } from '../../src/runner/runner.ts';
import { prepareProgram, type Prepared, type PrepareRequest } from '../../src/sweep/prepare-program.ts';
import type { Artifact } from '../../src/target/artifact.ts';
import { importImage } from '../import-image.ts';
import { requirement } from '../requirements.ts';
import {
  buildProgram,
  follow,
  NO_LIMITS,
  requestFor,
  temporaryFolder,
  texts,
  type Folder,
} from '../runner/target-binary.ts';

const deadline = AbortSignal.timeout(150_000);

/** Scratch folders of a run that are there. */
async function scratchOf(runId: string): Promise<readonly string[]> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith('gctune-scratch-'));
  const marks = await Promise.all(
    names.map((name) => readFile(join(tmpdir(), name, '.gctune-owner.json'), 'utf8').catch(() => '{}')),
  );
  return names.filter((_, index) => (JSON.parse(marks[index] ?? '{}') as { runId?: string }).runId === runId);
}

for (const name of ['process', 'docker'] as const) {
  describe(
    `preparation with the ${name} runner`,
    requirement('go', ...(name === 'docker' ? ['docker' as const] : [])),
    () => {
      const runner = name === 'docker' ? dockerRunner() : processRunner();
      const runId = `test-prepare-${name}-${process.pid}`;
      let folder: Folder;
      let artifact: Artifact;
      let image: AsyncDisposable;

      before(async () => {
        folder = await temporaryFolder();
        artifact = await buildProgram('target', folder);
        image = await runner.prepare(artifact, runId, deadline);
      });
      after(async () => {
        await image[Symbol.asyncDispose]();
        await folder[Symbol.asyncDispose]();
        assert.deepEqual(await scratchOf(runId), [], 'no scratch folder is left');
      });

      const prepare = (
        steps: readonly (readonly string[])[],
        more: Partial<PrepareRequest> & { readonly data?: boolean; readonly withinSeconds?: number } = {},
      ): Promise<Prepared> => {
        const { data = true, withinSeconds = 30, ...rest } = more;
        return prepareProgram({
          runId,
          variables: {},
          spec: { files: [], prepare: steps.map((run) => ({ run, withinSeconds })), data } as unknown as ProgramSpec,
          owner: 'target',
          runner,
          artifact,
          env: { GODEBUG: 'gctrace=1,madvdontneed=1' },
          limits: NO_LIMITS,
          experimentDirectory: folder.path,
          signal: deadline,
          onProgress: () => undefined,
          ...rest,
        });
      };
      const textOf = (directory: string | undefined, file: string): Promise<string> =>
        readFile(join(directory ?? assert.fail('no data folder'), file), 'utf8');

      test('steps of the target and of this machine fill the data folder, and each trial gets a copy of its own', async () => {
        const lines: string[] = [];
        await using prepared = await prepare(
          [
            ['{target}', 'fill', '{data}'],
            ['{node}', '-e', "require('fs').appendFileSync(process.argv[1] + '/keys/identity', ' and more')", '{data}'],
          ],
          { onProgress: (line) => lines.push(line) },
        );
        assert.equal(lines[0], 'preparing, step 1 of 2: {target} fill {data}');
        assert.equal(prepared.workDirectory, undefined, 'no step has made it');
        const seen: string[] = [];
        for (let trial = 0; trial < 2; trial += 1) {
          await using copy = await prepared.freshData();
          const directory = copy?.directory ?? assert.fail('no data folder');
          seen.push(directory, await textOf(directory, 'keys/identity'));
          assert.equal(await textOf(directory, 'debug'), 'madvdontneed=1', 'the trace of the collector is for trials');
          // Where the step saw its folder is where the trial sees it, so paths in files stay right.
          await using daemon = await runner.launch(
            requestFor(artifact, ['append', '{data}/keys/identity', ' spoilt'], { runId, dataDirectory: directory }),
            deadline,
          );
          assert.deepEqual(texts(await follow(daemon).rest(), 'stdout'), ['appended']);
          assert.equal(await textOf(directory, 'path'), name === 'docker' ? '/gctune/data' : directory);
          assert.match(await textOf(directory, 'keys/identity'), / and more spoilt$/);
          await appendFile(join(directory, 'new'), 'x');
        }
        assert.deepEqual(seen.slice(2), seen.slice(0, 2), 'the second trial finds what the first did');
        assert.ok(!existsSync(seen[0] ?? ''), 'a copy is removed');
      });

      test('a service is prepared by its own steps, with a data folder of its own', async () => {
        const service = { owner: { name: 'peer', user: undefined } } as const;
        await using prepared = await prepare([['{service}', 'fill', '{data}']], service);
        await using own = await prepared.freshData();
        assert.match(await textOf(own?.directory, 'keys/identity'), /./);
        await assert.rejects(prepare([['{service}', 'fail']], service), {
          code: 'prepare-failed',
          message: /^the preparation step `\{service\} fail` of the service peer failed: it ended with code /,
        });
      });

      test('a data folder that nobody fills is empty', async () => {
        await using prepared = await prepare([]);
        await using copy = await prepared.freshData();
        assert.deepEqual(await readdir(copy?.directory ?? ''), []);
      });

      test('a step of the target that fails is told with the end of its output, and nothing is left', async () => {
        await assert.rejects(prepare([['{target}', 'quick', '3']]), {
          code: 'prepare-failed',
          message: 'the preparation step `{target} quick 3` failed: it ended with code 3',
        });
        await assert.rejects(prepare([['{target}', 'fill', '/proc/nowhere']]), (error: Error) => {
          assert.ok('details' in error && Array.isArray(error.details));
          assert.match(error.details.join('\n'), /mkdir \/proc\/nowhere/);
          return true;
        });
        assert.deepEqual(await scratchOf(runId), []);
      });

      test('of a long output the last 20 lines are shown', async () => {
        await assert.rejects(
          prepare([
            ['{target}', 'many', '1000'],
            ['{target}', 'fail', '50'],
          ]),
          (error: Error) => {
            assert.ok('details' in error);
            assert.deepEqual(
              error.details,
              Array.from({ length: 20 }, (_, index) => `problem ${index + 30}`),
            );
            return true;
          },
        );
      });

      test('a step of the target that does not end is ended, and says what it was doing', async () => {
        await assert.rejects(prepare([['{target}', 'wait']], { withinSeconds: 2 }), (error: Error) => {
          assert.equal(error.message, 'the preparation step `{target} wait` failed: it took longer than 2 s');
          assert.ok('details' in error && (error.details as string[]).includes('ready'));
          return true;
        });
        assert.deepEqual(await scratchOf(runId), []);
      });

      test('a link out of the data folder is refused before any trial', async () => {
        await assert.rejects(prepare([['{target}', 'link', '/etc/passwd', '{data}/link']]), {
          code: 'prepare-failed',
          message: /that points outside it: `link` to `\/etc\/passwd`/,
        });
        await using prepared = await prepare([['{target}', 'link', '{data}/file', '{data}/link']]);
        await using copy = await prepared.freshData();
        assert.deepEqual(await readdir(copy?.directory ?? ''), ['link'], 'one into it stays');
      });

      test('an interruption ends the step with its own reason', async () => {
        const abort = new AbortController();
        const reason = new Error('interrupted');
        let pid: number | undefined;
        const interrupting: Runner = {
          ...runner,
          launch: async (request, signal) => {
            const daemon = await runner.launch(request, signal);
            ({ pid } = daemon);
            abort.abort(reason);
            return daemon;
          },
        };
        const preparing = prepare([['{target}', 'wait']], { signal: abort.signal, runner: interrupting });
        await assert.rejects(preparing, reason);
        assert.ok(pid !== undefined && !existsSync(`/proc/${pid}`), 'what was started has ended');
        assert.deepEqual(await scratchOf(runId), []);
      });
    },
  );
}

test(
  'an image that runs as another user writes its data folder, and the copies are that user’s',
  requirement('docker', 'go', 'root'),
  async (t) => {
    const folder = await temporaryFolder();
    t.after(() => folder[Symbol.asyncDispose]());
    const binary = await buildProgram('target', folder);
    const runner = dockerRunner();
    const runId = `test-prepare-image-${process.pid}`;
    const reference = `gctune-test/prepare:${process.pid}`;
    await importImage(t, reference, binary.reference, ['ENTRYPOINT ["/target"]', 'USER 1000:1000']);
    const artifact: Artifact = { ...binary, kind: 'image', reference };
    {
      await using _image = await runner.prepare(artifact, runId, deadline);
      const step = { run: ['{target}', 'fill', '{data}'], withinSeconds: 30 };
      await using prepared = await prepareProgram({
        runId,
        spec: { files: [], prepare: [step], data: true } as unknown as ProgramSpec,
        owner: 'target',
        runner,
        artifact,
        env: {},
        variables: {},
        limits: NO_LIMITS,
        experimentDirectory: folder.path,
        signal: deadline,
        onProgress: () => undefined,
      });
      await using copy = await prepared.freshData();
      const directory = copy?.directory ?? assert.fail('no data folder');
      const { uid, gid, mode } = await stat(join(directory, 'keys/identity'));
      assert.deepEqual([uid, gid, mode & 0o777], [1000, 1000, 0o600]);
      await using daemon = await runner.launch(
        requestFor(artifact, ['append', '{data}/keys/identity', '!'], { runId, dataDirectory: directory }),
        deadline,
      );
      assert.deepEqual(texts(await follow(daemon).rest(), 'stdout'), ['appended']);
    }
    assert.deepEqual(await scratchOf(runId), []);
  },
);

describe('preparation by programs of this machine', () => {
  const runId = `test-prepare-host-${process.pid}`;
  const prepare = (
    steps: readonly (readonly string[])[],
    more: { readonly withinSeconds?: number; readonly signal?: AbortSignal } = {},
  ): Promise<Prepared> =>
    prepareProgram({
      runId,
      spec: {
        files: [],
        prepare: steps.map((run) => ({ run, withinSeconds: more.withinSeconds ?? 30 })),
        data: false,
      } as unknown as ProgramSpec,
      owner: 'target',
      runner: processRunner(),
      artifact: { kind: 'binary', reference: '/nonexistent' } as unknown as Artifact,
      env: {},
      variables: {},
      limits: NO_LIMITS,
      experimentDirectory: import.meta.dirname,
      signal: more.signal ?? deadline,
      onProgress: () => undefined,
    });
  after(async () => assert.deepEqual(await scratchOf(runId), [], 'no scratch folder is left'));

  test('nothing to prepare: no folder is made', async () => {
    await using prepared = await prepare([]);
    assert.equal(prepared.workDirectory, undefined);
    assert.equal(await prepared.freshData(), undefined);
    assert.deepEqual(await scratchOf(runId), []);
  });

  test('they start beside the experiment file, without a shell', async () => {
    const program =
      "const fs = require('fs'); fs.mkdirSync(process.argv[1]); fs.writeFileSync(process.argv[1] + '/out', process.cwd() + process.argv[2])";
    await using prepared = await prepare([['{node}', '-e', program, '{work}', '$(id)']]);
    assert.equal(await readFile(join(prepared.workDirectory ?? '', 'out'), 'utf8'), `${import.meta.dirname}$(id)`);
  });

  test('one that fails, one that is not there and one that does not end are told', async () => {
    const program = 'for (let i = 0; i < 30; i++) console.error("line", i); process.exit(4)';
    await assert.rejects(prepare([['{node}', '-e', program]]), (error: Error) => {
      assert.match(error.message, /failed: it ended with code 4$/);
      assert.ok('details' in error);
      assert.deepEqual(
        error.details,
        Array.from({ length: 20 }, (_, index) => `line ${index + 10}`),
      );
      return true;
    });
    await assert.rejects(prepare([['gctune-no-such-program']]), /gctune-no-such-program` failed/);
    await assert.rejects(prepare([['{node}', '-e', 'setInterval(() => 0, 1000)']], { withinSeconds: 0.3 }), {
      code: 'prepare-failed',
      message: /it took longer than 0.3 s$/,
    });
  });

  test('one that takes too long or is interrupted ends with its children, within the grace period', async () => {
    const running = (): string => execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
    const began = performance.now();
    await assert.rejects(prepare([['sh', '-c', `sleep 61.${process.pid}01; true`]], { withinSeconds: 0.3 }), {
      message: /it took longer than 0.3 s$/,
    });
    // It ignores SIGTERM, and its child has dropped its marks and left its session.
    const abort = new AbortController();
    setTimeout(() => abort.abort(new Error('interrupted')), 500);
    const stubborn = `trap "" TERM; env -i setsid sleep 61.${process.pid}02 & sleep 61.${process.pid}03; sleep 61.${process.pid}04`;
    await assert.rejects(prepare([['sh', '-c', stubborn]], { signal: abort.signal }), /interrupted/);
    assert.ok(performance.now() - began < 20_000);
    assert.doesNotMatch(running(), new RegExp(`sleep 61\\.${process.pid}0`));
  });

  test('one that has ended is not waited for by the children that hold its output, which end too', async () => {
    await using prepared = await prepare(
      [['sh', '-c', `sleep 62.${process.pid}01 & env -i setsid sleep 62.${process.pid}02 & sleep 0.4; exit 0`]],
      {
        withinSeconds: 5,
      },
    );
    assert.equal(prepared.workDirectory, undefined);
    assert.doesNotMatch(
      execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }),
      new RegExp(`sleep 62\\.${process.pid}0`),
    );
  });

  test('steps that name the work folder and do not make it are refused', async () => {
    await assert.rejects(prepare([['{node}', '-e', '', '{work}']]), {
      code: 'prepare-failed',
      message: 'no preparation step created the folder {work}',
    });
  });
});
