import { leastN } from '../../statistics/least-n.ts';
import type { Gain, Judgement, KeptBecause, Obstacle, Refusal, RefusalCode, SettingVerdict } from './recommendation.ts';
import { CPU_GUARD, isOnMemory, type Goal, type Rule } from './wishes.ts';

/** What came of choosing: a setting, or why there is none. */
export type Choice = { readonly setting: SettingVerdict; readonly kept?: KeptBecause } | { readonly refusal: Refusal };

/** What is known of a setting, the worst first. */
type Standing = 'excluded' | 'broken' | 'absent' | 'no-interval' | 'open' | 'met';

/** CPU that at most could be saved, and is not shown to be, is let go up to this share: as much as a saving of memory may cost. */
const LITTLE_CPU = CPU_GUARD;
/** Money that is estimated to be saved, and is not shown to be, is let go up to this share of the baseline's bill. */
const LITTLE_MONEY = 0.05;

/**
 * Chooses the best of the settings that meet every limit under every workload by the ends of their intervals. Where
 * that is the baseline while another setting could still turn out better by more than a little, the choice is refused:
 * then the run cannot tell yet. A setting that is in doubt beside one that is not takes nothing away from the latter.
 */
export function choose(settings: readonly SettingVerdict[], rule: Rule, confidence: number): Choice {
  const { goal } = rule;
  const refuse = (code: RefusalCode, obstacles: readonly Obstacle[], blocks: number | null = null): Choice => ({
    refusal: { code, blocksNeeded: blocks, obstacles },
  });
  const baseline = settings.find((setting) => setting.baseline);
  if (baseline === undefined || baseline.excluded !== undefined) {
    return refuse('baseline-invalid', baseline === undefined ? [] : [excludedObstacle(baseline)]);
  }
  const others = settings.filter((setting) => setting !== baseline);
  const usable = others.filter(({ excluded }) => excluded === undefined);
  if (usable.length === 0) return refuse('cells-invalid', others.map(excludedObstacle));

  const fits = usable.filter((setting) => standingOf(setting) === 'met');
  const baseFits = standingOf(baseline) === 'met';
  // Where the baseline itself breaks a limit, a setting need not be better than it, only within the limits.
  const gained = fits.filter(({ gains }) => !baseFits || gains.every(({ state }) => state === 'shown'));
  const [best] = gained.toSorted((a, b) => meanOf(a.gains, 'high') - meanOf(b.gains, 'high'));
  if (best !== undefined) return { setting: best };

  const possible = [baseline, ...usable].filter((setting) => {
    const standing = standingOf(setting);
    if (standing === 'broken' || (setting === baseline && baseFits)) return false;
    return !baseFits || !setting.gains.some(({ state }) => state === 'loss');
  });
  const doubtful = possible.filter((setting) => !baseFits || !isLittle(setting.gains, goal));
  if (doubtful.length === 0) {
    if (baseFits) return { setting: baseline, kept: possible.length === 0 ? 'best' : 'little' };
    const single = settings[0]?.judgements.map((_, i) =>
      settings.some(({ excluded, judgements }) => excluded === undefined && judgements[i]?.state === 'met'),
    );
    return refuse(
      single !== undefined && single.length > 1 && single.every(Boolean) ? 'limits-contradict' : 'limits-unmet',
      [baseline, ...usable].flatMap((setting) => obstaclesOf(setting, false)),
    );
  }
  // Asked was what fits: the baseline does, and what might fit as well with less CPU takes nothing away from that.
  if (baseFits && goal.kind === 'cpu' && rule.limits.some((limit) => limit.guard !== true && isOnMemory(limit))) {
    return { setting: baseline, kept: 'fits' };
  }
  const obstacles = doubtful.flatMap((setting) => obstaclesOf(setting, baseFits));
  const states = new Set(doubtful.flatMap(statesOf));
  if (states.has('no-interval')) return refuse('too-few-blocks', obstacles, leastN(confidence));
  const limited = doubtful.some(({ judgements }) => judgements.some(({ state }) => state === 'open'));
  const code = limited ? 'overlap' : states.has('open') || states.has('chance') ? 'not-shown' : 'cells-invalid';
  return refuse(code, obstacles, code === 'cells-invalid' ? null : blocksToTell(doubtful, baseFits));
}

function standingOf({ excluded, judgements }: SettingVerdict): Standing {
  if (excluded !== undefined) return 'excluded';
  const order: readonly Judgement['state'][] = ['broken', 'absent', 'no-interval', 'open'];
  return order.find((state) => judgements.some((judgement) => judgement.state === state)) ?? 'met';
}

function statesOf({ judgements, gains }: SettingVerdict): readonly (Judgement['state'] | Gain['state'])[] {
  return [...judgements.map(({ state }) => state), ...gains.map(({ state }) => state)];
}

/** The mean over workloads of one end of the change in what is aimed at; lower is better. */
function meanOf(gains: readonly Gain[], end: 'low' | 'high'): number {
  const ends = gains.map(({ change }) => change?.[end] ?? (end === 'high' ? Infinity : -Infinity));
  return ends.length === 0 ? 0 : ends.reduce((sum, one) => sum + one, 0) / ends.length;
}

/** Whether what a setting could still gain is too little to ask for more blocks. */
function isLittle(gains: readonly Gain[], goal: Goal): boolean {
  if (gains.some(({ state }) => state === 'no-interval' || state === 'absent')) return false;
  if (gains.some(({ state }) => state === 'little')) return true;
  if (goal.kind === 'cpu') return meanOf(gains, 'low') > -LITTLE_CPU;
  if (goal.kind !== 'money') return false;
  const shares = gains.map(({ change, of }) => (change?.value ?? -Infinity) / (of ?? 0));
  return shares.reduce((sum, share) => sum + share, 0) / shares.length > -LITTLE_MONEY;
}

/** Whether a setting may come to be chosen with more blocks, and how many blocks in all would tell; null where that cannot be said. */
function forecastOf(
  setting: SettingVerdict,
  baseFits: boolean,
): { readonly hopeful: boolean; readonly blocks: number | null } {
  const open = [
    ...setting.judgements
      .filter(({ state }) => state === 'open')
      .map(({ limit, estimate, blocksNeeded }) => ({
        hopeful: (estimate?.value ?? Infinity) <= (limit.kind === 'change' ? 1 : 0) + limit.most,
        blocks: blocksNeeded,
      })),
    ...(baseFits ? setting.gains : [])
      .filter(({ state }) => state === 'open')
      .map(({ change, blocksNeeded }) => ({ hopeful: (change?.value ?? 0) < 0, blocks: blocksNeeded })),
  ];
  const hopeful = open.every((one) => one.hopeful);
  // All must turn out well for it to be chosen; one that does not is enough for it not to be.
  const telling = open.filter((one) => one.hopeful === hopeful).map(({ blocks }) => blocks ?? Infinity);
  const blocks = hopeful ? Math.max(...telling) : Math.min(...telling);
  return { hopeful, blocks: Number.isFinite(blocks) ? blocks : null };
}

/** The blocks in all after which the choice is forecast to be made: for one of the hopeful settings, else against each. */
function blocksToTell(settings: readonly SettingVerdict[], baseFits: boolean): number | null {
  const all = settings.map((setting) => forecastOf(setting, baseFits));
  const hopeful = all.filter((one) => one.hopeful).map(({ blocks }) => blocks ?? Infinity);
  const blocks = hopeful.length > 0 ? Math.min(...hopeful) : Math.max(...all.map((one) => one.blocks ?? Infinity));
  return Number.isFinite(blocks) ? blocks : null;
}

function obstaclesOf(setting: SettingVerdict, withGains: boolean): readonly Obstacle[] {
  const base = { setting: setting.label, reason: undefined };
  return [
    ...setting.judgements
      .filter(({ state }) => state !== 'met')
      .map(({ workload, limit, metric, estimate, blocksNeeded, reason }): Obstacle => {
        return {
          ...base,
          workload,
          kind: 'limit',
          limit,
          metric,
          estimate,
          of: undefined,
          chance: false,
          blocksNeeded,
          reason,
        };
      }),
    ...(withGains ? setting.gains : [])
      .filter(({ state }) => state !== 'shown' && state !== 'loss' && state !== 'little')
      .map(({ workload, state, change, of, blocksNeeded }): Obstacle => {
        const gain = {
          limit: undefined,
          metric: undefined,
          estimate: change,
          of,
          chance: state === 'chance',
          blocksNeeded,
        };
        return { ...base, workload, kind: 'gain', ...gain };
      }),
  ];
}

function excludedObstacle({ label, excluded }: SettingVerdict): Obstacle {
  const none = {
    limit: undefined,
    metric: undefined,
    estimate: undefined,
    of: undefined,
    chance: false,
    blocksNeeded: null,
  };
  return { setting: label, workload: '', kind: 'excluded', reason: excluded, ...none };
}
