import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { commands } from '../../src/commands/all.ts';
import { environmentName } from '../../src/cli/command.ts';
import { exitCodeMeanings } from '../../src/cli/exit-codes.ts';
import { reportFailure } from '../../src/cli/failure.ts';
import { Interruption } from '../../src/cli/io.ts';
import { program } from '../../src/program.ts';
import { textWidth } from '../../src/text/text-width.ts';
import { EnvironmentError, ExitCode, UserError } from '../../src/errors.ts';
import { METRIC_IDS } from '../../src/metrics/metrics.ts';
import { fakeIo, type FakeIo } from './fake-io.ts';
import { matchesGolden } from '../golden.ts';

async function run(
  argv: readonly string[],
  options: Parameters<typeof fakeIo>[0] = {},
): Promise<FakeIo & { code: number }> {
  const io = fakeIo(options);
  const code = await program(argv, io);
  return Object.assign(io, { code });
}

async function scratch(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gctune-cli-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test('gctune, gctune --help, gctune -h and gctune help say the same on stdout and end well', async () => {
  const { written, code } = await run(['--help']);
  assert.equal(code, 0);
  assert.equal(written.stderr, '');
  matchesGolden('cli/help.txt', written.stdout);
  for (const argv of [[], ['-h'], ['help']]) assert.equal((await run(argv)).written.stdout, written.stdout);
});

for (const command of commands) {
  test(`gctune ${command.name} --help has usage, examples first, every option with its default, and exit codes`, async () => {
    const { written, code } = await run([command.name, '--help']);
    assert.equal(code, 0);
    const text = written.stdout;
    const place = (part: string): number => {
      const found = text.indexOf(part);
      assert.ok(found >= 0, `${part} is in the help`);
      return found;
    };
    assert.ok(place('Usage\n') < place('Examples\n'));
    assert.ok(place('Examples\n') < place('Exit codes\n'));
    assert.ok(command.examples.length >= 2 && command.examples.length <= 3, 'two or three examples');
    for (const [name, option] of Object.entries(command.options)) {
      assert.ok(place('Examples\n') < place(`--${name}`));
      assert.match(option.describe, /^[A-Z].*\.$/s, `--${name} is described in sentences`);
      if (option.type !== 'boolean') assert.ok(option.value !== undefined, `--${name} names its value`);
    }
    for (const line of text.split('\n')) assert.ok(textWidth(line) <= 80, line);
    assert.equal((await run(['help', command.name])).written.stdout, text);
  });

  test(`the examples of gctune ${command.name} can be parsed`, async () => {
    const { parseArguments } = await import('../../src/cli/yargs-program.ts');
    const { settleValues } = await import('../../src/cli/settle-values.ts');
    for (const [example] of command.examples) {
      const line = /gctune ([^|>)]*)/.exec(example)?.[1] ?? '';
      const { command: found, given } = parseArguments(commands, line.trim().split(/\s+/));
      settleValues(found, given, {});
      assert.equal(found.name, command.name);
    }
  });
}

test('no two options share a variable but mean different things', () => {
  const types = new Map<string, string>();
  for (const command of commands) {
    for (const [name, option] of Object.entries(command.options)) {
      const variable = environmentName(name, option);
      if (variable === undefined) continue;
      assert.equal(types.get(variable) ?? option.type, option.type, variable);
      types.set(variable, option.type);
    }
  }
});

test('help on a wide terminal uses the width, with colours; elsewhere there is no escape', async () => {
  const wide = await run(['run', '--help'], { terminal: { columns: 200, rows: 50 }, env: { LANG: 'C.UTF-8' } });
  assert.ok(wide.written.stdout.includes('\u001b[1m'));
  assert.ok(Math.max(...wide.written.stdout.split('\n').map(textWidth)) > 80);
  assert.ok(!(await run(['run', '--help'])).written.stdout.includes('\u001b'));
});

test('gctune help exit-codes lists exactly the codes that there are', async () => {
  const { stdout } = (await run(['help', 'exit-codes'])).written;
  const listed = [...stdout.matchAll(/^(\d+) +\S/gm)].map(([, code]) => Number(code));
  assert.deepEqual(listed, Object.values(ExitCode));
  assert.equal(exitCodeMeanings.length, listed.length);
});

test('gctune help metrics has every metric; help experiment has nested keys; help environment has the variables', async () => {
  const metrics = (await run(['help', 'metrics'])).written.stdout;
  for (const id of METRIC_IDS) assert.ok(metrics.includes(`${id} (`), id);
  const experiment = (await run(['help', 'experiment'])).written.stdout;
  assert.ok(experiment.split('\n').length < 100, 'an index, not all keys');
  for (const line of experiment.split('\n')) assert.ok(textWidth(line) <= 80, line);
  assert.match(experiment, /^blocks (?:.*\n +)*.*Default: 6\./m);
  assert.match(experiment, /^target (?:.*\n +)*.*\d+\s+keys:\s+gctune\s+help\s+experiment\.target$/m);
  const target = (await run(['help', 'experiment.target'])).written.stdout;
  assert.match(target, /^ready\.http +Ready when/m);
  const workloads = (await run(['help', 'experiment.workloads'])).written.stdout;
  assert.match(workloads, /gctune\s+help\s+experiment\.workloads\.kubo$/m);
  assert.doesNotMatch(workloads, /dag_put/);
  assert.match((await run(['help', 'experiment.workloads.kubo.operations'])).written.stdout, /^dag_put /m);
  for (const wrong of ['experiment.targt', 'experiment.name', 'metrics.x', 'experiment.'])
    assert.equal((await run(['help', wrong])).code, 2, wrong);
  assert.match((await run(['help', 'environment'])).written.stdout, /GCTUNE_SEED +--seed of plan, run/);
});

for (const [argv, says] of [
  [['rum', 'x.yaml'], /did you mean gctune run\?/],
  [['report', 'x', '--formt', 'md'], /did you mean --format\?/],
  [['report', 'x', '--format', 'mdd'], /did you mean "md"\?/],
  [['help', 'metric'], /did you mean gctune help metrics\?/],
  [['report', 'a', 'b', '--format', 'html'], /do not fit in one html document/],
  [['report', 'a', '--output', 'x'], /--output needs --format/],
  [['validate'], /usage: gctune validate <file\.\.>/],
  [['run', 'absent.yaml'], /there is no file absent\.yaml/],
  [['run', '.'], /is a folder/],
] as const) {
  test(`gctune ${argv.join(' ')} is refused on stderr with exit code 2`, async (t) => {
    const { written, code } = await run(argv, { cwd: await scratch(t) });
    assert.equal(code, ExitCode.usage);
    assert.equal(written.stdout, '');
    assert.match(written.stderr, says);
    assert.doesNotMatch(written.stderr, /\n\s+at /);
  });
}

test('a folder that is no run ends with exit code 7', async (t) => {
  for (const argv of [
    ['report', '.'],
    ['show', '.'],
  ]) {
    const { written, code } = await run(argv, { cwd: await scratch(t) });
    assert.equal(code, ExitCode.corruptResults, written.stderr);
    assert.match(written.stderr, /not a run/);
  }
});

test('failures get their exit codes and never colour a pipe', () => {
  const io = fakeIo();
  const evil = 'bad\u001b[2Jthing';
  assert.equal(
    reportFailure(
      new UserError({ code: 'x', message: evil, at: { file: 'a.yaml', line: 3, column: 7 }, hint: 'mend it' }),
      io,
    ),
    2,
  );
  assert.match(io.written.stderr, /^a\.yaml:3:7: badthing \[x\]\n {2}mend it\n$/);
  io.written.stderr = '';
  const unready = new EnvironmentError('docker-unreachable', 'no engine', {
    hint: 'start it',
    details: ['line 1', evil],
  });
  assert.equal(reportFailure(unready, io), 3);
  assert.equal(io.written.stderr, '  | line 1\n  | badthing\nno engine [docker-unreachable]\n  start it\n');
  io.written.stderr = '';
  assert.equal(reportFailure(new TypeError('boom', { cause: new Error('deeper') }), io), 1);
  assert.match(
    io.written.stderr,
    /TypeError: boom\n.*at .*\n[\s\S]*caused by Error: deeper[\s\S]*gctune version --json/,
  );
});

test('what ends by a signal has the exit code of that signal', () => {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 143],
  ] as const) {
    const controller = new AbortController();
    controller.abort(new Interruption(signal));
    const io = fakeIo({ signal: controller.signal });
    assert.equal(reportFailure(controller.signal.reason, io), code);
    assert.equal(reportFailure(new DOMException('This operation was aborted', 'AbortError'), io), code);
    assert.equal(io.written.stderr, '');
  }
});

test('gctune --version and gctune version --json tell the version of the package', async () => {
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  assert.equal((await run(['--version'])).written.stdout, `gctune ${version}\n`);
  const { written } = await run(['version', '--json']);
  assert.equal((JSON.parse(written.stdout) as { gctune: string }).gctune, version);
});

test('init writes a file once, and again only with --force', async (t) => {
  const cwd = await scratch(t);
  assert.equal((await run(['init'], { cwd })).code, 0);
  const text = await readFile(join(cwd, 'gctune.yaml'), 'utf8');
  assert.match(text, /^# yaml-language-server: \$schema=\S+experiment\.schema\.json\n/);
  await writeFile(join(cwd, 'gctune.yaml'), 'mine');
  const refused = await run(['init'], { cwd });
  assert.equal(refused.code, ExitCode.usage);
  assert.match(refused.written.stderr, /--force/);
  assert.equal(await readFile(join(cwd, 'gctune.yaml'), 'utf8'), 'mine');
  assert.equal((await run(['init', '--force'], { cwd })).code, 0);
  assert.equal(await readFile(join(cwd, 'gctune.yaml'), 'utf8'), text);
});

const starters: Readonly<Record<string, readonly string[]>> = {
  'a package, without a word': [],
  'a package': ['--package', 'cmd/api', '--args=--addr {host}:{port} --name "my api"', '--ready', '/healthz'],
  'a module': ['--module', 'example.test/x/cmd/x/v2@v2.0.1', '--ready', 'is ready', '--path', '/search?q=go'],
  'a program': ['--binary', 'daemon', '--args', 'serve', '--port', '9090'],
  'a Dockerfile': ['--dockerfile', 'Dockerfile', '--port', '9090'],
  'a batch': ['--package', '.', '--batch', '--args', 'in.txt'],
};

for (const [what, flags] of Object.entries(starters)) {
  test(`init of ${what} writes a valid file of some twenty lines, and plan shows it`, async (t) => {
    const cwd = await scratch(t);
    await mkdir(join(cwd, 'cmd/api'), { recursive: true });
    for (const file of ['go.mod', 'daemon', 'Dockerfile']) await writeFile(join(cwd, file), 'module example.test/x\n');
    assert.equal((await run(['init', 'x.yaml', ...flags], { cwd })).code, 0);
    const text = await readFile(join(cwd, 'x.yaml'), 'utf8');
    assert.ok(text.split('\n').length <= 23, text);
    const validated = await run(['validate', 'x.yaml'], { cwd });
    assert.equal(validated.written.stdout, 'x.yaml: valid\n', validated.written.stderr);
    const planned = await run(['plan', 'x.yaml', '--json', '--seed', '3'], { cwd });
    assert.equal(planned.code, 0, planned.written.stderr);
    const { plan } = JSON.parse(planned.written.stdout) as { plan: { seed: number; trials: unknown[] } };
    assert.equal(plan.seed, 3);
    assert.equal(plan.trials.length, 15 * 5);
  });
}

test('init refuses flags that it cannot write down, each by its name', async (t) => {
  const cwd = await scratch(t);
  const refused = async (...flags: readonly string[]): Promise<string> => {
    const { code, written } = await run(['init', 'x.yaml', ...flags], { cwd });
    assert.equal(code, ExitCode.usage, written.stderr);
    return written.stderr;
  };
  assert.match(await refused('--port', '0'), /--port.*"0" is not a port/);
  assert.match(await refused('--args', '"a'), /--args.*a quotation mark is not closed/);
  assert.match(await refused('--path', 'search'), /--path.*"search" is not the path of a page/);
  assert.match(await refused('--package', '.', '--binary', 'x'), /only one of --package, --binary can be given/);
});

const experiment = `name: small
target:
  package: .
  args: ["{host}:{port}"]
  port: auto
  ready: { http: /, within: 5s }
matrix:
  gogc: [25, 50, 100]
workloads:
  steady: { http: { path: /, rate: 100/s } }
  bursty: { http: { path: /, rate: { base: 10/s, peak: 100/s, every: 2s, for: 1s } } }
blocks: 8
`;

test('plan shows cells, order, time, disk, the smallest effect, and where each setting comes from', async (t) => {
  const cwd = await scratch(t);
  await writeFile(join(cwd, 'go.mod'), 'module example.test/x\n');
  await writeFile(join(cwd, 'small.yaml'), experiment);
  const argv = ['plan', 'small.yaml', '--seed', '1', '--filter', 'gogc=25', '--filter', 'workload=steady'];
  const { written, code } = await run(argv, { cwd, env: { GCTUNE_BLOCKS: '7' } });
  assert.equal(code, 0, written.stderr);
  assert.equal(written.stderr, '');
  matchesGolden('cli/plan.txt', written.stdout);
  const whole = await run([...argv, '--verbose'], { cwd });
  assert.match(whole.written.stdout, /^order of block 1 +gogc=25; gogc=100 \(A\/A\); gogc=100$/m);
  assert.match(whole.written.stdout, /^assert +not set +default$/m);
  const unseeded = await run(['plan', 'small.yaml'], { cwd });
  assert.match(unseeded.written.stderr, /--seed \d+ gives this order/);
});

test('a filter that fits nothing is refused with what there is', async (t) => {
  const cwd = await scratch(t);
  await writeFile(join(cwd, 'go.mod'), 'module example.test/x\n');
  await writeFile(join(cwd, 'small.yaml'), experiment);
  const argv = ['plan', 'small.yaml', '--filter', 'gogc=26', '--filter', 'gocg=25', '--filter', 'workload'];
  const { written, code } = await run(argv, { cwd });
  assert.equal(code, 2);
  assert.match(written.stderr, /no gogc=26[\s\S]*25, 50, 100[\s\S]*did you mean gogc=…[\s\S]*"workload"/);
});

test('validate lists the problems of all files on stdout, as text and as JSON', async (t) => {
  const cwd = await scratch(t);
  await writeFile(join(cwd, 'go.mod'), 'module example.test/x\n');
  await writeFile(join(cwd, 'good.yaml'), experiment);
  await writeFile(join(cwd, 'bad.yaml'), experiment.replace('[25,', '[ten,').replace('blocks: 8', 'blocks: 0'));
  const text = await run(['validate', 'good.yaml', 'bad.yaml'], { cwd });
  assert.equal(text.code, 2);
  assert.equal(text.written.stderr, '');
  assert.match(
    text.written.stdout,
    /^good\.yaml: valid\n\nbad\.yaml:8:10: .*ten.*\n {2}8 \|[\s\S]*\n\nbad\.yaml:12:9: /,
  );
  const json = await run(['validate', 'good.yaml', 'bad.yaml', '--json'], { cwd });
  const { files } = JSON.parse(json.written.stdout) as { files: { valid: boolean; diagnostics: unknown[] }[] };
  assert.deepEqual(
    files.map(({ valid, diagnostics }) => [valid, diagnostics.length]),
    [
      [true, 0],
      [false, 2],
    ],
  );
});

test('list without runs says so on stderr; as JSON it is an empty list', async (t) => {
  const cwd = await scratch(t);
  const { written, code } = await run(['list'], { cwd });
  assert.equal(code, 0);
  assert.equal(written.stdout, '');
  assert.match(written.stderr, /no runs in results/);
  const json = await run(['list', '--json'], { cwd });
  assert.deepEqual(JSON.parse(json.written.stdout), { formatVersion: 1, runs: [] });
  await mkdir(join(cwd, 'results'));
  await writeFile(join(cwd, 'results/.gitkeep'), '');
  assert.equal((await run(['list'], { cwd })).code, 0, 'a plain file is no run');
});

test('schema prints a draft-07 schema and writes the same', async (t) => {
  const cwd = await scratch(t);
  const { stdout } = (await run(['schema'])).written;
  assert.equal((JSON.parse(stdout) as { $schema: string }).$schema, 'http://json-schema.org/draft-07/schema#');
  assert.equal((await run(['schema', '--write'], { cwd })).code, 0);
  assert.equal(await readFile(join(cwd, 'schema/experiment.schema.json'), 'utf8'), stdout);
});

test('doctor answers with checks, each with a known status', async (t) => {
  const { written, code } = await run(['doctor', '--json', '--runner', 'process'], { cwd: await scratch(t) });
  const { ready, checks } = JSON.parse(written.stdout) as { ready: boolean; checks: { id: string; status: string }[] };
  assert.equal(code, ready ? 0 : 3);
  assert.ok(checks.length >= 5);
  for (const { id, status } of checks) assert.match(status, /^(ok|warn|fail|unknown|skipped)$/, id);
  assert.equal(new Set(checks.map(({ id }) => id)).size, checks.length, 'no check twice');
});

test('a hostile name is harmless in every form of an answer', async (t) => {
  const cwd = await scratch(t);
  const hostile = '<img src=x> \u001b[31mred @team `tick` | \u202eback';
  for (const format of ['text', 'md', 'html', 'json']) {
    const { stdout } = (await run(['validate', `${hostile}.yaml`, '--format', format], { cwd })).written;
    assert.match(stdout, /img src=x/, format);
    // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
    assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/, format);
    if (format === 'md' || format === 'html') assert.doesNotMatch(stdout, /<img/, format);
    if (format === 'md') assert.doesNotMatch(stdout, /[^\\]`tick|[^\\]\||@team/);
  }
});
