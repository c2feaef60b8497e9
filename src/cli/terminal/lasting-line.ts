import { plainText } from '../../text/plain-text.ts';
import type { Outcome } from '../../results/format.ts';
import type { SweepEvent } from '../../sweep/event.ts';
import { formatBytes, formatFraction, formatWait } from '../../units/format-units.ts';
import type { Style } from './style.ts';

/** What an event leaves behind on a live terminal: notes, and trials whose figures do not count. */
export function lastingLine(event: SweepEvent, style: Style): string | undefined {
  switch (event.type) {
    case 'note':
      return style.text(plainText(event.message));
    case 'run-started':
      return style.text(
        `${plainText(event.runId)}: ${event.trials} trials in ${event.blocks} blocks on ${event.runner} (${plainText(event.why)})`,
      );
    case 'trial-ended':
      if (event.record.outcome.kind === 'completed') return undefined;
      return `${style.yellow(plainText(event.record.id))} ${style.text(outcomeText(event.record.outcome))}`;
    case 'precision': // stands in the frame
    case 'trial-started':
    case 'phase':
    case 'reading':
    case 'run-ended':
      return undefined;
  }
}

/** `±5.0 % wanted, about 7 more blocks: memory.anon ±3.1 % (gogc=25), cpu.per_request ±8.2 % (gogc=50)`. */
export function precisionText({ widest, asked, blocksLeft }: Extract<SweepEvent, { type: 'precision' }>): string {
  const known = widest.map(({ metric, cell, halfWidth }) =>
    halfWidth === null ? `${metric} not known yet` : `${metric} ±${formatFraction(halfWidth)} (${plainText(cell)})`,
  );
  const more = `, about ${blocksLeft} more ${blocksLeft === 1 ? 'block' : 'blocks'}`;
  const left = blocksLeft === null ? '' : blocksLeft === 0 ? ', reached' : more;
  return `±${formatFraction(asked)} wanted${left}: ${known.join(', ')}`;
}

/** How a trial ended, in a few words. */
export function outcomeText(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'completed':
      return 'completed';
    case 'invalid':
      return `does not count: ${plainText(outcome.message)}`;
    case 'failed':
      return `failed in the ${outcome.phase} phase: ${plainText(outcome.cause)}`;
    case 'timed-out':
      return `timed out in the ${outcome.phase} phase after ${formatWait(outcome.seconds)}`;
    case 'oom-killed': {
      const limit = outcome.limitBytes === undefined ? '' : ` at the limit of ${formatBytes(outcome.limitBytes)}`;
      return `was killed for lack of memory in the ${outcome.phase} phase${limit}`;
    }
    case 'aborted':
      return `was stopped in the ${outcome.phase} phase`;
  }
}
