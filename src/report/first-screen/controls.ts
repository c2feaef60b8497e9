import type { Analysis } from '../../analysis/analysis.ts';
import type { Recommendation } from '../../analysis/recommend/recommendation.ts';
import type { Html } from '../html.ts';
import { html } from '../html.ts';
import { cpuLimitPercent } from './answer-parts.ts';

/**
 * What is the reader's to say: the most CPU and p99 that a saving may cost, and what memory and CPU are worth. Without a
 * script they stay hidden, and the answer is that of the default rule.
 */
export function controls({ workloads }: Analysis, recommendation: Recommendation): Html {
  const guard = Math.round(cpuLimitPercent(recommendation) ?? 0);
  const batch = workloads.some(({ unit }) => unit === 'run');
  const latency = workloads.every(({ axes }) => axes.latency !== undefined);
  return html`<form id="wishes" hidden>
    <h2>What may it cost?</h2>
    <label for="max-cpu">Most CPU over the baseline’s <output id="max-cpu-said">+${guard} % (default)</output></label>
    <input type="range" id="max-cpu" min="0" max="100" step="1" value="${guard}" />
    ${
      latency &&
      html`<label for="max-p99">Most latency p99 over the baseline’s <output id="max-p99-said">no limit</output></label>
        <input type="range" id="max-p99" min="0" max="205" step="5" value="205" />`
    }
    ${
      !batch &&
      html`<fieldset>
        <legend>Or prices a month, in any one currency</legend>
        <label>GiB <input type="text" inputmode="decimal" id="price-gib" size="5" autocomplete="off" /></label>
        <label>core <input type="text" inputmode="decimal" id="price-core" size="5" autocomplete="off" /></label>
      </fieldset>`
    }
    <p class="buttons">
      <button type="button" id="copy-command">Copy command</button>
      <button type="button" id="copy-link">Copy link</button>
      <button type="reset">Default rule</button>
    </p>
    <p id="wrong" role="alert"></p>
  </form>`;
}
