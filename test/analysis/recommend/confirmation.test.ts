import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Analysis, CellAnalysis } from '../../../src/analysis/analysis.ts';
import { infer } from '../../../src/analysis/inference/infer.ts';
import { confirmationOfRun, triedIn, type Confirmation } from '../../../src/analysis/recommend/confirmation.ts';
import { confirmationSentences } from '../../../src/report/recommend/confirmation-words.ts';
import { sampleRun } from '../../fixtures/analysis/sample-run.ts';
import { cellOf } from './simulated-sweep.ts';

const MIB = 2 ** 20;
const LIMIT = 11 * MIB;

interface Side {
  /** CPU per request of each block. */
  readonly cpu?: readonly number[];
  /** Largest need of each trial in MiB. */
  readonly need?: readonly number[];
  readonly gcCpu?: number;
  readonly more?: Partial<CellAnalysis>;
}
const SIX = [1, 1.02, 0.98, 1.01, 0.99, 1.03];
const DEARER = SIX.map((x, i) => x * (3 + i / 100));
const times = (x: number): number[] => Array.from({ length: 6 }, () => x);

/** A cell whose trials have names of their own, as those of a run do. */
function renamed(prefix: string, cell: CellAnalysis): CellAnalysis {
  const values = Object.fromEntries(
    Object.entries(cell.values).map(([metric, points]) => [
      metric,
      points.map((point, i) => ({ ...point, trial: `${prefix}-${i}` })),
    ]),
  );
  return { ...cell, values };
}

/** A confirmation of GOGC=25 with 11 MiB from two cells a load. */
function confirmation(
  loads: Readonly<Record<string, { readonly without: Side; readonly limited: Side }>>,
  limiters: readonly string[] = [],
): Confirmation {
  const { manifest } = sampleRun();
  const side = (
    workload: string,
    gomemlimit: 'off' | number,
    { cpu = SIX, need = times(5), gcCpu = 0.1, more }: Side,
  ): CellAnalysis =>
    renamed(
      `${workload}-${gomemlimit}`,
      cellOf(
        25,
        'level',
        { 'cpu.per_request': cpu, 'gc.cpu_window': cpu.map(() => gcCpu) },
        {
          id: `${workload} ${gomemlimit}`,
          levels: { gogc: 25, gomemlimit, workload },
          baseline: gomemlimit === 'off',
          attempted: 6,
          limitNeed: need.map((mebibytes, i) => ({
            trial: `${workload}-${gomemlimit}-${i}`,
            readings: mebibytes === 0 ? 0 : 10,
            seconds: 3,
            goalBytes: mebibytes === 0 ? null : (mebibytes - 1) * MIB,
            committedBytes: mebibytes === 0 ? null : mebibytes * MIB,
            outsideBytes: MIB,
          })),
          ...more,
        },
      ),
    );
  const names = Object.keys(loads);
  const experiment = {
    ...manifest.experiment,
    matrix: { gogc: [25], gomemlimit: ['off', LIMIT] as const, workload: names },
    baseline: { gogc: 25, gomemlimit: 'off' as const },
  };
  const run = { ...manifest, id: 'shop-confirm-1', experiment };
  const workloads = infer(
    run,
    Object.entries(loads).map(([workload, { without, limited }]) => ({
      workload,
      description: 'http, 500 requests/s',
      unit: 'request' as const,
      cells: [side(workload, 'off', without), side(workload, LIMIT, limited)],
    })),
  );
  const trials = limiters.map((id) => ({
    id,
    warnings: [{ code: 'gc-limiter', message: '' }],
  })) as unknown as Analysis['trials'];
  const found = confirmationOfRun({ run, workloads, trials }, triedIn(experiment));
  assert.ok(found !== undefined);
  return found;
}

test('a limit that no reading meets and that costs nothing is confirmed', () => {
  const found = confirmation({ steady: { without: {}, limited: {} }, 'steady-spike': { without: {}, limited: {} } });
  assert.equal(found.verdict, 'confirmed');
  const [head, steady] = confirmationSentences(found);
  assert.equal(head, 'Confirmed: GOGC=25 with GOMEMLIMIT=11MiB, against the same GOGC without it (shop-confirm-1).');
  assert.match(
    steady ?? '',
    /^steady .*: CPU per request 0\s% .*n = 6 blocks\); the limit bound in no reading of 6 trials/,
  );
});

test('GOGC=25 with 11 MiB, which costs three times the CPU, is refused', () => {
  const found = confirmation(
    { steady: { without: { need: times(12.7) }, limited: { cpu: DEARER, need: times(13), gcCpu: 0.45 } } },
    ['steady-11534336-0'],
  );
  assert.equal(found.verdict, 'refused');
  const [head, steady] = confirmationSentences(found);
  assert.match(head ?? '', /^Do not set it: GOGC=25 with GOMEMLIMIT=11MiB/);
  assert.match(
    steady ?? '',
    /CPU per request \+20\d\s% .*the limit bound in 6 of 6 trials, and without it 6 of 6 trials needed more; GC CPU at or near the runtime’s limiter in 6 of 6 trials/,
  );
});

test('a limit is refused where only the spike meets it, where only the setting without it would, and where trials are lost', () => {
  const plain = { without: {}, limited: {} };
  assert.equal(
    confirmation({ steady: plain, 'steady-spike': { without: {}, limited: { need: [5, 5, 5, 5, 5, 12] } } }).verdict,
    'refused',
  );
  // At work the limit holds the goal just under itself.
  assert.equal(confirmation({ steady: { without: {}, limited: { need: times(10.9) } } }).verdict, 'refused');
  assert.equal(confirmation({ steady: { without: { need: times(12) }, limited: {} } }).verdict, 'refused');
  const killed = { outcomes: { completed: 5, 'oom-killed': 1 }, valid: 5 } as const;
  assert.equal(confirmation({ steady: { without: {}, limited: { more: killed } } }).verdict, 'refused');
  assert.equal(confirmation({ steady: { without: { more: killed }, limited: { more: killed } } }).verdict, 'confirmed');
});

test('the runtime’s limiter at work in one trial more than without the limit refuses it', () => {
  const loads = { steady: { without: {}, limited: {} } };
  assert.equal(confirmation(loads, [`steady-${LIMIT}-3`]).verdict, 'refused');
  assert.equal(confirmation(loads, [`steady-${LIMIT}-3`, 'steady-off-3']).verdict, 'confirmed');
});

test('it is not decided without readings, with too few blocks, or where CPU is dearer although nothing bound', () => {
  assert.equal(confirmation({ steady: { without: {}, limited: { need: [5, 5, 5, 5, 5, 0] } } }).verdict, 'open');
  const three = SIX.slice(0, 3);
  assert.equal(confirmation({ steady: { without: { cpu: three }, limited: { cpu: three } } }).verdict, 'open');
  assert.equal(confirmation({ steady: { without: {}, limited: { cpu: DEARER } } }).verdict, 'open');
});

test('a spike that the target keeps up with neither way is judged by its readings; the measured load is not', () => {
  const none = { cpu: [], more: { valid: 0, outcomes: { invalid: 6 } } } as const;
  const plain = { without: {}, limited: {} };
  const lost = { without: none, limited: none };
  assert.equal(confirmation({ steady: plain, 'steady-spike': lost }).verdict, 'confirmed');
  assert.equal(confirmation({ steady: lost, 'steady-spike': plain }).verdict, 'open');
});
