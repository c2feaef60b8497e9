import { counted } from '../../text/words.ts';
import type { MemoryLimit, MemoryLimitAdvice } from '../../analysis/recommend/memory-limit.ts';
import { formatBytes, formatSeconds } from '../../units/format-units.ts';
import { writeSize } from '../../units/units.ts';
import { percentText } from '../words.ts';

/** What is advised on a memory limit beside the setting, and on what grounds; or why nothing is. */
export function memoryLimitSentences(limit: MemoryLimit): readonly string[] {
  switch (limit.kind) {
    case 'advice':
      return [adviceSentence(limit), groundsSentence(limit)];
    case 'measured':
      return [`GOMEMLIMIT=${writeSize(limit.gomemlimitBytes)} is part of the setting, as it was measured.`];
    case 'none':
      return [`No GOMEMLIMIT is advised: ${NONE[limit.reason]}.`];
  }
}

/** The advice in a few words; nothing where there is none, or where the limit was measured with the setting. */
export function shortLimit(limit: MemoryLimit): string | undefined {
  if (limit.kind !== 'advice') return undefined;
  const { verdict, trials, binding, margin } = limit;
  const size = writeSize(limit.gomemlimitBytes);
  switch (verdict) {
    case 'unbound':
      return `${size} would have bound in none of ${counted(trials, 'trial')} (advice, not measured)`;
    case 'close':
      return `do not set ${size} unconfirmed: it is less than ${margin} times the largest need`;
    case 'binds':
      return `do not set ${size}: it would have bound in ${binding} of ${counted(trials, 'trial')}`;
  }
}

const NONE = {
  'gogc-off': 'with GOGC=off, it alone makes the collector run, so it has to be measured (matrix: gomemlimit)',
  'no-readings':
    'not every trial of the setting has readings of Sys, HeapIdle, HeapAlloc, HeapReleased and NextGC, so it is unknown whether it would bind',
  'no-container':
    'it is derived from the memory of the container, which is unknown; give --container-memory, or limits.memory in the experiment',
  'no-room': 'the container has no room for one on top of the memory resident outside Go',
} as const;

function adviceSentence({ verdict, gomemlimitBytes, trials, binding, margin }: MemoryLimitAdvice): string {
  const setting = `GOMEMLIMIT=${writeSize(gomemlimitBytes)}`;
  switch (verdict) {
    case 'unbound':
      return `Advice, not measured: ${setting} would not have bound in any reading of ${counted(trials, 'trial')}.`;
    case 'close':
      return `Do not set ${setting} unconfirmed: it would not have bound in any reading of ${counted(trials, 'trial')}, but is less than ${margin} times the largest need.`;
    case 'binds':
      return `Do not set ${setting}: it would have bound in ${binding} of ${counted(trials, 'trial')}, and then its CPU cost has no bound.`;
  }
}

function groundsSentence(limit: MemoryLimitAdvice): string {
  const { containerBytes, from, headroom, outsideBytes, needBytes, readings, trials, seconds } = limit;
  const derived =
    containerBytes === undefined
      ? ''
      : `It is the container’s ${formatBytes(containerBytes)} (${from === 'flag' ? '--container-memory' : 'limits.memory'}), less ${percentText(headroom)} for what the runtime does not account for and ${formatBytes(outsideBytes)} resident outside Go; it assumes that the container runs only this program. `;
  return `${derived}The largest need was ${formatBytes(needBytes)}: of Sys − HeapIdle − HeapAlloc + NextGC with the pacer’s headroom (1 MiB or 3 %), and of Sys − HeapReleased, in ${counted(readings, 'reading')} of ${counted(trials, 'trial')} of at most ${formatSeconds(seconds)} each, A/A trials included. Such short trials say little about peaks: gctune recommend <run> --confirm measures the limit, also under twice the load.`;
}
