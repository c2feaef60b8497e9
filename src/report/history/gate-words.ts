import type { GateReport, GateShift } from '../../history/gate.ts';
import { METRIC_IDS, METRICS, type MetricId } from '../../metrics/metrics.ts';
import { counted, listed } from '../../text/words.ts';
import { changeText } from './history-words.ts';

/** Whether to worry, in a word and in a sentence. */
export function gateWorry(report: GateReport): readonly [worry: string, rest: string] {
  const { outcome, history, baseline, worse, canary } = report;
  const suspected = summary(worse.filter(({ ofMachine }) => !ofMachine));
  switch (outcome) {
    case 'confirmed':
      return ['Regression', `${summary(worse.filter((one) => one.confirmed === true))}, and so again in a second run.`];
    case 'refuted':
      return ['No regression', `${suspected}, but not in a second run.`];
    case 'suspicious':
      return ['Suspicious', `${suspected}; fails nothing before a second run has shown it too.`];
    case 'unusable': {
      const { metric, change } = history.moved ?? {};
      const moved =
        metric === undefined || change === undefined
          ? ''
          : `${METRICS[metric].label} of version=${canary ?? ''}, which no change touches, was ${changeText(change)} off its level: `;
      return ['Unusable night', `${moved}the machine was another one.`];
    }
    case 'not-judged': {
      const { usable, needed, neededSinceChange, withoutCanary } = history;
      const lacks =
        report.within.impossible > 0
          ? `too few trials count to compare it with version=${baseline ?? ''}, and ${history.usable === 0 ? 'there is no night before it' : `no series could be held to the ${counted(history.usable, 'usable night')} before it`}`
          : withoutCanary > 0 && history.waiting === 0
            ? `version=${canary ?? ''}, which the nights are compared with, has no figure tonight`
            : usable < needed
              ? `it takes ${counted(needed, 'usable night')} before this one, and there ${usable === 1 ? 'is' : 'are'} ${usable}`
              : `of ${counted(usable, 'usable night')} no series has the ${needed} that it takes, and ${neededSinceChange} since its last change`;
      if (baseline !== undefined) return ['Not judged', `${lacks}.`];
      return [
        'Not judged',
        `${lacks}. With a baseline version in the same run it takes none (gctune help experiment.baseline).`,
      ];
    }
    case 'passed': {
      const past = history.judged > 0 ? [`${counted(history.usable, 'usable night')} before`] : [];
      const within = report.within.made === 0 ? [] : [`version=${baseline ?? ''} in the same run`];
      return ['No regression', `nothing is shown to be worse than ${listed([...past, ...within])}.`];
    }
  }
}

/** The answer of a gate, in one sentence. */
export function gateSentence(report: GateReport): string {
  return gateWorry(report).join(': ');
}

function summary(shifts: readonly GateShift[]): string {
  const metrics = METRIC_IDS.filter((metric) => shifts.some((one) => one.metric === metric));
  return listed(
    metrics.map((metric) => {
      const own = shifts.filter((one) => one.metric === metric);
      const most = Math.max(...own.map(({ change }) => Math.abs(change)));
      const cells = new Set(own.map(({ cell }) => cell)).size;
      return `${METRICS[metric].label} ${changeText(most).slice(1)} ${METRICS[metric].better === 'higher' ? 'less' : 'more'}${cells === 1 ? '' : ' at most'} in ${counted(cells, 'cell')}`;
    }),
  );
}

/** What the night was held to. */
export function heldTo({ history, baseline, within: { made, impossible } }: GateReport): string {
  const { judged, usable, nights, waiting } = history;
  const past =
    judged > 0
      ? `${counted(usable, 'usable night')}${usable < nights ? ` of ${nights}` : ''} (${judged} series${waiting > 0 ? `; ${waiting} wait for more nights` : ''})`
      : usable === 0
        ? undefined
        : `no series of ${counted(usable, 'usable night')}: ${waiting} wait for more`;
  const within =
    made === 0
      ? undefined
      : `version=${baseline ?? ''}, which ran in the same blocks${impossible === 0 ? '' : ` (${made} of ${counted(made + impossible, 'comparison')})`}`;
  const to = [past, within].filter((text) => text !== undefined);
  return to.length === 0 ? 'nothing' : to.join('; ');
}

/** From where on something would have been suspected of the nights before, in the cell that scatters most; undefined where nothing was held to them. */
export function leastSuspected({ history: { judged, thresholds } }: GateReport): string | undefined {
  return judged === 0 ? undefined : sharesText(thresholds);
}

/** How much worse than the baseline version it may be for all that the run's own intervals tell; undefined where nothing could be compared. */
export function roomLeft({ within: { made, room } }: GateReport): string | undefined {
  return made === 0 ? undefined : sharesText(room);
}

function sharesText(shares: Readonly<Partial<Record<MetricId, number>>>): string {
  return METRIC_IDS.flatMap((metric) =>
    shares[metric] === undefined
      ? []
      : [`${METRICS[metric].label} ${changeText(Math.max(0, shares[metric])).slice(1)}`],
  ).join(', ');
}

/** What keeps a reader from trusting the answer. */
export function gateDoubts({ warnings, worse, history, baseline, canary, within }: GateReport): readonly string[] {
  const ofMachine = worse.filter((one) => one.ofMachine);
  return [
    ...(ofMachine.length === 0
      ? []
      : [
          `${summary(ofMachine)}: the machine may be behind it as well; name a canary in the experiment to tell them apart`,
        ]),
    ...(within.impossible === 0
      ? []
      : [
          `${within.impossible} of ${counted(within.made + within.impossible, 'comparison')} with version=${baseline ?? ''} could not be made: too few trials count`,
        ]),
    ...(history.withoutCanary === 0 || history.moved !== undefined
      ? []
      : [
          `${history.withoutCanary} series not held to the nights before: version=${canary ?? ''} has no figure tonight to compare with`,
        ]),
    ...(history.judged === 0 && within.made > 0 && history.withoutCanary === 0 && history.moved === undefined
      ? [
          `there ${history.usable === 1 ? 'is' : 'are'} ${counted(history.usable, 'usable night')} of history, and it takes ${history.needed}: only the baseline version was held against`,
        ]
      : []),
    ...warnings,
  ];
}
