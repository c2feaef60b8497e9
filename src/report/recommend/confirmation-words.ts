import { counted } from '../../text/words.ts';
import type { Change, Confirmation, ConfirmedWorkload } from '../../analysis/recommend/confirmation.ts';
import { writeLevel } from '../../experiment/plan/cell-selector.ts';
import { METRICS } from '../../metrics/metrics.ts';
import { mapped } from '../figure.ts';
import { signedText } from './rule-words.ts';

/** What a confirmation run showed, the verdict first, then each load. Untrusted names. */
export function confirmationSentences(confirmation: Confirmation): readonly string[] {
  return [verdictSentence(confirmation), ...confirmation.workloads.map((view) => workloadSentence(view, confirmation))];
}

function verdictSentence({ verdict, kind, gogc, gomemlimit, against, run }: Confirmation): string {
  const limit = `GOMEMLIMIT=${writeLevel(gomemlimit, 'gomemlimit')}`;
  const setting =
    kind === 'limit' ? `GOGC=${gogc} with ${limit}` : `GOGC=${gogc}${gomemlimit === 'off' ? '' : ` with ${limit}`}`;
  const other =
    kind === 'limit'
      ? 'the same GOGC without it'
      : `GOGC=${against.gogc}${against.gomemlimit === 'off' ? '' : ` with GOMEMLIMIT=${writeLevel(against.gomemlimit, 'gomemlimit')}`}`;
  const said = {
    confirmed: `Confirmed: ${setting}`,
    refused: `Do not set it: ${setting}`,
    open: `Not decided: ${setting}`,
  };
  return `${said[verdict]}, against ${other} (${run}).`;
}

function workloadSentence(view: ConfirmedWorkload, { kind }: Confirmation): string {
  const { workload, description, cost, memory, latency, tried, compared } = view;
  const figures = [cost, memory, ...(kind === 'setting' || dearer(latency) ? [latency] : [])].flatMap((change) =>
    change === undefined ? [] : [changeText(change, view)],
  );
  const n = cost === undefined ? '' : ` (n = ${counted(cost.ratio.n, 'block')})`;
  const parts = [
    figures.length === 0 ? 'no value to compare' : `${figures.join(', ')}${n}`,
    ...(kind === 'limit' ? [bindingText(view)] : []),
    limiterText(view),
    ...(tried.counted < tried.attempted ? [`with it ${tried.shortfall ?? 'some trials do not count'}`] : []),
    ...(compared.counted < compared.attempted
      ? [`without it ${compared.shortfall ?? 'some trials do not count'}`]
      : []),
  ];
  return `${workload} (${description}): ${parts.join('; ')}.`;
}

function bindingText({ tried, compared }: ConfirmedWorkload): string {
  if (tried.binding === null) return 'no readings show whether the limit bound';
  const more =
    (compared.binding ?? 0) === 0
      ? ''
      : `, and without it ${compared.binding} of ${counted(compared.attempted, 'trial')} needed more`;
  if (tried.binding === 0 && more === '')
    return `the limit bound in no reading of ${counted(tried.attempted, 'trial')}`;
  return `the limit bound in ${tried.binding} of ${counted(tried.attempted, 'trial')}${more}`;
}

function limiterText({ tried, compared }: ConfirmedWorkload): string {
  if (tried.limiter === 0) return 'the GC CPU limiter was never active';
  const without = compared.limiter === 0 ? '' : ` (${compared.limiter} of ${compared.attempted} without it)`;
  return `GC CPU at or near the runtime’s limiter in ${tried.limiter} of ${counted(tried.attempted, 'trial')}${without}`;
}

function dearer(change: Change | undefined): boolean {
  return change !== undefined && change.ratio.low !== null && change.ratio.low > 1;
}

function changeText({ metric, ratio }: Change, { unit }: ConfirmedWorkload): string {
  const { label } = METRICS[metric];
  const name = unit === 'run' ? label.replace('per request', 'per run') : label;
  return `${name} ${signedText(
    mapped(ratio, (value) => value - 1),
    'fraction',
  )}`;
}
