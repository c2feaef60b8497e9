import { spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { parse, parseDocument } from 'yaml';
import { main, root } from '../e2e/gctune.ts';

/** The folder of the files that users copy. */
export const FILES = join(root, 'experiments/ci');

/** A step of a job of GitHub, as far as this test looks at it. */
export interface Step {
  readonly name?: string;
  readonly id?: string;
  readonly uses?: string;
  readonly if?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A workflow of GitHub, as far as this test looks at it. */
export interface Workflow {
  readonly permissions: unknown;
  readonly concurrency: unknown;
  readonly jobs: Readonly<
    Record<
      string,
      { readonly 'timeout-minutes'?: number; readonly permissions?: unknown; readonly steps: readonly Step[] }
    >
  >;
}

/** The YAML of a file that users copy. */
export function fileOf(name: string): unknown {
  return parse(readFileSync(join(FILES, name), 'utf8'));
}

/** How a script ended, and what it wrote for GitHub. */
export interface Done {
  readonly code: number | null;
  readonly output: string;
  readonly summary: string;
  /** What it says for later steps and jobs. */
  readonly outputs: string;
}

/** A checkout on a runner. */
export interface Runner {
  readonly folder: string;
  /** Runs a script as GitHub's `shell: bash` does, and GitLab's shell executor with its lines one below the other. */
  run(script: string, env?: Readonly<Record<string, string>>): Promise<Done>;
  /** Runs a step of a workflow; what its `env` takes from GitHub is given here. */
  step(step: Step, given?: Readonly<Record<string, string>>): Promise<Done>;
}

/**
 * A repository of a daemon with what a pull request is merged into as the parent of what is checked out, and the tag v1.0.0. The experiment is the one that
 * users copy; where `versions` is given they are models, so that a run takes a second. gctune is installed from a repository of its own, whose
 * program is this checkout's.
 */
export async function runner(
  t: Pick<TestContext, 'after'>,
  experiment: string,
  versions: Readonly<Record<string, object>> | undefined,
): Promise<Runner> {
  const place = mkdtempSync(join(tmpdir(), 'gctune-ci-'));
  t.after(() => rmSync(place, { recursive: true, force: true }));
  const folder = join(place, 'checkout');
  const tool = join(place, 'tool');
  for (const each of [folder, tool, join(place, 'temp')]) mkdirSync(each);
  const env: Record<string, string> = {
    ...(process.env as Record<string, string>),
    PATH: `${join(place, 'npm/bin')}:${join(place, 'bin')}:${process.env['PATH']}`,
    HOME: place,
    RUNNER_TEMP: join(place, 'temp'),
    CI_BUILDS_DIR: join(place, 'temp'),
    CI_JOB_ID: '17',
    GCTUNE_REPOSITORY: tool,
    GITHUB_REPOSITORY: 'owner/daemon',
    CI_PROJECT_URL: join(place, 'daemon'),
    CI_SERVER_HOST: 'gitlab.example.com',
    GCTUNE_CANARY: 'v1.0.0',
    npm_config_prefix: join(place, 'npm'),
    CI: 'true',
    GIT_AUTHOR_NAME: 'a',
    GIT_AUTHOR_EMAIL: 'a@example.com',
    GIT_COMMITTER_NAME: 'a',
    GIT_COMMITTER_EMAIL: 'a@example.com',
  };
  let steps = 0;
  const run: Runner['run'] = async (script, more = {}) => {
    const summary = join(place, 'temp', `summary-${++steps}`);
    const outputs = join(place, 'temp', `outputs-${steps}`);
    for (const file of [summary, outputs]) writeFileSync(file, '');
    writeFileSync(join(place, 'temp', `step-${steps}.sh`), script);
    const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', join(place, 'temp', `step-${steps}.sh`)], {
      cwd: folder,
      env: { ...env, GITHUB_STEP_SUMMARY: summary, GITHUB_OUTPUT: outputs, ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject).on('close', resolve);
    });
    return { code, output, summary: readFileSync(summary, 'utf8'), outputs: readFileSync(outputs, 'utf8') };
  };
  writeFileSync(
    join(tool, 'package.json'),
    '{ "name": "gctune", "version": "0.0.0", "bin": { "gctune": "gctune.sh" } }\n',
  );
  writeFileSync(
    join(tool, 'package-lock.json'),
    '{ "name": "gctune", "version": "0.0.0", "lockfileVersion": 3, "packages": {} }\n',
  );
  writeFileSync(join(tool, 'gctune.sh'), `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`);
  chmodSync(join(tool, 'gctune.sh'), 0o755);
  mkdirSync(join(folder, 'gctune'));
  mkdirSync(join(folder, 'cmd'));
  cpSync(join(root, 'experiments/targets/heapd'), join(folder, 'cmd/api'), { recursive: true });
  if (versions === undefined) cpSync(join(FILES, experiment), join(folder, 'gctune', experiment));
  else writeFileSync(join(folder, 'gctune', experiment), withModels(experiment, versions));
  writeFileSync(join(folder, '.gitignore'), 'results\n');
  const made = await run(
    [
      'git -C ../tool init -q && git -C ../tool add -A && git -C ../tool commit -qm tool',
      'git init -q && git add -A && git commit -qm base && git tag v1.0.0',
      `git init -q --bare ../daemon.git && git remote add origin '${join(place, 'daemon.git')}'`,
      'sed -i "s/64 << 10/80 << 10/" cmd/api/config.go && git commit -qam change && git push -q origin HEAD:main',
    ].join('\n'),
  );
  if (made.code !== 0) throw new Error(made.output);
  return {
    folder,
    run,
    step: ({ run: script = '', env: wanted = {} }, given = {}) => {
      const own = Object.entries(wanted).map(([name, value]) => {
        const text = value.includes('${{') ? (given[name] ?? env[name]) : value;
        if (text === undefined) throw new Error(`nothing is given for ${name}`);
        return [name, text] as const;
      });
      return run(script, Object.fromEntries(own));
    },
  };
}

/** An experiment that users copy, with models in the place of what is built. */
export function withModels(name: string, versions: Readonly<Record<string, object>>): string {
  const document = parseDocument(readFileSync(join(FILES, name), 'utf8'));
  for (const key of ['args', 'port', 'ready']) document.deleteIn(['target', key]);
  document.setIn(
    ['target', 'versions'],
    Object.fromEntries(Object.entries(versions).map(([key, simulated]) => [key, { simulated }])),
  );
  document.delete('runner');
  return String(document);
}
