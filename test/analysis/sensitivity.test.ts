import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyse } from '../../src/analysis/analyse.ts';
import type { TrialInput } from '../../src/analysis/per-trial/reduce-trial.ts';
import type { Analysis, CellAnalysis, WorkloadAnalysis } from '../../src/analysis/analysis.ts';
import { sensitivityOf } from '../../src/analysis/inference/sensitivity.ts';
import { upgradeAnalysis } from '../../src/analysis/upgrade-analysis.ts';
import { makePlan } from '../../src/experiment/plan/make-plan.ts';
import { renderReport } from '../../src/report/formats.ts';
import type { JournalEvent, TrialRecord } from '../../src/results/format.ts';
import { gaussian } from '../../src/statistics/gaussian.ts';
import { hodgesLehmannTwoSampleRatio } from '../../src/statistics/hodges-lehmann-two-sample.ts';
import { mannWhitneyTest } from '../../src/statistics/mann-whitney.ts';
import { seededStream } from '../../src/statistics/random.ts';
import { simulatedExperiment, simulatedRun } from '../simulation/simulated-run.ts';

const lab = simulatedExperiment('{}', 'blocks: 12\nmatrix: { gogc: [50, 100] }');
const { analysis: whole, trials } = await simulatedRun(lab, 11);

async function analysed(
  change: (record: TrialRecord) => Partial<TrialRecord>,
  more: { readonly inputs?: readonly TrialInput[]; readonly journal?: readonly JournalEvent[] } = {},
): Promise<Analysis> {
  const altered = (more.inputs ?? trials).map((trial) => ({
    ...trial,
    record: { ...trial.record, ...change(trial.record) },
  }));
  return analyse({
    manifest: whole.run,
    trials: altered,
    journal: more.journal ?? [],
    ended: { why: 'plan-done', blocks: undefined },
  });
}

const pair = (analysis: Analysis, id: string): CellAnalysis => {
  const cell = analysis.workloads[0]?.cells.find((one) => one.id === id);
  assert.ok(cell !== undefined);
  return cell;
};

test('a run in one go, of first attempts, has nothing to say of either', async () => {
  assert.equal(whole.sensitivity, undefined);
  assert.equal(whole.sessions, undefined);
});

test('the parts before and after a change are compared as two samples, and a block that both have is paired in neither', async () => {
  // From the third trial of block 5 on.
  const later = ({ block, position }: TrialRecord): boolean => block > 5 || (block === 5 && position > 2);
  const journal: readonly JournalEvent[] = [
    { at: '2026-11-01T20:00:00.000Z', type: 'run-started', pid: 1 },
    {
      at: '2026-11-01T22:00:00.000Z',
      type: 'run-resumed',
      pid: 2,
      discarded: ['005-03-x'],
      part: 2,
      drift: [{ what: 'host: kernel', was: '6.1', is: '6.12' }],
    },
  ];
  const analysis = await analysed((record) => (later(record) ? { part: 2 } : {}), { journal });
  assert.deepEqual(
    analysis.sessions?.map(({ part }) => part),
    [1, 2],
  );
  const warning = analysis.warnings.find(({ code }) => code === 'drift-accepted');
  assert.match(
    warning?.message ?? '',
    /host: kernel \(6\.12, was 6\.1\); 23|host: kernel \(6\.12, was 6\.1\); \d+ trials/,
  );

  const { rows = [] } = analysis.sensitivity?.parts ?? {};
  const own = (cell: string, metric: 'memory.anon', after: boolean): ReadonlyMap<number, number> =>
    new Map(
      (pair(whole, cell).values[metric] ?? []).flatMap(({ trial, block, value }) => {
        const [, position = '0'] = trial.split('-');
        const isLater = block > 5 || (block === 5 && Number(position) > 2);
        return isLater === after ? [[block, value] as const] : [];
      }),
    );
  const ratios = (after: boolean): readonly number[] => {
    const base = own('gogc=100', 'memory.anon', after);
    return [...own('gogc=50', 'memory.anon', after)].flatMap(([block, value]) => {
      const other = base.get(block);
      return other === undefined ? [] : [value / other];
    });
  };
  const effect = rows.find(({ kind, metric }) => kind === 'effect' && metric === 'memory.anon');
  assert.deepEqual(effect?.n, [ratios(false).length, ratios(true).length]);
  assert.deepEqual(effect?.change, hodgesLehmannTwoSampleRatio(ratios(true), ratios(false), 0.95));
  assert.equal(effect?.p, mannWhitneyTest(ratios(true), ratios(false)).p);
  const level = rows.find(({ kind, metric }) => kind === 'level' && metric === 'memory.anon');
  assert.deepEqual(
    level?.change,
    hodgesLehmannTwoSampleRatio(
      [...own('gogc=100', 'memory.anon', true).values()],
      [...own('gogc=100', 'memory.anon', false).values()],
      0.95,
    ),
  );
  // Published without its trials, it says the same.
  const again = upgradeAnalysis(analysis.run, JSON.parse(JSON.stringify(analysis)) as Analysis);
  assert.deepEqual(JSON.parse(JSON.stringify(again?.sensitivity)), JSON.parse(JSON.stringify(analysis.sensitivity)));
  for (const format of ['text', 'md', 'html'] as const) {
    const text = await renderReport(analysis, format);
    assert.match(text, /Repeats and interruptions/);
    assert.match(text, /resumed once/);
  }
});

test('where trials were repeated because their first attempt did not count, the contrasts without them stand beside', async () => {
  const repeated = (record: TrialRecord): boolean => record.cell === 'gogc=50' && record.block <= 3;
  const first = trials.flatMap((trial): TrialInput[] =>
    repeated(trial.record)
      ? [
          {
            record: {
              ...trial.record,
              outcome: { kind: 'invalid', reason: 'generator-late', message: 'late', apparatus: true },
            },
            readings: [],
          },
        ]
      : [],
  );
  const second = await analysed((record) => (repeated(record) ? { attempt: 2 } : {}));
  const analysis = await analysed(
    (record) => (repeated(record) && record.outcome.kind === 'completed' ? { attempt: 2 } : {}),
    {
      inputs: [...trials, ...first],
    },
  );
  assert.deepEqual(analysis.sensitivity, second.sensitivity);
  const { repeated: found } = analysis.sensitivity ?? {};
  assert.equal(found?.trials, 3);
  const without = await analysed(() => ({}), { inputs: trials.filter(({ record }) => !repeated(record)) });
  for (const row of found?.rows ?? []) {
    const other = without.workloads[0]?.contrasts.find(
      ({ cell, metric }) => cell === 'gogc=50' && metric === row.metric,
    );
    const all = whole.workloads[0]?.contrasts.find(({ cell, metric }) => cell === 'gogc=50' && metric === row.metric);
    assert.deepEqual(row.without, other?.ratio);
    assert.deepEqual(row.all, all?.ratio);
    assert.equal(row.claimWithout, other?.verdict.claim);
    assert.equal(row.without?.n, 9);
  }
  assert.equal(found?.rows.length, 2);
  assert.match(await renderReport(analysis, 'text'), /3 trials count only because they were repeated/);
});

test('faults of the machine, and trials that were left out for them, are warnings', async () => {
  const fault = {
    at: '2026-11-01T20:00:00.000Z',
    type: 'trial-fault',
    attempt: 1,
    code: 'docker-unreachable',
    message: 'gone',
  } as const;
  const lost = trials[4]?.record.id ?? '';
  const journal: readonly JournalEvent[] = [
    { ...fault, trial: trials[3]?.record.id ?? '', next: 'retry' },
    { ...fault, trial: lost, next: 'retry' },
    { ...fault, trial: lost, code: 'disk-full', next: 'skip' },
  ];
  const inputs = trials.filter(({ record }) => record.id !== lost);
  const { warnings } = await analysed(() => ({}), { inputs, journal });
  const texts = warnings
    .filter(({ code }) => code === 'machine-faults' || code === 'trials-left-out')
    .map(({ message }) => message);
  assert.deepEqual(texts, [
    'faults of the machine ended 3 attempts at a trial (docker-unreachable 2× and disk-full 1×), of TRIALS; nothing of these is kept'.replace(
      'TRIALS',
      `${trials[3]?.record.id} and ${lost}`,
    ),
    '1 trial was left out after such faults; gctune resume runs it',
  ]);
});

test('where nothing but the machine’s pace changed, the interval of an effect’s change covers none as often as it says', () => {
  const { experiment } = lab;
  const confidence = 0.95;
  const plan = makePlan({ ...experiment, blocks: 12 }, 1);
  const random = seededStream(5, 'coverage');
  const runs = 600;
  let [covered, levels] = [0, 0];
  for (let run = 0; run < runs; run++) {
    // The second part runs on a machine that is a fifth slower: the effects are as they were.
    const pace = Array.from({ length: 12 }, (_, i) => (i < 5 ? 1 : 1.2) * Math.exp(0.05 * gaussian(random)));
    const values = (factor: number, cell: string) => ({
      'cpu.per_request': pace.map((slow, i) => ({
        trial: `${i + 1}-${cell}`,
        block: i + 1,
        value: factor * slow * Math.exp(0.03 * gaussian(random)),
      })),
    });
    const cells = plan.cells.map((cell) => ({
      ...pair(whole, cell.id),
      values: values(cell.levels.gogc === 50 ? 1.1 : 1, cell.id),
    }));
    const [measured] = whole.workloads as readonly [WorkloadAnalysis];
    const subject = { experiment: { ...experiment, primaries: ['cpu.per_request'] as const }, plan };
    const workloads = [{ ...measured, cells, contrasts: [] }];
    const summaries = cells.flatMap((cell) =>
      cell.values['cpu.per_request'].map(({ trial, block }) => ({
        ...(whole.trials[0] as Analysis['trials'][number]),
        id: trial,
        block,
        cell: cell.id,
        ...(block > 5 ? { part: 2 } : {}),
      })),
    );
    const rows = sensitivityOf(subject, workloads, summaries)?.parts?.rows ?? [];
    const within = (kind: 'level' | 'effect', truth: number): boolean => {
      const { low, high } = rows.find((row) => row.kind === kind)?.change ?? { low: null, high: null };
      return low !== null && high !== null && low <= truth && truth <= high;
    };
    if (within('effect', 1)) covered++;
    if (within('level', 1.2)) levels++;
  }
  // Three standard errors of a proportion at 95 % in 600 runs; the exact interval attains more than is asked.
  const least = confidence - 3 * Math.sqrt((confidence * (1 - confidence)) / runs);
  assert.ok(covered / runs >= least, `effects: ${covered} of ${runs}`);
  assert.ok(levels / runs >= least, `levels: ${levels} of ${runs}`);
});
