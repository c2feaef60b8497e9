import { ExitCode, UserError } from '../errors.ts';
import type { Night } from '../history/night.ts';
import { plainText } from '../text/plain-text.ts';
import { shellWord } from '../text/quoted.ts';

/** Throws UserError where no trial of a run has a figure: there is nothing to keep, and nothing to hold to other nights. */
export function refuseWithoutFigures({ cells, run }: Night, to: 'record' | 'judge', named: string): void {
  if (cells.some(({ metrics }) => Object.keys(metrics).length > 0)) return;
  throw new UserError(
    {
      code: `nothing-to-${to}`,
      message: `no cell of ${plainText(run)} has a figure`,
      hint: `gctune show ${shellWord(named)} says what became of its trials`,
    },
    ExitCode.noUsableResult,
  );
}
