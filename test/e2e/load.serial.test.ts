import assert from 'node:assert/strict';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TrialRecord } from '../../src/results/format.ts';
import { importImage } from '../import-image.ts';
import { requirement } from '../requirements.ts';
import { goBuild } from '../target/hello.ts';
import { gctune, leftovers, root, scratch, trialFolders } from './gctune.ts';

/** A load program: so many requests, one after the other, counted by itself. */
const PROGRAM = `#!${process.execPath}
import { writeFileSync } from 'node:fs';
const [report, requests] = process.argv.slice(2);
let failed = 0;
for (let i = 0; i < Number(requests); i++) {
  const { status } = await fetch('http://' + process.env.GCTUNE_ADDRESS + '/work?session=' + (i % 5)).catch(() => ({}));
  if (status !== 200) failed++;
}
writeFileSync(report, JSON.stringify({ summary: { requests: Number(requests), failed } }));
`;

const experiment = (runner: string, load: string, warmup = '100ms'): string => `name: load
target:
  package: ${join(root, 'experiments/targets/heapd')}
  args: [--listen, "{host}:{port}", --live, 2MiB]
  port: auto
  ready: { http: /healthz, within: 20s }
runner: ${runner}
matrix: { gogc: [100] }
workloads:
  script:
    command:
      program: ./load.mjs
      ${load}
      report: { json: { requests: summary.requests, errors: summary.failed } }
      loop: closed
phases: { warmup: ${warmup}, measure: 1s }
validity: { drift: 100% }
blocks: 1
`;

async function records(results: string): Promise<readonly TrialRecord[]> {
  const trials = await trialFolders(results);
  return Promise.all(
    trials.map(async (trial) => JSON.parse(await readFile(join(trial, 'trial.json'), 'utf8')) as TrialRecord),
  );
}

for (const runner of ['process', 'docker'] as const) {
  const options = { timeout: 180_000, ...(runner === 'docker' ? requirement('docker') : {}) };
  test(`a script loads the target, and its window is the run of it that counts: ${runner}`, options, async (t) => {
    const cwd = await scratch(t);
    await writeFile(join(cwd, 'load.mjs'), PROGRAM);
    await chmod(join(cwd, 'load.mjs'), 0o755);
    await writeFile(
      join(cwd, 'e.yaml'),
      experiment(runner, "args: ['{report}', '400']", runner === 'process' ? 'auto' : '100ms'),
    );
    const { code, stderr } = await gctune(['run', 'e.yaml', '--output', 'r', '--verbose'], { cwd });
    assert.equal(code, 0, stderr);
    const trials = await records(join(cwd, 'r'));
    assert.equal(trials.length, 2);
    for (const { outcome, work, window, phases } of trials) {
      assert.equal(outcome.kind, 'completed');
      assert.equal(work?.completed, 400);
      assert.deepEqual(work.errors, {});
      assert.ok(window !== undefined);
      const seconds = window.endSeconds - window.startSeconds;
      assert.ok(Math.abs(seconds - work.windowSeconds) < 1, `${seconds} s and ${work.windowSeconds} s`);
      const measure = phases.find(({ name }) => name === 'measure');
      assert.ok(measure !== undefined && measure.startSeconds <= window.startSeconds);
      assert.ok(window.endSeconds <= measure.endSeconds);
    }
    assert.deepEqual(await leftovers(), []);
  });
}

/** The same as a Go program, for an image. */
const GO_PROGRAM = `
	report, address := os.Args[1], os.Getenv("GCTUNE_ADDRESS")
	failed := 0
	for i := 0; i < 400; i++ {
		answer, err := http.Get("http://" + address + "/work?session=1")
		if err != nil || answer.StatusCode != 200 { failed++; continue }
		io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
	}
	if os.Getenv("MOOD") != "a {port} \${b}" { panic(os.Environ()) }
	text := fmt.Sprintf("{%q:{%q:400,%q:%d}}", "summary", "requests", "failed", failed)
	if err := os.WriteFile(report, []byte(text), 0o644); err != nil { panic(err) }
`;

test('an image loads a target in a container from beside it', requirement('docker', 'go'), async (t) => {
  const cwd = await scratch(t);
  const reference = `gctune-test/load:${process.pid}`;
  await writeFile(join(cwd, 'go.mod'), 'module example.com/load\n\ngo 1.19\n');
  const imports = ['fmt', 'io', 'net/http', 'os'].map((name) => `import "${name}"\n`).join('');
  await writeFile(join(cwd, 'main.go'), `package main\n${imports}func main() {${GO_PROGRAM}}\n`);
  const program = await goBuild(cwd, join(cwd, 'load'), []);
  await importImage(t, reference, program, ['ENTRYPOINT ["/target"]', 'USER 1000:1000']);
  const text = (runner: string): string =>
    experiment(runner, "args: ['{report}']\n      env: { MOOD: '${MOOD}' }").replace(
      'program: ./load.mjs',
      `image: ${reference}`,
    );
  await writeFile(join(cwd, 'e.yaml'), text('docker'));
  const env = { MOOD: 'a {port} ${b}' };
  const { code, stderr } = await gctune(['run', 'e.yaml', '--output', 'r', '--verbose'], { cwd, env });
  assert.equal(code, 0, stderr);
  for (const { outcome, work } of await records(join(cwd, 'r'))) {
    assert.equal(outcome.kind, 'completed');
    assert.equal(work?.completed, 400);
    assert.deepEqual(work.errors, {});
  }
  await writeFile(join(cwd, 'e.yaml'), text('process'));
  const refused = await gctune(['run', 'e.yaml', '--output', 'r2'], { cwd, env });
  assert.equal(refused.code, 2, refused.stderr);
  assert.match(refused.stderr, /workloads\.script\.command\.image: a load program in a container reaches no target/);
  assert.deepEqual(await leftovers(), []);
});

test('a load program that fails is an outcome of the trial with its last lines, and leaves nothing', async (t) => {
  const cwd = await scratch(t);
  await writeFile(join(cwd, 'load.mjs'), `#!/bin/sh\necho "no route to $GCTUNE_ADDRESS" >&2\nsleep 300 &\nexit 7\n`);
  await chmod(join(cwd, 'load.mjs'), 0o755);
  await writeFile(join(cwd, 'e.yaml'), experiment('process', "args: ['{report}']"));
  const { code } = await gctune(['run', 'e.yaml', '--output', 'r'], { cwd });
  assert.notEqual(code, 0);
  for (const { outcome } of await records(join(cwd, 'r'))) {
    assert.ok(outcome.kind === 'failed');
    assert.equal(outcome.cause, 'the load program ended with code 7');
    assert.equal(outcome.phase, 'warm-up');
    assert.match(outcome.log.join('\n'), /^no route to 127\.0\.0\.1:\d+$/);
  }
  assert.deepEqual(await leftovers(), []);
});

test('a load program that is not there or not executable is refused before anything is started', async (t) => {
  const cwd = await scratch(t);
  await writeFile(join(cwd, 'e.yaml'), experiment('process', "args: ['{report}']"));
  const missing = await gctune(['run', 'e.yaml', '--output', 'r'], { cwd });
  assert.match(missing.stderr, /workloads\.script\.command\.program: there is no file .*load\.mjs/);
  await writeFile(join(cwd, 'load.mjs'), PROGRAM, { mode: 0o644 });
  const refused = await gctune(['run', 'e.yaml', '--output', 'r'], { cwd });
  assert.match(refused.stderr, /load\.mjs is not executable/);
});
