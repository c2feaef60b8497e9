import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CellAnalysis } from '../../../src/analysis/analysis.ts';
import type { LimitNeed } from '../../../src/analysis/per-trial/limit-need.ts';
import { cellsOfSetting, memoryLimitOf, type MemoryLimit } from '../../../src/analysis/recommend/memory-limit.ts';
import { recommend } from '../../../src/analysis/recommend/recommend.ts';
import { pasteForms } from '../../../src/report/recommend/paste.ts';
import { memoryLimitSentences } from '../../../src/report/recommend/memory-limit-words.ts';
import { cellOf, inputOf } from './simulated-sweep.ts';

const MIB = 2 ** 20;

/** What trials ask whose Sys − HeapReleased reached so many MiB; the goal lies 1 MiB under it, so that both ask the same. */
function needs(committed: readonly number[]): readonly LimitNeed[] {
  return committed.map((mebibytes, i) => ({
    trial: `t${i}`,
    readings: 10,
    seconds: 4,
    goalBytes: (mebibytes - 1) * MIB,
    committedBytes: mebibytes * MIB,
    outsideBytes: 7 * MIB,
  }));
}

function cell(gogc: number, committed: readonly number[] | undefined, more: Partial<CellAnalysis> = {}): CellAnalysis {
  const n = committed?.length ?? 6;
  return cellOf(
    gogc,
    more.role ?? 'level',
    {
      'memory.anon': Array.from({ length: n }, (_, i) => (gogc + i / 10) * MIB),
      'cpu.per_request': Array.from({ length: n }, (_, i) => 1e-3 + i / 1e6),
    },
    { ...(committed === undefined ? {} : { limitNeed: needs(committed) }), ...more },
  );
}

const advised = (limit: MemoryLimit): string => memoryLimitSentences(limit).join(' ');

// The default sweep as it was run: what was advised then (11, 17 and 25 MiB), held against what was read.
for (const [gogc, asked, committed, binding] of [
  [25, 11, [12.1, 12.2, 12.3, 12.4, 12.5, 12.6, 12.7, 12.77, 12.3, 12.4, 12.2, 12.6], 12],
  [50, 13, [12.9, 13.2, 13.4, 13.5, 13.6, 13.8, 14, 14.22, 13.3, 13.4, 13.5, 13.6], 11],
  [200, 25, [22, 23, 24, 24.2, 25.09, 24.4, 24.1, 24, 23.5, 23.4, 23.3, 23.2], 1],
] as const) {
  test(`GOMEMLIMIT=${asked}MiB at GOGC=${gogc} would have bound in ${binding} of 12 trials, and is refused`, () => {
    const limit = memoryLimitOf([cell(gogc, committed)], 512 * MIB, { gomemlimitBytes: asked * MIB });
    assert.ok(limit.kind === 'advice');
    assert.deepEqual([limit.verdict, limit.binding, limit.trials, limit.from], ['binds', binding, 12, 'asked']);
    assert.match(
      advised(limit),
      new RegExp(`^Do not set GOMEMLIMIT=${asked}MiB: it would have bound in ${binding} of 12 trials`),
    );
    assert.doesNotMatch(advised(limit), /would not have bound/);
  });
}

test('the advice comes from the container’s memory downwards, and says what it takes for granted', () => {
  const cells = [cell(100, [18, 18.46, 17, 16, 17, 18])];
  const limit = memoryLimitOf(cells, 512 * MIB);
  assert.ok(limit.kind === 'advice');
  // 512 × 0.9 − 7, rounded down.
  assert.deepEqual([limit.gomemlimitBytes, limit.verdict, limit.from], [453 * MIB, 'unbound', 'experiment']);
  assert.match(
    advised(limit),
    /^Advice, not measured: GOMEMLIMIT=453MiB would not have bound in any reading of 6 trials\./,
  );
  assert.match(advised(limit), /512 MiB \(limits\.memory\), less 10\s% .* 7\.00 MiB resident outside Go/);
  assert.match(advised(limit), /60 readings of 6 trials of at most 4\.00 s each/);
  const flag = memoryLimitOf(cells, 512 * MIB, { containerBytes: 64 * MIB });
  assert.ok(flag.kind === 'advice');
  assert.deepEqual([flag.gomemlimitBytes, flag.verdict, flag.from], [50 * MIB, 'unbound', 'flag']);
});

test('room that is less than twice the largest need is not called a limit that does not bind', () => {
  const verdict = (container: number): string => {
    const limit = memoryLimitOf([cell(100, [20, 20, 20, 20, 20, 20])], container * MIB);
    return limit.kind === 'advice' ? limit.verdict : limit.kind === 'none' ? limit.reason : limit.kind;
  };
  // (40 + 7) ÷ 0.9 is 52.2.
  assert.deepEqual([53, 52, 31, 29, 8].map(verdict), ['unbound', 'close', 'close', 'binds', 'no-room']);
});

test('one trial without readings, A/A trials and other workloads included, and none is given', () => {
  const good = cell(100, [18, 18, 18, 18, 18, 18]);
  const silent = cell(100, [18], {
    role: 'a-a',
    limitNeed: [{ ...(needs([1])[0] as LimitNeed), readings: 0, goalBytes: null, committedBytes: null }],
  });
  assert.deepEqual(memoryLimitOf([good, silent], 512 * MIB), { kind: 'none', reason: 'no-readings' });
  assert.deepEqual(memoryLimitOf([good, cell(100, undefined)], 512 * MIB), { kind: 'none', reason: 'no-readings' });
  assert.deepEqual(memoryLimitOf([good], undefined), { kind: 'none', reason: 'no-container' });
  const off = cell(100, [18], { levels: { gogc: 'off', gomemlimit: 'off', workload: 'steady' } });
  assert.deepEqual(memoryLimitOf([off], 512 * MIB), { kind: 'none', reason: 'gogc-off' });
});

test('the largest need of the A/A trials counts', () => {
  const cells = [cell(100, [15, 15, 15]), cell(100, [18.46, 15, 15], { role: 'a-a' })];
  const limit = memoryLimitOf(cellsOfSetting({ gogc: 100, gomemlimit: 'off' }, [{ cells }]), undefined, {
    gomemlimitBytes: 17 * MIB,
  });
  assert.ok(limit.kind === 'advice');
  assert.deepEqual([limit.binding, limit.trials], [1, 6]);
});

test('what is pasted holds only what was measured, whatever is advised', () => {
  const cells = [cell(50, [18, 18, 18, 18, 18, 18]), cell(100, [20, 20, 20, 20, 20, 20])];
  const input = inputOf(cells);
  const { chosen } = recommend(
    {
      ...input,
      run: {
        ...input.run,
        experiment: {
          ...input.run.experiment,
          limits: { cpus: 1, memoryBytes: 512 * MIB, pids: 100, pin: false, required: false },
        },
      },
    },
    { limits: [{ name: 'cpu', kind: 'change', most: 1 }], price: undefined },
  );
  assert.equal(chosen?.memoryLimit.kind, 'advice');
  assert.ok(chosen !== undefined);
  const texts = pasteForms(chosen).map(({ text }) => text);
  assert.deepEqual(texts, [
    'GOGC=50',
    'docker run -e GOGC=50 …',
    'environment:\n  GOGC: "50"',
    'env:\n  - name: GOGC\n    value: "50"',
    '[Service]\nEnvironment=GOGC=50',
  ]);
  assert.equal(pasteForms({ gogc: 50, gomemlimit: 64 * MIB })[0]?.text, 'GOGC=50 GOMEMLIMIT=64MiB');
  const measured = cell(50, [18], { levels: { gogc: 50, gomemlimit: 64 * MIB, workload: 'steady' } });
  assert.deepEqual(memoryLimitOf([measured], 512 * MIB), { kind: 'measured', gomemlimitBytes: 64 * MIB });
});
