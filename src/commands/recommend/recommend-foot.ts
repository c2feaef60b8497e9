import type { Recommendation } from '../../analysis/recommend/recommendation.ts';
import { decideFoot } from '../../session/decide-foot.ts';
import type { BriefFoot } from '../../report/brief/brief.ts';
import { shortLimit } from '../../report/recommend/memory-limit-words.ts';
import { pasteForms, settingsToPaste } from '../../report/recommend/paste.ts';
import { accepted } from '../../report/recommend/refusal-words.ts';
import { shellWord } from '../../text/quoted.ts';

/** What to paste, and what to do next: decide what is refused, accept more, confirm what is recommended, or read on. */
export function recommendFoot(
  recommendation: Recommendation,
  run: string,
  { confirm }: { readonly confirm: boolean },
): readonly BriefFoot[] {
  const { answers } = recommendation;
  const moved = settingsToPaste(recommendation);
  const command = `gctune recommend ${shellWord(run)}`;
  const more = accepted(recommendation);
  const pasted = moved.flatMap(({ chosen, aims }) => {
    const text = pasteForms(chosen).find(({ name }) => name === 'environment')?.text ?? '';
    return aims.length === answers.length ? text : `${text} (${aims.map(lowered).join(', ')})`;
  });
  const limits = moved.flatMap(({ chosen }) => shortLimit(chosen.memoryLimit) ?? []);
  const decide = decideFoot(recommendation);
  const next = moved.length > 0 && !confirm ? `${command} --confirm` : `${command} --verbose`;
  return [
    ...(pasted.length === 0 ? [] : [{ name: 'Paste', text: pasted.join(', ') }]),
    ...limits.slice(0, 1).map((text) => ({ name: 'GOMEMLIMIT', text })),
    ...decide,
    ...(more === undefined ? [] : [{ name: 'Or accept', text: `${command} ${more.flag}` }]),
    ...(decide.length > 0 || more !== undefined ? [] : [{ name: 'Next', text: next }]),
  ];
}

function lowered(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
