import { RUNNER_NAMES } from '../experiment/runner-names.ts';
import type { Night, NightCell, NightEstimate, NightFigure, NightProgram } from '../history/night.ts';
import { METRIC_IDS } from '../metrics/metrics.ts';
import {
  absent,
  amount,
  count,
  either,
  line,
  list,
  mapping,
  number,
  object,
  oneOf,
  orNull,
  share,
  slug,
  someOf,
  time,
  truth,
} from '../results/shape/parts.ts';

// What a line of a history must hold; like a run folder it may come from anybody.

const estimate = { value: number, low: orNull(number), high: orNull(number), n: count };

/** The cells of a night. */
export const cellsShape = list(
  object<NightCell>({
    cell: line,
    canary: absent(truth),
    baseline: absent(truth),
    metrics: someOf(
      METRIC_IDS,
      object<NightFigure>({ ...estimate, noise: absent(amount), toCanary: absent(object<NightEstimate>(estimate)) }),
    ),
  }),
  10_000,
);

/** A night without its cells. */
export const nightShape = object<Omit<Night, 'cells'>>({
  historyVersion: count,
  run: slug,
  startedAt: time,
  experiment: line,
  toolVersion: line,
  runner: oneOf(RUNNER_NAMES),
  confidence: share,
  commit: absent(line),
  branch: absent(line),
  job: absent(line),
  machine: mapping(orNull(either(either(line, number), truth))),
  programs: list(
    object<NightProgram>({ version: absent(line), digest: line, goVersion: line, revision: absent(line) }),
    1000,
  ),
  canary: absent(line),
  baseline: absent(line),
  gate: someOf(METRIC_IDS, share),
});
