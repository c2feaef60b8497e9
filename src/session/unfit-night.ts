import type { Analysis } from '../analysis/analysis.ts';
import { ExitCode, UserError } from '../errors.ts';
import type { Night } from '../history/night.ts';
import type { RunManifest } from '../results/format.ts';
import { plainText } from '../text/plain-text.ts';
import { shellWord } from '../text/quoted.ts';

/** Throws UserError for a part of a plan, whose blocks are only some of a run's. */
export function refuseAPart(
  { shard, id }: Pick<RunManifest, 'shard' | 'id'>,
  to: 'record' | 'judge' | 'export',
  at = '<folder>',
): void {
  if (shard === undefined) return;
  throw new UserError({
    code: 'part-of-a-run',
    message: `${plainText(id)} is part ${shard.number} of ${shard.of} of a plan`,
    at,
    hint: `gctune merge joins the parts; ${to} what they make`,
  });
}

/**
 * Throws UserError for a run that is no night: one of whose trials none has a figure, so that there is nothing to keep and nothing to
 * hold to other nights, and a part of a plan, whose blocks are only some of a night's.
 */
export function refuseUnfitNight(
  { run }: Pick<Analysis, 'run'>,
  { cells }: Night,
  to: 'record' | 'judge',
  named: string,
): void {
  refuseAPart(run, to, '<run>');
  if (cells.some(({ metrics }) => Object.keys(metrics).length > 0)) return;
  throw new UserError(
    {
      code: `nothing-to-${to}`,
      message: `no cell of ${plainText(run.id)} has a figure`,
      hint: `gctune show ${shellWord(named)} says what became of its trials`,
    },
    ExitCode.noUsableResult,
  );
}
