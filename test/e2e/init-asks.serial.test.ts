import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildHeapd } from '../probe/heapd.ts';
import { requirement } from '../requirements.ts';
import { gctune, root, scratch } from './gctune.ts';
import { gctuneWords, onTerminal } from './pty.ts';

test('on a terminal it asks, and writes what was answered', requirement('python3'), async (t) => {
  const folder = await scratch(t);
  const terminal = onTerminal(gctuneWords('init', 'e.yaml'), { cwd: folder });
  await terminal.shows('What is the daemon?');
  terminal.send('\r');
  await terminal.shows('Which folder?');
  // What is not there is asked again.
  terminal.send('\u0015nowhere\r');
  await terminal.shows('There is nothing at this path.');
  terminal.send(`\u0015${join(root, 'experiments/targets/heapd')}\r`);
  await terminal.shows('Its arguments?');
  terminal.send('\u0015--listen {host}:{port} --live 2MiB\r');
  await terminal.shows('How does it say that it is ready?');
  terminal.send('\u001b[B\r');
  await terminal.shows('Which page?');
  terminal.send('\r');
  await terminal.shows('A page to load it with?');
  terminal.send('\u0015/work\r');
  assert.equal(await terminal.ended, 'exit 0');
  const file = join(folder, 'e.yaml');
  const text = await readFile(file, 'utf8');
  assert.match(
    text,
    /package: .*\/experiments\/targets\/heapd\n {2}args: \[--listen, "\{host\}:\{port\}", --live, "2MiB"\]/,
  );
  assert.match(text, /port: auto\n {2}ready: \{ http: \/healthz, within: 60s \}/);
  assert.match(text, /get: \{ http: \{ path: \/work, rate: 100\/s \} \}/);
  assert.equal((await gctune(['validate', file])).code, 0);

  const given = onTerminal(gctuneWords('init', 'e.yaml'), { cwd: folder });
  assert.equal(await given.ended, 'exit 2');
  assert.match(given.shown(), /e\.yaml already exists/);
});

test('Ctrl-C while it asks writes nothing and leaves the terminal as it was', requirement('python3'), async (t) => {
  const folder = await scratch(t);
  const terminal = onTerminal(gctuneWords('init'), { cwd: folder });
  await terminal.shows('What is the daemon?');
  terminal.send('\u0003');
  assert.equal(await terminal.ended, 'exit 130');
  assert.match(terminal.shown(), /nothing was written/);
  assert.ok(
    terminal.shown().lastIndexOf('\u001b[?25h') > terminal.shown().lastIndexOf('\u001b[?25l'),
    'the cursor is shown',
  );
  assert.deepEqual(await readdir(folder), []);
});

test('a first run that fails says the one next step', requirement('go'), async (t) => {
  const folder = await scratch(t);
  const program = await buildHeapd(folder);
  const file = join(folder, 'e.yaml');
  const failed = async (...flags: readonly string[]): Promise<string> => {
    const written = await gctune(['init', file, '--force', '--binary', program, ...flags]);
    assert.equal(written.code, 0, written.stderr);
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('within: 60s', 'within: 1s'));
    const ended = await gctune(['run', file, '--runner', 'process'], { cwd: folder });
    assert.ok(ended.code === 2 || ended.code === 3, ended.stderr);
    return ended.stderr.trimEnd().split('\n').slice(-2).join('\n');
  };
  assert.match(
    await failed('--ready', '/nowhere'),
    /GET \/nowhere answered 404 \[target-not-ready\]\n {2}name a page that answers with 200 in target\.ready\.http/,
  );
  assert.match(
    await failed('--args=--listen {host}:0', '--port', '18099'),
    /refuses connections; it listens on 127\.0\.0\.1:\d+ \[target-not-ready\]\n {2}let target\.args tell it to listen on/,
  );
  assert.match(
    await failed('--ready', 'nothing like it'),
    /its output never held "nothing like it" \[target-not-ready\]\n {2}the lines above are what it printed/,
  );
  assert.match(
    await failed('--args=--nosuch {host}:{port}'),
    /\[target-exited\]\n {2}the lines above are the end of its output/,
  );
  const missing = ['init', file, '--force', '--package', join(folder, 'nowhere')];
  assert.equal((await gctune(missing)).code, 0);
  assert.match((await gctune(['run', file])).stderr, /there is no directory .*nowhere \[target-missing\]/);
});
