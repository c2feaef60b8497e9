import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { requirement } from '../requirements.ts';
import { gctune, root, scratch } from './gctune.ts';

/** Values that stand in the file, and one that comes from the environment of gctune. */
const literals = ['tok-literal-81f3', 'pa55-in-a-url', 'marked-secret-9c', 'key-in-a-header-44'];
const fromCaller = 'from-the-caller-7d21';

const environment = `{ API_TOKEN: tok-literal-81f3, STORE: "postgres://app:pa55-in-a-url@db/x", PLAIN: shown-as-it-is, FROM_CALLER: "\${GCTUNE_TEST_CALLER}", PRICE: "$\${5}", NOTE: { value: marked-secret-9c, secret: true } }`;
const callers = '{ FROM_CALLER: "${GCTUNE_TEST_CALLER}" }';

const experiment = (runner: string, env: string, key: string, more = ''): string => `name: secrets
target:
  package: ${join(root, 'test/runner/programs/target')}
  args: [tell, "{host}:{port}"${more}]
  env: ${env}
  port: auto
  ready: { http: /healthz, within: 20s }
runner: ${runner}
matrix: { gogc: [50, 100] }
workloads:
  steady:
    http:
      requests: [{ path: /work, headers: { authorization: "Bearer \${GCTUNE_TEST_CALLER}", x-api-key: "${key}" } }]
      rate: 50/s
phases: { warmup: 100ms, measure: 500ms }
blocks: 2
sampling: { source: none }
validity: { drift: 100%, lateness: 5s, achieved_rate: 1% }
`;

/** Reads all command lines of the machine as a user without rights, while something is done. */
async function watched<T>(
  texts: readonly string[],
  act: () => Promise<T>,
): Promise<{ readonly rounds: number; readonly seen: readonly string[]; readonly result: T }> {
  const user = ['--reuid', '65534', '--regid', '65534', '--clear-groups'];
  const child = spawn('setpriv', [...user, process.execPath, join(root, 'test/e2e/read-cmdlines.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(texts.join('\n'));
  const output = text(child.stdout);
  const result = await act();
  child.kill('SIGTERM');
  return { result, ...(JSON.parse(await output) as { rounds: number; seen: readonly string[] }) };
}

/** The files below a folder in which one of the texts stands. */
async function holding(folder: string, texts: readonly string[]): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  assert.ok(files.length > 10);
  const found: string[] = [];
  for (const file of files) {
    const content = await readFile(file, 'latin1');
    if (texts.some((each) => content.includes(each))) found.push(relative(folder, file));
  }
  return found;
}

async function runOf(results: string): Promise<string> {
  const [run] = await readdir(results);
  return join(results, run ?? assert.fail('no run'));
}

const caller = { GCTUNE_TEST_CALLER: fromCaller };

for (const runner of ['process', 'docker'] as const) {
  const needs = requirement('go', 'root', ...(runner === 'docker' ? (['docker'] as const) : []));

  test(
    `secrets reach a target of the ${runner} runner, and nobody else: no file, no output, no argv`,
    needs,
    async (t) => {
      const folder = await scratch(t);
      const file = join(folder, 'experiment.yaml');
      const results = join(folder, 'results');
      await writeFile(file, experiment(runner, environment, 'key-in-a-header-44'));
      const secrets = [...literals, fromCaller];
      const { rounds, seen, result } = await watched(
        [...secrets, 'shown-as-it-is', 'read-cmdlines', '127.0.0.1:', '0.0.0.0:'],
        () => gctune(['run', file, '--output', results, '--verbose'], { env: caller }),
      );
      assert.ok(result.code === 0 || result.code === 4, result.stderr);
      assert.ok(rounds > 10, `${rounds} rounds`);
      assert.ok(
        seen.some((each) => each === '127.0.0.1:' || each === '0.0.0.0:'),
        'the target’s own arguments are seen, so a secret among them would be',
      );
      assert.deepEqual(
        seen.filter((each) => secrets.includes(each)),
        [],
      );

      const run = await runOf(results);
      assert.deepEqual(await holding(run, [fromCaller]), []);
      assert.deepEqual(
        await holding(run, literals),
        ['experiment.yaml'],
        'only the copy of the file holds what the file holds',
      );
      assert.equal((await stat(run)).mode & 0o777, 0o700);
      assert.equal((await stat(join(run, 'experiment.yaml'))).mode & 0o777, 0o600);

      const outputs = [result.stdout, result.stderr];
      for (const format of ['html', 'md', 'text', 'csv', 'json', 'benchfmt']) {
        const report = join(folder, `report.${format}`);
        assert.equal((await gctune(['report', run, '--format', format, '--output', report])).code, 0, format);
        outputs.push(await readFile(report, 'utf8'));
      }
      for (const args of [
        ['show', run],
        ['show', run, '--json'],
        ['plan', file],
        ['plan', file, '--json'],
      ]) {
        outputs.push((await gctune(args, { env: caller })).stdout);
      }
      for (const output of outputs) for (const secret of secrets) assert.ok(!output.includes(secret), secret);

      const [trial] = await readdir(join(run, 'trials'));
      const told = await readFile(join(run, 'trials', trial ?? '', 'output.log'), 'utf8');
      // What the target printed shows that it was told everything: each secret left its mark.
      assert.match(told, /API_TOKEN=\[redacted\]/);
      assert.match(told, /FROM_CALLER=\[redacted\]/);
      assert.match(told, /NOTE=\[redacted\]/);
      assert.match(told, /PRICE=\$\{5\}/);
      assert.match(told, /PLAIN=shown-as-it-is/);
      assert.match(told, /Authorization:\[Bearer \[redacted\]\]/);
      assert.match(told, /X-Api-Key:\[\[redacted\]\]/);
    },
  );
}

test('a run folder whose file takes all secrets from the environment is not private', requirement('go'), async (t) => {
  const folder = await scratch(t);
  const file = join(folder, 'experiment.yaml');
  const results = join(folder, 'results');
  await writeFile(file, experiment('process', callers, '${GCTUNE_TEST_CALLER}'));
  const ended = await gctune(['run', file, '--output', results], { env: caller });
  assert.ok(ended.code === 0 || ended.code === 4, ended.stderr);
  const run = await runOf(results);
  assert.deepEqual(await holding(run, [fromCaller]), []);
  assert.equal((await stat(join(run, 'experiment.yaml'))).mode & 0o777, 0o644);
  assert.match(await readFile(join(run, 'run.json'), 'utf8'), /"FROM_CALLER": "\$\{GCTUNE_TEST_CALLER\}"/);
});

test('what a target says of its secrets as it fails is redacted in the message', requirement('go'), async (t) => {
  const folder = await scratch(t);
  const file = join(folder, 'experiment.yaml');
  await writeFile(file, experiment('process', environment, 'key-in-a-header-44', ', fail'));
  const ended = await gctune(['run', file, '--output', join(folder, 'results')], { env: caller });
  assert.equal(ended.code, 3);
  assert.match(ended.stderr, /cannot log in with \[redacted\] and \[redacted\]/);
});

test('a variable that is missing is named with its place, before anything is built', async (t) => {
  const folder = await scratch(t);
  const file = join(folder, 'experiment.yaml');
  await writeFile(file, experiment('process', callers, '${GCTUNE_TEST_OTHER}'));
  const ended = await gctune(['run', file, '--output', join(folder, 'results')], { env: caller });
  assert.equal(ended.code, 2);
  assert.match(
    ended.stderr,
    /experiment\.yaml:13:\d+: the environment variable GCTUNE_TEST_OTHER is not set \[missing-variable\]/,
  );
  assert.deepEqual(await readdir(folder), ['experiment.yaml']);
});
