import { dirname, join, resolve } from 'node:path';
import type { Provenance } from '../history/night-of-run.ts';
import { readPlainFileIfAny } from '../results/plain-file.ts';
import { plainText } from '../text/plain-text.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where CI systems say what they build: commit, branch, address of the job. */
const CI: readonly (readonly [commit: string, branch: string, job: (env: Environment) => string | undefined])[] = [
  [
    'GITHUB_SHA',
    'GITHUB_REF_NAME',
    (env) =>
      env['GITHUB_RUN_ID'] &&
      `${env['GITHUB_SERVER_URL']}/${env['GITHUB_REPOSITORY']}/actions/runs/${env['GITHUB_RUN_ID']}`,
  ],
  ['CI_COMMIT_SHA', 'CI_COMMIT_REF_NAME', (env) => env['CI_JOB_URL']],
  ['BUILDKITE_COMMIT', 'BUILDKITE_BRANCH', (env) => env['BUILDKITE_BUILD_URL']],
  ['CIRCLE_SHA1', 'CIRCLE_BRANCH', (env) => env['CIRCLE_BUILD_URL']],
  ['GIT_COMMIT', 'GIT_BRANCH', (env) => env['BUILD_URL']],
];
const MOST_BYTES = 2 ** 24;
/** SHA-1, or SHA-256. */
const COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/** What was built: by the environment of CI, else by the repository around a folder. Its files are read; no program is started. */
export function provenanceOf(env: Environment, cwd: string): Provenance {
  for (const [commit, branch, job] of CI) {
    const sha = env[commit];
    if (sha === undefined || sha === '') continue;
    // Of a pull request on GitHub the branch is the one that asks.
    return facts(sha, (commit === 'GITHUB_SHA' && env['GITHUB_HEAD_REF']) || env[branch], job(env));
  }
  try {
    return ofRepository(cwd);
  } catch {
    return {};
  }
}

function facts(commit: string | undefined, branch: string | undefined, job?: string): Provenance {
  return Object.fromEntries(
    Object.entries({ commit, branch, job }).flatMap(([key, value]) =>
      value === undefined || value === '' ? [] : [[key, plainText(value).slice(0, 500)]],
    ),
  );
}

function ofRepository(cwd: string): Provenance {
  const git = gitFolder(cwd);
  if (git === undefined) return {};
  const head = read(join(git, 'HEAD'))?.trim() ?? '';
  const reference = /^ref: (refs\/heads\/(.+))$/.exec(head);
  if (reference === null) return COMMIT.test(head) ? facts(head, undefined) : {};
  const [, name = '', branch] = reference;
  if (name.includes('..')) return {};
  // A worktree has a HEAD of its own and shares the rest.
  const common = resolve(git, read(join(git, 'commondir'))?.trim() ?? '.');
  const loose = read(join(common, name))?.trim();
  const packed = read(join(common, 'packed-refs'))
    ?.split('\n')
    .find((line) => line.endsWith(` ${name}`))
    ?.split(' ')[0];
  const commit = loose ?? packed;
  return commit !== undefined && COMMIT.test(commit) ? facts(commit, branch) : {};
}

/** The folder of Git's data for the repository that a folder is in. */
function gitFolder(from: string): string | undefined {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const git = join(folder, '.git');
    if (read(join(git, 'HEAD')) !== undefined) return git;
    const elsewhere = /^gitdir: (.+)$/m.exec(read(git) ?? '')?.[1];
    if (elsewhere !== undefined) return resolve(folder, elsewhere.trim());
    if (dirname(folder) === folder) return undefined;
  }
}

function read(path: string): string | undefined {
  try {
    return readPlainFileIfAny(path, MOST_BYTES)?.toString('utf8');
  } catch {
    return undefined;
  }
}
