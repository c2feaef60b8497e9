import { counted } from '../text/words.ts';
import type { AllocationSites } from '../analysis/per-cell/allocation-sites.ts';
import type { Analysis, WorkloadAnalysis } from '../analysis/analysis.ts';
import { commonScale, formatBytes, formatFraction, formatWait } from '../units/format-units.ts';
import { shortFunctionName } from './function-name.ts';

/** The allocation sites of a workload's baseline in words and figures that every format shows alike. */
export interface SiteTable {
  readonly sites: AllocationSites;
  /** `Allocated in the window`. */
  readonly title: string;
  /** `GOGC=100: 36.6 MiB in 3 s, 1 trial`. Untrusted text. */
  readonly of: string;
  /** The unit of the bytes. */
  readonly unit: string;
  /** Functions by what they allocate themselves. Names are untrusted text. */
  readonly rows: readonly {
    readonly name: string;
    readonly short: string;
    readonly own: string;
    readonly ownShare: string;
    readonly all: string;
    readonly allShare: string;
  }[];
}

/** The tables of a workload: what was allocated and what was held, where profiles of it were kept. */
export function siteTables(workload: WorkloadAnalysis): readonly SiteTable[] {
  return (workload.sites ?? []).map((sites) => {
    const { kind, cell, trials, seconds, totalBytes, top } = sites;
    const label = workload.cells.find(({ id }) => id === cell)?.label ?? cell;
    const scale = commonScale([totalBytes], 'bytes');
    const share = (bytes: number): string => (totalBytes > 0 ? formatFraction(bytes / totalBytes) : '–');
    const span = seconds === undefined ? '' : ` in ${formatWait(seconds)}`;
    const mean = trials.length === 1 ? '1 trial' : `mean of ${counted(trials.length, 'trial')}`;
    return {
      sites,
      title: kind === 'allocated' ? 'Allocated in the window' : 'Held after the window',
      of: `${label}: ${formatBytes(totalBytes)}${span}, ${mean}`,
      unit: scale.suffix,
      rows: top.map(({ name, ownBytes, bytes }) => ({
        name,
        short: shortFunctionName(name),
        own: scale.number(ownBytes),
        ownShare: share(ownBytes),
        all: scale.number(bytes),
        allShare: share(bytes),
      })),
    };
  });
}

/** Paths of the measured program's own modules, as far as its build tells. */
export function ownModules({ run }: Analysis): readonly string[] {
  const { mainModule, path } = run.artifact.buildInfo;
  // A program built from another module's package: the repository is what it shares with its packages.
  const repository = path.split('/').slice(0, 3).join('/');
  return [mainModule?.path, repository.includes('.') ? repository : undefined].filter(
    (one) => one !== undefined && one !== '',
  ) as readonly string[];
}
