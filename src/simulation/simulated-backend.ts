import { createHash } from 'node:crypto';
import { simulatedCpus } from '../experiment/check/check-simulated.ts';
import { waitSeconds } from '../experiment/plan/estimate-time.ts';
import { combinations, experimentAt } from '../experiment/factors.ts';
import type { Experiment, SimulatedTarget } from '../experiment/experiment.ts';
import type { Cell, Plan, PlannedTrial } from '../experiment/plan/plan.ts';
import { SIMULATED_WARNING } from '../metrics/warning.ts';
import type { RunManifest, TrialRecord } from '../results/format.ts';
import { driftingMachine } from './machine.ts';
import { cellTruth } from './truth.ts';
import { seededStream } from '../statistics/random.ts';
import { windowRate } from './simulated-load.ts';
import { simulateTrial } from './simulated-trial.ts';
import type { TrialBackend } from '../trial/trial-backend.ts';

/** Virtual time begins here in every run, so that the same seed gives the same bytes: 2000-01-01T00:00:00Z. */
const EPOCH_SECONDS = 946_684_800;
/** From the end of one trial to the start of the next, virtual seconds. */
const PAUSE_SECONDS = 1;

/** The backend of a model: trials in virtual time, whatever this machine is. Nothing in it can fail but the disk. */
export function simulatedBackend(experiment: Experiment, seed: number, model: SimulatedTarget): TrialBackend {
  const { gomaxprocs } = modelOf(experiment);
  const machine = driftingMachine(model, seededStream(seed, 'simulated', 'machine'));
  let [virtual, sinceLast] = [0, 0];
  // A trial that a full disk ended is run again as if it had not been: at its time, on the machine as it was.
  let latest: { readonly name: string; readonly began: number; readonly slowness: number } | undefined;
  const ended = ({ phases }: TrialRecord): void => {
    sinceLast = (phases.at(-1)?.endSeconds ?? 0) + PAUSE_SECONDS;
    virtual += sinceLast;
  };
  /** One attempt at a trial, at its time. */
  const simulated = (planned: PlannedTrial, cell: Cell, attempt: number): ReturnType<typeof simulateTrial> => {
    const name = `${planned.id}~${attempt}`;
    if (latest?.name !== name) latest = { name, began: virtual, slowness: machine(sinceLast) };
    const { began, slowness } = latest;
    virtual = began;
    const startUnixSeconds = EPOCH_SECONDS + began;
    const own = experimentAt(experiment, cell.levels);
    return simulateTrial({
      experiment: own,
      ...modelOf(own),
      cell,
      planned,
      attempt,
      seed,
      slowness,
      startUnixSeconds,
    });
  };
  return {
    why: 'the target is a model',
    forecastSeconds: (plan) => waitSeconds(experiment, plan, 0),
    about: async (plan) => ({
      runner: 'simulated',
      artifact: artifactOf(model),
      ...variantsOf(experiment),
      environment: { simulated: true },
      placement: { target: undefined, generator: undefined },
      gomaxprocs,
      warnings: [SIMULATED_WARNING],
      truth: truthOf(experiment, plan),
    }),
    reap: async () => {},
    prepare: async () => {},
    replay: (record) => {
      machine(sinceLast);
      ended(record);
    },
    passOver: (planned, cell, attempt) => {
      const { record } = simulated(planned, cell, attempt);
      ended(record);
      return record;
    },
    recover: async () => {},
    runTrial: async ({ planned, cell, attempt, writer, onPhase, onReading }) => {
      const { record, readings } = simulated(planned, cell, attempt);
      let next = 0;
      for (const { name, endSeconds } of record.phases) {
        onPhase(name);
        for (; next < readings.length; next++) {
          const reading = readings[next];
          if (reading === undefined || reading.at > endSeconds) break;
          writer.reading(reading);
          onReading(reading);
        }
      }
      writer.throwFailure();
      ended(record);
      return record;
    },
    nowSeconds: () => virtual,
    [Symbol.asyncDispose]: async () => {},
  };
}

/** The model and the CPUs of the cells that an experiment is for. */
function modelOf({ target: { source }, gomaxprocs, limits }: Experiment) {
  if (source.kind !== 'simulated') throw new Error('a version of a simulated target is none');
  return { model: source.model, gomaxprocs: simulatedCpus(gomaxprocs, limits.cpus) };
}

function artifactOf(model: SimulatedTarget): RunManifest['artifact'] {
  return {
    digest: `simulated:${createHash('sha256').update(JSON.stringify(model)).digest('hex')}`,
    description: 'a model of a Go heap (simulated)',
    buildInfo: { goVersion: 'none (simulated)', path: 'simulated', mainModule: undefined, settings: {} },
  };
}

function variantsOf(experiment: Experiment): Pick<RunManifest, 'variants'> {
  const { factors } = experiment.matrix;
  if (factors === undefined) return {};
  return {
    variants: combinations(factors).map((levels) => {
      const { model, gomaxprocs } = modelOf(experimentAt(experiment, { factors: levels }));
      return {
        factors: levels,
        artifact: artifactOf(model),
        placement: { target: undefined, generator: undefined },
        gomaxprocs,
      };
    }),
  };
}

function truthOf(experiment: Experiment, { cells }: Plan): NonNullable<RunManifest['truth']> {
  return Object.fromEntries(
    cells.map(({ id, levels }) => {
      const { gogc, gomemlimit, workload } = levels;
      const own = experimentAt(experiment, levels);
      const { workloads, phases, limits } = own;
      const { model, gomaxprocs } = modelOf(own);
      const demand = { requestsPerSecond: windowRate(workloads[workload], phases), limitBytes: limits.memoryBytes };
      return [id, cellTruth(model, { gogc, gomemlimit, gomaxprocs }, demand)];
    }),
  );
}
