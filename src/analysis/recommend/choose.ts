import { leastN } from '../../statistics/least-n.ts';
import type { Gain, Judgement, Obstacle, Refusal, RefusalCode, SettingVerdict } from './recommendation.ts';
import type { Goal } from './wishes.ts';

/** What came of choosing: a setting, or why there is none. */
export type Choice = { readonly setting: SettingVerdict } | { readonly refusal: Refusal };

/** What is known of a setting, the worst first. */
type Standing = 'excluded' | 'broken' | 'absent' | 'no-interval' | 'open' | 'met';

/**
 * Chooses the best of the settings that meet every limit under every workload by the ends of their intervals. Where
 * that is the baseline while another setting could still turn out better, the choice is refused: then the run cannot
 * tell yet. A setting that is in doubt beside one that is not takes nothing away from the latter.
 */
export function choose(settings: readonly SettingVerdict[], goal: Goal, confidence: number, blocks: number): Choice {
  const refuse = (code: RefusalCode, obstacles: readonly Obstacle[], blocksMore: number | null = null): Choice => ({
    refusal: { code, blocksMore, obstacles },
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
  const [best] = gained.toSorted((a, b) => rank(a.gains, goal) - rank(b.gains, goal));
  if (best !== undefined) return { setting: best };

  const doubtful = [baseline, ...usable].filter((setting) => {
    const standing = standingOf(setting);
    if (standing === 'broken' || (setting === baseline && baseFits)) return false;
    return !baseFits || !setting.gains.some(({ state }) => state === 'loss');
  });
  if (doubtful.length === 0) {
    if (baseFits) return { setting: baseline };
    const single = settings[0]?.judgements.map((_, i) =>
      settings.some(({ excluded, judgements }) => excluded === undefined && judgements[i]?.state === 'met'),
    );
    return refuse(
      single !== undefined && single.length > 1 && single.every(Boolean) ? 'limits-contradict' : 'limits-unmet',
      [baseline, ...usable].flatMap((setting) => obstaclesOf(setting, false)),
    );
  }
  const obstacles = doubtful.flatMap((setting) => obstaclesOf(setting, baseFits));
  const states = new Set(doubtful.flatMap(statesOf));
  if (states.has('no-interval')) {
    return refuse('too-few-blocks', obstacles, Math.max(1, leastN(confidence) - blocks));
  }
  const code = states.has('open') ? 'overlap' : states.has('noise') ? 'noise-floor' : 'cells-invalid';
  const needed = code === 'cells-invalid' ? null : blocksToTell(doubtful, baseFits);
  return refuse(code, obstacles, needed === null ? null : Math.max(1, needed - blocks));
}

function standingOf({ excluded, judgements }: SettingVerdict): Standing {
  if (excluded !== undefined) return 'excluded';
  const order: readonly Judgement['state'][] = ['broken', 'absent', 'no-interval', 'open'];
  return order.find((state) => judgements.some((judgement) => judgement.state === state)) ?? 'met';
}

function statesOf({ judgements, gains }: SettingVerdict): readonly (Judgement['state'] | Gain['state'])[] {
  return [...judgements.map(({ state }) => state), ...gains.map(({ state }) => state)];
}

/** Lower is better: the mean over workloads, of what is measured for memory, of the dear ends for what costs money. */
function rank(gains: readonly Gain[], goal: Goal): number {
  const ends = gains.map(({ change }) => (goal.kind === 'memory' ? change?.value : change?.high) ?? Infinity);
  return ends.length === 0 ? 0 : ends.reduce((sum, end) => sum + end, 0) / ends.length;
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
      .filter(({ state }) => state === 'open' || state === 'noise')
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
        return { ...base, workload, kind: 'limit', limit, metric, estimate, blocksNeeded, reason };
      }),
    ...(withGains ? setting.gains : [])
      .filter(({ state }) => state !== 'shown' && state !== 'loss')
      .map(({ workload, state, change, blocksNeeded }): Obstacle => {
        const kind = state === 'noise' ? 'noise' : 'gain';
        return { ...base, workload, kind, limit: undefined, metric: undefined, estimate: change, blocksNeeded };
      }),
  ];
}

function excludedObstacle({ label, excluded }: SettingVerdict): Obstacle {
  const none = { limit: undefined, metric: undefined, estimate: undefined, blocksNeeded: null };
  return { setting: label, workload: '', kind: 'excluded', reason: excluded, ...none };
}
