import type { Analysis } from '../../analysis/analysis.ts';
import type { Recommendation } from '../../analysis/recommend/recommendation.ts';
import { METRICS } from '../../metrics/metrics.ts';
import { briefChange } from '../brief/brief-figure.ts';
import { hasLimits, type Span } from '../charts/trade-off-labels.ts';
import {
  TRADE_OFF_FRAMES,
  tradeOffAxes,
  tradeOffChart,
  WORKLOAD_SHAPES,
  type TradeOffFrame,
} from '../charts/trade-off.ts';
import type { TradeOff, TradeOffPoint } from '../charts/trade-off-points.ts';
import { contrastOf } from '../comparison.ts';
import { mapped } from '../figure.ts';
import { lostCells } from '../lost-cells.ts';
import type { Html } from '../html.ts';
import { html, trusted } from '../html.ts';
import type { Renderer } from '../render.ts';
import type { Theme } from '../theme.ts';
import { listed } from '../../text/words.ts';
import { sizeText } from '../recommend/rule-words.ts';
import { cpuLimitPercent, standings } from './answer-parts.ts';
import { shareOf } from './share-of.ts';

/**
 * The trade-off at full width, once for a desk and once for a telephone. Over the drawing lie what can be pointed at and
 * tabbed to, a button for each point, and what its reader moves: the limit, and which points are picked.
 */
export async function boardFigure(
  tradeOff: TradeOff,
  { recommendation, workloads, run }: { readonly recommendation: Recommendation } & Pick<Analysis, 'workloads' | 'run'>,
  theme: Theme,
  draw: Renderer,
): Promise<Html> {
  const compared = [...new Set(tradeOff.points.map(({ workload }) => workload))];
  const boards: Html[] = [];
  for (const [name, frame] of Object.entries(TRADE_OFF_FRAMES)) {
    const { svg } = await draw(tradeOffChart(tradeOff, frame, theme, `trade-off-${name}`));
    boards.push(board(name, svg, frame, tradeOff, recommendation));
  }
  return html`<figure id="trade-off">
    <figcaption>
      ${tradeOff.memoryName} saved against its price in CPU <span class="hint">up and left is better</span>
    </figcaption>
    ${boards}
    <p class="hint">
      Bars are ${(run.experiment.confidence * 100).toPrecision(2)} % intervals; the hollow dot is
      ${tradeOff.baseline}${usedText(tradeOff)}; green rings mark the
      answer${cpuLimitPercent(recommendation) !== undefined && ', the green area the limit on CPU'}${tradeOff.repeats.length > 0 && '; the grey area is what two identical cells differ by'}${hasLimits(tradeOff) && '; labels are GOGC / GOMEMLIMIT'}.
      ${
        compared.length > 1 &&
        html`<span class="shapes"
          >${compared.map(({ workload }, i) => html`<span>${SIGNS[i % SIGNS.length] ?? ''} ${workload}</span>`)}</span
        >`
      }
    </p>
    ${lostCells(workloads).map((text) => html`<p class="hint lost">${text}</p>`)}
  </figure>`;
}

/** What all savings are taken from: `, 168 MiB (165–170) under add`. Nothing where there are more workloads than a line holds. */
function usedText({ used }: TradeOff): string {
  if (used.length > MOST_USED) return '';
  const texts = used.map(({ workload, memory }) => `${memory}${used.length > 1 ? ` under ${workload}` : ''}`);
  return texts.length === 0 ? '' : `, ${listed(texts)}`;
}

const MOST_USED = 2;

const SIGNS = WORKLOAD_SHAPES.map((shape) => ({ circle: '●', square: '■', 'triangle-up': '▲', diamond: '◆' })[shape]);

function board(
  name: string,
  svg: string,
  frame: TradeOffFrame,
  tradeOff: TradeOff,
  recommendation: Recommendation,
): Html {
  const { across, up } = tradeOffAxes(tradeOff, frame);
  const { padding, width, height } = frame;
  const [wide, high] = [padding.left + width + padding.right, padding.top + height + padding.bottom];
  const plot = [
    `left:${percent(padding.left / wide)}`,
    `top:${percent(padding.top / high)}`,
    `width:${percent(width / wide)}`,
    `height:${percent(height / high)}`,
  ].join(';');
  const limit = cpuLimitPercent(recommendation);
  const standing = standings(recommendation);
  return html`<div class="board board-${name}">
    ${trusted(svg)}
    <div class="plot" style="${plot}" data-domain="${across.domain.join(' ')}">
      <div class="met" style="${limit === undefined ? 'display:none' : metStyle(limit, across, up, height)}"></div>
      ${spotsOf(tradeOff).map((spot) => spotButton(spot, across, up, frame, standing.get(spot.setting) ?? ''))}
    </div>
  </div>`;
}

/** The area within the limit: left of it, and above nothing saved. */
function metStyle(limit: number, across: Span, up: Span, height: number): string {
  return `width:${percent(shareOf(limit, across.domain))};height:${percent(up.toUnits(0) / height)}`;
}

/** What can be pointed at and tabbed to: where it lies, what it is, and its figures. */
interface Spot {
  readonly x: number;
  readonly y: number;
  readonly setting: string;
  /** ` under steady`, `, the baseline`: as it follows the setting. */
  readonly what: string;
  readonly figures: readonly string[];
}

function spotsOf({ points, baseline }: TradeOff): readonly Spot[] {
  return [
    ...points.map((point) => ({
      x: point.x.value,
      y: point.y.value,
      setting: point.cell.label,
      what: ` under ${point.workload.workload}`,
      figures: sayPoint(point),
    })),
    { x: 0, y: 0, setting: baseline, what: ', the baseline', figures: [] },
  ];
}

function spotButton(
  { x, y, setting, what, figures }: Spot,
  across: Span,
  up: Span,
  frame: TradeOffFrame,
  standing: string,
): Html {
  const [left, top] = [across.toUnits(x) / frame.width, up.toUnits(y) / frame.height];
  return html`<button
    type="button"
    class="spot ${standing}"
    style="left:${percent(left)};top:${percent(top)}"
    data-setting="${setting}"
    aria-label="${[`${setting}${what}`, ...figures].join('; ')}"
  >
    <span class="tip ${figures.length > 0 && top > 0.6 && 'above'} ${side(left)}"
      ><b>${setting}</b>${what} ${figures.map((text) => html`<br />${text}`)}</span
    >
  </button>`;
}

function side(share: number): string {
  return share < 0.25 ? 'rightwards' : share > 0.75 ? 'leftwards' : '';
}

/** A point's figures, each with its interval and n. */
function sayPoint({ workload, cell }: TradeOffPoint): readonly string[] {
  const { memory, cost, latency } = workload.axes;
  return [memory, cost, latency].flatMap((metric) => {
    const contrast = contrastOf(workload, cell, metric);
    if (metric === undefined || contrast === undefined) return [];
    const { ratio, difference } = contrast;
    const { label, unit } = METRICS[metric];
    const change = ratio === undefined ? '' : briefChange(mapped(ratio, (value) => value - 1));
    const size = metric === memory ? `${sizeText(difference, unit)}${change === '' ? '' : ', '}` : '';
    return [`${label}: ${size}${change}, n = ${difference.n}`];
  });
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)}%`;
}
