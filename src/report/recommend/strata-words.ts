import type { Recommendation } from '../../analysis/recommend/recommendation.ts';

/** Where the answer is another one at other levels of the further factors, or that it is the same; nothing where none varies. */
export function strataSentences(recommendation: Recommendation): readonly string[] {
  return saidOfStrata(recommendation).map(({ text }) => text);
}

/** Where the answer is another one at other levels of the further factors. */
export function differingStrata(recommendation: Recommendation): readonly string[] {
  return saidOfStrata(recommendation).flatMap(({ text, differs }) => (differs ? text : []));
}

function saidOfStrata({
  answers,
  strata,
}: Recommendation): readonly { readonly text: string; readonly differs: boolean }[] {
  if (strata === undefined) return [];
  return answers.map(({ goal }, i) => {
    const of = answers.length === 1 ? '' : ` for ${goal.kind === 'cpu' ? 'CPU' : goal.kind}`;
    const byAnswer = Map.groupBy(strata, ({ settings }) => settings[i] ?? 'no setting can be named');
    const said = [...byAnswer].map(([setting, own]) => `${setting} at ${own.map(({ label }) => label).join('; ')}`);
    return byAnswer.size === 1
      ? {
          text: `By itself each of the ${strata.length} combinations gives the same answer${of}: ${[...byAnswer.keys()].join('')}.`,
          differs: false,
        }
      : { text: `The answer${of} differs: ${said.join('. ')}.`, differs: true };
  });
}
