import { EnvironmentError } from '../../errors.ts';
import type { ReplayWorkload } from '../../experiment/experiment.ts';
import type { LoadSource } from '../load-source.ts';
import type { OutgoingRequest, StretchOfLoad } from '../outgoing-request.ts';
import type { LoadTiming } from '../workload.ts';
import { readAccessLog, type AccessLog } from './access-log.ts';

/** Makes the requests of an access log. Rejects with EnvironmentError where it cannot be read. */
export async function openReplaySource(spec: ReplayWorkload, timing: LoadTiming): Promise<LoadSource> {
  const log = await readAccessLog(logWanted(spec, timing));
  if ('code' in log)
    throw new EnvironmentError(log.code, log.message, log.hint === undefined ? {} : { hint: log.hint });
  return {
    draw: () => {
      throw new Error('a replay draws nothing by chance');
    },
    stretch: (phase) => stretchOf(log, spec.speed, phase === 'window' ? timing.windowAtSeconds * spec.speed : 0),
  };
}

/** What a trial needs of the log. */
export function logWanted(
  { log, methods, speed }: ReplayWorkload,
  timing: LoadTiming,
): Parameters<typeof readAccessLog>[0] {
  return { path: log, methods, seconds: timing.totalSeconds * speed };
}

/**
 * The requests from a place of the log on, which begins again at its end: so every trial measures the same requests at the
 * same offsets, however long its warm-up took.
 */
export function stretchOf({ requests, offsets }: AccessLog, speed: number, from: number): StretchOfLoad {
  const last = offsets.at(-1) ?? 0;
  // After the last request as long a pause as between two of them on the average.
  const period = last + (offsets.length > 1 ? (last - (offsets[0] ?? 0)) / (offsets.length - 1) || 1 : 1);
  const startAt = from % period;
  const found = offsets.findIndex((offset) => offset >= startAt);
  const start = found < 0 ? offsets.length : found;
  let drawn = start;
  return {
    arrivals: (function* (): Generator<number, undefined> {
      for (let index = start; ; index++) {
        const round = Math.floor(index / offsets.length);
        const offset = offsets[index % offsets.length] ?? 0;
        yield (round * period + offset - startAt) / speed;
      }
    })(),
    draw: (): OutgoingRequest => {
      const { method, path } = requests[drawn++ % requests.length] as AccessLog['requests'][number];
      return { method, path, headers: [], body: null };
    },
  };
}
