import { UserError } from '../errors.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { readAccessLog } from '../workload/replay/access-log.ts';
import { logWanted } from '../workload/replay/replay-source.ts';
import type { LoadTiming } from '../workload/workload.ts';

/** When the window of a trial begins at the latest, and how long its load lasts. */
export function timingOf({ phases }: Experiment): LoadTiming {
  const { warmupSeconds, autoWarmup, settleSeconds, measureSeconds } = phases;
  const windowAtSeconds = (warmupSeconds === 'auto' ? autoWarmup.maxSeconds : warmupSeconds) + settleSeconds;
  return { windowAtSeconds, totalSeconds: windowAtSeconds + measureSeconds };
}

/** Reads every access log that the experiment replays. Throws UserError; gives a line for people of each. */
export async function checkReplayedLogs(experiment: Experiment): Promise<readonly string[]> {
  const said: string[] = [];
  for (const name of experiment.matrix.workload) {
    const spec = experiment.workloads[name];
    if (spec?.kind !== 'replay') continue;
    const log = await readAccessLog(logWanted(spec, timingOf(experiment)));
    if ('code' in log) throw new UserError(log);
    const { requests, passedOver } = log;
    const bodies = requests.filter(({ method }) => !WITHOUT_BODY.has(method)).length;
    said.push(
      `${name}: ${requests.length} requests of ${spec.log} are replayed, ${passedOver} lines were passed over` +
        (bodies === 0 ? '' : `; ${bodies} requests (POST and its like) have no body, because the log has none`),
    );
  }
  return said;
}

const WITHOUT_BODY: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'DELETE']);
