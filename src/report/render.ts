import type { LoggerInterface } from 'vega';
import type { Chart } from './charts/spec.ts';
import { escapeHtml } from './html.ts';
import { textWidth } from './text-metrics.ts';
import { tidySvg } from './tidy-svg.ts';

/** A chart that has been drawn. */
export interface Drawing {
  /** An SVG element that fits its container, with a title and a description. */
  readonly svg: string;
  /** What Vega complained of; a chart that makes it complain is a bug. */
  readonly complaints: readonly string[];
}

/** Draws charts. */
export type Renderer = (chart: Chart) => Promise<Drawing>;

/** Loads Vega, which takes some 0.3 s, and gives the function that draws with it. */
export async function loadRenderer(): Promise<Renderer> {
  const [vega, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
  // Vega measures text on a canvas, which is not there, or guesses 0.8 em a character. This table is near enough for
  // what depends on it: the room for labels. It is Vega's own setting, and the only one there is.
  const { textMetrics } = vega as unknown as { textMetrics: { width: (item: TextItem, text: unknown) => number } };
  textMetrics.width = (item, text) => textWidth(textOf(text), item.fontSize ?? 11);
  return async (chart) => {
    const complaints: string[] = [];
    const logger = listeningLogger(complaints);
    const { spec } = compile(chart.spec, { logger });
    const view = new vega.View(vega.parse(spec), { renderer: 'none', logger });
    try {
      const raw = await view.toSVG();
      return { svg: dressed(tidySvg(raw, chart.id), chart), complaints };
    } finally {
      view.finalize();
    }
  };
}

interface TextItem {
  readonly fontSize?: number;
}

function textOf(text: unknown): string {
  return Array.isArray(text) ? text.map(textOf).join(' ') : `${text as string | number}`;
}

/** Gives the SVG its words and lets the page set its width. */
function dressed(svg: string, { id, title, description, definitions, minWidth, maxWidth }: Chart): string {
  const [, width = '0', height = '0'] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg) ?? [];
  const head =
    `<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" aria-labelledby="${id}-title ${id}-description" ` +
    `viewBox="0 0 ${width} ${height}" style="min-width:${minWidth}px;max-width:${maxWidth}px">` +
    `<title id="${id}-title">${escapeHtml(title)}</title><desc id="${id}-description">${escapeHtml(description)}</desc>` +
    (definitions === undefined ? '' : `<defs>${definitions}</defs>`);
  return svg.replace(/^<svg[^>]*>/, () => head);
}

function listeningLogger(complaints: string[]): LoggerInterface {
  const listen = (...parts: readonly unknown[]): LoggerInterface => {
    complaints.push(parts.map(String).join(' '));
    return logger;
  };
  const logger = {
    level: () => logger,
    error: listen,
    warn: listen,
    info: () => logger,
    debug: () => logger,
  } as unknown as LoggerInterface;
  return logger;
}
