import type { Analysis } from '../../analysis/analysis.ts';
import { METRICS } from '../../metrics/metrics.ts';
import { counted } from '../../text/words.ts';
import { formatFraction } from '../../units/format-units.ts';
import type { Html } from '../html.ts';
import { html } from '../html.ts';
import { APART, doubtsOf, UNSTEADY } from '../doubts.ts';
import { capital, warningGroups } from '../words.ts';
import { blocksMark, mark } from './answer-parts.ts';

/** What has its place on the first screen already: the head, the answer, the marks, and below the chart. */
const ELSEWHERE: ReadonlySet<string> = new Set(['cut', 'simulated', 'latency', 'lost', APART, ...UNSTEADY]);
/** Of what is unsteady, that which is about single trials. */
const OF_A_TRIAL = 'cpu-drifts';
/** So many notes stand on the first screen. */
const MOST_NOTES = 3;

/** The three marks of how sure the answer is: steady state, A/A, blocks. */
export function sureMarks(analysis: Analysis): Html {
  const { recommendation } = analysis;
  return html`<ul class="marks">
    ${steadyMark(analysis)}${repeatMark(analysis)}
    <li id="blocks-mark" class="holder">
      <ul>
        ${recommendation !== undefined && blocksMark(recommendation)}
      </ul>
    </li>
  </ul>`;
}

function steadyMark({ warnings, trials, workloads }: Analysis): Html {
  const drifting = warnings.filter(({ code }) => UNSTEADY.has(code));
  if (trials.every(({ outcome }) => outcome.kind !== 'completed'))
    return mark(undefined, 'Steady state: no trial counts');
  // One trial that drifts may be chance; what trials of a cell have in common is not.
  const cells = new Set(drifting.flatMap(({ code, cell }) => (code === OF_A_TRIAL ? [] : (cell ?? []))));
  const all = workloads.reduce((sum, workload) => sum + workload.cells.length, 0);
  if (cells.size > 0)
    return mark(
      false,
      `Steady state: not reached in ${cells.size} of ${counted(all, 'cell')}; a longer warm-up is needed`,
    );
  if (drifting.length > 0) return mark(undefined, 'Steady state: single trials drifted within the window, no cell did');
  if (warnings.some(({ code }) => code === 'drift-unchecked'))
    return mark(undefined, 'Steady state could not be checked in every trial');
  return mark(true, 'Steady state: no cell drifts within its window');
}

function repeatMark({ workloads, run }: Analysis): Html {
  const noise = workloads.flatMap((workload) =>
    workload.noise
      .filter(({ metric }) => run.experiment.primaries.includes(metric))
      .map((one) => ({ ...one, workload: workload.workload })),
  );
  const apart = noise.filter(({ holdsZero }) => holdsZero === false);
  if (noise.every(({ holdsZero }) => holdsZero === null))
    return mark(undefined, 'A/A check: no identical cell was measured often enough');
  if (apart.length > 0)
    return mark(
      false,
      `A/A check fails: two identical cells differ in ${[...new Set(apart.map(({ metric, workload }) => `${METRICS[metric].label} (${workload})`))].join(', ')}`,
    );
  const found = noise.flatMap(({ metric, relativeDetectable }) =>
    relativeDetectable === null ? [] : [{ metric, relativeDetectable }],
  );
  const least = [...Map.groupBy(found, ({ metric }) => metric)].map(
    ([metric, own]) =>
      `${formatFraction(Math.max(...own.map(({ relativeDetectable }) => relativeDetectable)))} in ${METRICS[metric].label}`,
  );
  const shows = least.length === 0 ? '' : `; 80 % of such runs would show a change of ${least.join(' or ')}`;
  return mark(true, `A/A check: two identical cells do not differ${shows}`);
}

/** Cells as the answer calls them: `GOGC=50 (add)`. */
function cellNames({ workloads }: Analysis): ReadonlyMap<string, string> {
  const under = (workload: string): string => (workloads.length > 1 ? ` (${workload})` : '');
  return new Map<string, string>(
    workloads.flatMap(({ workload, cells }) =>
      cells.map(({ id, label }) => [id, `${label}${under(workload)}`] as const),
    ),
  );
}

/** What could change the answer, ranked, in a line each; the rest is folded below. */
export function notes(analysis: Analysis): Html | undefined {
  const { recommendation } = analysis;
  const all = warningGroups(analysis.warnings);
  if (recommendation === undefined) return undefined;
  const doubts = doubtsOf(analysis, recommendation);
  const shown = doubts.filter(({ code }) => !ELSEWHERE.has(code)).slice(0, MOST_NOTES);
  const said = new Set(shown.map(({ message }) => message));
  const folded = all.filter(({ code, message }) => code !== 'simulated' && !said.has(message));
  const left = folded.length;
  if (shown.length + left === 0) return undefined;
  const names = cellNames(analysis);
  const bearing = new Set(doubts.map(({ message }) => message));
  const rest = `${counted(left, shown.length > 0 ? 'more note' : 'note')}${
    folded.some(({ message }) => bearing.has(message))
      ? ''
      : `, which ${left === 1 ? 'does' : 'do'} not bear on the answer`
  }`;
  return html`<ul class="notes">
    ${shown.map(({ message, places }) => html`<li>${places.length > 0 && places.length < 4 && html`<b>${places.map((place) => names.get(place) ?? place).join(', ')}</b>: `}${capital(message)}</li>`)}
    ${
      left > 0 &&
      html`<li>
        <a href="#warnings">${rest}</a>
      </li>`
    }
  </ul>`;
}
