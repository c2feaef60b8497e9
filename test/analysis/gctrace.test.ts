import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { GctraceDocument, Pauses, TracedProcess } from '../../src/analysis/gctrace/gctrace-document.ts';
import { LogReader } from '../../src/commands/gctrace/read-log.ts';

const folder = join(import.meta.dirname, '../fixtures/gctrace');
const MIB = 2 ** 20;

/** What test/fixtures/gctrace/oracle.py says of one process. */
interface Summed {
  readonly cycles: number;
  readonly missing: number;
  readonly forced: number;
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly capacitySeconds: number;
  readonly gcSeconds: number;
  readonly assistSeconds: number;
  readonly stopSeconds: number;
  readonly idleSeconds: number;
  readonly runningSeconds: number;
  readonly lifetimePercent: number;
  readonly before: SummedPauses;
  readonly after: SummedPauses;
  readonly liveMiB: { readonly first: number; readonly last: number; readonly least: number; readonly most: number };
  readonly mostMiB: number;
  readonly goalMiB: { readonly last: number; readonly most: number };
  readonly procs: readonly [number, number];
  readonly overTime: { readonly seconds: number; readonly cycles: string; readonly gcMs: string };
}
interface SummedPauses {
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly longestMs: number;
  readonly zeros: number;
}

const oracle = JSON.parse(readFileSync(join(folder, 'oracle.json'), 'utf8')) as Readonly<
  Record<string, readonly Summed[]>
>;

function read(text: string | Buffer): GctraceDocument {
  const log = new LogReader('log');
  log.push(Buffer.from(text));
  return log.finish([]);
}

function recorded(name: string): Buffer {
  return readFileSync(join(folder, name));
}

function near(got: number, want: number, what: string, tolerance = 1e-9): void {
  assert.ok(Math.abs(got - want) <= tolerance * Math.max(1, Math.abs(want)), `${what}: ${got} is not ${want}`);
}

function agrees(one: TracedProcess, want: Summed): void {
  const { cycles, missing, forced, lifetimePercent, cpu, heap, procs } = one;
  assert.deepEqual(
    { cycles, missing, forced, lifetimePercent },
    { cycles: want.cycles, missing: want.missing, forced: want.forced, lifetimePercent: want.lifetimePercent },
  );
  near(one.startSeconds, want.startSeconds, 'start');
  near(one.endSeconds, want.endSeconds, 'end');
  for (const key of [
    'capacitySeconds',
    'gcSeconds',
    'assistSeconds',
    'stopSeconds',
    'idleSeconds',
    'runningSeconds',
  ] as const)
    near(cpu[key], want[key], key);
  pausesAgree(one.pauses.sweepTermination, want.before, want.cycles);
  pausesAgree(one.pauses.markTermination, want.after, want.cycles);
  assert.deepEqual(heap, {
    firstLiveBytes: want.liveMiB.first * MIB,
    lastLiveBytes: want.liveMiB.last * MIB,
    leastLiveBytes: want.liveMiB.least * MIB,
    mostLiveBytes: want.liveMiB.most * MIB,
    mostBytes: want.mostMiB * MIB,
    lastGoalBytes: want.goalMiB.last * MIB,
    mostGoalBytes: want.goalMiB.most * MIB,
  });
  assert.deepEqual([procs.least, procs.most], want.procs);
  spansAgree(one, want);
}

function pausesAgree(got: Pauses, want: SummedPauses, count: number): void {
  assert.equal(got.count, count);
  assert.equal(got.zeros, want.zeros);
  near(got.medianSeconds * 1000, want.medianMs, 'median pause');
  near(got.p99Seconds * 1000, want.p99Ms, 'p99 of the pauses');
  near(got.longestSeconds * 1000, want.longestMs, 'longest pause');
}

function spansAgree({ spans, overview, cpu }: TracedProcess, { overTime }: Summed): void {
  assert.deepEqual(
    spans.map((span) => span.cycles),
    overTime.cycles.split(' ').map(Number),
  );
  const wanted = overTime.gcMs.split(' ').map(Number);
  for (const [i, span] of spans.entries()) near(span.gcSeconds * 1000, wanted[i] ?? NaN, `GC CPU of span ${i}`, 1e-3);
  for (const some of [spans, overview]) {
    for (const key of ['capacitySeconds', 'gcSeconds', 'idleSeconds'] as const)
      near(
        some.reduce((sum, span) => sum + span[key], 0),
        cpu[key],
        `${key} over all spans`,
      );
  }
  assert.ok(overview.length <= 8);
}

suite('recordings say what an independent sum says', () => {
  for (const [name, processes] of Object.entries(oracle)) {
    test(name, () => {
      const document = read(recorded(name));
      assert.equal(document.processes.length, processes.length);
      // The oracle has the go command's own cycles first, as the log has.
      for (const [i, want] of processes.entries()) agrees(document.processes[i] ?? assert.fail(), want);
      assert.equal(document.unread.broken, 0);
      assert.equal(document.repeated, 0);
      // Of one cycle it is in doubt, before the second of the two has grown.
      const ambiguous = document.processes.reduce((sum, one) => sum + one.ambiguous, 0);
      assert.equal(ambiguous, name === 'two-at-once.txt' ? 1 : 0);
    });
  }

  test('and none is without one', () => {
    const names = readdirSync(folder).filter((name) => /\.(?:txt|log)$/.test(name));
    assert.deepEqual(Object.keys(oracle), names.toSorted());
  });
});

test('logs in several forms say the same, and who wrote when', () => {
  const names = ['journald-short.txt', 'journald-iso.txt', 'journald-json.txt', 'kubectl.txt', 'json-lines.txt'];
  const all = names.map((name) => read(recorded(name)).processes[0] ?? assert.fail(name));
  for (const { source, startedAt, ...rest } of all) {
    const { source: _, startedAt: __, ...first } = all[0] ?? assert.fail();
    assert.deepEqual(rest, first);
  }
  assert.match(all[0]?.source ?? '', /^heapd\[\d+\]$/);
  assert.equal(all[0]?.startedAt, undefined, 'a log without a year');
  assert.match(all[1]?.source ?? '', /^heapd\[\d+\]$/);
  assert.match(all[2]?.source ?? '', /^\d+$/);
  const starts = all.slice(1).map(({ startedAt }) => Date.parse(startedAt ?? ''));
  assert.ok(Math.max(...starts) - Math.min(...starts) <= 1000, starts.join());
});

suite('the GOGC in force, by the goals', () => {
  for (const [name, percent] of [
    ['go1.26.txt', 100],
    ['gogc-50.txt', 50],
  ] as const) {
    test(name, () => {
      const { impliedGogc } = read(recorded(name)).processes[0] ?? assert.fail();
      assert.ok(impliedGogc !== undefined && impliedGogc.low <= percent && percent <= impliedGogc.high);
      assert.ok(Math.abs(impliedGogc.percent - percent) < 6, String(impliedGogc.percent));
    });
  }
});

suite('death spirals', () => {
  test('a live heap that has grown into its memory limit', () => {
    const { spiral, endSeconds } = read(recorded('cliff.txt')).processes[0] ?? assert.fail();
    assert.equal(spiral.kind, 'spiral');
    assert.ok(spiral.running > 0.6 && spiral.seconds > 0.5);
    near(spiral.toSeconds, endSeconds, 'until the end');
  });

  test('cycles back to back with room above the live heap', () => {
    const lines = Array.from(
      { length: 50 },
      (_, i) =>
        `gc ${i + 1} @${(i * 0.1).toFixed(3)}s 30%: 0.1+90+0.1 ms clock, 0.2+20/60/10+0.2 ms cpu, 190->200->100 MB, 200 MB goal, 2 P`,
    );
    assert.equal(read(lines.join('\n')).processes[0]?.spiral.kind, 'busy');
  });

  for (const name of [
    'go1.26.txt',
    'gogc-50.txt',
    'go1.17.txt',
    'procs-48.txt',
    'two-at-once.txt',
    'go-test-bench.txt',
  ]) {
    test(`none in ${name}`, () => {
      for (const { spiral } of read(recorded(name)).processes) assert.equal(spiral.kind, 'none');
    });
  }
});

suite('what does not count is told', () => {
  const whole = recorded('go1.17.txt').toString('utf8').trimEnd().split('\n');

  test('a line with another in its middle, and the cycle that is missing for it', () => {
    const torn = whole.map((line, i) => (i === 6 ? line.replace(' ms cpu', '\u001b[31mGET /') : line));
    const document = read(torn.join('\n'));
    assert.equal(document.unread.broken, 1);
    assert.deepEqual(document.unread.first, [torn[6]]);
    assert.equal(document.processes[0]?.missing, 1);
    assert.equal(document.warnings.length, 2);
  });

  test('a log that holds every line twice', () => {
    const document = read(whole.flatMap((line) => [line, `again ${line}`]).join('\n'));
    assert.equal(document.repeated, whole.length);
    agrees(document.processes[0] ?? assert.fail(), oracle['go1.17.txt']?.[0] ?? assert.fail());
  });

  test('two processes that cannot be told apart', () => {
    const line = (cycle: number, at: number): string =>
      `gc ${cycle} @${at.toFixed(3)}s 1%: 0.1+1+0.1 ms clock, 0.2+0/1/0+0.2 ms cpu, 40->40->20 MB, 40 MB goal, 2 P`;
    const lines = Array.from({ length: 20 }, (_, i) => [line(i + 1, i), line(i + 1, i + 0.002)]).flat();
    const document = read(lines.join('\n'));
    assert.equal(document.processes.length, 2);
    assert.ok(document.processes.reduce((sum, { ambiguous }) => sum + ambiguous, 0) > 10);
    assert.match(document.warnings.join(), /cycles could be of more than one process/);
  });

  test('a clock that is coarser than the pauses', () => {
    assert.match(read(recorded('windows.txt')).warnings.join(), /of 62 pauses are printed as 0: the clock/);
    assert.doesNotMatch(read(recorded('go1.26.txt')).warnings.join(), /printed as 0/);
  });

  test('older formats, by their Go', () => {
    const old = [
      'gc7(1): 4+0+82+0 us, 0 -> 0 MB, 50 (65-15) objects, 4 goroutines',
      'gc 3 @0.1s 2%: 0.01+0.2+0.3+0.4+0.5 ms clock, 0.01+0.2+0.3+0/0.4/0.5+0.6 ms cpu, 4->4->0 MB, 4 MB goal, 4 P',
    ];
    const { unread, warnings } = read([...old, ...whole].join('\n'));
    assert.deepEqual([unread.go14, unread.go15], [1, 1]);
    assert.equal(warnings.length, 2);
  });

  test('other traces of the runtime are passed over', () => {
    assert.ok(read(recorded('go1.12.txt')).otherTraces > 10);
    assert.ok(read(recorded('gctrace-2.txt')).otherTraces > 10);
    assert.ok(read(recorded('pacer.txt')).otherTraces > 10);
  });
});

test('a log that begins in the middle covers what is in it', () => {
  const lines = recorded('go1.26.txt')
    .toString('utf8')
    .split('\n')
    .filter((line) => line.startsWith('gc '));
  const { firstCycle, startSeconds, missing } = read(lines.slice(10).join('\n')).processes[0] ?? assert.fail();
  assert.equal(firstCycle, 11);
  assert.ok(startSeconds > 0.5);
  assert.equal(missing, 0);
});

test('however long a process lives and whatever it prints, the spans are few and their sums right', () => {
  const log = new LogReader('log');
  const count = 200_000;
  for (let i = 0; i < count; i++) {
    log.push(
      Buffer.from(
        `gc ${i + 1} @${(i * 1.7).toFixed(3)}s 1%: 0.${100 + (i % 900)}+5.0+0.010 ms clock, 0.20+0.10/1.0/0.50+0.020 ms cpu, 40->41->20 MB, 40 MB goal, 0 MB stacks, 0 MB globals, 4 P\n`,
      ),
    );
  }
  const [one] = log.finish([]).processes;
  assert.equal(one?.cycles, count);
  assert.ok(one.spans.length <= 120 && one.spans.length >= 60);
  near(one.cpu.gcSeconds, count * 0.00132, 'GC CPU');
  near(
    one.spans.reduce((sum, { gcSeconds }) => sum + gcSeconds, 0),
    count * 0.00132,
    'GC CPU of all spans',
    1e-9,
  );
  assert.equal(
    one.spans.reduce((sum, { cycles }) => sum + cycles, 0),
    count,
  );
});
