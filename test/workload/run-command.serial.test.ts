import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { CommandWorkload } from '../../src/experiment/experiment.ts';
import { makeWorkload } from '../../src/workload/make-workload.ts';
import { LoadFault, type RunningLoad } from '../../src/workload/workload.ts';

const SPEC: CommandWorkload = {
  kind: 'command',
  source: { kind: 'program', path: './load.sh' },
  args: [],
  env: {},
  report: {
    format: 'text',
    places: { requests: '^made (\\d+)$', errors: '^failed (\\d+)$', p99: '^p99 (\\S+)$' },
    unit: 'ms',
  },
  loop: 'open',
  withinSeconds: 20,
};

interface Started {
  readonly load: RunningLoad;
  readonly folder: string;
}

/** A load program that is a shell script, started as a trial does. */
async function started(t: TestContext, script: string, change: Partial<CommandWorkload> = {}): Promise<Started> {
  const folder = await mkdtemp(join(tmpdir(), 'gctune-load-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'load.sh');
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  const reports = join(folder, 'reports');
  await mkdir(reports);
  const load = await makeWorkload({ ...SPEC, ...change }).start(
    {
      address: { host: '127.0.0.1', port: 8080 },
      addresses: () => ({ admin: { host: '127.0.0.1', port: 9090 } }),
      seed: 7,
      cpuset: undefined,
      program: {
        program: { path },
        runId: 'test-run',
        trialId: 'test-trial',
        directory: folder,
        reports,
        seconds: 3,
        workDirectory: undefined,
        variables: { TOKEN: 'a {port}' },
      },
    },
    new AbortController().signal,
  );
  t.after(() => load[Symbol.asyncDispose]());
  return { load, folder };
}

const REPORT = "echo 'made 100'; echo 'failed 2'; echo 'p99 1.5'";

async function faultOf({ load }: Started): Promise<LoadFault> {
  const fault: unknown = await load.run?.().then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(fault instanceof LoadFault, String(fault));
  return fault;
}

test('a run is what its report says, and no report is left', async (t) => {
  const { load, folder } = await started(t, `sleep 0.2; ${REPORT}`);
  await load.run?.();
  await load.run?.();
  const { windowSeconds, generatorCpuSeconds, ...work } = await load.closeWindow(0);
  assert.deepEqual(work, {
    unit: 'request',
    intended: 100,
    completed: 98,
    expected: 100,
    dropped: 0,
    errors: { failed: 2 },
    lateness: { p99Seconds: 0, maxSeconds: 0 },
    latency: { count: 98, p99Seconds: 0.0015 },
  });
  assert.ok(windowSeconds >= 0.2 && windowSeconds < 20, String(windowSeconds));
  assert.ok(generatorCpuSeconds !== undefined && generatorCpuSeconds < 5);
  assert.deepEqual(await readdir(join(folder, 'reports')), []);
});

test('a program is told where the target is by arguments and environment, in the folder of the file', async (t) => {
  const { load, folder } = await started(
    t,
    `printf '%s\\n' "$@" "$GCTUNE_ADDRESS" "$GCTUNE_PORT_ADMIN" "$GCTUNE_SECONDS" "$TARGET" "$SECRET" > told.txt; ${REPORT}`,
    {
      args: ['{host}', '{port}', '{port:admin}', '{address}', '{seconds}s', '{seed}', '{"name":"x"}', '$(id)'],
      env: { TARGET: 'http://{address}/', SECRET: '${TOKEN}' },
    },
  );
  await load.run?.();
  const { readFile } = await import('node:fs/promises');
  assert.deepEqual((await readFile(join(folder, 'told.txt'), 'utf8')).trimEnd().split('\n'), [
    '127.0.0.1',
    '8080',
    '9090',
    '127.0.0.1:8080',
    '3s',
    '7',
    '{"name":"x"}',
    '$(id)',
    '127.0.0.1:8080',
    '9090',
    '3',
    'http://127.0.0.1:8080/',
    'a {port}',
  ]);
});

test('a program reads what the file gives it, or nothing', async (t) => {
  const { load } = await started(t, 'cat', { stdin: 'made {port}\nfailed 0\np99 1' });
  await load.run?.();
  assert.equal((await load.closeWindow(0)).completed, 8080);
  assert.equal((await faultOf(await started(t, 'cat'))).message, 'the report of the load program is empty');
});

test('a report is made by a second program of the file that the first one left', async (t) => {
  const { load } = await started(t, 'if [ "$1" = report ]; then cat "$2"; else echo made 5 > "$1"; fi', {
    args: ['{report}'],
    report: { format: 'text', places: { requests: '^made (\\d+)$' }, unit: 'ms' },
    reportCommand: ['{program}', 'report', '{report}'],
  });
  await load.run?.();
  assert.equal((await load.closeWindow(0)).completed, 5);
});

test('a program that fails says how, with its last lines', async (t) => {
  const fault = await faultOf(await started(t, 'for i in $(seq 30); do echo line $i; done; echo no route >&2; exit 3'));
  assert.equal(fault.message, 'the load program ended with code 3');
  assert.equal(fault.lines.length, 20);
  assert.ok(fault.lines.includes('no route'));
});

test('a program that hangs is stopped with what it started', async (t) => {
  const fault = await faultOf(await started(t, 'echo waiting; sleep 61; true', { withinSeconds: 0.5 }));
  assert.equal(fault.message, 'the load program had not ended after 0.5 s and was stopped');
  assert.deepEqual(fault.lines, ['waiting']);
});

test('a program whose report is missing, empty, a link, another one’s or of no request is told so', async (t) => {
  const said = async (script: string, change: Partial<CommandWorkload> = {}): Promise<string> =>
    (await faultOf(await started(t, script, change))).message;
  assert.equal(await said('true'), 'the report of the load program is empty');
  const file = { args: ['{report}'] };
  assert.match(await said('true', file), /its report cannot be read: .*the file \{report\}/);
  assert.match(await said('ln -s /etc/passwd "$1"', file), /is a symbolic link/);
  assert.match(
    await said('echo hello', { report: { tool: 'wrk' } }),
    /^the report of the load program is not what wrk prints$/,
  );
  assert.equal(
    await said("echo 'made 0'", { report: { format: 'text', places: { requests: '^made (\\d+)$' }, unit: 'ms' } }),
    'the report of the load program counts no request',
  );
});

test('a program that is not there or no program is told so', async (t) => {
  const one = await started(t, 'true');
  await rm(join(one.folder, 'load.sh'));
  assert.match((await faultOf(one)).message, /^the load program (?:could not be started|ended with code 127)/);
});

test('a run that is under way ends when the load is disposed of', async (t) => {
  const { load } = await started(t, 'sleep 62; true', { withinSeconds: 60 });
  const running = load.run?.().then(
    () => 'ended',
    (error: unknown) => String(error),
  );
  const timer = setTimeout(() => void load[Symbol.asyncDispose](), 300);
  assert.match(String(await running), /ended by SIG(?:TERM|KILL)/);
  clearTimeout(timer);
});
