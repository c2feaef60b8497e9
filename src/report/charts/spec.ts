import type { TopLevelSpec } from 'vega-lite';
import type { PositionFieldDef } from 'vega-lite/types_unstable/channeldef.js';
import type { Theme } from '../theme.ts';

/** A Vega-Lite specification of a whole chart. */
export type ChartSpec = TopLevelSpec;

/** One layer of a chart, or one panel of a concatenation. */
export type Layer = Extract<TopLevelSpec, { layer: unknown }>['layer'][number];
/** One row of a chart made of rows. */
export type Panel = Extract<TopLevelSpec, { vconcat: unknown }>['vconcat'][number];
/** What stands on an axis. */
export type Position = PositionFieldDef<string>;

/** A chart as data: what to draw, and what it shows in words for those who cannot see it. */
export interface Chart {
  /** Unique in the report and safe as an id in HTML: `trade-off-0`. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly spec: ChartSpec;
  /** SVG elements that the chart refers to by `url(#…)`, which Vega cannot make: patterns. */
  readonly definitions?: string;
  /** Chart units (CSS pixels at scale 1) that it may not be drawn narrower than. */
  readonly minWidth: number;
  /** Largest width it is drawn at. */
  readonly maxWidth: number;
}

/** Font sizes of all charts, in chart units. */
export const FONT = { axis: 11, label: 12, title: 12 } as const;

/** Longer labels are cut, in chart units: a label may not take the room of the chart. */
export const LONGEST_LABEL = 260;

/** What all charts have in common. Fonts come from the page. */
export function baseSpec(theme: Theme): Pick<TopLevelSpec, '$schema' | 'background' | 'padding' | 'config'> {
  const [ink, muted, rule, grid] = [theme.token('ink'), theme.token('muted'), theme.token('rule'), theme.token('grid')];
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'transparent',
    padding: 4,
    config: {
      aria: false,
      font: 'inherit',
      view: { stroke: null },
      axis: {
        domainColor: rule,
        gridColor: grid,
        tickColor: rule,
        labelColor: muted,
        titleColor: muted,
        labelFontSize: FONT.axis,
        titleFontSize: FONT.axis,
        titleFontWeight: 'normal',
        labelFontWeight: 'normal',
        labelPadding: 5,
        titlePadding: 8,
        tickSize: 4,
      },
      header: {
        labelColor: ink,
        labelFontSize: FONT.label,
        labelFontWeight: 'bold',
        labelPadding: 6,
        labelLimit: 140,
        title: null,
      },
      title: { color: ink, fontSize: FONT.title, fontWeight: 'bold', anchor: 'start', offset: 6 },
      text: { color: ink, fontSize: FONT.label, limit: LONGEST_LABEL },
    },
  };
}
