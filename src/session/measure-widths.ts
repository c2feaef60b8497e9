import type { WidthWatch } from '../analysis/inference/contrast-widths.ts';
import { openRun } from '../results/run-folder.ts';
import type { MeasureWidths } from '../sweep/precision.ts';
import { withReduction } from './reduced-trial.ts';

/** Measures widths with what the report is made with; loaded with the first block that is asked about, no sooner. */
export function measureWidths(): MeasureWidths {
  let watch: Promise<WidthWatch> | undefined;
  return async (folder) => {
    const run = await openRun(folder);
    watch ??= import('../analysis/inference/contrast-widths.ts').then(({ watchWidths }) => watchWidths(run.manifest));
    const widths = await watch;
    for await (const trial of run.trials()) await widths.add(withReduction(trial, { keep: false }));
    return widths.widths();
  };
}
