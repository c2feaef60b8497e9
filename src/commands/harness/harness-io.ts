import { eventLine } from '../../kubernetes/result-lines.ts';
import type { Io, Output } from '../../cli/io.ts';

/** An Io whose stdout takes the JSON lines of a sweep, and prints what a driver shows of them as numbered events. */
export interface HarnessIo extends Io {
  event(event: object): void;
}

/** What a driver is told of while a block runs. */
const TOLD: ReadonlySet<unknown> = new Set(['note', 'trial-ended', 'trial-fault']);

/** The Io of a harness. */
export function harnessIo(io: Io): HarnessIo {
  let count = 0;
  const event = (told: object): void => io.stdout.write(`${eventLine((count += 1), told)}\n`);
  const stdout: Output = {
    ...io.stdout,
    write: (text) => {
      for (const line of text.split('\n')) {
        if (line === '') continue;
        const one = JSON.parse(line) as Readonly<Record<string, unknown>>;
        if (TOLD.has(one['type'])) event(withoutHistogram(one));
      }
    },
  };
  return { ...io, stdout, event };
}

/** The histogram of a trial comes with the results. */
function withoutHistogram(event: Readonly<Record<string, unknown>>): object {
  const json = JSON.stringify(event, (key, value: unknown) => (key === 'hdr' ? undefined : value));
  return JSON.parse(json) as object;
}
