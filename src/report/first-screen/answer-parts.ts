import type { Answer, Recommendation } from '../../analysis/recommend/recommendation.ts';
import type { WishValues } from '../../analysis/recommend/wish-flags.ts';
import { shellWord } from '../../text/quoted.ts';
import { counted } from '../../text/words.ts';
import { formatWait } from '../../units/format-units.ts';
import { blocksToDecide, shortAnswers } from '../brief/verdict-words.ts';
import type { Html } from '../html.ts';
import { html } from '../html.ts';
import { AIM_PHRASES } from '../recommend/aim-phrases.ts';
import { pasteForms, settingsToPaste } from '../recommend/paste.ts';
import { shortCautions } from '../recommend/recommend-words.ts';
import { accepted } from '../recommend/refusal-words.ts';
import { capital, glued, runMissing } from '../words.ts';

// What of the first screen changes with what is wished. It is made here for the page as it is written, and by the page's
// own script whenever its reader moves a control.

/** What to set in each direction, what it saves and costs; what would decide what is not decided. */
export function verdictHtml(recommendation: Recommendation): Html {
  const missing = runMissing(recommendation);
  const decide = blocksToDecide(recommendation);
  const cautions = [...new Set(recommendation.answers.flatMap(shortCautions))];
  const more = accepted(recommendation);
  return html`${shortAnswers(recommendation).map(
    ({ lead, act, because, under }) =>
      html`<p class="say">
        ${lead !== undefined && html`${lead}, `}<b>${lead === undefined ? capital(act) : act}</b>:
        ${glued(because)}${under !== undefined && ` (${under})`}.
      </p>`,
  )}
  ${cautions.map((text) => html`<p class="caution">Caution: ${glued(text)}.</p>`)}
  ${
    missing.length > 0 &&
    html`<p class="decide">
      To complete it, ${missing.map((command) => html`<code>${command}</code>, `)}then merge all parts again.
    </p>`
  }
  ${
    missing.length === 0 &&
    decide !== undefined &&
    html`<p class="decide">
      To decide, run
      <code>${`--blocks ${decide.blocks}`}</code
      >${decide.seconds !== undefined && html`, about ${formatWait(decide.seconds)}`}.
    </p>`
  }
  ${
    more !== undefined &&
    html`<p class="decide">
      ${more.setting} is shown to stay within <code>${more.flag}</code>, should you accept that.
    </p>`
  }`;
}

/** The settings to paste, of each direction its own; nothing where the baseline is kept. */
export function pasteHtml(recommendation: Recommendation): Html {
  const moved = settingsToPaste(recommendation);
  if (moved.length === 0)
    return html`<p class="none">Nothing to change: ${recommendation.baseline ?? 'the current setting'} stays.</p>`;
  return html`${moved.map(({ chosen, aims }) => {
    const [environment, ...others] = pasteForms(chosen);
    const about = aims.length === recommendation.answers.length ? '' : aims.map(lowered).join(', ');
    return html`${about !== '' && html`<h3>${about}</h3>`}
      <pre class="copied">${environment?.text ?? ''}</pre>
      <details class="forms">
        <summary>${others.map(({ short }) => short).join(', ')}</summary>
        ${others.map(
          ({ title, text }) =>
            html`<h4>${title}</h4>
              <pre class="copied">${text}</pre>`,
        )}
      </details>`;
  })}`;
}

/** Whether there are blocks enough for what is asked, as the third of the marks. */
export function blocksMark(recommendation: Recommendation): Html {
  const { answers, blocks } = recommendation;
  const open = answers.filter(({ refusal }) => refusal !== undefined);
  if (open.length === 0)
    return mark(
      true,
      `${counted(blocks, 'block')}, each with every setting, ${blocks === 1 ? 'decides' : 'decide'} what is asked`,
    );
  const why = open.map(
    (answer) => `${lowered(AIM_PHRASES[answer.goal.kind].lead)}, ${OPEN[answer.refusal?.code ?? 'overlap']}`,
  );
  return mark(
    false,
    `${counted(blocks, 'block')} ${blocks === 1 ? 'does' : 'do'} not decide what is asked: ${why.join('; ')}`,
  );
}

const OPEN: Readonly<Record<NonNullable<Answer['refusal']>['code'], string>> = {
  'baseline-invalid': 'no trial of the baseline counts',
  'cells-invalid': 'too few trials count',
  'too-few-blocks': 'too few for an interval',
  overlap: 'an interval reaches over a limit',
  'not-shown': 'no difference is shown',
  'limits-unmet': 'no setting keeps the limits',
  'limits-contradict': 'no setting keeps all limits',
};

/** A mark of how sure the answer is, with its sentence. */
export function mark(holds: boolean | undefined, text: string): Html {
  const [sign, word] = holds === undefined ? ['?', 'unknown'] : holds ? ['✓', 'yes'] : ['✗', 'no'];
  return html`<li class="mark-${word}"><b aria-label="${word}">${sign}</b> ${glued(text)}</li>`;
}

/** How each setting stands: `picked` by an answer; else `met`, `open` or `broken` by the limits of the first. */
export function standings({ answers, baseline }: Recommendation): ReadonlyMap<string, string> {
  const picked = new Set(answers.map(({ chosen }) => chosen?.label ?? baseline));
  const [first] = answers;
  return new Map(
    (first?.settings ?? []).map(({ label, judgements, excluded }) => {
      const states = judgements.map(({ state }) => state);
      const standing = picked.has(label)
        ? 'picked'
        : excluded !== undefined || states.includes('broken')
          ? 'broken'
          : states.every((state) => state === 'met')
            ? 'met'
            : 'open';
      return [label, standing];
    }),
  );
}

/** The most CPU over the baseline's that a saving of memory may cost, in per cent; undefined where nothing limits it. */
export function cpuLimitPercent({ answers }: Recommendation): number | undefined {
  const limits = answers.flatMap((answer) =>
    answer.limits.filter(({ name, kind }) => name === 'cpu' && kind === 'change'),
  );
  return limits[0] === undefined ? undefined : limits[0].most * 100;
}

/** The command that answers what the controls ask: `gctune recommend results/run --max-cpu=+15%`. */
export function commandOf(run: string, flags: Partial<WishValues>): string {
  const given = Object.entries(flags).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${shellWord(`${name}=${value}`)}`],
  );
  return [`gctune recommend ${shellWord(run)}`, ...given].join(' ');
}

function lowered(lead: string): string {
  return lead.slice(0, 1).toLowerCase() + lead.slice(1);
}
