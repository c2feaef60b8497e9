import type { MetricId } from '../../experiment/metrics.ts';
import type { CellAnalysis } from '../analysis.ts';
import type { MemoryLimit } from './recommendation.ts';

const MIB = 2 ** 20;
/** Room above the largest peak: what the Go documentation advises to leave under a container's limit, at its upper end. */
const HEADROOM = 0.1;
/** What Go's own memory may have been at most, best source first. */
const PEAKS: readonly MetricId[] = ['memory.anon_peak', 'memory.peak'];

/**
 * A GOMEMLIMIT for a setting: 10 % over the largest peak of any of its trials under any workload, rounded up to a MiB,
 * so that it did not bind in anything that was measured and stops growth beyond it. The container's limit holds that
 * and what is resident outside of it (the binary, mapped files), and again 10 %. RssAnon is not less than what Go holds
 * resident, so the limit errs on the large side; a mean such as `memory.go` says nothing of a peak and is not used.
 */
export function memoryLimitOf(cells: readonly CellAnalysis[]): MemoryLimit {
  const [first] = cells;
  if (first !== undefined && first.levels.gomemlimit !== 'off') {
    return { kind: 'measured', gomemlimitBytes: first.levels.gomemlimit };
  }
  // Without GOGC the limit alone makes the collector run: it decides everything, and has to be measured.
  if (first === undefined || first.levels.gogc === 'off') return { kind: 'none', reason: 'gogc-off' };
  const all = (metric: MetricId): readonly number[] =>
    cells.flatMap(({ values }) => (values[metric] ?? []).map(({ value }) => value));
  // A peak that some workload of the setting does not tell could be higher there.
  const peakMetric = PEAKS.find((metric) => cells.every(({ values }) => (values[metric] ?? []).length > 0));
  if (peakMetric === undefined) return { kind: 'none', reason: 'no-peak' };
  const peaks = all(peakMetric);
  const peakBytes = Math.max(...peaks);
  const wholeBytes = Math.max(peakBytes, ...all('memory.peak'), ...all('memory.rss'));
  const gomemlimitBytes = roundedUp(peakBytes * (1 + HEADROOM));
  return {
    kind: 'limit',
    gomemlimitBytes,
    containerBytes: roundedUp((gomemlimitBytes + (wholeBytes - peakBytes)) * (1 + HEADROOM)),
    peakBytes,
    peakMetric,
    trials: peaks.length,
    headroom: HEADROOM,
  };
}

function roundedUp(bytes: number): number {
  // 100 × 1.1 is a little over 110 in binary: that is not another MiB.
  return Math.ceil(bytes / MIB - 1e-6) * MIB;
}
