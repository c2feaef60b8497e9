import { counted } from '../../text/words.ts';
import { plainText } from '../../text/plain-text.ts';
import { outcomeText } from '../../results/outcome-text.ts';
import type { SweepEvent } from '../../sweep/event.ts';
import { formatFraction, formatWait } from '../../units/format-units.ts';
import type { Style } from './style.ts';

/** What an event leaves behind on a live terminal: notes, and trials whose figures do not count. */
export function lastingLine(event: SweepEvent, style: Style): string | undefined {
  switch (event.type) {
    case 'note':
      return style.text(plainText(event.message));
    case 'run-started':
      return style.text(
        `${plainText(event.runId)}: ${counted(event.trials, 'trial')} in ${event.ofBlocks === undefined ? '' : `${event.blocks} of `}${counted(event.ofBlocks ?? event.blocks, 'block')} on ${event.runner} (${plainText(event.why)})${event.kept === undefined ? '' : `; ${event.kept} of them are there`}`,
      );
    case 'trial-fault':
      return `${style.yellow(plainText(event.trial.id))} ${style.text(`${plainText(event.message)} [${plainText(event.code)}]; ${afterFault(event)}`)}`;
    case 'trial-ended':
      if (event.record.outcome.kind === 'completed') return undefined;
      return `${style.yellow(plainText(event.record.id))} ${style.text(plainText(outcomeText(event.record.outcome)))}`;
    case 'precision': // stands in the frame
    case 'trial-started':
    case 'phase':
    case 'reading':
    case 'run-ended':
      return undefined;
  }
}

function afterFault({ next, waitSeconds }: Extract<SweepEvent, { type: 'trial-fault' }>): string {
  if (next === 'retry') return `repeated in ${formatWait(waitSeconds)}`;
  return next === 'skip' ? 'left out' : 'the retries are used up';
}

/** `±5.0 % wanted, about 7 more blocks: memory.anon ±3.1 % (gogc=25), cpu.per_request ±8.2 % (gogc=50)`. */
export function precisionText({ widest, asked, blocksLeft }: Extract<SweepEvent, { type: 'precision' }>): string {
  const known = widest.map(({ metric, cell, halfWidth }) =>
    halfWidth === null ? `${metric} unknown so far` : `${metric} ±${formatFraction(halfWidth)} (${plainText(cell)})`,
  );
  const more = `, about ${blocksLeft} more ${blocksLeft === 1 ? 'block' : 'blocks'}`;
  const left = blocksLeft === null ? '' : blocksLeft === 0 ? ', reached' : more;
  return `±${formatFraction(asked)} wanted${left}: ${known.join(', ')}`;
}
