import type { Analysis } from '../../analysis/analysis.ts';
import type { Html } from '../html.ts';
import { html } from '../html.ts';
import type { WarningGroup } from '../words.ts';
import { findingByWorkload, glued, warningGroups } from '../words.ts';

/** More warnings than this are folded under their number. */
const SHOWN_WARNINGS = 5;

/** The warnings, before any figure: open where they are few, folded under their number where they are many. */
export function warningSection(analysis: Analysis): Html {
  const warnings = warningGroups(analysis.warnings);
  if (warnings.length === 0) return html``;
  const list = html`<ul>
    ${warnings.map(warningItem)}
  </ul>`;
  if (warnings.length <= SHOWN_WARNINGS) {
    return html`<section id="warnings" class="warnings">
      <h2>${warnings.length === 1 ? 'One warning' : `${warnings.length} warnings`}</h2>
      ${list}
    </section>`;
  }
  const codes = [...Map.groupBy(warnings, ({ code }) => code)];
  return html`<section id="warnings" class="warnings">
    <details>
      <summary>
        <h2>${warnings.length} warnings</h2>
        <span class="codes"
          >${codes.map(
            ([code, all], i) => html`${i > 0 && ', '}${code}${all.length > 1 && html` × ${all.length}`}`,
          )}</span
        >
      </summary>
      ${list}
    </details>
  </section>`;
}

function warningItem({ message, places, code }: WarningGroup): Html {
  return html`<li>${places.length > 0 && html`<b>${places.join(', ')}</b>: `}${message} <code>${code}</code></li>`;
}

/** The finding in sentences, a column for each workload. */
export function findingSection(analysis: Analysis): Html {
  const several = analysis.workloads.length > 1;
  const groups = [...findingByWorkload(analysis)];
  return html`<section id="finding">
    <h2>Finding</h2>
    <div class="columns">
      ${groups.map(([name, [lead, ...rest]]) => {
        return html`<div>
          ${several && html`<h3>${name}</h3>`}
          <p class="lead">${glued(lead ?? '')}</p>
          ${
            rest.length > 0 &&
            html`<ul>
              ${rest.map((sentence) => html`<li>${glued(sentence)}</li>`)}
            </ul>`
          }
        </div>`;
      })}${groups.length === 0 && html`<p class="lead">No comparison is possible: no workload was measured.</p>`}
    </div>
  </section>`;
}
