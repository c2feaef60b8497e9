import { outcomeText } from '../../results/outcome-text.ts';
import { plainText } from '../../text/plain-text.ts';
import type { SweepEvent } from '../../sweep/event.ts';
import type { Output } from '../io.ts';
import { formatBytes, formatWait, formatFraction, formatSeconds } from '../../units/format-units.ts';
import { lastingLine, precisionText } from './lasting-line.ts';
import type { Progress } from './progress.ts';
import type { Style } from './style.ts';

/** One line for each trial, for logs and for terminals that cannot move the cursor; verbose: one for each phase too. */
export function plainProgress(stderr: Output, style: Style, verbose: boolean): Progress {
  let trials = 0;
  return {
    event(event: SweepEvent): void {
      if (event.type === 'run-started') trials = event.trials;
      const line =
        event.type === 'trial-ended'
          ? trialLine(event, trials, style)
          : event.type === 'precision'
            ? style.text(`after block ${event.block}: ${precisionText(event)}`)
            : (lastingLine(event, style) ?? (verbose ? detailLine(event) : undefined));
      if (line !== undefined) stderr.write(`${line}\n`);
      if (event.type === 'run-started') {
        stderr.write(
          `${style.text(`about ${formatWait(event.estimatedSeconds)}; results go to ${plainText(event.folder)}`)}\n`,
        );
      }
    },
    message: (text) => stderr.write(`${text}\n`),
    close: () => {},
  };
}

function trialLine(event: Extract<SweepEvent, { type: 'trial-ended' }>, trials: number, style: Style): string {
  const { record, quick, index, secondsLeft } = event;
  const outcome = plainText(outcomeText(record.outcome));
  const facts = [
    record.outcome.kind === 'completed' ? style.green(outcome) : style.yellow(style.text(outcome)),
    ...(quick.anonBytes === undefined ? [] : [`anon ${formatBytes(quick.anonBytes)}`]),
    ...(quick.gcCpuFraction === undefined ? [] : [`GC CPU ${formatFraction(quick.gcCpuFraction)}`]),
    ...(quick.cpuPerRequestSeconds === undefined
      ? []
      : [style.text(`CPU/request ${formatSeconds(quick.cpuPerRequestSeconds)}`)]),
    `about ${formatWait(secondsLeft)} left`,
  ];
  const place = `[${String(index + 1).padStart(String(trials).length)}/${trials}]`;
  const again = record.attempt > 1 ? ` (attempt ${record.attempt})` : '';
  return `${place} block ${record.block} ${plainText(record.cell)}${again}: ${facts.join(', ')}`;
}

function detailLine(event: SweepEvent): string | undefined {
  if (event.type === 'trial-started') return `  ${plainText(event.trial.id)} starts with seed ${event.trial.seed}`;
  return event.type === 'phase' ? `  ${plainText(event.trial)} ${event.phase}` : undefined;
}
