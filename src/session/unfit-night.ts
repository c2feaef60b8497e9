import type { Analysis } from '../analysis/analysis.ts';
import { ExitCode, UserError } from '../errors.ts';
import type { Night } from '../history/night.ts';
import { plainText } from '../text/plain-text.ts';
import { shellWord } from '../text/quoted.ts';

/**
 * Throws UserError for a run that is no night: one of whose trials none has a figure, so that there is nothing to keep and nothing to
 * hold to other nights, and a part of a plan, whose blocks are only some of a night's.
 */
export function refuseUnfitNight(
  { run: { shard, id } }: Pick<Analysis, 'run'>,
  { cells }: Night,
  to: 'record' | 'judge',
  named: string,
): void {
  if (shard !== undefined) {
    throw new UserError({
      code: 'part-of-a-run',
      message: `${plainText(id)} is part ${shard.number} of ${shard.of} of a plan`,
      at: '<run>',
      hint: `gctune merge joins the parts; ${to} what they make`,
    });
  }
  if (cells.some(({ metrics }) => Object.keys(metrics).length > 0)) return;
  throw new UserError(
    {
      code: `nothing-to-${to}`,
      message: `no cell of ${plainText(id)} has a figure`,
      hint: `gctune show ${shellWord(named)} says what became of its trials`,
    },
    ExitCode.noUsableResult,
  );
}
