import { counted } from '../../text/words.ts';
import type {
  Answer,
  Obstacle,
  Recommendation,
  Refusal,
  SettingVerdict,
} from '../../analysis/recommend/recommendation.ts';
import type { Goal, Limit } from '../../analysis/recommend/wishes.ts';
import { formatWait } from '../../units/format-units.ts';
import { capital, runAgain, runMissing } from '../words.ts';
import { AIM_PHRASES } from './aim-phrases.ts';
import { gainText, judgementText, limitsText } from './rule-words.ts';

/** What to do now, why no setting is recommended, and what would decide it. */
export function refusalSentences(recommendation: Recommendation, answer: Answer): readonly string[] {
  const { refusal, goal, limits } = answer;
  if (refusal === undefined) return [];
  const { code, obstacles } = refusal;
  const baseline = recommendation.baseline ?? 'the current setting';
  const doubts = grouped(obstacles, goal);
  const stay = `Stay at ${baseline} for now`;
  switch (code) {
    case 'baseline-invalid':
      return [
        'Change nothing for now: no trial of the baseline counts, or it was OOM-killed, so nothing can be compared with it.',
        ...(doubts === '' ? [] : [`${capital(doubts)}.`]),
        REPAIR,
      ];
    case 'cells-invalid':
      return [`${stay}: no other setting has enough valid trials and values to be compared: ${doubts}.`, REPAIR];
    case 'too-few-blocks':
      // The run has the blocks: it is trials of another setting that do not count.
      if (refusal.blocksNeeded !== null && recommendation.blocks >= refusal.blocksNeeded) {
        return [
          `${stay}: another setting has too few valid trials for an interval, which needs ${counted(refusal.blocksNeeded, 'block')}: ${doubts}.`,
          REPAIR,
        ];
      }
      return [
        `${stay}: ${counted(recommendation.blocks, 'block')} ${recommendation.blocks === 1 ? 'is' : 'are'} too few for an interval.`,
        ...remedy(recommendation, answer),
      ];
    case 'overlap':
      return [
        `${stay}: it is not certain that another setting keeps ${limitsText(limits)}: ${doubts}.`,
        ...remedy(recommendation, answer),
      ];
    case 'not-shown':
      return [
        `${stay}: it is not certain that another setting ${AIM_PHRASES[goal.kind].better}: ${doubts}.`,
        ...remedy(recommendation, answer),
      ];
    case 'limits-unmet': {
      const nearest = nearestOf(answer);
      return [
        `No measured setting has ${limitsText(limits)}.${nearest === undefined ? '' : ` The nearest is ${nearest}.`}`,
        'More blocks would not help: loosen the limit, or measure other levels.',
      ];
    }
    case 'limits-contradict':
      return [
        `No measured setting has ${limitsText(limits)}, although each limit alone is met by some setting: ${doubts}.`,
        'More blocks would not help: loosen one of the limits, or measure levels in between.',
      ];
  }
}

const REPAIR = 'Fix what makes the trials or values invalid (see the report’s warnings), then run again.';

/** What is in the way, setting by setting: `GOGC=50 (add: …; churn: …)`. */
function grouped(obstacles: readonly Obstacle[], goal: Goal): string {
  const bySetting = Map.groupBy(obstacles, ({ setting }) => setting);
  return [...bySetting]
    .map(([setting, own]) => `${setting} (${own.map((one) => obstacleText(one, goal)).join('; ')})`)
    .join(', ');
}

function obstacleText(obstacle: Obstacle, goal: Goal): string {
  const { workload, kind, limit, metric, estimate, of, chance, blocksNeeded, reason } = obstacle;
  if (kind === 'excluded') return `left out: ${reason ?? 'it has no values'}`;
  if (kind === 'limit' && limit !== undefined) {
    const judged = { workload, limit, metric, estimate, state: 'open', blocksNeeded } as const;
    return judgementText({ ...judged, ...(reason === undefined ? {} : { reason }) });
  }
  if (estimate === undefined) return `${workload}: no value for the gain`;
  return `${workload}: ${AIM_PHRASES[goal.kind].subject}${gainText({ change: estimate, of }, goal)}${chance ? ', which may be chance among so many comparisons' : ''}, n = ${counted(estimate.n, 'block')}`;
}

/** What would decide it: a run of so many blocks, its time and its command; or another limit. */
function remedy(recommendation: Recommendation, { refusal }: Answer): readonly string[] {
  if (refusal === undefined) return [];
  const { blocks, blockSeconds, experimentFile } = recommendation;
  const missing = runMissing(recommendation);
  if (missing.length > 0) return [`The plan has more blocks: ${missing.join('; ')}, then merge all parts again.`];
  const { blocksNeeded, code, obstacles } = refusal;
  const accept = acceptable(refusal);
  const or = accept === undefined ? [] : [`Or accept more: ${accept.setting} is shown to keep ${accept.flag}.`];
  if (blocksNeeded !== null) {
    const time = blockSeconds === null ? '' : `, about ${formatWait(blockSeconds * blocksNeeded)}`;
    const how = code === 'too-few-blocks' ? 'are needed' : 'are expected to decide it with 80 % probability';
    return [
      `${blocksNeeded} blocks ${how} (this run has ${blocks})${time}: ${runAgain(experimentFile, blocksNeeded)}.`,
      ...or,
    ];
  }
  if (obstacles.some(({ chance }) => chance))
    return ['More blocks could rule out chance; how many cannot be predicted.', ...or];
  const where = code === 'overlap' ? 'the limit' : 'no change';
  return [
    `More blocks may not decide it: the estimate is close to ${where}, and the true value may be on either side.`,
    ...or,
  ];
}

const FLAGS = { cpu: '--max-cpu', p99: '--max-p99', memory: '--max-memory', rss: '--max-rss' } as const;

/** The first refusal's setting that is shown to keep a looser limit, with its flag. */
export function accepted({ answers }: Pick<Recommendation, 'answers'>): ReturnType<typeof acceptable> {
  return answers.flatMap(({ refusal }) => (refusal === undefined ? [] : (acceptable(refusal) ?? [])))[0];
}

/** The flag of a limit that a setting in doubt is shown to keep, where it fails by one limit alone: `--max-cpu +29%`. */
function acceptable({ code, obstacles }: Refusal): { readonly setting: string; readonly flag: string } | undefined {
  if (code !== 'overlap') return undefined;
  const options = [...Map.groupBy(obstacles, ({ setting }) => setting)].flatMap(([setting, own]) => {
    const [first] = own;
    const limit = first?.limit;
    const ends = own.map(({ estimate }) => estimate?.high ?? Infinity);
    const most = Math.max(...ends);
    if (limit === undefined || limit.kind !== 'change' || !Number.isFinite(most)) return [];
    if (!own.every((one) => one.limit?.name === limit.name && one.limit.kind === 'change')) return [];
    return [{ setting, limit, percent: Math.ceil((most - 1) * 100 - 1e-9) }];
  });
  const [best] = options.toSorted((a, b) => a.percent - b.percent);
  if (best === undefined) return undefined;
  const { setting, limit, percent } = best;
  return { setting, flag: `${FLAGS[limit.name]}${percent < 0 ? `=${percent}%` : ` +${percent}%`}` };
}

/** The setting that exceeds its limits by the least share, with what was judged. */
function nearestOf({ settings, limits }: Answer): string | undefined {
  const excess = ({ judgements }: SettingVerdict): number =>
    Math.max(
      ...judgements.map(({ limit, estimate }) => (estimate === undefined ? Infinity : estimate.value / boundOf(limit))),
    );
  const usable = settings.filter(({ excluded }) => excluded === undefined);
  const [nearest] = usable.toSorted((a, b) => excess(a) - excess(b));
  if (nearest === undefined || limits.length === 0) return undefined;
  return `${nearest.label} (${nearest.judgements.map(judgementText).join('; ')})`;
}

function boundOf({ kind, most }: Limit): number {
  return kind === 'change' ? 1 + most : most;
}
