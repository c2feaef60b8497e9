import { z } from 'zod';
import { combination, factorBaselines, factorLists, withFreeFactors } from './factors.ts';
import { gogc, gomemlimit } from './go-settings.ts';
import { choice, quantity, quantityOr, text, truth, wholeNumber } from './leaf.ts';
import { METRIC_IDS, METRICS, type MetricId } from '../../metrics/metrics.ts';
import { RUNTIME_PROBES, servedFacts, SERVED_THERE, USUAL_PATHS } from '../probe-ids.ts';
import { RUNNER_CHOICES } from '../runner-names.ts';
import { alternatives, described, listOf, section, type Frozen } from './parts.ts';
import { assertSchema } from '../assert/schema.ts';
import { addedLater, storedAs, storedForm } from './stored.ts';
import { servicesSchema } from './services.ts';
import { limitsSchema, targetSchema } from './target.ts';
import { WORKLOAD_KINDS, workloadSchema } from '../workloads/kinds.ts';
import {
  DURATION_OR_ZERO,
  DURATION_SYNTAX,
  RATE_SYNTAX,
  SHARE_SYNTAX,
  type QuantitySyntax,
} from '../../units/units.ts';

const share = (example: string) => quantity(SHARE_SYNTAX, 'percentage', example);

/** Under half an interval would more often miss than hit; 100 % is had by no finite one. */
const CONFIDENCE_SYNTAX: QuantitySyntax = {
  parse: (text) => {
    const parsed = SHARE_SYNTAX.parse(text);
    if ('problem' in parsed || (parsed.value >= 0.5 && parsed.value < 1)) return parsed;
    return { problem: `"${text}" is not a confidence level`, hint: 'write at least 50% and less than 100%: 95%' };
  },
  pattern: /^0*[5-9][0-9](?:\.[0-9]{1,6})?%$/,
};

/** An interval of no width at all is never reached. */
const PRECISION_SYNTAX: QuantitySyntax = {
  parse: (text) => {
    const parsed = SHARE_SYNTAX.parse(text);
    if ('problem' in parsed || parsed.value > 0) return parsed;
    return { problem: `"${text}" cannot be reached`, hint: 'write a share over zero: 5%' };
  },
  pattern: /^(?=.*[1-9])0*(?:100(?:\.0{1,6})?|[0-9]{1,2}(?:\.[0-9]{1,6})?)%$/,
};

const matrix = withFreeFactors(
  {
    gogc: described(listOf(gogc()), 'The GOGC values to compare: whole numbers from 1, or off.', [
      [25, 50, 100, 200, 'off'],
    ]),
    levels: described(
      choice(['given', 'auto']).prefault('given'),
      'auto: run a pilot of three blocks at the levels of gogc first; its cost model then adds levels, up to six in total, where the trade-off between memory and CPU has its widest gaps.',
      ['auto'],
    ),
    gomemlimit: described(
      listOf(gomemlimit()).prefault(['off']),
      'The GOMEMLIMIT values to compare, as Go reads them: 64MiB, a number of bytes, or off.',
      [['off', '64MiB']],
    ),
    workload: described(
      listOf(text('name')).optional(),
      'Names of the workloads to run. Default: all of them, in the order of the file.',
      [['steady']],
    ),
    ...factorLists,
    include: described(
      listOf(combination).optional(),
      'Only the combinations that have all levels of one of these are cells. Default: all combinations.',
      [[{ version: 'old' }, { version: 'new', gogc: 100 }]],
    ),
    exclude: described(
      listOf(combination).optional(),
      'Combinations that have all levels of one of these are left out.',
      [[{ version: 'old', gogc: 50 }]],
    ),
  },
  'list',
);

const baseline = withFreeFactors(
  {
    gogc: described(gogc().optional(), 'One of matrix.gogc. Default: 100 (Go’s default), or the only one.', [100]),
    gomemlimit: described(
      gomemlimit().optional(),
      'One of matrix.gomemlimit. Default: off (Go’s default), or the only one.',
      ['off'],
    ),
    ...factorBaselines,
  },
  'one',
);

const phase = (syntax: QuantitySyntax, value: string, description: string) =>
  described(quantity(syntax, 'duration', value).prefault(value), description, [value]);

const autoWarmup = section(
  {
    min: phase(DURATION_SYNTAX, '3s', 'The least that it takes.'),
    cycles: described(
      wholeNumber(0, 1000).prefault(5),
      'So many GC cycles must have ended in it, unless GOGC is off.',
      [5],
    ),
    max: phase(DURATION_SYNTAX, '60s', 'The most that it may take; a target that moves still is an outcome by then.'),
  },
  { min: 'minSeconds', max: 'maxSeconds' },
);
/** When a warm-up ends by itself. */
export type AutoWarmup = Frozen<z.output<typeof autoWarmup>>;

/** How long each part of a trial takes. */
export const phasesSchema = section(
  {
    warmup: described(
      quantityOr('auto', DURATION_OR_ZERO, 'duration', '3s').prefault('3s'),
      'Under load but not measured: caches fill and the heap reaches steady state. auto: it ends when RSS and live heap have levelled off.',
      ['auto', '3s'],
    ),
    auto_warmup: addedLater(
      described(autoWarmup.prefault({}), 'When a warm-up that is auto ends.', [{ min: '3s', cycles: 5, max: '60s' }]),
    ),
    settle: phase(DURATION_OR_ZERO, '0s', 'Also under load and not measured, after the warm-up.'),
    measure: phase(DURATION_SYNTAX, '8s', 'The measurement window: only what happens in it is measured.'),
    drain: phase(DURATION_OR_ZERO, '2s', 'Maximum wait for requests that are in flight at the end.'),
  },
  {
    warmup: 'warmupSeconds',
    auto_warmup: 'autoWarmup',
    settle: 'settleSeconds',
    measure: 'measureSeconds',
    drain: 'drainSeconds',
  },
);
/** How long each part of a trial takes. */
export type Phases = Frozen<z.output<typeof phasesSchema>>;

const probePath = (value: string, what: string) =>
  addedLater(
    described(
      text('servedPath').prefault(value),
      `Path of ${what}, on whichever port of the target answers, or on one: admin:${value}.`,
      [value],
    ),
  );

/** Runs that are older than this key read no memory. */
const memoryRate = quantityOr('off', RATE_SYNTAX, 'rate', '100/s').prefault('100/s');

/** Which probes are used and how often. */
export const samplingSchema = section(
  {
    outside: described(
      quantity(RATE_SYNTAX, 'rate', '10/s').prefault('10/s'),
      'How often to read memory and CPU time from the kernel, which does not disturb the target.',
      ['10/s'],
    ),
    inside: described(
      quantity(RATE_SYNTAX, 'rate', '1/s').prefault('1/s'),
      'How often to query the target for its runtime counters; each answer costs it a little CPU.',
      ['1/s'],
    ),
    memory: described(
      storedAs(memoryRate, storedForm(memoryRate.unwrap()).default('off')),
      'How often to look in the target’s memory for the end of a GC cycle. Its runtime’s counters are read there before any other source, without its help; off leaves its memory alone.',
      ['100/s', 'off'],
    ),
    source: described(
      choice(['auto', ...RUNTIME_PROBES, 'none']).prefault('auto'),
      'Source of the runtime counters; auto uses the first that answers, memory first.',
      ['expvar'],
    ),
    paths: described(
      section(servedFacts((id) => probePath(USUAL_PATHS[id], SERVED_THERE[id]))).prefault({}),
      'Where the target serves its counters, if not at the usual paths.',
      [{ prometheus: '/debug/metrics/prometheus' }],
    ),
    gctrace: described(
      truth().prefault(false),
      'Whether to set GODEBUG=gctrace=1 and read each GC cycle from stderr: exact, and the only source for a batch command.',
      [true],
    ),
  },
  { outside: 'outsideHz', inside: 'insideHz', memory: 'memoryHz', source: 'inside' },
);
/** Which probes are used and how often. */
export type Sampling = Frozen<z.output<typeof samplingSchema>>;

/** Which pprof profiles are kept; never taken inside a window that counts. */
export const profilesSchema = section({
  heap: described(
    truth().prefault(false),
    'Whether each trial keeps a heap profile, read after its window in at most 20 s. Needs net/http/pprof in the target.',
    [true],
  ),
  allocs: described(
    truth().prefault(false),
    'Whether to run one extra trial of each cell, which does not count, to profile allocations during its window.',
    [true],
  ),
});

/** Blocks that are added until the intervals are narrow enough. */
export const adaptiveBlocksSchema = section(
  {
    min: described(wholeNumber(1, 10_000).prefault(6), 'Minimum number of blocks.', [6]),
    max: described(wholeNumber(1, 10_000).prefault(20), 'Maximum number of blocks.', [20]),
    precision: described(
      quantity(PRECISION_SYNTAX, 'percentage', '5%').prefault('5%'),
      'The run ends once the expected margin of error of every level against the baseline, in every primary metric, is at most this. It is estimated from the scatter of the A/A trials.',
      ['5%'],
    ),
    budget: described(
      quantity(DURATION_SYNTAX, 'duration', '20m').optional(),
      'Time after which no further block starts, except the first “min” blocks.',
      ['20m'],
    ),
  },
  { budget: 'budgetSeconds' },
);
/** Blocks are added until the primary contrasts are known precisely enough, judged by the widths of their intervals alone. */
export type AdaptiveBlocks = Frozen<Omit<z.output<typeof adaptiveBlocksSchema>, 'max'>>;

/** When a completed trial does not count. */
export const validitySchema = section(
  {
    achieved_rate: described(
      share('99%').prefault('99%'),
      'Minimum share of the intended requests that must complete.',
      ['99%'],
    ),
    error_rate: described(share('1%').prefault('1%'), 'Maximum share of the completed requests that may fail.', ['1%']),
    lateness: described(
      quantity(DURATION_SYNTAX, 'duration', '50ms').prefault('50ms'),
      'Maximum scheduling delay (p99): the time from when a request was due to when the load generator sent it.',
      ['50ms'],
    ),
    cycles: described(wholeNumber(1, 1e6).prefault(30), 'Warn if fewer GC cycles than this end in the window.', [30]),
    drift: described(
      share('5%').prefault('5%'),
      'Maximum drift of memory over the window, as a share of its level, beyond what chance explains; a trial with more does not count. A drift common to the trials of a cell is a warning from 1 %.',
      ['5%'],
    ),
    retries: described(
      wholeNumber(0, 100).prefault(2),
      'How often to repeat a trial that was invalid because of the machine or the load generator, not the target.',
      [2],
    ),
  },
  { achieved_rate: 'achievedRate', error_rate: 'errorRate', lateness: 'latenessSeconds' },
);
/** When a completed trial does not count. */
export type Validity = Frozen<z.output<typeof validitySchema>>;

const policySchema = section(
  {
    retries: described(
      wholeNumber(0, 100).prefault(5),
      'How often to repeat a trial that a passing fault of the machine ended: a container engine that restarts, a full disk. How the target itself ends is never retried.',
      [5],
    ),
    wait: described(
      quantity(DURATION_OR_ZERO, 'duration', '10s').prefault('10s'),
      'How long to wait before each of these repetitions.',
      ['10s'],
    ),
    'on-failure': described(
      choice(['stop', 'skip']).prefault('stop'),
      'What to do when the fault outlasts the retries. stop: end the run, which gctune resume continues; skip: leave the trial out and go on with the next, unless as many in a row were left out as the experiment has cells.',
      ['stop'],
    ),
  },
  { wait: 'waitSeconds', 'on-failure': 'onFailure' },
);

const gateSchema = z.strictObject(
  Object.fromEntries(
    METRIC_IDS.map((id) => [
      id,
      described(share('2%').optional(), `The smallest worsening of ${METRICS[id].label} that counts.`, ['2%']),
    ]),
  ) as Readonly<Record<MetricId, z.ZodOptional<ReturnType<typeof share>>>>,
);

/** The whole file. What it reads are base units (seconds, bytes, fractions), still in the shape of the file. */
export const experimentSchema = z
  .strictObject({
    name: described(text('name'), 'Short name, with which the folders of its runs begin.', ['gogc-sweep']),
    description: described(text('lines').optional(), 'What the experiment should find out, for its readers.', [
      'Which GOGC for the session store?',
    ]),
    target: described(
      targetSchema,
      'The program to measure: one of package, module, binary, image, dockerfile or simulated.',
      [{ package: './targets/heapd', port: 'auto', args: ['--listen', '{host}:{port}'], ready: { http: '/healthz' } }],
    ),
    limits: described(limitsSchema.prefault({}), 'Resource limits of the target, the same in every cell.', [
      { cpus: 1, memory: '512MiB' },
    ]),
    runner: described(
      choice(RUNNER_CHOICES).prefault('auto'),
      'Where the target runs: in containers, as processes, or whichever is available; a simulated target runs in virtual time.',
      ['docker'],
    ),
    gomaxprocs: described(
      wholeNumber(1, 1024).optional(),
      'GOMAXPROCS of the target. Default: the CPU limit rounded up, or the number of CPUs it may run on.',
      [1],
    ),
    matrix: described(matrix, 'The levels of each factor; every combination of them is a cell.', [
      { gogc: [25, 50, 100, 200] },
    ]),
    baseline: described(
      baseline.prefault({}),
      'The level that every other one is compared with. It runs twice in each block.',
      [{ gogc: 100, gomemlimit: 'off' }],
    ),
    workloads: described(
      z
        .record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/), workloadSchema)
        .refine((workloads) => Object.keys(workloads).length > 0, { params: { empty: true } })
        .meta({ minProperties: 1 }),
      `What the target is made to do, by name: each one of ${alternatives(WORKLOAD_KINDS)}.`,
      [{ steady: { http: { path: '/work', rate: '500/s' } } }],
    ),
    phases: described(phasesSchema.prefault({}), 'Duration of each phase of a trial; a batch trial has none of them.', [
      { warmup: '3s', measure: '8s' },
    ]),
    blocks: described(
      z.union([wholeNumber(1, 10_000), adaptiveBlocksSchema]).prefault(6),
      'How often every cell is run; a 95 % interval needs at least six. Or a mapping: as often as needed for the intervals of the primary metrics to be narrow enough.',
      [6, { min: 6, max: 20, precision: '5%', budget: '20m' }],
    ),
    seed: described(
      wholeNumber(0, Number.MAX_SAFE_INTEGER).optional(),
      'Seed of all randomness: the order of the trials and the requests. Default: a new one for each run.',
      [1],
    ),
    sampling: described(samplingSchema.prefault({}), 'What to read from the target, where and how often.', [
      { inside: '2/s' },
    ]),
    profiles: described(profilesSchema.prefault({}), 'Which pprof profiles to keep.', [{ heap: true, allocs: true }]),
    services: described(
      servicesSchema,
      'Other programs that the target needs, by name: started in this order on other CPUs, not measured, and removed afterwards.',
      [{ db: { command: 'postgres', args: ['-D', '{data}', '-p', '{port}'], port: 'auto', user: 'postgres' } }],
    ),
    validity: described(validitySchema.prefault({}), 'When a completed trial does not count.', [{ error_rate: '0%' }]),
    policy: addedLater(
      described(policySchema.prefault({}), 'What to do when a fault of the machine ends a trial.', [
        { retries: 5, wait: '10s', 'on-failure': 'stop' },
      ]),
    ),
    confidence: described(
      quantity(CONFIDENCE_SYNTAX, 'confidence', '95%').prefault('95%'),
      'Confidence of the intervals.',
      ['95%'],
    ),
    primaries: described(
      listOf(choice(METRIC_IDS, 'unknown-metric')).optional(),
      'The primary metrics; only they are tested, corrected for multiple comparisons. Default: memory.anon and cpu.per_request (cpu.used if no requests are sent).',
      [['memory.anon', 'cpu.per_request']],
    ),
    matters: described(
      share('2%').prefault('0%'),
      'The smallest change that matters, as a share of the baseline: a shown change no larger than this is not reported as a finding. 0%: every shown change is.',
      ['2%'],
    ),
    assert: assertSchema,
    canary: described(
      text('name').optional(),
      'The version that no change touches, one of target.versions: what moves in it is the machine. gctune gate holds the other versions to it.',
      ['released'],
    ),
    gate: described(
      gateSchema.optional(),
      'The metrics that gctune gate judges, each with the smallest worsening that counts; the noise of its nights may ask for more. Default: alloc.per_request 1%, primaries in bytes 2%, other primaries 5%.',
      [{ 'memory.anon': '2%', 'cpu.per_request': '5%' }],
    ),
  })
  .meta({
    title: 'gctune experiment',
    description: 'An experiment: a Go program, the settings to compare, and its load.',
  });

/** An experiment file as read: units resolved, defaults filled in. */
export type ExperimentFile = z.output<typeof experimentSchema>;

/** Sections that come to something else in an experiment, because that depends on other sections or on where the file is. */
const RESOLVED_TOGETHER = [
  'target',
  'services',
  'matrix',
  'baseline',
  'blocks',
  'primaries',
  'matters',
  'assert',
  'canary',
  'gate',
] as const;
type ResolvedTogether = (typeof RESOLVED_TOGETHER)[number];

/** The sections that stand in an experiment as their schema reads them. */
export type Sections = Frozen<Omit<ExperimentFile, ResolvedTogether>>;

/** What those sections look like in the manifest of a run; one that is missing there was damaged, unless it is optional. */
export const storedSections = Object.fromEntries(
  Object.entries(experimentSchema.shape)
    .filter(([key]) => !(RESOLVED_TOGETHER as readonly string[]).includes(key))
    .map(([key, schema]) => [key, storedForm(schema as z.ZodType)]),
) as unknown as { readonly [K in keyof Sections]-?: z.ZodType<Sections[K]> };
