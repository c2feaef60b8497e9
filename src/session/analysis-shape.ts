import type { AllocationSites, SiteNode } from '../analysis/per-cell/allocation-sites.ts';
import type {
  CellAnalysis,
  Composition,
  Course,
  CourseKey,
  Cut,
  Method,
  Session,
  Stratum,
  TrialSummary,
} from '../analysis/analysis.ts';
import type { MeasuredWorkload } from '../analysis/inference/infer.ts';
import type { LimitNeed } from '../analysis/per-trial/limit-need.ts';
import type { PublishedAnalysis } from '../analysis/upgrade-analysis.ts';
import { METRIC_IDS } from '../metrics/metrics.ts';
import {
  absent,
  agreeing,
  amount,
  count,
  either,
  line,
  list,
  mapping,
  maybe,
  number,
  object,
  oneOf,
  ordinal,
  orNull,
  recursive,
  seconds,
  share,
  slug,
  someOf,
  time,
  truth,
} from '../results/shape/parts.ts';
import { levels } from '../results/shape/experiment-shape.ts';
import { warning } from '../results/shape/run-shape.ts';
import { drift, outcome } from '../results/shape/trial-shape.ts';
import type { Estimate } from '../statistics/estimate.ts';

// What `analysis.json` of a published run must hold: what was measured. What is concluded of it is made anew.

const estimate = object<Estimate>({
  value: number,
  low: orNull(number),
  high: orNull(number),
  confidence: orNull(share),
  method: line,
  n: count,
  warnings: list(line, 100),
});

const COURSES: readonly CourseKey[] = ['rss', 'heapSys', 'heapInuse', 'heapLive', 'gcCpu'];
/** A trial's course, as charts show it. */
export const course = agreeing(
  object<Course>({ trial: slug, seconds: list(number, 10_000), series: someOf(COURSES, list(orNull(number), 10_000)) }),
  ({ seconds: times, series }, say) => {
    for (const [key, values] of Object.entries(series))
      if (values.length !== times.length) say(['series', key], `has ${values.length} values at ${times.length} times`);
  },
);

/** What a trial's readings ask of a memory limit. */
export const need = object<LimitNeed>({
  trial: slug,
  readings: count,
  seconds,
  goalBytes: orNull(amount),
  committedBytes: orNull(amount),
  outsideBytes: orNull(amount),
});

const cell = object<CellAnalysis>({
  id: line,
  levels,
  role: oneOf(['level', 'a-a']),
  baseline: truth,
  label: line,
  valid: count,
  attempted: count,
  outcomes: someOf(['completed', 'invalid', 'failed', 'timed-out', 'oom-killed', 'aborted'], count),
  shortfall: maybe(line),
  estimates: someOf(METRIC_IDS, estimate),
  values: someOf(
    METRIC_IDS,
    list(
      object<{ trial: string; block: number; value: number }>({ trial: slug, block: ordinal, value: number }),
      10_000,
    ),
  ),
  courses: list(course, 10_000),
  composition: maybe(
    object<Composition>({
      objects: estimate,
      unusedInSpans: estimate,
      retainedIdle: estimate,
      stacks: estimate,
      metadata: estimate,
      released: estimate,
      outsideGo: maybe(estimate),
      rss: maybe(estimate),
    }),
  ),
  limitNeed: absent(list(need, 10_000)),
  latency: list(object<CellAnalysis['latency'][number]>({ quantile: share, seconds: estimate }), 100),
  warnings: list(warning, 10_000),
});

const site = recursive<SiteNode>((self) => object<SiteNode>({ name: line, bytes: number, children: list(self, 1000) }));
const sites = object<AllocationSites>({
  kind: oneOf(['allocated', 'held']),
  cell: line,
  trials: list(slug, 10_000),
  seconds: maybe(seconds),
  totalBytes: amount,
  tree: list(site, 1000),
  top: list(object<AllocationSites['top'][number]>({ name: line, ownBytes: number, bytes: number }), 1000),
});

const workload = object<MeasuredWorkload>({
  workload: line,
  stratum: absent(object<Stratum>({ workload: line, factors: mapping(line), label: line })),
  description: line,
  unit: oneOf(['request', 'run', 'none']),
  cells: list(cell, 10_000),
  sites: absent(list(sites, 10)),
});

const trial = object<TrialSummary>({
  id: slug,
  block: ordinal,
  position: ordinal,
  cell: line,
  attempt: ordinal,
  part: absent(ordinal),
  startedAt: time,
  outcome,
  gcCycles: maybe(amount),
  windowSeconds: maybe(seconds),
  warnings: list(warning, 10_000),
});

const method = object<Method>({ about: oneOf(['measurement', 'inference']), text: line });

/** What was measured in a published run. */
export const publishedAnalysis = object<PublishedAnalysis>({
  analysisVersion: ordinal,
  workloads: list(workload, 1000),
  sessions: absent(
    list(
      object<Session>({ startedAt: line, part: ordinal, drift: list(drift, 1000), again: absent(list(line, 10_000)) }),
      10_000,
    ),
  ),
  trials: list(trial),
  warnings: list(warning, 10_000),
  methods: list(either(line, method), 1000),
  cut: absent(
    object<Cut>({
      run: count,
      planned: count,
      why: oneOf(['missing-blocks', 'interrupted', 'failed', 'fault', 'unknown']),
    }),
  ),
});
