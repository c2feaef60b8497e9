import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import tar from 'tar-stream';
import { NotARun, packRun, unpackRun } from '../../src/kubernetes/pack-run.ts';
import { program } from '../../src/program.ts';
import { fakeIo } from '../cli/fake-io.ts';

const EXPERIMENT = `name: packed
target: { simulated: { live: 20MiB } }
runner: simulated
matrix: { gogc: [25, 100] }
workloads: { steady: { http: { path: /, rate: 500/s } } }
phases: { warmup: 1s, measure: 2s }
blocks: 2
seed: 7
`;

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gctune-pack-'));
  await writeFile(join(folder, 'f.yaml'), EXPERIMENT);
  const io = fakeIo({ cwd: folder });
  assert.equal(await program(['run', 'f.yaml', '--shard', '1/2', '-o', 'results'], io), 0, io.written.stderr);
});
after(() => rm(folder, { recursive: true, force: true }));

async function filesIn(path: string): Promise<Record<string, string>> {
  const names = await readdir(path, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return Object.fromEntries(
    await Promise.all(files.map(async (file) => [file.slice(path.length), await readFile(file, 'base64')] as const)),
  );
}

test('a run that was packed and unpacked is the same to the byte, and packs to the same bytes', async () => {
  const [name = ''] = await readdir(join(folder, 'results'));
  const run = join(folder, 'results', name);
  await writeFile(join(run, 'analysis.json'), 'derived');
  const packed = await packRun(run);
  const copy = join(folder, 'copy');
  await unpackRun(packed, copy, 0o644);
  const { '/analysis.json': _, ...original } = await filesIn(run);
  assert.ok(Object.keys(original).length > 8);
  assert.deepEqual(await filesIn(copy), original);
  assert.deepEqual(await packRun(copy), packed);
});

async function tarOf(
  entries: readonly (readonly [header: Partial<tar.Header> & Pick<tar.Header, 'name'>, text: string])[],
): Promise<Buffer> {
  const pack = tar.pack();
  for (const [header, text] of entries) pack.entry(header, text);
  pack.finalize();
  return gzipSync(await buffer(pack));
}

test('nothing is written that is not a file of a run, wherever its name leads', async () => {
  const bad: readonly (readonly [string, Buffer])[] = [
    ['up', await tarOf([[{ name: '../run.json' }, 'x']])],
    ['absolute', await tarOf([[{ name: '/etc/run.json' }, 'x']])],
    ['inside', await tarOf([[{ name: 'trials/../../run.json' }, 'x']])],
    ['hidden', await tarOf([[{ name: 'trials/.x/trial.json' }, 'x']])],
    ['other', await tarOf([[{ name: 'analysis.json' }, 'x']])],
    ['link', await tarOf([[{ name: 'run.json', type: 'symlink', linkname: '/etc/passwd' }, '']])],
    ['cut', (await tarOf([[{ name: 'run.json' }, 'x'.repeat(5000)]])).subarray(0, 40)],
    ['no gzip', Buffer.from('hello')],
  ];
  for (const [name, packed] of bad) {
    await assert.rejects(unpackRun(packed, join(folder, name), 0o644), NotARun, name);
    assert.deepEqual(await filesIn(join(folder, name)), {}, name);
  }
});
