import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import { requirement } from '../requirements.ts';
import { leftovers, main, scratch, tinyExperiment } from './gctune.ts';
import { gctuneWords, onTerminal } from './pty.ts';

const SHOW_CURSOR = '\u001b[?25h';

/** An experiment of some seconds, and where its run goes. */
async function written(t: TestContext, blocks: number): Promise<{ file: string; results: string }> {
  const folder = await scratch(t);
  const file = join(folder, 'experiment.yaml');
  await writeFile(file, tinyExperiment('terminal', blocks, '{ warmup: 200ms, measure: 700ms }'));
  return { file, results: join(folder, 'results') };
}

/** The journal of the only run, and whether it has a report. */
function left(results: string): { journal: string; reported: boolean } {
  const folder = join(results, readdirSync(results)[0] ?? '');
  return {
    journal: readFileSync(join(folder, 'journal.ndjson'), 'utf8'),
    reported: existsSync(join(folder, 'report.html')),
  };
}

async function nothingLeft(): Promise<void> {
  const deadline = Date.now() + 30_000;
  while ((await leftovers()).length > 0 && Date.now() < deadline) await sleep(100);
  assert.deepEqual(await leftovers(), []);
}

test('an answer that a full disk does not take is told in a line and by the exit code, one that nobody reads is not', () => {
  for (const args of [['version'], ['--help'], ['schema']]) {
    const full = spawnSync(process.execPath, [main, ...args], {
      stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
    });
    assert.equal(full.status, 3, args.join(' '));
    assert.match(String(full.stderr), /^stdout could not be written: ENOSPC.*\[answer-lost\]\n$/);
    const both = spawnSync(process.execPath, [main, ...args], {
      stdio: ['ignore', openSync('/dev/full', 'w'), openSync('/dev/full', 'w')],
    });
    assert.equal(both.status, 3, args.join(' '));
    const warnings = spawnSync(process.execPath, [main, ...args], {
      stdio: ['ignore', 'pipe', openSync('/dev/full', 'w')],
    });
    assert.equal(warnings.status, 0, args.join(' '));
  }
  const head = spawnSync('sh', ['-c', '"$0" "$@" | head -1 >&2; exit 0', process.execPath, main, 'schema']);
  assert.equal(String(head.stderr), '{\n');
});

test('a run whose streams are lost goes on, notes it, and makes its report', requirement('go'), async (t) => {
  const { file, results } = await written(t, 2);
  const child = spawn(process.execPath, [main, 'run', file, '--output', results, '--json'], {
    stdio: ['ignore', 'pipe', openSync('/dev/full', 'w')],
  });
  child.stdout?.once('data', () => child.stdout?.destroy());
  const code = await new Promise((resolve) => child.on('close', resolve));
  const { journal, reported } = left(results);
  assert.match(journal, /"output-lost","stream":"stdout","code":"EPIPE"/);
  assert.match(journal, /"output-lost","stream":"stderr","code":"ENOSPC"/);
  assert.match(journal, /"run-ended","why":"plan-done"/);
  assert.equal(reported, true);
  assert.equal(code, 0);
  await nothingLeft();
});

test(
  'a terminal that is closed ends the run as SIGTERM does: report made, nothing left',
  requirement('go', 'python3'),
  async (t) => {
    const { file, results } = await written(t, 50);
    const terminal = onTerminal(gctuneWords('run', file, '--output', results));
    // The second trial: there is something to report on.
    await terminal.shows(/trial 2 of[\s\S]*measure/);
    terminal.close();
    assert.equal(await terminal.ended, 'exit 143');
    const { journal, reported } = left(results);
    assert.match(journal, /"run-ended","why":"interrupted"/);
    assert.equal(reported, true);
    await nothingLeft();
  },
);

test('under nohup the run outlives its terminal', requirement('go', 'python3', 'bash'), async (t) => {
  const { file, results } = await written(t, 3);
  const shell = onTerminal(['bash', '--norc', '-i']);
  const words = gctuneWords('run', file, '--output', results).map((word) => `'${word}'`);
  shell.send(`nohup ${words.join(' ')} >'${results}.log' 2>&1 &\n`);
  const soon = Date.now() + 30_000;
  while (!existsSync(results) && Date.now() < soon) await sleep(50);
  shell.close();
  await shell.ended;
  const deadline = Date.now() + 60_000;
  while (!/run-ended/.test(left(results).journal) && Date.now() < deadline) await sleep(100);
  assert.match(left(results).journal, /"run-ended","why":"plan-done"/);
  while (!left(results).reported && Date.now() < deadline) await sleep(100);
  await nothingLeft();
});

for (const [keys, code] of [
  ['\u0003', 130],
  ['\u0003\u0003', 130],
  ['\u0003\u0003\u0003', 130],
  ['\u001c', 131],
] as const) {
  const names = keys.replaceAll('\u0003', '^C').replace('\u001c', '^\\');
  test(
    `${names} on a terminal: exit code ${code}, the cursor is back, nothing is left`,
    requirement('go', 'python3'),
    async (t) => {
      const { file, results } = await written(t, 50);
      const terminal = onTerminal(gctuneWords('run', file, '--output', results));
      await terminal.shows(/measure/);
      for (const key of keys) {
        terminal.send(key);
        await sleep(20);
      }
      assert.equal(await terminal.ended, `exit ${code}`);
      const shown = terminal.shown();
      assert.ok(shown.lastIndexOf(SHOW_CURSOR) > shown.lastIndexOf('\u001b[?25l'), 'the cursor is shown at the end');
      await nothingLeft();
    },
  );
}

test('Ctrl-Z gives the terminal back, and fg goes on', requirement('go', 'python3', 'bash'), async (t) => {
  const { file, results } = await written(t, 2);
  const shell = onTerminal(['bash', '--norc', '-i']);
  shell.send(
    `${gctuneWords('run', file, '--output', results)
      .map((word) => `'${word}'`)
      .join(' ')}\n`,
  );
  await shell.shows(/measure/);
  shell.send('\u001a');
  await shell.shows(/Stopped/);
  assert.ok(shell.shown().includes(SHOW_CURSOR), 'the cursor is shown');
  await sleep(300);
  shell.send('fg\n');
  await shell.shows(/Next:/);
  shell.send('exit\n');
  await shell.ended;
  assert.match(left(results).journal, /"run-ended","why":"plan-done"/);
});

test('a terminal that is held keeps no trial waiting', requirement('go', 'python3'), async (t) => {
  const { file, results } = await written(t, 2);
  const terminal = onTerminal(gctuneWords('run', file, '--output', results));
  await terminal.shows(/measure/);
  terminal.hold();
  // Each is a new frame: more than what lies between a program and its terminal takes.
  for (let frame = 0; frame < 300; frame++) {
    terminal.resize(80 + (frame % 2), 24);
    await sleep(5);
  }
  const deadline = Date.now() + 20_000;
  while (!/run-ended/.test(left(results).journal) && Date.now() < deadline) await sleep(100);
  const { journal } = left(results);
  terminal.resume();
  assert.match(journal, /"run-ended","why":"plan-done"/);
  assert.equal(await terminal.ended, 'exit 0');
});
