import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import { gctune, main, scratch, tinyExperiment } from '../e2e/gctune.ts';
import { requirement } from '../requirements.ts';

const experiment = (blocks: number): string => tinyExperiment('streams', blocks, '{ warmup: 200ms, measure: 500ms }');

/** Processes of these experiments that still run. */
async function leftovers(): Promise<readonly string[]> {
  const found: string[] = [];
  for (const pid of await readdir('/proc').catch(() => [])) {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (environment.includes('GCTUNE_RUN=streams-')) found.push(pid);
  }
  return found;
}

async function written(t: TestContext, blocks: number): Promise<{ file: string; results: string }> {
  const folder = await scratch(t);
  const file = join(folder, 'experiment.yaml');
  await writeFile(file, experiment(blocks));
  return { file, results: join(folder, 'results') };
}

/** gctune with its output read line by line. */
function started(args: readonly string[]): {
  child: ReturnType<typeof spawn>;
  code: Promise<number | null>;
  stderr: () => string;
} {
  const child = spawn(process.execPath, [main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, CI: 'true', NO_COLOR: '1' },
  });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const code = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { child, code, stderr: () => stderr };
}

test('run --json prints the events as JSON lines and the result as the last one', requirement('go'), async (t) => {
  const { file, results } = await written(t, 1);
  const ended = await gctune(['run', file, '--output', results, '--seed', '5', '--json']);
  assert.equal(ended.code, 0, ended.stderr);
  const lines = ended.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const types = lines.map(({ type }) => type);
  assert.ok(types.includes('run-started') && types.includes('trial-ended') && types.includes('phase'));
  assert.ok(!types.includes('reading'));
  const last = lines.at(-1);
  assert.equal(last?.['type'], 'result');
  assert.equal(last['completed'], last['planned']);
  assert.match(String(last['report']), /report\.html$/);
  assert.ok(Array.isArray(last['finding']));
});

test('--quiet says nothing on stderr; stdout still has the finding and where it is', requirement('go'), async (t) => {
  const { file, results } = await written(t, 1);
  const ended = await gctune(['run', file, '--output', results, '--quiet']);
  assert.equal(ended.code, 0, ended.stderr);
  assert.equal(ended.stderr, '');
  assert.match(ended.stdout, /Report: .*report\.html\n/);
  const listed = await gctune(['list', '--results', results, '--json']);
  const { runs } = JSON.parse(listed.stdout) as { runs: { folder: string; completed: number }[] };
  assert.deepEqual(
    runs.map(({ completed }) => completed),
    [2],
  );
  const shown = await gctune(['show', runs[0]?.folder ?? '']);
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(shown.stdout, /target +.*heapd[\s\S]*001-01-gogc-100\S* +1 .* completed/);
  const trial = await gctune(['show', runs[0]?.folder ?? '', '001-01-gogc-10']);
  assert.equal(trial.code, 2);
  assert.match(trial.stderr, /did you mean 001-0\d-gogc-100/);
});

test('--timeout ends a run like Ctrl-C, but with the exit code of what was measured', requirement('go'), async (t) => {
  const { file, results } = await written(t, 500);
  // The program is built once and kept, so that the time below is for trials.
  assert.equal((await gctune(['run', file, '--output', results, '--blocks', '1'])).code, 0);
  const ended = await gctune(['run', file, '--output', results, '--timeout', '8s']);
  assert.equal(ended.code, 4, ended.stderr);
  assert.match(ended.stdout, /report\.html/);
  assert.deepEqual(await leftovers(), []);
});

test('a second SIGINT ends it at once; what was running is removed behind it', requirement('go'), async (t) => {
  const { file, results } = await written(t, 500);
  const { child, code, stderr } = started(['run', file, '--output', results, '--json']);
  assert.ok(child.stdout);
  for await (const line of createInterface(child.stdout)) if (line.includes('"phase":"measure"')) break;
  child.stdout.resume();
  child.kill('SIGINT');
  child.kill('SIGINT');
  assert.equal(await code, 130, stderr());
  const deadline = Date.now() + 60_000;
  while ((await leftovers()).length > 0 && Date.now() < deadline) await sleep(100);
  assert.deepEqual(await leftovers(), []);
});
