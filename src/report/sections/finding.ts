import type { Analysis } from '../../analysis/analysis.ts';
import type { Html } from '../html.ts';
import { html } from '../html.ts';
import { part } from '../part.ts';
import type { WarningGroup } from '../words.ts';
import { findingByWorkload, glued, warningGroups } from '../words.ts';

/** All warnings, folded under their number: those that bear on the answer stand beside it. */
export function warningSection(analysis: Analysis): Html | undefined {
  const warnings = warningGroups(analysis.warnings);
  if (warnings.length === 0) return undefined;
  const codes = [...Map.groupBy(warnings, ({ code }) => code)].map(
    ([code, all]) => `${code}${all.length > 1 ? ` × ${all.length}` : ''}`,
  );
  return part({
    id: 'warnings',
    title: warnings.length === 1 ? 'One warning' : `${warnings.length} warnings`,
    said: codes.join(', '),
    body: html`<ul class="warnings">
      ${warnings.map(warningItem)}
    </ul>`,
  });
}

function warningItem({ message, places, code }: WarningGroup): Html {
  return html`<li>${places.length > 0 && html`<b>${places.join(', ')}</b>: `}${message} <code>${code}</code></li>`;
}

/** The finding in sentences, a column for each workload. */
export function findingSection(analysis: Analysis): Html {
  const several = analysis.workloads.length > 1;
  const groups = [...findingByWorkload(analysis)];
  return part({
    id: 'finding',
    title: 'Finding',
    said: 'what each setting saves and costs, in sentences',
    body: html`<div class="columns">
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
    </div>`,
  });
}
