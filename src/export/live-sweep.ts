import type { CellId } from '../experiment/plan/plan.ts';
import type { Phase, TrialRecord } from '../results/format.ts';
import type { SweepEvent } from '../sweep/event.ts';
import { labelText, type Family, type FilledFamily, type Labels, type Sample } from './exposition.ts';
import { ALL_READING_FAMILIES } from './reading-families.ts';
import { resultFamilies, type ExportedRun } from './result-families.ts';
import { TrialSamples } from './trial-samples.ts';

function family(name: string, help: string, unit?: string): Family {
  return { name: `gctune_sweep_${name}`, type: 'gauge', help, ...(unit === undefined ? {} : { unit }) };
}

/** What a sweep that runs tells of itself, beside its results so far and the readings of the trial under way. */
export const SWEEP_FAMILIES = {
  planned: family('planned_trials', 'Trials that the sweep has in all.'),
  blocks: family('planned_blocks', 'Blocks that the sweep has in all, at most.'),
  ended: family('ended_trials', 'Trials that have ended, repeated attempts too, by cell and outcome.'),
  began: family('start_time_seconds', 'When this gctune began with the sweep, in seconds since 1970.', 'seconds'),
  ends: family('end_time_seconds', 'When the sweep will have ended by its forecast, in seconds since 1970.', 'seconds'),
  trial: family('current_trial', '1 for the trial under way, with its phase.'),
  width: family(
    'precision_ratio',
    'Half the width of the widest interval of a primary metric, relative to the baseline; of a sweep that ends when it is narrow enough.',
    'ratio',
  ),
  asked: family('asked_precision_ratio', 'The half width at which such a sweep ends.', 'ratio'),
} as const satisfies Readonly<Record<string, Family>>;

/** What is known of a sweep before it runs. */
export interface SweepFacts {
  readonly experiment: string;
  readonly cells: ReadonlyMap<CellId, Labels>;
  /** Where the experiment says it. */
  readonly gomaxprocs: number | undefined;
}

interface CurrentTrial {
  readonly labels: Labels;
  readonly id: string;
  phase: Phase['name'] | undefined;
  readonly samples: TrialSamples;
  /** The last value of each series, by its family. */
  readonly values: Map<Family, { labels: string; value: number }[]>;
}

/** Follows a sweep by its events, and tells at any time what there is to scrape. */
export class LiveSweep {
  readonly #facts: SweepFacts;
  readonly #unixSeconds: () => number;
  readonly #ended = new Map<string, Sample>();
  #run: Extract<SweepEvent, { type: 'run-started' }> | undefined;
  #beganSeconds = 0;
  #endsSeconds: number | undefined;
  #current: CurrentTrial | undefined;
  #precision: Extract<SweepEvent, { type: 'precision' }> | undefined;
  #results: ExportedRun | undefined;

  constructor(facts: SweepFacts, unixSeconds: () => number) {
    this.#facts = facts;
    this.#unixSeconds = unixSeconds;
  }

  /** Takes an event of the sweep. */
  event(event: SweepEvent): void {
    switch (event.type) {
      case 'run-started':
        this.#run = event;
        this.#beganSeconds = this.#unixSeconds();
        this.#endsSeconds = this.#beganSeconds + event.estimatedSeconds;
        break;
      case 'trial-started':
        this.#begin(event);
        break;
      case 'phase':
        if (this.#current?.id === event.trial) this.#current.phase = event.phase;
        break;
      case 'reading':
        if (this.#current?.id === event.trial) this.#current.samples.reading(event.reading);
        break;
      case 'trial-ended':
        this.#end(event.record);
        this.#endsSeconds = this.#unixSeconds() + event.secondsLeft;
        break;
      case 'precision':
        this.#precision = event;
        break;
      case 'trial-fault':
      case 'run-ended':
        this.#current = undefined;
        break;
      case 'note':
    }
  }

  /** Takes what is known after a block. */
  results(results: ExportedRun): void {
    this.#results = results;
  }

  /** What there is now. */
  *families(): Generator<FilledFamily> {
    const run = this.#run;
    if (run === undefined) return;
    const labels = this.#labels();
    yield one(SWEEP_FAMILIES.planned, labels, run.trials);
    yield one(SWEEP_FAMILIES.blocks, labels, run.blocks);
    yield { family: SWEEP_FAMILIES.ended, samples: this.#ended.values() };
    yield one(SWEEP_FAMILIES.began, labels, this.#beganSeconds);
    if (this.#endsSeconds !== undefined) yield one(SWEEP_FAMILIES.ends, labels, this.#endsSeconds);
    const current = this.#current;
    if (current !== undefined) yield one(SWEEP_FAMILIES.trial, { ...current.labels, phase: current.phase }, 1);
    yield* this.#precisionFamilies();
    if (this.#results !== undefined) yield* resultFamilies({ runs: [this.#results], newest: true });
    yield* this.#readings();
  }

  /** The last reading of the trial under way. */
  *#readings(): Generator<FilledFamily> {
    for (const own of ALL_READING_FAMILIES) yield { family: own, samples: this.#current?.values.get(own) ?? [] };
  }

  #labels(): Labels {
    return { experiment: this.#facts.experiment, run: this.#run?.runId };
  }

  #begin({ trial, attempt }: Extract<SweepEvent, { type: 'trial-started' }>): void {
    const labels = {
      ...this.#labels(),
      ...this.#facts.cells.get(trial.cell),
      block: String(trial.block),
      trial: attempt === 1 ? trial.id : `${trial.id}~${attempt}`,
    };
    const values: CurrentTrial['values'] = new Map();
    const record = { startUnixSeconds: this.#unixSeconds(), phases: [] };
    this.#current = {
      labels,
      id: trial.id,
      phase: undefined,
      values,
      samples: new TrialSamples(labels, { record, gomaxprocs: this.#facts.gomaxprocs }, (of, text) => {
        const series = { labels: text, value: Number.NaN };
        values.set(of, [...(values.get(of) ?? []), series]);
        return (_, value) => {
          series.value = value;
        };
      }),
    };
  }

  #end({ cell, outcome }: TrialRecord): void {
    this.#current = undefined;
    const labels = { ...this.#labels(), ...this.#facts.cells.get(cell), outcome: outcome.kind };
    const key = labelText(labels);
    this.#ended.set(key, { labels, value: (this.#ended.get(key)?.value ?? 0) + 1 });
  }

  *#precisionFamilies(): Generator<FilledFamily> {
    const { widest = [], asked } = this.#precision ?? {};
    yield {
      family: SWEEP_FAMILIES.width,
      samples: widest.flatMap(({ cell, metric, halfWidth }) =>
        halfWidth === null
          ? []
          : [{ labels: { ...this.#labels(), ...this.#facts.cells.get(cell), metric }, value: halfWidth }],
      ),
    };
    if (asked !== undefined) yield one(SWEEP_FAMILIES.asked, this.#labels(), asked);
  }
}

function one(family: Family, labels: Labels, value: number): FilledFamily {
  return { family, samples: [{ labels, value }] };
}
