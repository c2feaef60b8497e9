import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { program } from '../../src/program.ts';
import type { RunManifest } from '../../src/results/format.ts';
import { fakeIo } from './fake-io.ts';

const demo = new URL('../../experiments/demo.yaml', import.meta.url).pathname;
const SAID = 'simulated: every figure comes from a model, none from a real daemon';
let folder = '';
let run = '';
let told = { stdout: '', stderr: '' };

async function gctune(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const io = fakeIo({ cwd: folder, env: { NO_COLOR: '1' } });
  return { code: await program(args, io), ...io.written };
}

/** Text without the places where a narrow terminal breaks its lines. */
const unwrapped = (text: string): string => text.replaceAll(/\s+/g, ' ');

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gctune-simulated-'));
  const { code, ...written } = await gctune('run', demo, '--blocks', '7', '--progress', 'tty');
  assert.equal(code, 0, written.stderr);
  told = written;
  run = join(folder, 'results', (await readdir(join(folder, 'results')))[0] ?? '');
});
after(() => rm(folder, { recursive: true, force: true }));

test('while it runs the display shows the changes with their intervals, as soon as there are any', () => {
  const { stderr } = told;
  assert.match(
    stderr,
    /cell +trials +memory[^]* gogc=100 \(A\/A\) +6 [^]*(changes|clear) after block 6 of 7; intervals hold/,
  );
  assert.doesNotMatch(stderr, /after block [1-5] of 7/, 'five blocks give no interval of 95 %');
});

describe('everything that is said of a simulated run says so', () => {
  test('run', () => assert.ok(unwrapped(told.stdout).includes(SAID)));
  test('plan', async () => assert.ok(unwrapped((await gctune('plan', demo)).stdout).includes(SAID)));
  test('plan says how likely an answer is, by the noise that the model is told to have', async () => {
    assert.match(
      unwrapped((await gctune('plan', demo)).stdout),
      /answer +for memory in \d+ %, for CPU in 100 % of runs .* simulated target differs by 3\.2 % in CPU, 1\.4 % in memory/,
    );
    const { stderr } = await gctune('plan', demo, '--scatter-of', 'nowhere');
    assert.match(stderr, /nowhere/);
  });
  test('list', async () => assert.match((await gctune('list')).stdout, /demo +simulated/));
  test('show', async () => assert.ok(unwrapped((await gctune('show', run)).stdout).includes(SAID)));
  const marks: Readonly<Record<string, string | RegExp>> = {
    text: SAID,
    md: SAID,
    html: /<p class="simulated" role="note">Simulated: a model, not a measurement<\/p>/,
    csv: /\nwarning,[,]*simulated,"simulated: every figure/,
    json: /"warnings":\[\{"code":"simulated"/,
    benchfmt: /^simulated: true$/m,
  };
  for (const [format, mark] of Object.entries(marks)) {
    test(`report --format ${format}`, async () => {
      const file = join(folder, `report.${format}`);
      assert.equal((await gctune('report', run, '--format', format, '--output', file)).code, 0);
      const written = await readFile(file, 'utf8');
      const found =
        typeof mark === 'string'
          ? unwrapped(written.replaceAll('> ', '')).includes(mark)
          : mark.test(written.replaceAll('\r', ''));
      assert.ok(found, written.slice(0, 2000));
    });
  }
  test('recommend, as text and as JSON', async () => {
    assert.ok(unwrapped((await gctune('recommend', run)).stdout).includes(SAID));
    const { warnings } = JSON.parse((await gctune('recommend', run, '--json')).stdout) as {
      warnings: readonly unknown[];
    };
    assert.deepEqual(warnings[0], { code: 'simulated', message: SAID });
  });
});

describe('compare', () => {
  const copy = async (name: string, runner: RunManifest['runner']): Promise<string> => {
    const other = join(folder, name);
    await cp(run, other, { recursive: true });
    const manifest = JSON.parse(await readFile(join(other, 'run.json'), 'utf8')) as RunManifest;
    await writeFile(join(other, 'run.json'), JSON.stringify({ ...manifest, id: name, runner }));
    return other;
  };
  test('of two simulated runs says that they are', async () => {
    const { code, stdout } = await gctune('compare', run, await copy('again', 'simulated'));
    assert.equal(code, 0);
    assert.equal(unwrapped(stdout).split(SAID).length - 1, 1);
  });
  test('of a simulated and a real run is refused, whatever is accepted', async () => {
    const { code, stdout, stderr } = await gctune('compare', '--accept-drift', await copy('real', 'process'), run);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /is simulated and the other run is not: .* \[simulated-and-real\]\n +compare two simulated/);
  });
});

test('the run holds the truth of each cell', async () => {
  const { truth, plan } = JSON.parse(await readFile(join(run, 'run.json'), 'utf8')) as RunManifest;
  assert.deepEqual(
    Object.keys(truth ?? {}),
    plan.cells.map(({ id }) => id),
  );
  const found = Object.values(truth ?? {}).map(
    ({ outcome, figures }) => outcome === 'completed' && (figures['memory.anon'] ?? 0) > 20 * 2 ** 20,
  );
  assert.ok(found.every(Boolean));
});

test('a runner that does not fit is refused on the command line, too', async () => {
  const { code, stderr } = await gctune('run', demo, '--runner', 'process');
  assert.equal(code, 2);
  assert.match(
    stderr,
    /--runner: the process runner cannot run a simulated target: there is no program \[wrong-runner\]\n +leave out --runner/,
  );
  const real = new URL('../../experiments/gogc-sweep.yaml', import.meta.url).pathname;
  assert.match(
    (await gctune('plan', real, '--runner', 'simulated')).stderr,
    /the simulated runner can only run models/,
  );
});
