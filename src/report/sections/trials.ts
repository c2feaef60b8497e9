import { counted } from '../../text/words.ts';
import { outcomeText } from '../../results/outcome-text.ts';
import type { Analysis, TrialSummary } from '../../analysis/analysis.ts';
import { formatCount, formatSeconds } from '../../units/format-units.ts';
import type { Content, Html } from '../html.ts';
import { html } from '../html.ts';
import { part } from '../part.ts';
import { clockText, outcomeLog, uncounted } from '../words.ts';
import { table } from '../document/html-table.ts';

/** Every trial with its outcome: those that do not count in full, all of them in a folded table. */
export function trialSection({ trials }: Analysis): Html {
  const spoilt = uncounted(trials);
  return part({
    id: 'trials',
    title: 'Trials',
    said: spoilt.length === 0 ? `all ${trials.length} count` : `${spoilt.length} of ${trials.length} do not count`,
    body: html`<p class="how">
        ${spoilt.length === 0 ? `All ${counted(trials.length, 'trial')} were completed and count.` : `${counted(spoilt.length, 'trial')} of ${trials.length} ${spoilt.length === 1 ? 'does' : 'do'} not count:`}
      </p>
      ${
        spoilt.length > 0 &&
        html`<ul class="invalid">
          ${spoilt.map(spoiltTrial)}
        </ul>`
      }
      <details class="numbers">
        <summary>All ${counted(trials.length, 'trial')}</summary>
        ${trialTable(trials)}
      </details>`,
  });
}

function spoiltTrial(trial: TrialSummary): Html {
  const log = outcomeLog(trial.outcome);
  return html`<li>
    <b>${trial.cell}</b>, block ${trial.block}${trial.attempt > 1 && `, attempt ${trial.attempt}`}:
    ${outcomeText(trial.outcome)} <a href="#${addressOf(trial)}"><code>${trial.id}</code></a
    >${
      log.length > 0 &&
      html`<details>
        <summary>last ${counted(log.length, 'line')} of output</summary>
        <pre>${log.join('\n')}</pre>
      </details>`
    }
  </li>`;
}

function trialTable(trials: readonly TrialSummary[]): Html {
  return table(
    'All trials',
    [
      { head: 'trial' },
      { head: 'cell' },
      { head: 'attempt', numeric: true },
      { head: 'started' },
      { head: 'window', numeric: true },
      { head: 'GC cycles', numeric: true },
      { head: 'outcome' },
    ],
    trials.map((trial) => ({
      id: addressOf(trial),
      mark: trial.outcome.kind === 'completed' ? '' : 'void',
      cells: [
        html`<a href="#${addressOf(trial)}"><code>${trial.id}</code></a>`,
        trial.cell,
        trial.attempt,
        clockText(trial.startedAt),
        trial.windowSeconds === undefined ? '–' : formatSeconds(trial.windowSeconds),
        trial.gcCycles === undefined ? '–' : formatCount(trial.gcCycles),
        outcomeCell(trial),
      ],
    })),
    { cards: true, tools: 'filter' },
  );
}

/** Where a trial stands on the page; the name of its folder is untrusted. */
function addressOf({ id, attempt }: TrialSummary): string {
  return `trial-${id.replace(/[^\w.-]/g, '_')}${attempt > 1 ? `-${attempt}` : ''}`;
}

function outcomeCell({ outcome, warnings }: TrialSummary): Content {
  return html`<span class="text">${outcomeText(outcome)}</span
    >${warnings.map(({ message }) => html`<span class="remark">${message}</span>`)}`;
}
