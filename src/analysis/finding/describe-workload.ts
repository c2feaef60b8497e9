import type {
  HttpWorkload,
  KuboOperation,
  KuboWorkload,
  Rate,
  SizeRange,
  WorkloadSpec,
} from '../../experiment/experiment.ts';
import { formatFraction } from '../../units/format-units.ts';
import { writeDuration, writeSize } from '../../units/units.ts';

/** A workload in one phrase: `http, 400 requests/s, evenly spaced`. */
export function describeWorkload(workload: WorkloadSpec | undefined): string {
  switch (workload?.kind) {
    case 'http':
      return `http, ${rateText(workload.rate)}, ${arrivalsText(workload)}`;
    case 'kubo':
      return `kubo, ${operationsText(workload)}, ${rateText(workload.rate)}, ${arrivalsText(workload)}${preloadText(workload)}`;
    case 'batch':
      return 'batch, one complete run per trial';
    case 'idle':
      return 'idle, no requests are sent';
    case undefined:
      return 'not described in the experiment';
  }
}

/** The piece of work that a workload's figures are per. */
export function unitOfWork(workload: WorkloadSpec | undefined): 'request' | 'run' | 'none' {
  switch (workload?.kind) {
    case 'http':
    case 'kubo':
      return 'request';
    case 'batch':
      return 'run';
    case 'idle':
    case undefined:
      return 'none';
  }
}

/** `add of 256 KiB`, or `75 % cat and 25 % add of 256 KiB`. */
function operationsText({ operations }: KuboWorkload): string {
  const total = operations.reduce((sum, { weight }) => sum + weight, 0);
  return listText(
    operations.map(({ operation, weight }) => {
      const share = operations.length === 1 ? '' : `${formatFraction(weight / total)} `;
      return share + operationText(operation);
    }),
  );
}

function preloadText({ preload }: KuboWorkload): string {
  if (preload.length === 0) return '';
  return `, after a preload of ${listText(preload.map(({ operation, count }) => `${count} × ${operationText(operation)}`))}`;
}

function operationText(operation: KuboOperation): string {
  switch (operation.kind) {
    case 'add':
      return `add of ${sizeText(operation.size)}${operation.pin ? ', pinned' : ''}`;
    case 'cat':
    case 'pin':
      return operation.kind;
    case 'block-get':
      return 'block get';
    case 'dag-put':
      return `dag put of ${sizeText(operation.size)}`;
    case 'mfs-write':
      return `MFS write of ${sizeText(operation.size)}`;
    case 'connect':
      return `connect to a new peer with ${operation.addresses} ${operation.transport.toUpperCase()} addresses`;
    case 'exchange':
      return `exchange of ${sizeText(operation.size)}`;
  }
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

function arrivalsText(workload: HttpWorkload | KuboWorkload): string {
  return workload.arrivals === 'poisson' ? 'Poisson arrivals' : 'evenly spaced';
}

function sizeText({ leastBytes, mostBytes }: SizeRange): string {
  const [least = '', most = ''] = [leastBytes, mostBytes].map((bytes) => writeSize(bytes).replace(/(\d)(\D)/, '$1 $2'));
  return least === most ? least : `${least} to ${most}`;
}

/** `a`, `a and b`, `a, b and c`. */
function listText(items: readonly string[]): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} and ${last}`;
}
