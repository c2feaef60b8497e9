import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseProgress, type ProgressChoice } from '../../src/cli/terminal/progress.ts';
import { styleOf } from '../../src/cli/terminal/style.ts';
import type { Io } from '../../src/cli/io.ts';
import { fakeIo, type FakeIo } from './fake-io.ts';
import { matchesGolden } from '../golden.ts';
import { measuring, runStarted, trialEnded, trialStarted } from './sweep-events.ts';

const cell = 'gogc=25 workload=steady';

function shown(options: { choice?: ProgressChoice; env?: Io['env']; terminal?: boolean; verbose?: boolean }): FakeIo {
  const io = fakeIo({
    env: options.env ?? {},
    ...(options.terminal === true ? { terminal: { columns: 80, rows: 24 } } : {}),
  });
  const style = styleOf(io.stderr, 'auto', io.env);
  const progress = chooseProgress(options.choice ?? 'auto', io, style, options.verbose ?? false);
  progress.event({ type: 'note', message: 'building ./targets/heapd' });
  progress.event(runStarted);
  progress.event(trialStarted(0, cell));
  measuring(0, cell, 1).forEach((event) => progress.event(event));
  progress.event(trialEnded(0, cell, { anonMiB: 43.2 }));
  progress.event(trialStarted(1, cell, 2));
  progress.event(
    trialEnded(1, cell, {
      attempt: 2,
      outcome: { kind: 'invalid', reason: 'late', message: 'the generator was 80 ms late', apparatus: true },
    }),
  );
  progress.event({ type: 'run-ended', completed: 1, planned: 6, seconds: 9, why: 'interrupted' });
  progress.close();
  return io;
}

test('without a terminal there is one line for each trial, and no escape', () => {
  const io = shown({});
  assert.equal(io.written.stdout, '');
  assert.ok(!io.written.stderr.includes('\u001b'));
  matchesGolden('cli/plain.txt', io.written.stderr);
});

test('verbose adds a line for each phase', () => {
  matchesGolden('cli/plain-verbose.txt', shown({ verbose: true }).written.stderr);
});

for (const [name, options, live] of [
  ['a terminal', { terminal: true }, true],
  ['a terminal in CI', { terminal: true, env: { CI: 'true' } }, false],
  ['a terminal where CI is false', { terminal: true, env: { CI: 'false' } }, true],
  ['a dumb terminal', { terminal: true, env: { TERM: 'dumb' } }, false],
  ['a pipe', {}, false],
  ['a terminal with --progress plain', { terminal: true, choice: 'plain' }, false],
  ['CI with --progress tty', { choice: 'tty', env: { CI: '1' } }, true],
] as const) {
  test(`${name} gets ${live ? 'the live display' : 'lines'}`, () => {
    assert.equal(shown(options).written.stderr.includes('\u001b[?25l'), live);
  });
}

test('--progress none shows nothing', () => {
  assert.equal(shown({ choice: 'none', terminal: true }).written.stderr, '');
});
