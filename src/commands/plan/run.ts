import { counted } from '../../text/words.ts';
import { ExitCode } from '../../errors.ts';
import { expectedSeconds, OVERHEAD_SECONDS, waitSeconds } from '../../experiment/plan/estimate-time.ts';
import type { Experiment } from '../../experiment/experiment.ts';
import { formatBytes, formatFraction, formatWait } from '../../units/format-units.ts';
import { percentText } from '../../report/words.ts';
import { makePlan } from '../../experiment/plan/make-plan.ts';
import type { Plan } from '../../experiment/plan/plan.ts';
import { primaryContrasts, reachability } from '../../experiment/plan/reachability.ts';
import { secretWarnings } from '../../experiment/secrets/secret-warnings.ts';
import { leastN } from '../../statistics/least-n.ts';
import { detectableShift, POWER } from '../../statistics/power.ts';
import { SIMULATED_WARNING } from '../../metrics/warning.ts';
import { answerFacts, answerForecast, scatterOf, type AnswerForecast, roundPercent } from './answer-forecast.ts';
import { printManifest } from './print-manifest.ts';
import type { Source } from '../../cli/command.ts';
import { effectiveSettings, type Setting } from './effective-settings.ts';
import type { Io } from '../../cli/io.ts';
import { namedRun } from '../../session/file-kind.ts';
import { clusterJob, type ClusterValues } from '../../session/cluster/cluster-job.ts';
import { loadExperiment } from '../../session/load-experiment.ts';
import { overrideExperiment, type Overrides } from '../../session/override-experiment.ts';
import { newSeed } from '../../session/new-seed.ts';
import { analyseRun } from '../../session/report-run.ts';
import type { Block, Document, Fact } from '../../report/document/document.ts';
import { printAnswer, type PrintValues } from '../../session/print-answer.ts';

/** What `gctune plan` is called with. */
export interface PlanValues extends Overrides, PrintValues, ClusterValues {
  readonly file: string;
  readonly 'scatter-of': string | undefined;
}

/** Scatters between trials that the detectable effect is shown for: a quiet, an ordinary and a noisy machine. */
const SCATTERS = [0.01, 0.03, 0.1] as const;
/** Bytes on disk of one reading: a line of `readings.ndjson` of an outside and of an inside probe. */
const OUTSIDE_READING_BYTES = 150;
const INSIDE_READING_BYTES = 650;
/** Of a full one of the target’s memory. */
const MEMORY_READING_BYTES = 900;
/** `trial.json`, latency histogram and log of one trial. */
const TRIAL_BYTES = 16 * 1024;

/** Settings that are shown where they have their defaults too. */
const MATTERS: ReadonlySet<string> = new Set([
  'runner',
  'limits.cpus',
  'limits.memory',
  'phases.warmup',
  'phases.measure',
  'blocks',
  'confidence',
  'primaries',
]);

interface PlanForecast {
  readonly seconds: number;
  readonly diskBytes: number;
  /** Smallest relative difference found in four of five sweeps, for each scatter between trials. */
  readonly detectable: readonly { readonly scatter: number; readonly effect: number | undefined }[];
  /** How likely it is to be answered; undefined where there is nothing to choose between. */
  readonly answer: AnswerForecast | undefined;
}

/** Prints the plan of an experiment and what is known of it before it is run. */
export async function showPlan(
  values: PlanValues,
  sources: Readonly<Record<string, Source>>,
  io: Io,
): Promise<ExitCode> {
  const loaded = await loadExperiment(values.file, io);
  const { experiment: inFile, secrets, values: fileValues } = loaded;
  const experiment = overrideExperiment(inFile, values);
  const seed = experiment.seed ?? newSeed();
  if (values.on === 'kubernetes') {
    await printManifest(clusterJob(loaded, experiment, seed, values), experiment, values, io);
    return ExitCode.ok;
  }
  const plan = makePlan(experiment, seed);
  const settings = effectiveSettings(experiment, fileValues, sources, values.filter ?? []);
  const simulated = experiment.target.source.kind === 'simulated';
  const warnings = [
    ...(simulated ? [SIMULATED_WARNING] : []),
    ...reachability(experiment, plan),
    ...secretWarnings(experiment, secrets),
  ];
  const folder = values['scatter-of'];
  const measured =
    folder === undefined
      ? undefined
      : scatterOf(await analyseRun(namedRun(folder, io.cwd, 'plan FILE --scatter-of', '--scatter-of')), folder);
  const forecast = { ...forecastOf(experiment, plan), answer: answerForecast(experiment, plan, measured) };
  // A terminal has room for what was set, and for the defaults that decide what a run costs and tells.
  const all = values.verbose || values.format !== 'text';
  const shown = settings.filter(({ name, from }) => all || from !== 'default' || MATTERS.has(name));
  const seedSource = experiment.seed === undefined ? 'random' : 'given';
  await printAnswer(
    {
      title: `Plan of ${experiment.name}`,
      document: [
        ...planBlocks(experiment, plan),
        {
          kind: 'facts',
          facts: [...(all ? [orderFact(plan)] : []), ...forecastFacts(experiment, plan, forecast)],
        },
        { kind: 'warnings', warnings: warnings.map(({ message }) => message) },
        settingTable(shown),
        ...(shown.length === settings.length
          ? []
          : ([
              {
                kind: 'note',
                text: `${settings.length - shown.length} more settings have their defaults: --verbose lists them.`,
              },
            ] as const)),
      ],
      json: { formatVersion: 1, seedSource, plan, forecast, warnings, settings, experiment },
    },
    values,
    io,
  );
  if (experiment.seed === undefined) io.stderr.write(`a run draws a new seed; --seed ${seed} gives this order\n`);
  return ExitCode.ok;
}

function forecastOf(experiment: Experiment, plan: Plan): Omit<PlanForecast, 'answer'> {
  const { outsideHz, insideHz, memoryHz, inside } = experiment.sampling;
  const memory = memoryHz !== 'off' && (inside === 'auto' || inside === 'memory') && experiment.runner !== 'simulated';
  const seconds = expectedSeconds(experiment, plan, OVERHEAD_SECONDS);
  // Of the rule of a finding, family included; the scatter is one that is supposed, not estimated.
  const comparisons = Math.max(1, primaryContrasts(experiment, plan));
  const shift = detectableShift(plan.blocks, experiment.confidence, POWER, comparisons, 'known');
  const ofRuntime = memory ? outsideHz * MEMORY_READING_BYTES : insideHz * INSIDE_READING_BYTES;
  const readingsPerSecond = outsideHz * OUTSIDE_READING_BYTES * 2 + ofRuntime;
  return {
    seconds: waitSeconds(experiment, plan, OVERHEAD_SECONDS),
    diskBytes: seconds * readingsPerSecond + plan.trials.length * TRIAL_BYTES,
    detectable: SCATTERS.map((scatter) => ({
      scatter,
      // a pair of trials that scatter independently scatters √2 times as much
      effect: shift && shift * scatter * Math.SQRT2,
    })),
  };
}

function planBlocks(experiment: Experiment, plan: Plan): Document {
  const most = experiment.adaptive === undefined ? '' : ' at most';
  return [
    { kind: 'heading', level: 1, text: experiment.name },
    {
      kind: 'prose',
      text: `${plan.trials.length} trials${most}: ${counted(plan.cells.length, 'cell')} in ${counted(plan.blocks, 'block')}, seed ${plan.seed}`,
    },
    {
      kind: 'table',
      name: 'Cells',
      columns: [{ head: 'cell', shrink: true }, { head: 'role' }, { head: 'trials', align: 'right' }],
      rows: plan.cells.map((cell) => ({
        cells: [
          cell.id,
          cell.role === 'a-a' ? 'baseline again (A/A)' : cell.baseline ? 'baseline' : 'level',
          String(plan.trials.filter((trial) => trial.cell === cell.id).length),
        ],
        ...(cell.baseline ? { mark: 'baseline' as const } : {}),
      })),
    },
  ];
}

function orderFact({ trials }: Plan): Fact {
  return ['order of block 1', trials.flatMap(({ block, cell }) => (block === 1 ? cell : [])).join('; ')];
}

function forecastFacts(experiment: Experiment, plan: Plan, forecast: PlanForecast): readonly Fact[] {
  const effects = forecast.detectable.flatMap(({ scatter, effect }) =>
    effect === undefined ? [] : `${roundPercent(effect)} where trials scatter by ${roundPercent(scatter)}`,
  );
  return [
    ...(plan.profiling.length === 0
      ? []
      : [['profiling', `${plan.profiling.length} more trials to profile allocations; they do not count`] as const]),
    ...(experiment.adaptive === undefined ? [] : [['end', adaptiveText(experiment.adaptive)] as const]),
    ['time', `about ${formatWait(forecast.seconds)}${lateWarmups(experiment, plan)}`],
    ['disk', `about ${formatBytes(forecast.diskBytes)}`],
    ...(effects.length === 0 ? [`none: needs ${leastN(experiment.confidence)} blocks`] : effects).map(
      (effect) => ['smallest effect', effect] as const,
    ),
    ['smallest effect', `(with 80 % power, at ${percentText(experiment.confidence)} confidence)`],
    ...(forecast.answer === undefined ? [] : answerFacts(forecast.answer, plan.blocks)),
  ];
}

/** What warm-ups that end by themselves may add to the forecast, which counts their least time. */
function lateWarmups({ phases: { warmupSeconds, autoWarmup } }: Experiment, plan: Plan): string {
  if (warmupSeconds !== 'auto') return '';
  const most = (plan.trials.length + plan.profiling.length) * (autoWarmup.maxSeconds - autoWarmup.minSeconds);
  return `; up to ${formatWait(most)} more where the target settles late`;
}

function adaptiveText({ min, precision, budgetSeconds }: NonNullable<Experiment['adaptive']>): string {
  const budget = budgetSeconds === undefined ? '' : `, or after ${formatWait(budgetSeconds)}`;
  return `after at least ${min} blocks, once the margin of error of every primary contrast is at most ±${formatFraction(precision)}${budget}`;
}

function settingTable(settings: readonly Setting[]): Block {
  return {
    kind: 'table',
    name: 'Settings',
    columns: [{ head: 'setting' }, { head: 'value' }, { head: 'from' }],
    rows: settings.map(({ name, value, from }) => ({ cells: [name, value, [{ text: from, as: 'dim' }]] })),
    whole: true,
  };
}
