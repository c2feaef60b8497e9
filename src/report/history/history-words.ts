import type { ChangeOverview, HistoryOverview, OddOverview } from '../../history/overview.ts';
import { METRICS, type MetricId } from '../../metrics/metrics.ts';
import { counted, listed } from '../../text/words.ts';

/** A share with its sign and one digit, or two where it is small: `+5.1 %`. */
export function changeText(share: number): string {
  const percent = Math.abs(100 * share);
  if (percent >= 100_000) return `${share < 0 ? '−' : '+'}more than 100,000 %`;
  const digits = percent < 1 ? 2 : percent < 100 ? 1 : 0;
  return `${share < 0 ? '−' : '+'}${percent.toFixed(digits)} %`;
}

/** Whether a change of a metric is for the worse; of some metrics it is neither. */
export function direction(metric: MetricId, change: number): 'worse' | 'better' | 'changed' {
  const { better } = METRICS[metric];
  if (better === 'neither') return 'changed';
  return change > 0 === (better === 'lower') ? 'worse' : 'better';
}

/** `2026-11-20`. */
export function dayOf(startedAt: string): string {
  return startedAt.slice(0, 10);
}

/** `1a2b3c4d5e6f`. */
export function shortCommit(commit: string): string {
  return commit.slice(0, 12);
}

/** A change as a sentence without its full stop. */
export function changeSentence(
  change: ChangeOverview,
  { nights, series }: HistoryOverview,
  names: ReadonlyMap<string, string>,
): string {
  const { metric, night, of, cells } = change;
  const first = cells[0];
  if (first === undefined) return '';
  const all = series.filter((one) => one.metric === metric).length;
  const where =
    cells.length === 1 ? `in ${names.get(first.cell) ?? first.cell}` : `at most, in ${cells.length} of ${all} cells`;
  const what = of === 'machine' ? `the machine: ${METRICS[metric].label} of the canary` : METRICS[metric].label;
  return `${dayOf(nights[night]?.startedAt ?? '')}: ${what} ${changeText(first.change)} ${where}${behind(change)}`;
}

/** An odd night as a sentence without its full stop: a change that did not last. */
export function oddSentence(
  { metric, night, cells }: OddOverview,
  { nights }: HistoryOverview,
  names: ReadonlyMap<string, string>,
): string {
  const [first] = cells;
  if (first === undefined) return '';
  const where = cells.length === 1 ? `in ${names.get(first.cell) ?? first.cell}` : `at most, in ${cells.length} cells`;
  const commit = nights[night]?.commit;
  return `${dayOf(nights[night]?.startedAt ?? '')}: ${METRICS[metric].label} ${changeText(first.change)} ${where}, ${night === nights.length - 1 ? 'so far ' : ''}in that night alone${commit === undefined ? '' : `; commit ${shortCommit(commit)}`}`;
}

/** What lies behind a change, as far as nights tell. */
function behind({ from, to, samePrograms, of }: ChangeOverview): string {
  if (of === 'machine') return '';
  if (samePrograms) return '; the programs are the same to the byte, so it is not the code';
  if (to === undefined) return '';
  if (from === undefined || from === to) return `; commit ${shortCommit(to)}`;
  return `; between commits ${shortCommit(from)} and ${shortCommit(to)}`;
}

/** What stands at the head: how many nights of what, and whether anything changed. */
export function headSentence({ experiment, nights, place, canary }: HistoryOverview): string {
  const [first, last] = [nights[0], nights.at(-1)];
  const ends = [...new Set([first, last].map((night) => dayOf(night?.startedAt ?? '')))];
  const days = ends.join(' to ');
  return `${experiment}: ${counted(nights.length, 'night')}, ${days}, on ${place}${canary === undefined ? '' : `; canary version=${canary}`}`;
}

/** The answer: whether the daemon changed, when last, and whether the machine did. */
export function answerSentence(overview: HistoryOverview): string {
  const { changes, nights, canary, metrics, needed } = overview;
  const gated = changes.filter(({ metric, of }) => of === 'daemon' && metrics.includes(metric));
  const machine = changes.filter(({ metric, of }) => of === 'machine' && metrics.includes(metric));
  const moved = nights.filter((night) => night.moved !== undefined).length;
  if (nights.length < needed)
    return `No change can be found yet, neither of the daemon nor of the machine: there ${nights.length === 1 ? 'is' : 'are'} ${counted(nights.length, 'night')} of the ${needed} that it takes.`;
  const daemon =
    gated.length === 0
      ? `No lasting change in ${listed(metrics.map((metric) => METRICS[metric].label))}`
      : `${counted(gated.length, 'lasting change')}, the last in the night of ${dayOf(nights[gated[0]?.night ?? 0]?.startedAt ?? '')}`;
  const ofMachine =
    canary === undefined
      ? 'without a canary, a machine that changes looks like a daemon that does'
      : machine.length === 0 && moved === 0
        ? 'the machine did not change'
        : `the machine changed ${machine.length === 0 ? '' : `${counted(machine.length, 'time')} for good`}${machine.length > 0 && moved > 0 ? ' and ' : ''}${moved === 0 ? '' : `in ${counted(moved, 'night')}, which ${moved === 1 ? 'is' : 'are'} not used`}`;
  return `${daemon}; ${ofMachine}.`;
}

/** What was not looked at. */
export function leftOutNotes({ leftOut: { experiments, otherPlaces, earlier } }: HistoryOverview): readonly string[] {
  return [
    ...(experiments.length === 0
      ? []
      : [
          `Other experiments in this history: ${experiments.slice(0, 5).join(', ')}${experiments.length > 5 ? ' and more' : ''} (--experiment).`,
        ]),
    ...(otherPlaces === 0
      ? []
      : [
          `${counted(otherPlaces, 'night')} on other kinds of machines ${otherPlaces === 1 ? 'is' : 'are'} left out: their levels are other ones.`,
        ]),
    ...(earlier === 0
      ? []
      : [`${counted(earlier, 'earlier night')} ${earlier === 1 ? 'is' : 'are'} not looked at (--nights).`]),
  ];
}
