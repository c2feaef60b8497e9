import type { HttpWorkload, Rate, WorkloadSpec } from '../experiment/experiment.ts';
import { writeDuration } from '../experiment/units.ts';

/** A workload in one phrase: `http, 400 requests/s, evenly spaced`. */
export function describeWorkload(workload: WorkloadSpec | undefined): string {
  switch (workload?.kind) {
    case 'http':
      return `http, ${rateText(workload.rate)}, ${arrivalsText(workload)}`;
    case 'batch':
      return 'batch, one run to its end a trial';
    case 'idle':
      return 'idle, nothing is asked of the target';
    case undefined:
      return 'not described in the experiment';
  }
}

/** The piece of work that a workload's figures are per. */
export function unitOfWork(workload: WorkloadSpec | undefined): 'request' | 'run' | 'none' {
  return workload?.kind === 'http' ? 'request' : workload?.kind === 'batch' ? 'run' : 'none';
}

function rateText(rate: Rate): string {
  switch (rate.kind) {
    case 'constant':
      return `${rate.perSecond} requests/s`;
    case 'bursty':
      return `${rate.basePerSecond} requests/s with bursts of ${rate.peakPerSecond} requests/s for ${writeDuration(rate.forSeconds)} every ${writeDuration(rate.everySeconds)}`;
    case 'stepped':
      return rate.steps
        .map((step) => `${step.perSecond} requests/s for ${writeDuration(step.forSeconds)}`)
        .join(', then ');
  }
}

function arrivalsText(workload: HttpWorkload): string {
  return workload.arrivals === 'poisson' ? 'Poisson arrivals' : 'evenly spaced';
}
