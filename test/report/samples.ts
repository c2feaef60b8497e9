import { analyse } from '../../src/analysis/analyse.ts';
import type { Analysis, CellAnalysis, Composition } from '../../src/analysis/analysis.ts';
import { evaluateAssertions } from '../../src/analysis/assert/evaluate-assertions.ts';
import type { Recommendation } from '../../src/analysis/recommend/recommendation.ts';
import type { Assertion } from '../../src/experiment/assert/assertion.ts';
import type { Estimate } from '../../src/statistics/estimate.ts';
import { sampleAnalysis } from '../fixtures/analysis/sample-run.ts';
import type { SyntheticOptions } from '../fixtures/analysis/synthetic-run.ts';
import { syntheticRun } from '../fixtures/analysis/synthetic-run.ts';
import { fixture } from '../profile/kubo-profiles.ts';

/** Text that tries to get out of wherever it stands. */
export const HOSTILE =
  '<script>alert(1)</script></style></title>"\'`x` | a **b** [l](http://e.example) @team\n# h\r\n=1+1 \u001b[31mred\u001b[0m\u001b]0;t\u0007 \u202Eevil\u202C &amp; ]]> --> ${x}';

/** Runs of every kind that a report must be made of. */
export const SAMPLES: Readonly<Record<string, () => Promise<Analysis>>> = {
  plain: sampleAnalysis,
  'one-workload': () => analysed({ name: 'one workload', blocks: 6, noise: 0.04 }),
  'few-blocks': () => analysed({ name: 'few blocks', blocks: 4 }),
  batch: () => analysed({ name: 'batch', workloads: { compile: 'batch' }, blocks: 6, noise: 0.02 }),
  idle: () => analysed({ name: 'idle', workloads: { quiet: 'idle' }, blocks: 6, noise: 0.03 }),
  'no-memstats': () => analysed({ name: 'no memstats', inside: 'none', blocks: 6, noise: 0.03 }),
  void: () =>
    analysed({
      name: 'void',
      blocks: 2,
      outcomes: () => [{ kind: 'invalid', reason: 'rate', message: 'reached 12 % of its rate', apparatus: false }],
    }),
  empty: () => analysed({ name: 'empty', blocks: 2, outcomes: () => [] }),
  off: () => analysed({ name: 'off', gogc: [10, 50, 100, 'off'], blocks: 6, noise: 0.05 }),
  'many-levels': () =>
    analysed({
      name: 'many levels',
      gogc: [10, 15, 25, 35, 50, 75, 100, 150, 200, 300, 400, 800],
      blocks: 7,
      noise: 0.05,
    }),
  limits: async () => withLimits(await analysed({ name: 'limits', gogc: [50, 100, 200], blocks: 6, noise: 0.03 })),
  'outside-negative': async () => withNegativeRest(await analysed({ name: 'outside negative', blocks: 6 })),
  profiled: () => profiled(),
  asserted: () => asserted(),
  hostile: async () =>
    hostile(
      await analysed({
        name: 'hostile',
        blocks: 3,
        outcomes: ({ block }) => (block === 2 ? [CRASH] : [{ kind: 'completed' }]),
      }),
    ),
};

const CRASH = { kind: 'failed', phase: 'warm-up', cause: HOSTILE, log: [HOSTILE, '```', '````js'] } as const;

/** A run whose baseline kept heap profiles: those of a real kubo. */
async function profiled(): Promise<Analysis> {
  const run = syntheticRun({ name: 'profiled', blocks: 3, gogc: [50, 100] });
  const heap = fixture('kubo-heap.pb.gz');
  const trials = run.trials().map((trial) => ({
    ...trial,
    profile: async (kind: 'heap' | 'allocs') => (kind === 'heap' ? heap : undefined),
  }));
  return analyse({ manifest: run.manifest, trials });
}

/** A run with an assertion for each way that one can end. */
async function asserted(): Promise<Analysis> {
  const run = syntheticRun({
    name: 'asserted',
    gogc: [50, 100, 200],
    blocks: 8,
    noise: 0.02,
    outcomes: ({ cell }) => [
      cell === 'gogc=200' ? { kind: 'oom-killed', phase: 'measure', limitBytes: 2 ** 25 } : { kind: 'completed' },
    ],
  });
  const { experiment } = run.manifest;
  const base = { metric: 'cpu.per_request', kind: 'change', min: undefined, level: 'error' } as const;
  const assert: readonly Assertion[] = [
    { ...base, cell: undefined, max: { value: 0.16, written: '+16%' } },
    { ...base, cell: 'gogc=50', max: { value: 0.05, written: '+5%' }, level: 'warn' },
    { ...base, cell: 'gogc=50', max: { value: 0.5, written: '+50%' } },
    { ...base, cell: 'gogc=400', max: { value: 0.5, written: '+50%' } },
    { ...base, cell: 'gogc=50', max: { value: 0.5, written: '+50%' }, level: 'off' },
  ];
  return analyse({ manifest: { ...run.manifest, experiment: { ...experiment, assert } }, trials: run.trials() });
}

async function analysed(options: SyntheticOptions): Promise<Analysis> {
  const run = syntheticRun(options);
  return analyse({ manifest: run.manifest, trials: run.trials() });
}

/** Every level a second time under a memory limit, which takes a fifth of the memory away. */
function withLimits(analysis: Analysis): Analysis {
  const id = (cell: string): string => `${cell} gomemlimit=64MiB`;
  return {
    ...analysis,
    workloads: analysis.workloads.map((workload) => {
      const levels = workload.cells.filter(({ role }) => role === 'level');
      const limited = levels.map((cell): CellAnalysis => ({
        ...cell,
        id: id(cell.id),
        label: `${cell.label} GOMEMLIMIT=64MiB`,
        baseline: false,
        levels: { ...cell.levels, gomemlimit: 64 * 2 ** 20 },
        values: {
          ...cell.values,
          'memory.anon': (cell.values['memory.anon'] ?? []).map((one) => ({ ...one, value: one.value * 0.8 })),
        },
        estimates: { ...cell.estimates, 'memory.anon': scaled(cell.estimates['memory.anon'] as Estimate, 0.8) },
      }));
      const contrasts = workload.contrasts
        .filter(({ kind }) => kind === 'level')
        .map((contrast) => ({ ...contrast, cell: id(contrast.cell), difference: scaled(contrast.difference, 1.4) }));
      return {
        ...workload,
        cells: [...workload.cells.slice(0, -1), ...limited, ...workload.cells.slice(-1)],
        contrasts: [...workload.contrasts, ...contrasts],
      };
    }),
  };
}

function scaled(estimate: Estimate, factor: number): Estimate {
  const { low, high } = estimate;
  return {
    ...estimate,
    value: estimate.value * factor,
    low: low === null ? null : low * factor,
    high: high === null ? null : high * factor,
  };
}

/** Memory of Go that is mapped but not resident: RSS is less than what Go holds. */
function withNegativeRest(analysis: Analysis): Analysis {
  const change = (composition: Composition): Composition => {
    const { outsideGo, rss } = composition;
    if (outsideGo === undefined || rss === undefined) return composition;
    const less = outsideGo.value + 3.5 * 2 ** 20;
    const shift = <E extends { value: number; low: number | null; high: number | null }>(estimate: E): E => ({
      ...estimate,
      value: estimate.value - less,
      low: estimate.low === null ? null : estimate.low - less,
      high: estimate.high === null ? null : estimate.high - less,
    });
    return { ...composition, outsideGo: shift(outsideGo), rss: shift(rss) };
  };
  const cell = (one: CellAnalysis): CellAnalysis => ({
    ...one,
    composition: one.composition && change(one.composition),
  });
  return {
    ...analysis,
    workloads: analysis.workloads.map((workload) => ({ ...workload, cells: workload.cells.map(cell) })),
  };
}

/** Answers and refusals that name what is hostile. */
function hostileRecommendation(recommendation: Recommendation): Recommendation {
  return {
    ...recommendation,
    baseline: HOSTILE,
    answers: recommendation.answers.map((answer) => ({
      ...answer,
      settings: answer.settings.map((setting) => ({
        ...setting,
        label: HOSTILE,
        judgements: setting.judgements.map((judgement) => ({ ...judgement, workload: HOSTILE })),
        gains: setting.gains.map((gain) => ({ ...gain, workload: HOSTILE })),
      })),
      effects: answer.effects.map((view) => ({ ...view, workload: HOSTILE })),
      refusal: answer.refusal && {
        ...answer.refusal,
        obstacles: answer.refusal.obstacles.map((obstacle) => ({ ...obstacle, setting: HOSTILE, workload: HOSTILE })),
      },
    })),
  };
}

function hostileAssertions({ workloads }: Analysis): NonNullable<Analysis['assertions']> {
  const asserted = {
    metric: 'memory.anon',
    cell: HOSTILE,
    kind: 'level',
    min: undefined,
    max: { value: 1, written: HOSTILE },
    level: 'error',
  } as const;
  const report = evaluateAssertions([asserted, { ...asserted, cell: undefined }], workloads);
  return {
    ...report,
    results: report.results.map((one) => ({
      ...one,
      workload: one.workload && HOSTILE,
      label: HOSTILE,
      reason: HOSTILE,
    })),
  };
}

/** Hostile text wherever text from outside can stand. */
function hostile(analysis: Analysis): Analysis {
  const { run } = analysis;
  const warning = { code: 'x', message: HOSTILE, cell: HOSTILE, trial: HOSTILE };
  return {
    ...analysis,
    finding: [{ workload: HOSTILE, text: HOSTILE }, ...analysis.finding],
    ...(analysis.recommendation === undefined
      ? {}
      : { recommendation: hostileRecommendation(analysis.recommendation) }),
    warnings: [warning, ...analysis.warnings],
    methods: [{ about: 'measurement', text: HOSTILE }],
    assertions: hostileAssertions(analysis),
    run: {
      ...run,
      id: HOSTILE,
      toolVersion: HOSTILE,
      startedAt: HOSTILE,
      environment: { [HOSTILE]: HOSTILE },
      experiment: {
        ...run.experiment,
        name: HOSTILE,
        description: HOSTILE,
        target: { ...run.experiment.target, args: [HOSTILE], env: { [HOSTILE]: HOSTILE } },
      },
      artifact: {
        digest: HOSTILE,
        description: HOSTILE,
        buildInfo: {
          goVersion: HOSTILE,
          path: HOSTILE,
          mainModule: { path: HOSTILE, version: HOSTILE },
          settings: { [HOSTILE]: HOSTILE, GOOS: HOSTILE },
        },
      },
    },
    workloads: analysis.workloads.map((workload) => ({
      ...workload,
      workload: HOSTILE,
      description: HOSTILE,
      cells: workload.cells.map((cell) => ({ ...cell, label: `${HOSTILE}${cell.label}`, warnings: [warning] })),
    })),
    trials: analysis.trials.map((trial) => ({ ...trial, cell: HOSTILE, startedAt: HOSTILE, warnings: [warning] })),
  };
}
