import { analyse, type AnalysedTrial } from '../../src/analysis/analyse.ts';
import type { Analysis } from '../../src/analysis/analysis.ts';
import type { Experiment, SimulatedTarget } from '../../src/experiment/experiment.ts';
import { makePlan } from '../../src/experiment/plan/make-plan.ts';
import { parseExperiment } from '../../src/experiment/parse-experiment.ts';
import type { CellTruth } from '../../src/results/format.ts';
import { driftingMachine } from '../../src/simulation/machine.ts';
import { cellTruth } from '../../src/simulation/truth.ts';
import { seededStream } from '../../src/statistics/random.ts';
import { windowRate } from '../../src/simulation/simulated-load.ts';
import { simulateTrial } from '../../src/simulation/simulated-trial.ts';

/** An experiment on a model, as its file would have it. */
export function simulatedExperiment(target: string, more = ''): { experiment: Experiment; model: SimulatedTarget } {
  const text = `name: lab
target: { simulated: ${target} }
runner: simulated
${more.includes('matrix:') ? '' : 'matrix: { gogc: [10, 50, 100] }'}
${more.includes('workloads:') ? '' : 'workloads: { steady: { http: { path: /, rate: 500/s } } }'}
phases: { warmup: 10s, measure: 10s }
sampling: { source: prometheus, outside: 4/s }
${more}
`;
  const parsed = parseExperiment(text, 'lab.yaml', { directory: '/' });
  if ('diagnostics' in parsed) throw new Error(parsed.diagnostics.map(({ message }) => message).join('\n'));
  const { source } = parsed.experiment.target;
  if (source.kind !== 'simulated') throw new Error('no simulated target');
  return { experiment: parsed.experiment, model: source.model };
}

/** A run of it that never touches a disk: what was found, and what is true of each cell. */
export async function simulatedRun(
  { experiment, model }: { readonly experiment: Experiment; readonly model: SimulatedTarget },
  seed: number,
): Promise<{ analysis: Analysis; truth: ReadonlyMap<string, CellTruth>; trials: readonly AnalysedTrial[] }> {
  const plan = makePlan(experiment, seed);
  const gomaxprocs = 1;
  const machine = driftingMachine(model, seededStream(seed, 'simulated', 'machine'));
  const trials = plan.trials.map((planned, index): AnalysedTrial => {
    const cell = plan.cells.find(({ id }) => id === planned.cell);
    if (cell === undefined) throw new Error('no cell');
    const startUnixSeconds = 946_684_800 + 22 * index;
    const slowness = machine(22);
    return simulateTrial({
      experiment,
      model,
      cell,
      planned,
      attempt: 1,
      seed,
      gomaxprocs,
      slowness,
      startUnixSeconds,
    });
  });
  const truth = new Map(
    plan.cells.map(({ id, levels: { gogc, gomemlimit, workload } }) => {
      const requestsPerSecond = windowRate(experiment.workloads[workload], experiment.phases);
      const demand = { requestsPerSecond, limitBytes: experiment.limits.memoryBytes };
      return [id, cellTruth(model, { gogc, gomemlimit, gomaxprocs }, demand)];
    }),
  );
  const analysis = await analyse({
    manifest: {
      formatVersion: 1,
      toolVersion: '0.1.0',
      id: `lab-${seed}`,
      startedAt: '2000-01-01T00:00:00Z',
      experiment,
      plan,
      runner: 'simulated',
      artifact: {
        digest: '',
        description: 'a model',
        buildInfo: { goVersion: '', path: '', mainModule: undefined, settings: {} },
      },
      environment: {},
      placement: { target: undefined, generator: undefined },
      gomaxprocs,
      warnings: [],
    },
    trials,
  });
  return { analysis, truth, trials };
}
