import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frame } from '../../src/cli/terminal/frame.ts';
import { lastingLine } from '../../src/cli/terminal/lasting-line.ts';
import { liveProgress } from '../../src/cli/terminal/live.ts';
import { advance, initialProgress, type ProgressState } from '../../src/cli/terminal/progress-state.ts';
import { styleOf } from '../../src/cli/terminal/style.ts';
import { textWidth } from '../../src/text/text-width.ts';
import type { SweepEvent } from '../../src/sweep/event.ts';
import { fakeIo } from './fake-io.ts';
import { matchesGolden } from '../golden.ts';
import { Screen } from './screen.ts';
import { measuring, runStarted, trialEnded, trialStarted } from './sweep-events.ts';

const low = 'gogc=25 workload=steady';
const high = 'gogc=400 workload=steady';
const SIZE = { columns: 80, rows: 24 };

/** A run in the middle of its fourth trial. */
const events: readonly SweepEvent[] = [
  runStarted,
  trialStarted(0, low),
  trialEnded(0, low, { anonMiB: 40 }),
  trialStarted(1, high),
  trialEnded(1, high, { outcome: { kind: 'failed', phase: 'ready', cause: 'exited with code 2', log: [] } }),
  trialStarted(2, high),
  trialEnded(2, high, { anonMiB: 120 }),
  trialStarted(3, low),
  ...measuring(3, low, 45 * 2 ** 20),
];

function stateAfter(all: readonly SweepEvent[]): ProgressState {
  // Each event comes a second after the one before.
  return all.reduce((state, event, index) => advance(state, event, index), initialProgress(0));
}

const unicode = fakeIo({ terminal: { columns: 80, rows: 24 }, env: { LANG: 'en_GB.UTF-8' } });
const plain = styleOf(unicode.stderr, 'never', unicode.env);

test('of a run that ends by width the frame shows the widest interval of each primary, and the end that is forecast', () => {
  const precision: SweepEvent = {
    type: 'precision',
    block: 1,
    asked: 0.05,
    widest: [
      { cell: low, metric: 'memory.anon', halfWidth: 0.031 },
      { cell: high, metric: 'cpu.per_request', halfWidth: null },
    ],
    blocksLeft: null,
  };
  const before = stateAfter([...events, precision]);
  const lines = frame(before, 12, { columns: 80, rows: 24 }, plain);
  matchesGolden('cli/frame-precision.txt', `${lines.join('\n')}\n`);
  const sure = { ...precision, widest: precision.widest.slice(0, 1), blocksLeft: 0 } as const;
  assert.ok((stateAfter([...events, sure]).endsSeconds ?? Infinity) < (before.endsSeconds ?? 0));
  assert.ok(frame(before, 12, { columns: 80, rows: 4 }, plain).length <= 3);
});

test('the frame shows where the run is, the figures of the moment, and what each cell has so far', () => {
  const lines = frame(stateAfter(events), 12, { columns: 80, rows: 24 }, plain);
  matchesGolden('cli/frame-80.txt', `${lines.join('\n')}\n`);
});

test('cells stand in the order of the matrix, with their changes and what is clear by now; the A/A cell stands back', () => {
  const [baseline, again] = ['gogc=100 workload=steady', 'gogc=100 workload=steady (A/A)'];
  const state: ProgressState = {
    ...stateAfter([runStarted, trialStarted(0, again), trialStarted(1, baseline), ...events.slice(1)]),
    interim: {
      block: 1,
      heads: ['memory', 'CPU/request', 'p99'],
      changes: new Map([
        [low, ['−34 % (−34 to −33)', '+9.4 % (8.1–10.6)', '+68 % (65–70)']],
        [baseline, ['49.1 MiB (48.8–49.4)', '1.02 ms (1.01–1.05)', '3.19 ms (3.09–3.37)']],
        [again, ['~+0.2 % (−0.4 to +0.8)', '~+1 % (−1 to +4)', '~+2 % (−2 to +7)']],
      ]),
      clear: ['For memory, set GOGC=25: 34 % (33–34) less memory at +9.4 % (8.1–10.6) CPU.'],
    },
  };
  const widths = [80, 130].map((columns) => frame(state, 12, { columns, rows: 24 }, plain).join('\n'));
  matchesGolden('cli/frame-interim.txt', `${widths.join('\n\n')}\n`);
  const dressed = frame(state, 12, { columns: 80, rows: 24 }, styleOf(unicode.stderr, 'always', unicode.env));
  assert.ok(dressed.find((line) => line.includes('(A/A)'))?.startsWith('\u001b[2m'));
  for (const rows of [1, 4, 8, 9, 11])
    for (const columns of [5, 40, 79]) {
      const lines = frame(state, 12, { columns, rows }, plain);
      assert.ok(lines.length <= Math.max(1, rows - 1) && lines.every((line) => textWidth(line) < columns));
    }
});

test('a narrow terminal gets shorter lines, an ASCII locale only ASCII', () => {
  const io = fakeIo({ terminal: { columns: 60, rows: 24 }, env: { LC_ALL: 'C' } });
  const lines = frame(stateAfter(events), 12, { columns: 60, rows: 24 }, styleOf(io.stderr, 'auto', { TERM: 'dumb' }));
  // oxlint-disable-next-line no-control-regex -- ASCII
  assert.match(lines.join(''), /^[\u0020-\u007e]*$/);
  matchesGolden('cli/frame-60-ascii.txt', `${lines.join('\n')}\n`);
});

test('no frame is wider or higher than the terminal, however small that is', () => {
  const state = stateAfter(events);
  for (const columns of [1, 5, 20, 40, 79, 200]) {
    for (const rows of [1, 2, 3, 6, 8, 9, 50]) {
      const lines = frame(state, 12, { columns, rows }, plain);
      assert.ok(lines.length <= Math.max(1, rows - 1), `${lines.length} lines in ${rows} rows`);
      for (const line of lines) assert.ok(textWidth(line) < Math.max(2, columns), `"${line}" in ${columns} columns`);
    }
  }
});

test('more cells than there is room for are counted', () => {
  const many = Array.from({ length: 30 }, (_, index) => trialStarted(0, `gogc=${index + 1}`));
  const lines = frame(stateAfter([runStarted, ...many]), 40, { columns: 80, rows: 12 }, plain);
  assert.equal(lines.length, 11);
  assert.equal(lines.at(-1), 'and 25 more cells');
});

test('the bar is full only when the last trial has ended', () => {
  const before = stateAfter([runStarted, trialStarted(0, low), trialEnded(0, low, { secondsLeft: 0 })]);
  assert.match(frame(before, 500, { columns: 80, rows: 24 }, plain)[2] ?? '', /99 %/);
  const all = Array.from({ length: 6 }, (_, index) => trialEnded(index, low, { secondsLeft: 0 }));
  assert.match(frame(stateAfter([runStarted, ...all]), 500, { columns: 80, rows: 24 }, plain)[2] ?? '', /100 %/);
});

test('a first trial that takes longer than the plan forecast says so of those that are ahead', () => {
  const state = stateAfter([runStarted, trialStarted(0, low)]);
  const left = (now: number): string => /about .* left/.exec(frame(state, now, SIZE, plain)[2] ?? '')?.[0] ?? '';
  // Six trials in a minute, by the plan; the first one has begun after a second.
  assert.equal(left(6), 'about 54 s left');
  assert.equal(left(51), 'about 4 min 10 s left');
  // Once trials have ended, what they took counts, and one that is longer weighs as one of them.
  const later = stateAfter([
    runStarted,
    ...[0, 1].flatMap((index) => [trialStarted(index, low), trialEnded(index, low, { secondsLeft: 200 })]),
    trialStarted(2, low),
  ]);
  assert.match(frame(later, 85, SIZE, plain)[2] ?? '', /about 3 min 00 s left/);
});

test('a block of a part of a plan is counted by the whole plan', () => {
  const part = { ...runStarted, ofBlocks: 15 } as SweepEvent;
  const started = trialStarted(3, low);
  assert.match(frame(stateAfter([part, started]), 12, SIZE, plain)[0] ?? '', /^block 2 of 15 /);
  assert.match(lastingLine(part, plain) ?? '', /6 trials in 2 of 15 blocks on process/);
});

test('the display is drawn in place: what lasts stays above it, nothing grows, the cursor comes back', () => {
  const io = fakeIo({ terminal: { columns: 80, rows: 24 }, env: { LANG: 'C.UTF-8' } });
  const screen = new Screen(80, 24);
  const progress = liveProgress(io, styleOf(io.stderr, 'always', io.env));
  const show = (): void => {
    screen.write(io.written.stderr);
    io.written.stderr = '';
  };
  show();
  assert.equal(screen.cursorVisible, false);
  for (const [index, event] of events.entries()) {
    io.setSeconds(index);
    progress.event(event);
    for (let redraws = 0; redraws < 3; redraws++) io.tick();
    show();
  }
  matchesGolden('cli/live-during.txt', `${screen.text}\n`);
  progress.message('stopping');
  progress.close();
  progress.close();
  show();
  assert.equal(screen.cursorVisible, true);
  matchesGolden('cli/live-after.txt', `${screen.text}\n`);
  io.tick();
  progress.event(trialStarted(4, high));
  assert.equal(io.written.stderr, '', 'nothing is drawn once it is closed');
});

test('events alone do not redraw: the clock does, so that readings cost nothing', () => {
  const io = fakeIo({ terminal: { columns: 80, rows: 24 } });
  const progress = liveProgress(io, plain);
  progress.event(runStarted);
  progress.event(trialStarted(0, low));
  io.written.stderr = '';
  for (let count = 0; count < 100; count++) measuring(0, low, count).forEach((event) => progress.event(event));
  assert.equal(io.written.stderr, '');
  io.tick();
  assert.notEqual(io.written.stderr, '');
  progress.close();
});

test('a terminal that became narrower is cleaned of the lines that it wrapped', () => {
  const io = fakeIo({ terminal: { columns: 80, rows: 24 }, env: { LANG: 'C.UTF-8' } });
  const progress = liveProgress(io, plain);
  events.forEach((event) => progress.event(event));
  io.tick();
  const wrapped = new Screen(40, 24);
  // What a terminal does on its own: the lines of the last frame are wrapped to the new width.
  const last = frame(stateAfter(events.map((event) => event)), 0, { columns: 80, rows: 24 }, plain);
  wrapped.write(last.map((line) => `${line}\n`).join(''));
  io.written.stderr = '';
  io.resize(40, 24);
  wrapped.write(io.written.stderr);
  const lines = wrapped.text.split('\n');
  assert.equal(lines.filter((line) => line.startsWith('block 2')).length, 1, wrapped.text);
  progress.close();
});

test('what a daemon or a file says cannot move the cursor or change colours', () => {
  const io = fakeIo({ terminal: { columns: 80, rows: 24 }, env: { LANG: 'C.UTF-8' } });
  const screen = new Screen(80, 24);
  const progress = liveProgress(io, plain);
  const evil = 'gogc=1\u001b[2J\u001b]0;title\u0007\u202e\u009b31m\rx';
  progress.event(runStarted);
  progress.event(trialStarted(0, evil));
  progress.event(trialEnded(0, evil, { outcome: { kind: 'failed', phase: 'ready', cause: evil, log: [] } }));
  io.tick();
  // Throws at any sequence that the display itself does not use.
  screen.write(io.written.stderr);
  assert.match(screen.text, /gogc=1/);
  // oxlint-disable-next-line no-control-regex -- what must not be there
  assert.doesNotMatch(screen.text, /[\u0000-\u0009\u000b-\u001f\u0080-\u009f\u202e]/);
  progress.close();
});

test('a terminal that takes nothing is sent no more frames, and the lines that last', () => {
  const io = fakeIo({ terminal: { columns: 80, rows: 24 } });
  const progress = liveProgress(io, styleOf(io.stderr, 'never', io.env));
  progress.event(runStarted);
  io.hold(true);
  const before = io.written.stderr;
  io.tick();
  assert.equal(io.written.stderr, before);
  progress.message('stopping');
  assert.match(io.written.stderr.slice(before.length), /^[^\n]*stopping/);
  io.hold(false);
  const later = io.written.stderr;
  io.tick();
  assert.notEqual(io.written.stderr, later);
  progress.close();
});

test('while the process is stopped the cursor is shown and the frame is away; both come back with it', () => {
  const io = fakeIo({ terminal: { columns: 80, rows: 24 } });
  const progress = liveProgress(io, styleOf(io.stderr, 'never', io.env));
  progress.event(runStarted);
  const screen = new Screen(80, 24);
  const [holder] = io.holders;
  holder?.release();
  screen.write(io.written.stderr);
  assert.match(screen.text.trim(), /^sweep-.*$/);
  assert.equal(screen.cursorVisible, true);
  const before = io.written.stderr.length;
  holder?.retake();
  assert.ok(io.written.stderr.slice(before).startsWith('\u001b[?25l'));
  progress.close();
  assert.equal(io.holders.size, 0);
});
