import { z } from 'zod';
import { GOGC_EVIDENCE } from '../../go/effective-gogc.ts';
import { isBearable } from '../../experiment/schema/stored.ts';
import { PROBE_IDS, type ProbeId } from '../../experiment/probe-ids.ts';
import {
  READING_KEYS,
  type Drift,
  type Effective,
  type Exit,
  type JournalEvent,
  type LatencySummary,
  type Outcome,
  type Phase,
  type Preload,
  type Reading,
  type TrialRecord,
  type TriedSource,
  type WorkDone,
} from '../format.ts';
import { absent, amount, count, line, mapping, maybe, number, object, ordinal, seconds, slug, time } from './parts.ts';
import { formatVersion, warning } from './run-shape.ts';

type Ended<K extends Outcome['kind']> = Extract<Outcome, { readonly kind: K }>;
const log = z.array(line).max(10_000);
/** How a trial ended. */
export const outcome: z.ZodType<Outcome> = z.union([
  object<Ended<'completed'>>({ kind: z.literal('completed') }),
  object<Ended<'invalid'>>({ kind: z.literal('invalid'), reason: line, message: line, apparatus: z.boolean() }),
  object<Ended<'failed'>>({ kind: z.literal('failed'), phase: line, cause: line, log }),
  object<Ended<'timed-out'>>({ kind: z.literal('timed-out'), phase: line, seconds, said: absent(line), log }),
  object<Ended<'oom-killed'>>({ kind: z.literal('oom-killed'), phase: line, limitBytes: maybe(amount) }),
  object<Ended<'aborted'>>({ kind: z.literal('aborted'), phase: line }),
]);

const phase: z.ZodType<Phase> = object<Phase>({
  name: z.enum(['launch', 'ready', 'preload', 'warm-up', 'settle', 'measure', 'drain', 'stop']),
  startSeconds: seconds,
  endSeconds: seconds,
});

const latency = object<LatencySummary>({
  count,
  meanSeconds: absent(amount),
  p50Seconds: absent(amount),
  p90Seconds: absent(amount),
  p99Seconds: absent(amount),
  p999Seconds: absent(amount),
  maxSeconds: absent(amount),
  hdr: absent(
    z
      .string()
      .max(2 ** 20)
      .regex(/^[A-Za-z0-9+/]*={0,2}$/, 'expected base64'),
  ),
});

const work = object<WorkDone>({
  unit: z.enum(['request', 'run', 'none']),
  intended: amount,
  completed: amount,
  expected: absent(amount),
  thirds: absent(z.tuple([amount, amount, amount])),
  dropped: amount,
  errors: mapping(amount),
  lateness: object<WorkDone['lateness']>({ p99Seconds: amount, maxSeconds: amount }),
  windowSeconds: seconds,
  latency: maybe(latency),
  generatorCpuSeconds: absent(amount),
});

/** `trial.json`. */
export const trialRecord: z.ZodType<TrialRecord> = object<TrialRecord>({
  formatVersion,
  id: slug,
  block: ordinal,
  position: ordinal,
  cell: line,
  attempt: ordinal,
  part: absent(ordinal),
  purpose: absent(z.literal('profile')),
  outcome,
  startedAt: time,
  startUnixSeconds: amount,
  processStartUnixSeconds: absent(amount),
  phases: z.array(phase).max(100),
  window: absent(object<NonNullable<TrialRecord['window']>>({ startSeconds: seconds, endSeconds: seconds })),
  probes: z.array(line).max(100),
  tried: absent(z.array(object<TriedSource>({ probe: z.enum(PROBE_IDS), ok: z.boolean(), message: line })).max(100)),
  effective: object<Effective>({
    gogcPercent: absent(number),
    gogcEvidence: absent(z.enum(GOGC_EVIDENCE)),
    gomaxprocs: absent(amount),
    gomemlimitBytes: absent(amount),
  }),
  preload: absent(
    object<Preload>({
      seconds,
      requests: amount,
      errors: mapping(amount),
      heapAllocBytes: absent(amount),
      rssBytes: absent(amount),
    }),
  ),
  work: absent(work),
  exit: absent(
    object<Exit>({
      code: z.union([z.int(), z.null()]),
      signal: z.union([line, z.null()]),
      oomKilled: z.boolean(),
      cpuSeconds: absent(amount),
      peakBytes: absent(amount),
    }),
  ),
  warnings: z.array(warning).max(10_000),
});

/** What had changed when a run was resumed. */
export const drift: z.ZodType<Drift> = object<Drift>({ what: line, was: line, is: line });

type Event<K extends JournalEvent['type']> = Extract<JournalEvent, { readonly type: K }>;
/** A line of the journal. */
export const journalEvent: z.ZodType<JournalEvent> = z.union([
  object<Event<'run-started'>>({ at: line, type: z.literal('run-started'), pid: count, directory: absent(line) }),
  object<Event<'trial-started'>>({ at: line, type: z.literal('trial-started'), trial: line, attempt: ordinal }),
  object<Event<'trial-ended'>>({
    at: line,
    type: z.literal('trial-ended'),
    trial: line,
    attempt: ordinal,
    outcome: z.enum(['completed', 'invalid', 'failed', 'timed-out', 'oom-killed', 'aborted']),
  }),
  object<Event<'run-resumed'>>({
    at: line,
    type: z.literal('run-resumed'),
    pid: count,
    discarded: z.array(line).max(10_000),
    part: ordinal,
    drift: z.array(drift).max(1000),
  }),
  object<Event<'trial-fault'>>({
    at: line,
    type: z.literal('trial-fault'),
    trial: line,
    attempt: ordinal,
    code: line,
    message: line,
    next: z.enum(['retry', 'skip', 'stop']),
  }),
  object<Event<'output-lost'>>({
    at: line,
    type: z.literal('output-lost'),
    stream: z.enum(['stdout', 'stderr']),
    code: line,
  }),
  object<Event<'run-ended'>>({
    at: line,
    type: z.literal('run-ended'),
    why: z.enum(['plan-done', 'precision-reached', 'budget-spent', 'interrupted', 'failed', 'fault']),
    blocks: absent(count),
  }),
]);

const probes: ReadonlySet<string> = new Set(PROBE_IDS);
const keys: ReadonlySet<string> = new Set(READING_KEYS);

/**
 * A line of readings; undefined where it is none. By hand, because there are hundreds of thousands of them. Figures
 * that nobody knows are left out.
 */
export function readingOf(value: unknown): Reading | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { at, probe, v } = value as Readonly<Record<string, unknown>>;
  if (!isFigure(at) || typeof probe !== 'string' || !probes.has(probe)) return undefined;
  if (typeof v !== 'object' || v === null || Array.isArray(v)) return undefined;
  const figures = v as Readonly<Record<string, unknown>>;
  let unknown = false;
  // What JSON gives has no keys but its own.
  for (const key in figures) {
    if (!keys.has(key)) unknown = true;
    else if (!isFigure(figures[key])) return undefined;
  }
  if (!unknown) return value as Reading;
  return { at, probe: probe as ProbeId, v: Object.fromEntries(Object.entries(v).filter(([key]) => keys.has(key))) };
}

function isFigure(value: unknown): value is number {
  return typeof value === 'number' && isBearable(value);
}
