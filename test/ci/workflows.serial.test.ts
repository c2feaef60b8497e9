import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseExperiment } from '../../src/experiment/parse-experiment.ts';
import { root } from '../e2e/gctune.ts';
import { requirement } from '../requirements.ts';
import { FILES, fileOf, runner, withModels, type Done, type Runner, type Workflow } from './steps.ts';

const WORKFLOWS = readdirSync(FILES).filter((name) => name.startsWith('github-'));
const bash = requirement('bash');

for (const name of WORKFLOWS) {
  test(`GitHub’s own parser has nothing against ${name}`, async () => {
    const content = readFileSync(join(FILES, name), 'utf8');
    assert.deepEqual(await objections(content), []);
    assert.match((await objections(content.replace('timeout-minutes', 'timeout-minuets'))).join(), /timeout-minuets/);
    assert.match((await objections(content.replace('${{ vars.', '${{ varz.'))).join(), /varz/);
  });

  test(`actionlint has nothing against ${name}`, requirement('actionlint'), () => {
    const content = readFileSync(join(FILES, name), 'utf8');
    const lint = (text: string): string =>
      spawnSync('actionlint', ['-no-color', '-shellcheck=', '-pyflakes=', '-'], { input: text, encoding: 'utf8' })
        .stdout;
    assert.equal(lint(content), '');
    assert.match(lint(content.replace(/needs: measure/, 'needs: measurement')), /measurement/);
  });

  test(`${name} may read alone but where it says otherwise, ends in time, runs once at a time and pins its actions`, () => {
    const { permissions, concurrency, jobs } = fileOf(name) as Workflow;
    assert.deepEqual(permissions, { contents: 'read' });
    assert.ok(concurrency);
    for (const [id, job] of Object.entries(jobs)) {
      assert.ok((job['timeout-minutes'] ?? Infinity) <= 180, id);
      assert.ok(job.permissions === undefined || job.steps.every(({ run = '' }) => !/gctune (run|gate)/.test(run)), id);
      for (const { uses } of job.steps) assert.match(uses ?? 'a/b@v1', /^[\w-]+\/[\w/-]+@(v\d+|[0-9a-f]{40})$/);
    }
  });
}

test('gitlab-ci.yml is what GitLab’s schema allows', bash, async (t) => {
  const host = await runner(t, 'pull-request.yaml', MODELS);
  const file = join(host.folder, '.gitlab-ci.yml');
  const text = readFileSync(join(FILES, 'gitlab-ci.yml'), 'utf8');
  const program = fileURLToPath(import.meta.resolve('gitlab-ci-local'));
  const list = (): Promise<Done> =>
    host.run(`git remote set-url origin git@example.com:a/b.git\n"${process.execPath}" "${program}" --list-all`);
  writeFileSync(file, text);
  const fine = await list();
  assert.equal(fine.code, 0, fine.output);
  assert.match(fine.output, /gctune-merge-request[^]*gctune-nightly/);
  writeFileSync(file, text.replaceAll('when: always', 'when: forever'));
  const broken = await list();
  assert.notEqual(broken.code, 0);
  assert.match(broken.output, /artifacts|must be equal to one of/);
});

test('the experiments of the workflows are experiments', () => {
  for (const name of readdirSync(FILES).filter((each) => each.endsWith('.yaml'))) {
    const parsed = parseExperiment(readFileSync(join(FILES, name), 'utf8'), name, { directory: FILES });
    assert.ok('experiment' in parsed, JSON.stringify(parsed));
  }
});

/** What GitHub's parser says against a workflow. */
async function objections(content: string): Promise<readonly string[]> {
  // It imports JSON as bundlers do.
  const hooks = registerHooks({
    load: (url, context, next) =>
      next(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context),
  });
  const { NoOperationTraceWriter, parseWorkflow } = await import('@actions/workflow-parser');
  hooks.deregister();
  const { context } = parseWorkflow({ name: 'workflow.yml', content }, new NoOperationTraceWriter());
  return context.errors.getErrors().map(({ message }) => message);
}

const MODELS = { base: {}, change: { cpu_per_request: '1200us' } };

/** Runs the steps of a job one after the other; `from`: without the first ones. */
async function stepsOf(host: Runner, workflow: string, job: string, from = 0): Promise<ReadonlyMap<string, Done>> {
  const done = new Map<string, Done>();
  const steps = (fileOf(workflow) as Workflow).jobs[job]?.steps ?? [];
  for (const step of steps.filter(({ run }) => run !== undefined).slice(from)) {
    done.set(step.name ?? '', await host.step(step, { GH_TOKEN: 'none', PULL_REQUEST: '42' }));
  }
  return done;
}

/** Asserts that every step ended with 0, but for those that are named. */
function ended(done: ReadonlyMap<string, Done>, others: Readonly<Record<string, number>> = {}): void {
  for (const [name, { code, output }] of done) assert.equal(code, others[name] ?? 0, `${name}: ${output}`);
}

test('each step of a pull request’s workflow runs in a shell: a slower daemon fails it', bash, async (t) => {
  const workflow = 'github-pull-request.yml';
  const host = await runner(t, 'pull-request.yaml', MODELS);
  const done = await stepsOf(host, workflow, 'measure');
  ended(done, { Judge: 6 });
  assert.deepEqual([...done.keys()], ['Install gctune', 'Check out the base', 'Measure', 'Judge']);
  assert.match(readFileSync(join(host.folder, '.gctune-base/cmd/api/config.go'), 'utf8'), /garbage: +64 << 10/);
  const judged = done.get('Judge');
  const summary = judged?.summary ?? '';
  assert.match(summary, /^\*\*Regression:\*\* version=change is worse than version=base in 1 of 3 comparisons/);
  assert.match(
    judged?.output ?? '',
    /^::error title=gctune compare::steady: GOGC=100: version=change: CPU per request: worse; /,
  );
  assert.equal(readFileSync(join(host.folder, 'summary.md'), 'utf8'), summary);

  // What `gh` would say and do is GitHub's; its command line is written down.
  for (const [known, sent] of [
    ['', 'POST repos/owner/daemon/issues/42/comments'],
    ['7', 'PATCH repos/owner/daemon/issues/comments/7'],
  ] as const) {
    const log = join(host.folder, `gh${known}.log`);
    stub(host, 'gh', `echo "$*" >> "${log}"; case "$*" in *--jq*) printf '%s' "${known}";; esac`);
    ended(await stepsOf(host, workflow, 'comment'));
    const asked = readFileSync(log, 'utf8').split('\n');
    assert.equal(asked.at(-2), `api --silent --method ${sent} --field body=@comment.md`);
    assert.equal(readFileSync(join(host.folder, 'comment.md'), 'utf8'), `<!-- gctune -->\n${summary}`);
  }

  // Another change, which costs nothing; gctune is installed already.
  writeFileSync(
    join(host.folder, 'gctune/pull-request.yaml'),
    withModels('pull-request.yaml', { base: {}, change: {} }),
  );
  ended(new Map([['tidy', await host.run('rm -rf results .gctune-base && git worktree prune')]]));
  const again = await stepsOf(host, workflow, 'measure', 1);
  ended(again);
  assert.match(again.get('Judge')?.summary ?? '', /^\*\*No regression:\*\*/);
  assert.match(again.get('Judge')?.output ?? '', /^::notice /);
});

/** What a night finds, and the next, whose programs allocate a twentieth more. */
const NIGHTS = [
  { last: {}, tonight: {}, canary: {} },
  { last: {}, tonight: { alloc_per_request: '67KiB' }, canary: {} },
] as const;

/** The lines of the branch that keeps the nights, as the run that each tells of and its commit. */
async function keptNights(host: Runner): Promise<readonly (readonly [run: string, commit: string])[]> {
  const { output, code } = await host.run('git -C ../daemon.git show gctune-history:history.ndjson');
  assert.equal(code, 0, output);
  return output
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { run, commit } = JSON.parse(line) as { run: string; commit: string };
      return [run, commit] as const;
    });
}

/** A fresh checkout with one commit more, on a machine that remembers its worktrees. */
async function nextNight(host: Runner, night: (typeof NIGHTS)[number]): Promise<string> {
  writeFileSync(join(host.folder, 'gctune/nightly.yaml'), withModels('nightly.yaml', night));
  const { code, output } = await host.run('git clean -qffdx && git commit -qam night && git rev-parse HEAD');
  assert.equal(code, 0, output);
  return output.trim();
}

test(
  'each step of GitHub’s nights runs in a shell: they are kept on a branch, and a daemon that became worse fails its night',
  bash,
  async (t) => {
    const workflow = 'github-nightly.yml';
    const host = await runner(t, 'nightly.yaml', NIGHTS[0]);
    const head = (await host.run('git rev-parse HEAD')).output.trim();
    const first = await stepsOf(host, workflow, 'measure');
    ended(first);
    assert.equal(first.get('Record')?.outputs, 'recorded=yes\n');
    assert.match(
      first.get('Judge')?.summary ?? '',
      /^\*\*No regression:\*\* nothing is shown to be worse than version=last/,
    );
    assert.match(first.get('Judge')?.output ?? '', /^::notice title=gctune gate::No regression/m);
    assert.match(first.get('Draw the history')?.summary ?? '', /^# History of nightly/);
    ended(await stepsOf(host, workflow, 'keep'));
    assert.deepEqual(
      (await keptNights(host)).map(([, commit]) => commit),
      [head],
    );

    const second = await nextNight(host, NIGHTS[1]);
    const failed = await stepsOf(host, workflow, 'measure', 1);
    ended(failed, { Judge: 6 });
    assert.equal((await host.run('git -C .gctune-last rev-parse HEAD')).output.trim(), head);
    const { summary = '', output = '' } = failed.get('Judge') ?? {};
    assert.match(
      summary,
      /^\*\*Regression:\*\* allocated per request 4\.\d % more at most in 2 cells, and so again in a second run\./,
    );
    assert.match(output, /^::error title=gctune gate::allocated per request: gogc=\d+: \+4\.\d %25/m);
    assert.equal(readFileSync(join(host.folder, 'summary.md'), 'utf8'), summary);
    assert.match(readFileSync(join(host.folder, 'history.html'), 'utf8'), /<title>History of nightly/);
    // Somebody else's night came in between.
    stub(
      host,
      'git',
      `case "$*" in *'keep push'*) [ -e "$0.tried" ] || { touch "$0.tried"; exit 1; };; esac\nexec ${await which(host, 'git')} "$@"`,
    );
    ended(await stepsOf(host, workflow, 'keep'));
    const kept = await keptNights(host);
    assert.deepEqual(
      kept.map(([, commit]) => commit),
      [head, second],
    );
  },
);

/** The lines of a job of GitLab, those that it takes from `.gctune` among them. */
function linesOf(job: string): readonly string[] {
  const file = fileOf('gitlab-ci.yml') as Readonly<Record<string, { before_script?: string[]; script?: string[] }>>;
  return [...(file['.gctune']?.before_script ?? []), ...(file[job]?.script ?? [])];
}

test('each line of GitLab’s merge request runs in a shell, and its JUnit file is one', bash, async (t) => {
  const host = await runner(t, 'pull-request.yaml', MODELS);
  const base = execFileSync('git', ['rev-parse', 'HEAD^1'], { cwd: host.folder, encoding: 'utf8' }).trim();
  const lines = linesOf('gctune-merge-request');
  const done = await host.run(lines.join('\n'), { CI_MERGE_REQUEST_DIFF_BASE_SHA: base });
  assert.equal(done.code, 6, done.output);
  assert.match(readFileSync(join(host.folder, 'gctune.xml'), 'utf8'), /<testsuite [^>]* tests="3" failures="1"/);
  assert.match(readFileSync(join(host.folder, 'summary.md'), 'utf8'), /is worse/);
  if (requirement('xmllint').skip === false) {
    execFileSync('xmllint', ['--noout', '--schema', join(root, 'test/fixtures/junit/junit-10.xsd'), 'gctune.xml'], {
      cwd: host.folder,
      stdio: 'pipe',
    });
  }
});

test(
  'each line of GitLab’s nights runs in a shell: they are kept on a branch, and a daemon that became worse fails its night',
  bash,
  async (t) => {
    const host = await runner(t, 'nightly.yaml', NIGHTS[0]);
    const script = linesOf('gctune-nightly').join('\n');
    const head = (await host.run('git rev-parse HEAD')).output.trim();
    const first = await host.run(script);
    assert.equal(first.code, 0, first.output);
    assert.match(first.output, /No regression: nothing is shown to be worse than version=last/);
    const second = await nextNight(host, NIGHTS[1]);
    const failed = await host.run(script.replace(/^git clone .*$/m, '').replace(/^npm .*$/gm, ''));
    assert.equal(failed.code, 6, failed.output);
    assert.match(failed.output, /Regression: allocated per request 4\.\d % more at most in 2 cells/);
    assert.deepEqual(
      (await keptNights(host)).map(([, commit]) => commit),
      [head, second],
    );
    assert.match(readFileSync(join(host.folder, 'gctune.xml'), 'utf8'), /<testsuite [^>]* tests="3" failures="1"/);
  },
);

async function which(host: Runner, program: string): Promise<string> {
  return (await host.run(`command -v ${program}`)).output.trim();
}

/** Puts a program in the place of one that needs GitHub. */
function stub(host: Runner, name: string, script: string): void {
  const file = join(dirname(host.folder), 'bin', name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}
