import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Analysis } from '../../src/analysis/analysis.ts';
import { nodesOf, nodeWarnings } from '../../src/analysis/inference/nodes.ts';
import { program } from '../../src/program.ts';
import type { RunManifest } from '../../src/results/format.ts';
import { fakeIo } from './fake-io.ts';

// The machine drifts: a part that lost count of the time would show it.
const EXPERIMENT = `name: parted
target:
  simulated:
    live: 20MiB
    noise: { memory: 1%, cpu: 1%, reading: 0.5% }
    drift: { cpu: 5%, over: 60s }
runner: simulated
matrix: { gogc: [25, 100] }
workloads:
  steady: { http: { path: /, rate: 500/s } }
phases: { warmup: 2s, measure: 6s }
blocks: 9
seed: 7
`;

let folder = '';
let parts: readonly string[] = [];

async function gctune(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const io = fakeIo({ cwd: folder, env: { NO_COLOR: '1' } });
  return { code: await program(args, io), ...io.written };
}

async function only(results: string): Promise<string> {
  const names = await readdir(join(folder, results));
  assert.equal(names.length, 1, names.join(' '));
  return join(results, names[0] ?? '');
}

async function analysisIn(run: string): Promise<Analysis> {
  return JSON.parse(await readFile(join(folder, run, 'analysis.json'), 'utf8')) as Analysis;
}

/** A copy of a part in which something stands otherwise. */
async function altered(part: string, change: (manifest: RunManifest) => object): Promise<string> {
  const copy = await mkdtemp(join(folder, 'altered-'));
  await cp(join(folder, part), copy, { recursive: true });
  const file = join(copy, 'run.json');
  await writeFile(file, JSON.stringify(change(JSON.parse(await readFile(file, 'utf8')) as RunManifest)));
  return copy;
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gctune-merge-'));
  await writeFile(join(folder, 'f.yaml'), EXPERIMENT);
  const made: string[] = [];
  for (const number of [1, 2, 3]) {
    const args = ['run', 'f.yaml', '--shard', `${number}/3`, '--node', `n${number}`, '-o', `part${number}`];
    const { code, stdout, stderr } = await gctune(...args);
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      new RegExp(`^Shard ${number}/3: 9 of 9 trials completed\nNext: gctune merge part${number}/parted-`),
    );
    made.push(await only(`part${number}`));
  }
  parts = made;
});
after(() => rm(folder, { recursive: true, force: true }));

test('three parts, merged, are one run of the same seed to the byte of analysis.json, but for what says where', async () => {
  assert.equal((await gctune('run', 'f.yaml', '-o', 'one')).code, 0);
  const { code, stderr, stdout } = await gctune('merge', ...parts.toReversed(), '-o', 'merged');
  assert.equal(code, 0, stderr);
  assert.match(stdout, /Report: merged\/parted-/);
  const [one, merged] = [await analysisIn(await only('one')), await analysisIn(await only('merged'))];
  const bare = ({ nodes, run, recommendation, methods, ...rest }: Analysis): string => {
    const { nodes: where, id: _id, startedAt: _when, ...same } = run;
    assert.equal(nodes === undefined, where === undefined);
    assert.ok(
      where === undefined || methods.some(({ text }) => text.includes('joined of parts that were run on 3 nodes')),
    );
    const said = methods.filter(({ text }) => !text.includes('joined of parts'));
    return JSON.stringify({ ...rest, methods: said, run: same, recommendation: { ...recommendation, run: '' } });
  };
  assert.equal(bare(merged), bare(one));
  assert.deepEqual(
    merged.run.nodes?.map(({ name, blocks }) => [name, blocks]),
    [
      ['n1', [1, 4, 7]],
      ['n2', [2, 5, 8]],
      ['n3', [3, 6, 9]],
    ],
  );
});

test('the report says what the nodes differ by, and whether the settings act alike on them', async () => {
  const merged = await analysisIn(await only('merged'));
  const { nodes } = merged;
  assert.equal(nodes?.tests.length, 2);
  assert.deepEqual(nodeWarnings(nodes, 0.95), []);
  const text = (await gctune('report', await only('merged'), '--format', 'text')).stdout;
  assert.match(text, /\nNodes\n3 nodes ran the blocks \(n1: 3 blocks, n2: 3 blocks, n3: 3 blocks\)/);
  assert.match(text, /No such difference is shown\./);
  const page = join(folder, 'page.html');
  assert.equal((await gctune('report', await only('merged'), '--format', 'html', '-o', page)).code, 0);
  assert.match(await readFile(page, 'utf8'), /<section id="nodes"/);

  // One setting costs twice the CPU on the third node.
  const cpu = 'cpu.per_request';
  const workloads = merged.workloads.map((one) => ({
    ...one,
    cells: one.cells.map((cell) => ({
      ...cell,
      values: {
        ...cell.values,
        [cpu]: (cell.values[cpu] ?? []).map((point) => ({
          ...point,
          value: point.value * (cell.levels.gogc === 25 && point.block % 3 === 0 ? 2 : 1),
        })),
      },
    })),
  }));
  const found = nodesOf(merged.run, workloads);
  const test = found?.tests.find(({ metric }) => metric === cpu);
  assert.ok((test?.adjustedP ?? 1) <= 0.05 && (test?.statistic ?? 0) > 10, JSON.stringify(test));
  const [effect] = test?.effects ?? [];
  assert.ok((effect?.values[2] ?? 0) > 1.2 * (effect?.values[0] ?? 1), JSON.stringify(effect));
  assert.match(
    nodeWarnings(found, 0.95)[0]?.message ?? '',
    /^the settings do not act alike on all nodes in cpu\.per_request of steady \(p = 0\.\d+\)/,
  );
  const kernels = merged.run.nodes?.map((node, i) => ({ ...node, environment: { kernel: `6.${i}`, loadAverage1: i } }));
  const other = nodesOf({ ...merged.run, ...(kernels && { nodes: kernels }) }, merged.workloads);
  assert.deepEqual(other?.facts, [{ what: 'kernel', values: ['6.0', '6.1', '6.2'] }]);
  assert.match(nodeWarnings(other, 0.95)[0]?.message ?? '', /^the 3 nodes differ in kernel;/);
});

const COMPLETE = 'gctune run f.yaml --seed 7 --blocks 9 --shard 3/3';

test('blocks that are missing are named, and the run is reported without them', async () => {
  const { code, stdout } = await gctune('merge', ...parts.slice(0, 2), '-o', 'lacking');
  assert.equal(code, 4);
  const said = stdout.replaceAll(/\s+/g, ' ');
  assert.match(said, /Blocks 3, 6 and 9 are missing: part 3\/3 was not given; 18 of 27 planned trials were run\./);
  assert.doesNotMatch(said, /interrupted|To decide/);
  assert.ok(said.includes(`To complete: ${COMPLETE} (then merge all parts again)`), said);
  const found = await analysisIn(await only('lacking'));
  assert.deepEqual(found.cut, { run: 18, planned: 27, why: 'missing-blocks' });
  assert.ok((await gctune('recommend', await only('lacking'))).stdout.includes(COMPLETE));
  const page = await readFile(join(folder, await only('lacking'), 'report.html'), 'utf8');
  assert.match(page, /class="cut" role="note">Blocks 3, 6 and 9 are missing: part 3\/3 was not given;/);
  assert.ok(page.includes(`<code>${COMPLETE}</code>`));
  assert.ok(page.includes('<span>6 of 9 blocks</span>'));
  const resumed = await gctune('resume', await only('lacking'));
  assert.equal(resumed.code, 2);
  assert.match(resumed.stderr, /was joined of parts.*\[merged-run\]/);
  const whole = await gctune('merge', await only('lacking'), ...parts, '-o', 'completed');
  assert.equal(whole.code, 0, whole.stderr);
  assert.match(
    whole.stderr,
    /^warning: lacking\/parted-\S+ was joined of parts already: it is left out \[joined-already\]\n$/,
  );
  assert.equal((await analysisIn(await only('completed'))).cut, undefined);
  const again = await gctune('merge', await only('lacking'));
  assert.equal(again.code, 2);
  assert.match(again.stderr, /it was joined of parts already \[not-a-part\]/);
});

describe('what does not belong together is refused, each difference with both values', () => {
  const [SHA, OTHER] = ['sha256:aaaa', 'sha256:bbbb'];
  const cases: readonly (readonly [string, (manifest: RunManifest) => object, RegExp])[] = [
    [
      'version',
      (run) => ({ ...run, toolVersion: '9.9.9' }),
      /gctune version is "9\.9\.9", and there "\d+\.\d+\.\d+" \[parts-differ\]/,
    ],
    ['seed', (run) => ({ ...run, plan: { ...run.plan, seed: 8 } }), /seed is "8", and there "7"/],
    [
      'digest',
      (run) => ({ ...run, artifact: { ...run.artifact, digest: OTHER } }),
      /artifact digest is "sha256:bbbb", and there "simulated:[0-9a-f]+" \[artifact-differs\]\n {2}build once/,
    ],
    ['GOMAXPROCS', (run) => ({ ...run, gomaxprocs: 16 }), /GOMAXPROCS is "16", and there "1".*\n {2}write gomaxprocs/],
    ['parts', (run) => ({ ...run, shard: { ...run.shard, of: 4 } }), /number of parts is "4", and there "3"/],
    [
      'experiment',
      (run) => ({
        ...run,
        experiment: { ...run.experiment, phases: { ...run.experiment.phases, measureSeconds: 11 } },
      }),
      /experiment\.phases\.measureSeconds is "11", and there "6"/,
    ],
    [
      'plan',
      (run) => ({ ...run, plan: { ...run.plan, trials: run.plan.trials.map((one) => ({ ...one, seed: 1 })) } }),
      /plan\.trials\.0\.seed is "1", and there/,
    ],
  ];
  for (const [name, change, said] of cases) {
    test(name, async () => {
      const { code, stderr } = await gctune(
        'merge',
        parts[0] ?? '',
        await altered(parts[1] ?? '', change),
        '-o',
        'refused',
      );
      assert.equal(code, 2, stderr);
      assert.match(stderr, said);
      assert.deepEqual(await readdir(join(folder, 'refused')).catch(() => []), []);
    });
  }
  test('several at once, of which each is named', async () => {
    const other = await altered(parts[1] ?? '', (run) => ({
      ...run,
      toolVersion: '9.9.9',
      artifact: { ...run.artifact, digest: SHA },
    }));
    const { stderr } = await gctune('merge', parts[0] ?? '', other);
    assert.match(stderr, /gctune version is.*\n[^]*artifact digest is/);
  });
  test('doubled blocks', async () => {
    const { code, stderr } = await gctune('merge', ...parts, await altered(parts[1] ?? '', (run) => run));
    assert.equal(code, 2);
    assert.match(
      stderr,
      /blocks 2, 5 and 8 are in part2\/parted-\S+ too: they are parts 2\/3 and 2\/3 \[doubled-blocks\]/,
    );
  });
  test('a whole run, no run, and a part that was resumed on another machine', async () => {
    const whole = await gctune('merge', parts[0] ?? '', await only('one'));
    assert.match(whole.stderr, /it is a whole run, not a part of one \[not-a-part\]/);
    assert.match((await gctune('merge', parts[0] ?? '', 'f.yaml')).stderr, /f\.yaml/);
    const changed = await altered(parts[1] ?? '', (run) => run);
    const journal = join(changed, 'journal.ndjson');
    const drift = [{ what: 'host: kernel', was: '6.1', is: '6.2' }];
    const event = { at: '2026-11-29T00:00:00.000Z', type: 'run-resumed', pid: 1, discarded: [], part: 2, drift };
    await writeFile(journal, `${await readFile(journal, 'utf8')}${JSON.stringify(event)}\n`);
    const { code, stderr } = await gctune('merge', parts[0] ?? '', changed);
    assert.equal(code, 2);
    assert.match(
      stderr,
      /part 2\/3 was resumed after something had changed: host: kernel \("6\.1", then "6\.2"\) \[part-changed\]/,
    );
  });
});

test('what would make the parts unlike is refused before anything is run, all of it at once', async () => {
  const adaptive = EXPERIMENT.replace('blocks: 9', 'blocks: { min: 6, max: 12, precision: 5% }').replace(
    'seed: 7\n',
    '',
  );
  await writeFile(join(folder, 'adaptive.yaml'), adaptive.replace('[25, 100]', '[25, 100], levels: auto'));
  const { code, stderr } = await gctune('run', 'adaptive.yaml', '--shard', '1/2', '--confirm');
  assert.equal(code, 2);
  for (const known of ['shard-without-seed', 'adaptive-shard', 'pilot-shard', 'confirmed-shard'])
    assert.match(stderr, new RegExp(`\\[${known}\\]`));
  for (const [shard, said] of [
    ['0/3', 'bad-value'],
    ['4/3', 'bad-value'],
    ['2', 'bad-value'],
    ['1/10', 'too-many-shards'],
  ] as const)
    assert.match((await gctune('run', 'f.yaml', '--shard', shard)).stderr, new RegExp(`^--shard: .*\\[${said}\\]`));
});

test('a part whose journal has lost its beginning is joined with a warning', async () => {
  const [first = '', ...others] = parts;
  const copy = await altered(first, (manifest) => manifest);
  await writeFile(join(copy, 'journal.ndjson'), '');
  const { code, stdout } = await gctune('merge', copy, ...others, '-o', 'untold', '--json');
  assert.equal(code, 0);
  assert.match(stdout, /"part-without-journal".*does not begin with its start/);
});
