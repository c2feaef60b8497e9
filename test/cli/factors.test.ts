import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Analysis } from '../../src/analysis/analysis.ts';
import { program } from '../../src/program.ts';
import type { RunManifest } from '../../src/results/format.ts';
import { driftBetween } from '../../src/session/drift.ts';
import { fakeIo } from './fake-io.ts';

/** Two versions of which one needs 5 % more CPU for a request, on one CPU and on two. */
const EXPERIMENT = `name: versions
target:
  versions:
    old: { simulated: { live: 20MiB, cpu_per_request: 1ms } }
    new: { simulated: { live: 20MiB, cpu_per_request: 1050us } }
runner: simulated
matrix:
  gogc: [100, 200]
  cpus: [1, 2]
workloads:
  steady: { http: { path: /work, rate: 200/s } }
phases: { warmup: 2s, measure: 4s }
blocks: 10
seed: 3
`;
let folder = '';
let run = '';

async function gctune(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const io = fakeIo({ cwd: folder, env: { NO_COLOR: '1' } });
  return { code: await program(args, io), ...io.written };
}

const unwrapped = (text: string): string => text.replaceAll(/\s+/g, ' ');

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gctune-factors-'));
  await writeFile(join(folder, 'versions.yaml'), EXPERIMENT);
  const { code, stderr, stdout } = await gctune('run', 'versions.yaml');
  assert.equal(code, 0, stderr);
  assert.match(unwrapped(stdout), /By version, new against old: CPU\/request is worse in 4 of 4 cells, by \+\d/);
  run = join(folder, 'results', (await readdir(join(folder, 'results')))[0] ?? '');
});
after(() => rm(folder, { recursive: true, force: true }));

describe('a run with versions and CPUs', () => {
  test('has a variant for each combination, each with what it ran', async () => {
    const { variants = [], artifact } = JSON.parse(await readFile(join(run, 'run.json'), 'utf8')) as RunManifest;
    assert.equal(variants.length, 4);
    assert.equal(new Set(variants.map((one) => one.artifact.digest)).size, 2);
    assert.equal(variants[0]?.artifact.digest, artifact.digest);
    assert.deepEqual(
      variants.map(({ factors, gomaxprocs }) => [factors['version'], factors['cpus'], gomaxprocs]),
      [
        ['old', '1', 1],
        ['old', '2', 2],
        ['new', '1', 1],
        ['new', '2', 2],
      ],
    );
  });

  test('a warning of a cell names its version and CPUs, in every output', async () => {
    const { warnings } = JSON.parse(await readFile(join(run, 'analysis.json'), 'utf8')) as Analysis;
    const named = warnings.filter(({ message }) => /^version=(?:old|new) cpus=[12]: /.test(message));
    assert.ok(named.length > 0);
    const { stdout } = await gctune('report', run, '--format', 'csv');
    for (const { message } of named) assert.ok(stdout.includes(message.slice(0, 40)), message);
  });

  test('a version that has changed is named where a run is resumed', async () => {
    const before = JSON.parse(await readFile(join(run, 'run.json'), 'utf8')) as RunManifest;
    const variants = (before.variants ?? []).map((one) =>
      one.factors['version'] === 'new' ? { ...one, artifact: { ...one.artifact, digest: 'sha256:other' } } : one,
    );
    assert.deepEqual(
      driftBetween(before, { ...before, variants }).map(({ what, is }) => [what, is]),
      [
        ['artifact digest (version=new cpus=1)', 'sha256:other'],
        ['artifact digest (version=new cpus=2)', 'sha256:other'],
      ],
    );
  });

  test('compare --by version finds the dearer one, without a word of time, and fails where it is asked to', async () => {
    const { code, stdout } = await gctune('compare', run, '--by', 'version', '--verbose');
    assert.equal(code, 0);
    assert.match(unwrapped(stdout), /steady cpus=1: CPU per request is worse: GOGC=100 by \+\d/);
    assert.doesNotMatch(stdout, /interleaved/);
    assert.equal((await gctune('compare', run, '--by', 'version', '--fail-on', 'regression')).code, 6);
    assert.equal(
      (await gctune('compare', run, '--by', 'version', '--fail-on', 'regression', '--margin', '50%')).code,
      0,
    );
  });

  test('compare --by in every other format', async () => {
    const csv = (await gctune('compare', run, '--by', 'version', '--format', 'csv')).stdout;
    assert.match(csv, /^factor,base_level,new_level,kind,/);
    assert.match(csv, /\nversion,old,new,ratio,steady cpus=1,GOGC=100,cpu\.per_request,/);
    const junit = (await gctune('compare', run, '--by', 'version', '--format', 'junit')).stdout;
    assert.match(junit, /name="steady cpus=1: GOGC=100: version=new: CPU per request"/);
    const json = JSON.parse((await gctune('compare', run, '--by', 'version', '--json')).stdout) as {
      readonly factor: string;
      readonly comparisons: readonly { readonly by: unknown; readonly cells: readonly unknown[] }[];
    };
    assert.equal(json.factor, 'version');
    assert.deepEqual(json.comparisons[0]?.by, { factor: 'version', base: 'old', new: 'new' });
    assert.equal(json.comparisons[0]?.cells.length, 4);
    const html = (await gctune('compare', run, '--by', 'cpus', '--format', 'html')).stdout;
    assert.match(html, /cpus=2/);
  });

  test('the report has a section for each factor, and the recommendation says where it differs', async () => {
    const { stdout } = await gctune('report', run, '--format', 'text');
    assert.match(stdout, /^By version$/m);
    assert.match(stdout, /^By cpus$/m);
    assert.match(unwrapped(stdout), /each of the 4 combinations gives the same answer|The answer for \w+ differs: /);
    for (const format of ['html', 'md', 'csv', 'json', 'benchfmt']) {
      const { code, stderr } = await gctune('report', run, '--format', format, '--output', join(folder, format));
      assert.equal(code, 0, stderr);
    }
    assert.match(await readFile(join(folder, 'html'), 'utf8'), /By version/);
  });

  test('what cannot be asked is named', async () => {
    const asked = async (...args: readonly string[]): Promise<string> => {
      const { code, stderr } = await gctune('compare', ...args);
      assert.equal(code, 2, stderr);
      return unwrapped(stderr);
    };
    assert.match(await asked(run, '--by', 'versions'), /no factor "versions" varies .* did you mean version\?/);
    assert.match(
      await asked(run, '--by', 'version=newer'),
      /"newer" is not compared with version=old .* these levels are: new/,
    );
    assert.match(await asked(run, run, '--by', 'version'), /give one run/);
  });

  test('a selector takes the factors, and two such runs compare stratum by stratum', async () => {
    const { code, stdout, stderr } = await gctune(
      'run',
      'versions.yaml',
      '--filter',
      'cpus=1',
      '--seed',
      '4',
      '--blocks',
      '6',
    );
    assert.equal(code, 0, stderr + stdout);
    const other = (await readdir(join(folder, 'results'))).find((name) => name.endsWith('-4')) ?? '';
    const compared = await gctune('compare', run, join('results', other));
    assert.match(unwrapped(compared.stdout + compared.stderr), /steady version=new/);
  });

  test('what became of the trials is told where too few of them are left to compare', async () => {
    const leaking = EXPERIMENT.replace('live: 20MiB, cpu_per_request: 1050us', 'live: 400MiB').replace(
      '  cpus: [1, 2]\n',
      '',
    );
    await writeFile(join(folder, 'leaking.yaml'), leaking);
    await gctune('run', 'leaking.yaml', '-q', '--blocks', '2', '-o', 'leaking');
    const leaks = join('leaking', (await readdir(join(folder, 'leaking')))[0] ?? '');
    const { code, stdout } = await gctune('compare', leaks, '--by', 'version');
    assert.equal(code, 5);
    assert.match(stdout, /steady: GOGC=100, version=new: \d of \d trials did not reach steady state/);
  });
});
