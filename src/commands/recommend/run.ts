import type { Analysis, WorkloadAnalysis } from '../../analysis/analysis.ts';
import { metricsOfGoal } from '../../analysis/recommend/gain.ts';
import { metricOfLimit } from '../../analysis/recommend/judge.ts';
import type { Confirmation } from '../../analysis/recommend/confirmation.ts';
import type { Recommendation } from '../../analysis/recommend/recommendation.ts';
import { recommend } from '../../analysis/recommend/recommend.ts';
import type { Wishes } from '../../analysis/recommend/wishes.ts';
import { ExitCode, UserError, type Diagnostic } from '../../errors.ts';
import { nearest } from '../../text/nearest.ts';
import { quote } from '../../units/units.ts';
import { recommendationBrief } from '../../report/brief/settings-brief.ts';
import { recommendationJson } from '../../report/recommend/recommend-json.ts';
import { bearingWarnings } from '../../report/doubts.ts';
import { recommendationDocument } from '../../report/recommend/recommend-document.ts';
import type { Io } from '../../cli/io.ts';
import { confirmationsOf, limitQuestion, type ConfirmValues } from './confirm.ts';
import { recommendFoot } from './recommend-foot.ts';
import { wishesOf, type WishValues } from '../../analysis/recommend/wish-flags.ts';
import { namedRun } from '../../session/file-kind.ts';
import { analyseRun } from '../../session/report-run.ts';
import { formOf, writtenBrief, writtenDocument, type DocumentFormat } from '../../session/written-document.ts';

/** What `gctune recommend` is called with. */
export interface RecommendValues extends WishValues, ConfirmValues {
  readonly run: string;
  readonly workload: string | undefined;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly format: DocumentFormat | 'brief' | 'json';
}

/** Prints which setting of a run to use, or why none can be named; the latter ends with `noUsableResult`. */
export async function recommendSetting(values: RecommendValues, io: Io): Promise<ExitCode> {
  const wishes = wishesOf(values);
  const whole = await analyseRun(namedRun(values.run, io.cwd, 'recommend', '<run>'));
  const analysis = { ...whole, workloads: chosenWorkloads(whole, values.workload) };
  checkMetrics(analysis, wishes);
  const limit = limitQuestion(values);
  const recommendation = recommend(analysis, wishes, limit);
  const { confirmations, exitCode } = await confirmationsOf(values, { analysis, recommendation, limit }, io);
  const found = { analysis, recommendation, confirmations };
  io.stdout.write(written(found, values, io));
  return exitCode ?? (recommendation.chosen === undefined ? ExitCode.noUsableResult : ExitCode.ok);
}

function written(
  {
    analysis,
    recommendation,
    confirmations,
  }: {
    readonly analysis: Analysis;
    readonly recommendation: Recommendation;
    readonly confirmations: readonly Confirmation[];
  },
  values: RecommendValues,
  io: Io,
): string {
  const format = formOf(values);
  switch (format) {
    case 'json':
      return recommendationJson(recommendation, bearingWarnings(analysis, recommendation), confirmations);
    case 'brief': {
      const brief = recommendationBrief(analysis, recommendation, confirmations);
      return writtenBrief(brief, recommendFoot(recommendation, values.run, values), 'never', io);
    }
    default:
      return writtenDocument(
        recommendationDocument(analysis, recommendation, confirmations),
        { format, title: `Recommendation from ${analysis.run.id}` },
        io,
      );
  }
}

function chosenWorkloads({ workloads }: Analysis, name: string | undefined): readonly WorkloadAnalysis[] {
  if (name === undefined) return workloads;
  const found = workloads.filter(({ workload }) => workload === name);
  if (found.length > 0) return found;
  const names = workloads.map(({ workload }) => workload);
  const meant = nearest(name, names);
  throw new UserError({
    code: 'no-such-workload',
    message: `the run has no workload ${quote(name)}`,
    at: '--workload',
    hint: meant === undefined ? `it has ${names.join(', ')}` : `did you mean ${meant}?`,
  });
}

const FLAGS = { cpu: '--max-cpu', p99: '--max-p99', memory: '--max-memory', rss: '--max-rss' } as const;

/** A limit or a price on what no cell of a workload has a figure of could never be met: that is a wrong question. */
function checkMetrics({ workloads }: Analysis, wishes: Wishes): void {
  const { limits, price } = wishes;
  // Where nothing is asked for the answer itself says what is lacking.
  if (limits.length === 0 && price === undefined) return;
  const problems: Diagnostic[] = [];
  for (const workload of workloads) {
    const { workload: name, cells, unit, axes } = workload;
    // Where no trial counts at all, that is the answer.
    if (cells.every(({ valid }) => valid === 0)) continue;
    const lacks = (at: string, metric: string | undefined, what: string): void => {
      if (metric !== undefined && cells.some(({ values }) => Object.hasOwn(values, metric))) return;
      const others = workloads.map((one) => one.workload).filter((other) => other !== name);
      problems.push({
        code: 'no-such-metric',
        message: `under the workload ${name} no trial has a value for ${metric ?? what}`,
        at,
        hint: `leave ${at} out${others.length === 0 ? '' : `, or choose another workload with --workload: ${others.join(', ')}`}`,
      });
    };
    for (const { name: limit } of limits) lacks(FLAGS[limit], metricOfLimit(limit, axes), limit);
    if (price === undefined) continue;
    const at = price.kind === 'money' ? '--price-gib-month' : '--exchange';
    for (const metric of metricsOfGoal(price, axes)) lacks(at, metric, 'memory and CPU');
    if (price.kind === 'money' && unit === 'run') {
      const hint = 'give --exchange or --max-cpu instead';
      problems.push({
        code: 'bad-combination',
        message: `monthly prices apply to services that run all the time, and ${name} is a batch`,
        at,
        hint,
      });
    }
  }
  if (problems.length > 0) throw new UserError(problems);
}
