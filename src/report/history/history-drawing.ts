import type { NightSummary, SeriesOverview } from '../../history/overview.ts';
import type { UnitScale } from '../../units/format-units.ts';
import { pathOf } from '../charts/svg-path.ts';
import { html, trusted, type Html } from '../html.ts';
import { dayOf } from './history-words.ts';

const [WIDTH, HEIGHT, PAD] = [320, 72, 3];
/** A drawing spans at least so much of the level to either side: what is constant but for its last digits lies in the middle. */
const LEAST_SPAN = 0.02;

/** Style sheet of drawn series. */
export const SERIES_STYLE = `.series{display:grid;grid-template-columns:repeat(auto-fill,minmax(19rem,1fr));gap:.8rem 1.4rem}
.series figure{min-width:0}.series figcaption{font-size:.82rem;overflow-wrap:anywhere}
.series svg{display:block;width:100%;height:auto;background:var(--panel);border-radius:3px}
.series p{display:flex;justify-content:space-between;font-size:.72rem;color:var(--muted)}
.series .b{fill:var(--accent);opacity:.22}.series .l{fill:none;stroke:var(--accent);stroke-width:1.4}
.series .c{stroke:var(--bad);stroke-dasharray:3 2}.series .u{fill:var(--caution)}`;

/** What a series is drawn with. */
interface DrawnWith {
  /** The nights at which it changes. */
  readonly changes: readonly number[];
  readonly nights: readonly NightSummary[];
  readonly name: string;
  /** That of all series of the metric. */
  readonly scale: UnitScale;
}

/** A series as a small drawing: a line through the nights, their intervals as a band, a dashed line at each change with its day, a mark at each unusable night. */
export function drawnSeries(
  { points, level }: Pick<SeriesOverview, 'points'> & { readonly level: Pick<SeriesOverview['level'], 'value'> },
  { changes, nights, name, scale }: DrawnWith,
): Html {
  const last = Math.max(1, nights.length - 1);
  const ends = points.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value]);
  const [least, most] = [Math.min(...ends), Math.max(...ends)];
  // About zero, what does not vary at all would have no span.
  const room = LEAST_SPAN * Math.abs(level.value) || (most > least ? 0 : 1);
  const [floor, top] = [Math.min(least, level.value - room), Math.max(most, level.value + room)];
  const x = (night: number): number => Math.round(PAD + ((WIDTH - 2 * PAD) * night) / last);
  const y = (value: number): number =>
    Math.round(HEIGHT - PAD - ((HEIGHT - 2 * PAD) * (value - floor)) / (top - floor || 1));
  const line = pathOf(points.map(({ night, value }) => [x(night), y(value)]));
  const band = pathOf([
    ...points.map(({ night, value, high }) => [x(night), y(high ?? value)] as const),
    ...points.toReversed().map(({ night, value, low }) => [x(night), y(low ?? value)] as const),
  ]);
  const svg = `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" aria-hidden="true"><path class="b" d="${band}z"/>${changes
    .map((night) => `<path class="c" d="M${x(night)} 0v${HEIGHT}"/>`)
    .join('')}<path class="l" d="${line}"/>${points
    .filter(({ night }) => nights[night]?.moved !== undefined)
    .map(({ night, value }) => `<circle class="u" cx="${x(night)}" cy="${y(value)}" r="2.5"/>`)
    .join('')}</svg>`;
  const dayAt = (night: number): string => dayOf(nights[night]?.startedAt ?? '');
  const range = `${scale.format(least)} to ${scale.format(most)}`;
  return html`<figure>
    <figcaption>${name}: ${scale.format(level.value)}</figcaption>
    ${trusted(svg)}
    <p>
      <span>${dayAt(0)}</span> <span>${points.length} nights, ${range}</span> <span>${dayAt(nights.length - 1)}</span>
    </p>
    ${changes.length > 0 && html`<p><span>${changes.length === 1 ? 'Change' : 'Changes'}: ${changes.map(dayAt).join(', ')}</span></p>`}
  </figure>`;
}
