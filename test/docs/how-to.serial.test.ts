import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { registerHooks } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { parse } from 'yaml';
import { shellWords } from '../../src/experiment/compose/shell-words.ts';
import { program } from '../../src/program.ts';
import { fakeIo } from '../cli/fake-io.ts';
import { main, scratch } from '../e2e/gctune.ts';
import { startPrometheus } from '../e2e/prometheus.ts';
import { buildHeapd } from '../probe/heapd.ts';
import { postgresFolder, requirement, type Requirement } from '../requirements.ts';
import { blocksOf, root, type Block } from './page.ts';

// Every how-to is done as it says. What stands after the language of a fenced block tells what becomes of it:
//   yaml FILE     is written to that file; an experiment has to be valid (conf FILE: any other text)
//   yaml is FILE  is what that file now holds, but for its comments
//   yaml add FILE is added to the end of that file
//   sh run        is run, line by line, and each line ends with 0; `sh exit=5` with that code
//   text output   every line of it is in what the block of commands before it printed; … stands for anything
// An experiment of a real daemon is run as it stands there, but for two levels, one block and short phases.

const PAGES: Readonly<Record<string, PageTrial>> = {
  docker: { needs: ['docker', 'go', 'root'], before: imageOfAnApi },
  'with-a-database': { needs: ['go', 'postgres'], before: postgresAndSources },
  'nightly-ci': {},
  'choose-a-workload': { before: aProgram },
  gomemlimit: {},
  kubernetes: {},
  'roll-out': { needs: ['go'], before: aDaemonThatRuns },
  'after-a-refusal': {},
  prometheus: { needs: ['prometheus'], after: prometheusKeepsReadings },
};

interface PageTrial {
  readonly needs?: readonly Requirement[];
  readonly before?: Setup;
  /** Looks at what the reader then has. */
  readonly after?: (t: TestContext, folder: string, page: string) => Promise<void>;
}

/** Gets the folder ready; gives what stands for `<pid>`, and what else is on the PATH. */
type Setup = (t: TestContext, folder: string) => Promise<{ readonly pid?: number; readonly path?: string }>;

test('every how-to is tried here or says nothing to try', () => {
  const pages = globSync('docs/how-to/*.md', { cwd: root });
  const tried = pages.filter((page) => blocksOf(page).some(({ language }) => language === 'sh' || language === 'yaml'));
  assert.deepEqual(
    tried.toSorted(),
    Object.keys(PAGES)
      .map((name) => `docs/how-to/${name}.md`)
      .toSorted(),
  );
});

for (const [name, { needs = [], before, after }] of Object.entries(PAGES)) {
  test(`what docs/how-to/${name}.md says can be done`, requirement('bash', ...needs), async (t) => {
    const folder = await scratch(t);
    const { pid, path = '' } = (await before?.(t, folder)) ?? {};
    const programs = join(folder, '.programs');
    mkdirSync(programs);
    writeFileSync(join(programs, 'gctune'), `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`);
    chmodSync(join(programs, 'gctune'), 0o755);
    const env = {
      ...process.env,
      CI: 'true',
      NO_COLOR: '1',
      PATH: [programs, path, process.env['PATH']].filter(Boolean).join(delimiter),
      GITHUB_STEP_SUMMARY: join(folder, 'summary.md'),
    };
    let printed = '';
    const run = async (command: string, code: number): Promise<void> => {
      // What a run is called nobody knows beforehand.
      const [newest = ''] = existsSync(join(folder, 'results'))
        ? readdirSync(join(folder, 'results')).toReversed()
        : [];
      const line = command.replaceAll('results/<run>', `results/${newest}`).replaceAll('<pid>', String(pid));
      const [, file] = /^gctune run (\S+\.yaml)/.exec(line) ?? [];
      if (file !== undefined) shorten(join(folder, file));
      const { said, status } = await ended(line, folder, env);
      printed += said;
      assert.equal(status, code, `${line}\n${said}`);
    };
    for (const { language, told, text } of blocksOf(`docs/how-to/${name}.md`)) {
      if (language === 'yaml' && told.startsWith('is ')) {
        const made = readFileSync(join(folder, told.slice('is '.length)), 'utf8');
        assert.deepEqual(parse(made), parse(text));
      } else if (language === 'yaml' && told.startsWith('add ')) {
        appendFileSync(join(folder, told.slice('add '.length)), `${text}\n`);
      } else if (language === 'yaml' || language === 'conf') {
        assert.match(told, /^[\w./-]+$/, text);
        const file = join(folder, told);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
        if (language === 'yaml' && /^matrix:/m.test(text)) await run(`gctune validate ${told}`, 0);
      } else if (language === 'sh') {
        const code = told === 'run' ? 0 : Number(/^exit=(\d+)$/.exec(told)?.[1] ?? Number.NaN);
        assert.ok(Number.isInteger(code), `a block of sh is told “run” or “exit=…”: ${text}`);
        printed = '';
        for (const line of commandsOf(text)) await run(line, code);
      } else if (language === 'text' && told === 'output') {
        for (const line of text.split('\n').filter((one) => one.trim() !== '…')) assert.match(printed, patternOf(line));
      }
    }
    await after?.(t, folder, readFileSync(join(root, `docs/how-to/${name}.md`), 'utf8'));
  });
}

/** Runs a line as a shell would; one of gctune alone that starts and watches nothing within this process, which is faster. */
async function ended(
  line: string,
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly said: string; readonly status: number | null }> {
  const words = /[|>*&;$]/.test(line) ? undefined : shellWords(line);
  const file = words?.[1] === 'run' ? readFileSync(join(cwd, words[2] ?? ''), 'utf8') : 'simulated:';
  if (words?.[0] === 'gctune' && file.includes('simulated:') && !words.includes('--for')) {
    const io = fakeIo({ cwd, env });
    const status = await program(words.slice(1), io);
    return { said: io.written.stdout + io.written.stderr, status };
  }
  const { status, stdout, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', line], {
    cwd,
    env,
    encoding: 'utf8',
  });
  return { said: stdout + stderr, status };
}

/** The commands of a block: its lines, without comments. A backslash at the end goes on. */
function commandsOf(text: string): readonly string[] {
  return text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.replace(/\s+# .*$/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

function patternOf(line: string): RegExp {
  const parts = line.trimEnd().split('…');
  return new RegExp(parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).trim()).join('.*'));
}

/** Makes a run of a real daemon one of seconds; that of a model is one already. */
function shorten(file: string): void {
  const text = readFileSync(file, 'utf8');
  if (text.includes('simulated:')) return;
  const short = text
    .replace(/^phases:.*$/m, '')
    .replace(/^blocks:.*$/m, '')
    .replace(/gogc: \[.*?\]/, 'gogc: [50, 100]')
    .concat('phases: { warmup: 300ms, measure: 1s }\nblocks: 1\n')
    .concat('validity: { drift: 100%, achieved_rate: 1%, lateness: 5s, error_rate: 50%, retries: 0 }\n');
  writeFileSync(file, short);
}

function docker(...args: readonly string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8' }).trim();
}

/** The image and the container that the reader has. */
async function imageOfAnApi(t: TestContext, folder: string): Promise<object> {
  await buildHeapd(folder);
  execFileSync('tar', ['-cf', 'image.tar', 'heapd'], { cwd: folder });
  const changes = ['ENTRYPOINT ["/heapd"]', 'CMD ["--listen=:8080", "--live=2MiB"]', 'EXPOSE 8080'];
  const name = 'gctune-test-example-api';
  // One that a killed run of this test left.
  spawnSync('docker', ['rm', '-f', name]);
  t.after(() => docker('rmi', '-f', 'example/api:v1.2.3'));
  t.after(() => docker('rm', '-f', name));
  docker(
    'import',
    ...changes.flatMap((change) => ['--change', change]),
    join(folder, 'image.tar'),
    'example/api:v1.2.3',
  );
  docker(
    'run',
    '-d',
    '--name',
    name,
    '--memory',
    '256m',
    '--cpus',
    '1',
    '-e',
    'API_TOKEN=hunter2hunter2',
    'example/api:v1.2.3',
  );
  return {};
}

/** A checkout of the reader's service: the one that comes with gctune. */
function postgresAndSources(_t: TestContext, folder: string): Promise<{ readonly path?: string }> {
  cpSync(join(root, 'experiments/targets/notesd'), join(folder, 'notesd'), { recursive: true });
  const path = postgresFolder();
  return Promise.resolve(path === undefined ? {} : { path });
}

async function aProgram(_t: TestContext, folder: string): Promise<object> {
  writeFileSync(join(folder, 'api'), '');
  writeFileSync(
    join(folder, 'access.log'),
    '127.0.0.1 - - [28/Nov/2026:10:00:00 +0000] "GET /search?q=go HTTP/1.1" 200 512\n',
  );
  return Promise.resolve({});
}

async function aDaemonThatRuns(t: TestContext, folder: string): Promise<{ readonly pid?: number }> {
  const program = await buildHeapd(folder);
  const child = spawn(program, ['--listen', '127.0.0.1:0', '--live', '8MiB'], {
    env: { GOGC: '50', GOMEMLIMIT: '200MiB' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  await new Promise<void>((resolve, reject) => {
    child.on('error', reject).on('exit', (code) => reject(new Error(`heapd ended with ${code}`)));
    for (const stream of [child.stdout, child.stderr]) stream.on('data', () => resolve());
  });
  return child.pid === undefined ? {} : { pid: child.pid };
}

/** What was loaded is still there when Prometheus has started on it with the retention that the page names. */
async function prometheusKeepsReadings(t: TestContext, folder: string, page: string): Promise<void> {
  const [, retention = ''] = /--storage\.tsdb\.retention\.time=(\w+)/.exec(page) ?? [];
  const prometheus = await startPrometheus(t, await scratch(t), join(folder, 'data'), { retention });
  const runs = readdirSync(join(folder, 'results'));
  for (const name of ['gctune_process_resident_memory_bytes', 'gctune_result_memory_anon_bytes', 'gctune_run_info'])
    assert.deepEqual(await prometheus.labelValues('experiment', name), ['sweep'], name);
  assert.deepEqual(await prometheus.labelValues('run', 'gctune_process_resident_memory_bytes'), runs);
}

const ci = 'docs/how-to/nightly-ci.md';
const fileOf = (told: string): Block => {
  const block = blocksOf(ci).find((one) => one.told === told);
  assert.ok(block, told);
  return block;
};

test('the GitHub job is a workflow, as GitHub’s own parser reads it', async () => {
  // It imports JSON as bundlers do.
  registerHooks({
    load: (url, context, next) =>
      next(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context),
  });
  const { parseWorkflow, NoOperationTraceWriter } = await import('@actions/workflow-parser');
  const content = fileOf('.github/workflows/gctune.yml').text;
  const result = parseWorkflow({ name: 'gctune.yml', content }, new NoOperationTraceWriter());
  assert.deepEqual(result.context.errors.getErrors(), []);
});

test(
  'the commands of the jobs are those of a night that holds, and of one that fails with 6',
  requirement('bash'),
  async (t) => {
    const github = parse(fileOf('.github/workflows/gctune.yml').text) as {
      jobs: { nightly: { steps: readonly { name?: string; run?: string }[] } };
    };
    const gitlab = parse(fileOf('.gitlab-ci.yml').text) as {
      gctune: { script: readonly string[]; after_script: readonly string[]; artifacts: { paths: readonly string[] } };
    };
    const jobs = {
      github: github.jobs.nightly.steps.flatMap(({ run }) => run ?? []),
      gitlab: [...gitlab.gctune.script, ...gitlab.gctune.after_script],
    };
    for (const [name, steps] of Object.entries(jobs)) {
      const folder = await scratch(t);
      const wrong = name === 'gitlab';
      const experiment = fileOf('nightly.yaml').text;
      writeFileSync(join(folder, 'nightly.yaml'), wrong ? experiment.replace(/max: \d+MiB/, 'max: 1MiB') : experiment);
      const env = { ...process.env, CI: 'true', NO_COLOR: '1', GITHUB_STEP_SUMMARY: join(folder, 'summary.md') };
      const shim = `gctune() { '${process.execPath}' '${main}' "$@"; }\n`;
      const codes = steps
        // gctune is there already.
        .filter((step) => !/git clone|npm ci/.test(step))
        .map((step) => spawnSync('bash', ['-eo', 'pipefail', '-c', shim + step], { cwd: folder, env }).status);
      assert.deepEqual(codes, [wrong ? 6 : 0, ...codes.slice(1).map(() => 0)], name);
      assert.ok(codes.length >= 2);
      assert.equal(readFileSync(join(folder, 'gctune.xml'), 'utf8').includes('<failure'), wrong);
    }
  },
);
