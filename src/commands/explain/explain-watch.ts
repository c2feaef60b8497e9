import { setTimeout as sleep } from 'node:timers/promises';
import { EXPLANATION_VERSION } from '../../analysis/explain/explanation-document.ts';
import { explainSeries, type SeriesDocument, type SeriesLook } from '../../analysis/explain/series.ts';
import { EnvironmentError, UserError } from '../../errors.ts';
import { formatCount, formatWait } from '../../units/format-units.ts';
import type { ExplanationDocument } from '../../analysis/explain/explanation-document.ts';
import { type ProcessIdentity, whyReplaced } from '../../probe/process-identity.ts';
import type { Io } from '../../cli/io.ts';

/** Without --every: this often, and so rarely that a page that stops the world does not show. */
export const EVERY_SECONDS = 10;
/** A read of `/debug/vars` stops the world and makes garbage. */
const LEAST_EVERY_SECONDS = 1;
/** So many looks in succession may fail before the process is taken to be gone: an overloaded one misses some. */
const MOST_MISSES = 3;
/** So many readings can be held and drawn. */
const MOST_READINGS = 20_000;

/** How long a process is watched, and how often it is looked at. */
interface Watch {
  readonly forSeconds: number;
  readonly everySeconds: number;
}

/** Refuses a watch that asks for too much or too little. Throws UserError. */
function checkWatch({ forSeconds, everySeconds }: Watch): void {
  const wrong = (message: string, at: string, hint: string): UserError =>
    new UserError({ code: 'bad-value', message, at, hint });
  if (everySeconds < LEAST_EVERY_SECONDS)
    throw wrong('more often than once a second would disturb the process', '--every', 'write e.g. --every 10s');
  if (forSeconds / everySeconds > MOST_READINGS)
    throw wrong(
      `that would be more than ${formatCount(MOST_READINGS)} readings`,
      '--every',
      'look less often, or for a shorter time',
    );
  if (forSeconds < everySeconds)
    throw wrong('it is shorter than the time between two readings', '--for', 'write e.g. --for 10m --every 10s');
}

/**
 * Looks at a process again and again, at one and the same program by its `identity`, and explains the readings together. Ctrl-C, or the end of the process, ends it early:
 * then what there is is explained. Throws what the first look throws.
 */
export async function explainWatch(
  look: () => Promise<ExplanationDocument>,
  identity: (document: ExplanationDocument) => Promise<ProcessIdentity | undefined>,
  watch: Watch,
  io: Io,
): Promise<SeriesDocument | ExplanationDocument> {
  checkWatch(watch);
  const { forSeconds, everySeconds } = watch;
  const began = io.nowSeconds();
  let last = await look();
  const looks: SeriesLook[] = [lookOf(last, 0)];
  const warnings: string[] = [];
  let program = await identity(last);
  let [missed, inSuccession] = [0, 0];
  io.stderr.write(
    `Watching for ${formatWait(forSeconds)}, a reading every ${formatWait(everySeconds)}; Ctrl-C ends it and explains what there is.\n`,
  );
  for (let next = 1; next * everySeconds <= forSeconds + 1e-9; next++) {
    const wait = began + next * everySeconds - io.nowSeconds();
    // A look that took longer than the time between two leaves some out.
    if (wait < -everySeconds) continue;
    try {
      await sleep(Math.max(0, wait) * 1000, undefined, { signal: io.signal });
      const at = io.nowSeconds() - began;
      last = await look();
      const now = await identity(last);
      if (whyReplaced(program, now) !== undefined) {
        warnings.push(
          `the process ran another program from ${formatWait(at)} on (execve, or another process with its number); the ${formatCount(looks.length)} readings before that are left out`,
        );
        looks.length = 0;
      }
      program = now ?? program;
      looks.push(lookOf(last, at));
      inSuccession = 0;
    } catch (error) {
      if (io.signal.aborted) break;
      if (!(error instanceof UserError || error instanceof EnvironmentError)) throw error;
      missed++;
      if (error instanceof EnvironmentError && ++inSuccession < MOST_MISSES) continue;
      warnings.push(`the watch ended after ${formatWait(io.nowSeconds() - began)}: ${error.message}`);
      break;
    }
  }
  if (missed > 0) warnings.push(`${formatCount(missed)} ${missed === 1 ? 'reading' : 'readings'} failed`);
  if (looks.length === 1) return { ...last, warnings: [...last.warnings, ...warnings] };
  const series = explainSeries(looks, true);
  return {
    formatVersion: EXPLANATION_VERSION,
    source: { kind: 'series', name: last.source.name },
    series: { ...series, warnings: [...series.warnings, ...warnings] },
    last,
  };
}

function lookOf({ figures }: ExplanationDocument, atSeconds: number): SeriesLook {
  return { name: `after ${formatWait(atSeconds)}`, atSeconds, figures };
}
