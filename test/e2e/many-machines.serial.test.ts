import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { before, test, type TestContext } from 'node:test';
import { parse } from 'yaml';
import { settleValues } from '../../src/cli/settle-values.ts';
import { parseArguments } from '../../src/cli/yargs-program.ts';
import { commands } from '../../src/commands/all.ts';
import { root, scratch } from './gctune.ts';

// What docs/many-machines.md tells to do is done by a shell, with stand-ins for what is not here: sbatch starts each task of
// an array on this machine, ssh and scp stay on it, and npx notes what it is called with. What a part and a merge do is tested in
// test/cli/merge.test.ts; here it is that each engine calls every part once, with its node, and the merge with all of them.

const STAND_INS: Readonly<Record<string, string>> = {
  // A part leaves a folder as a run does, so that what names all of them finds them.
  // A call is one write: over ssh, three of them come at once.
  npx: `line=$(printf '%s\\t' "$@"); printf '%s\\n' "$line" >> "$STANDS/calls"
case "$2" in run)
  while [ $# -gt 0 ]; do case "$1" in -o) out=$2;; --shard) shard=$2;; esac; shift; done
  mkdir -p "\${out:-results}/sweep-\${shard%/*}" ;;
esac`,
  npm: 'exit 0',
  ssh: 'host=$1; shift; cd "$STANDS/$host" && exec sh -c "$*"',
  scp: 'exec cp -r "$STANDS/$(echo "$2" | tr : /)" "$3"',
  sbatch: `case "$1" in
  --parsable) for i in 1 2 3; do SLURM_ARRAY_TASK_ID=$i SLURMD_NODENAME=n$i bash "$2" >&2; done; echo 7 ;;
  --dependency=afterany:7) [ "$2" = --wrap ] && exec bash -c "$3" ;;
  *) echo "sbatch does not know $1" >&2; exit 1 ;;
esac`,
};

let blocks: readonly { readonly language: string; readonly text: string }[] = [];
before(async () => {
  const text = await readFile(join(root, 'docs/many-machines.md'), 'utf8');
  blocks = [...text.matchAll(/^```(\w+)\n(.*?)^```/gms)].map(([, language = '', inside = '']) => ({
    language,
    text: inside,
  }));
});

/** The block of the document in which a text stands. */
function blockWith(mark: string): string {
  const found = blocks.filter(({ text }) => text.includes(mark));
  assert.equal(found.length, 1, mark);
  return found[0]?.text ?? '';
}

interface Place {
  readonly folder: string;
  readonly shell: (script: string, env?: Readonly<Record<string, string>>) => Promise<void>;
}

async function place(t: TestContext): Promise<Place> {
  const folder = await scratch(t);
  const bin = join(folder, '.bin');
  await mkdir(bin);
  for (const [name, script] of Object.entries(STAND_INS)) {
    await writeFile(join(bin, name), `#!/bin/bash\n${script}\n`);
    await chmod(join(bin, name), 0o755);
  }
  const work = join(folder, 'sweep');
  await mkdir(work);
  return {
    folder: work,
    shell: async (script, env = {}) => {
      const own = { ...process.env, PATH: `${bin}:${process.env['PATH']}`, STANDS: folder, ...env };
      await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], { cwd: work, env: own });
    },
  };
}

/** That each part was called once, with these nodes, and the merge with the folders of all; every call as gctune reads it. */
async function called(folder: string, nodes: readonly string[], merged: readonly string[]): Promise<void> {
  const lines = (await readFile(join(folder, '../calls'), 'utf8')).split('\n').slice(0, -1);
  const calls = lines.map((line) => {
    const [npx, ...argv] = line.split('\t').slice(0, -1);
    assert.equal(npx, 'gctune');
    const { command, given } = parseArguments(commands, argv);
    return { name: command.name, values: settleValues(command, given, {}).values };
  });
  const parts = calls.filter(({ name }) => name === 'run').map(({ values }) => values);
  const known = (values: readonly unknown[]): readonly unknown[] =>
    values.toSorted((a, b) => (String(a) < String(b) ? -1 : 1));
  assert.deepEqual(known(parts.map(({ shard }) => shard)), ['1/3', '2/3', '3/3']);
  assert.deepEqual(known(parts.map(({ node }) => node ?? '')), known(nodes));
  for (const { file, seed } of parts) assert.deepEqual([file, seed], ['sweep.yaml', 42]);
  const last = calls.at(-1);
  assert.equal(last?.name, 'merge');
  assert.deepEqual(last.values['folders'], merged);
}

test('three commands on three machines, and the merge', async (t) => {
  const { folder, shell } = await place(t);
  await shell(blockWith('# on one machine'));
  await called(folder, ['', '', ''], ['results/sweep-1', 'results/sweep-2', 'results/sweep-3']);
});

test('the steps of the workflow for GitHub', async (t) => {
  const { folder, shell } = await place(t);
  interface Step {
    readonly run?: string;
    readonly uses?: string;
    readonly with?: Readonly<Record<string, unknown>>;
  }
  interface Job {
    readonly strategy?: { readonly matrix: { readonly shard: readonly number[] } };
    readonly steps: readonly Step[];
  }
  const { jobs } = parse(blockWith('runs-on:')) as { jobs: Readonly<Record<'part' | 'report', Job>> };
  const shards = jobs.part.strategy?.matrix.shard ?? [];
  assert.deepEqual(shards, [1, 2, 3]);
  for (const shard of shards) {
    for (const { run } of jobs.part.steps)
      if (run !== undefined) await shell(run.replaceAll(/\$\{\{ matrix\.shard \}\}/g, String(shard)));
  }
  const [upload, download] = [jobs.part.steps, jobs.report.steps].map(
    (steps) => steps.find(({ uses = '' }) => /-artifact@/.test(uses))?.with,
  );
  // What is uploaded as a folder is found again, without its name, where it is downloaded to.
  assert.deepEqual([upload?.['path'], download?.['path'], download?.['merge-multiple']], ['results', 'parts', true]);
  await shell('mv results parts');
  for (const { run } of jobs.report.steps) if (run !== undefined) await shell(run);
  await called(folder, ['job-1', 'job-2', 'job-3'], ['parts/sweep-1', 'parts/sweep-2', 'parts/sweep-3']);
});

test('the scripts of the pipeline for GitLab', async (t) => {
  const { folder, shell } = await place(t);
  const { part, report } = parse(blockWith('CI_NODE_INDEX')) as Readonly<
    Record<'part' | 'report', { readonly parallel?: number; readonly script: readonly string[] }>
  >;
  assert.equal(part.parallel, 3);
  for (let index = 1; index <= 3; index++) {
    for (const line of part.script) await shell(line, { CI_NODE_INDEX: String(index), CI_NODE_TOTAL: '3' });
  }
  for (const line of report.script) await shell(line);
  await called(folder, ['job-1', 'job-2', 'job-3'], ['parts/sweep-1', 'parts/sweep-2', 'parts/sweep-3']);
});

test('the array for Slurm', async (t) => {
  const { folder, shell } = await place(t);
  await writeFile(join(folder, 'sweep.sbatch'), blockWith('#SBATCH'));
  await shell(blockWith('--parsable'));
  await called(folder, ['n1', 'n2', 'n3'], ['parts/sweep-1', 'parts/sweep-2', 'parts/sweep-3']);
});

test('the command of the job for Nomad', async (t) => {
  const { folder, shell } = await place(t);
  const job = blockWith('raw_exec');
  assert.equal(job.match(/\{/g)?.length, job.match(/\}/g)?.length);
  const command = /args += \["-c", "(.*)"\]/.exec(job)?.[1] ?? '';
  for (let index = 0; index < 3; index++) {
    await shell(command.replace('/srv/sweep', folder), {
      NOMAD_ALLOC_INDEX: String(index),
      NOMAD_ALLOC_ID: `a${index}`,
    });
  }
  await shell('npx gctune merge parts/*');
  await called(folder, ['a0', 'a1', 'a2'], ['parts/sweep-1', 'parts/sweep-2', 'parts/sweep-3']);
});

test('the loop over ssh', async (t) => {
  const { folder, shell } = await place(t);
  for (const host of ['alpha', 'beta', 'gamma']) {
    await mkdir(join(folder, '..', host, 'sweep'), { recursive: true });
  }
  await shell(blockWith('hosts=('));
  await called(
    folder,
    ['alpha', 'beta', 'gamma'],
    ['parts-alpha/sweep-1', 'parts-beta/sweep-2', 'parts-gamma/sweep-3'],
  );
});
