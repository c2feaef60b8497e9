import { setImmediate } from 'node:timers/promises';
import { cellLabels } from '../export/cell-labels.ts';
import { TrialSamples } from '../export/trial-samples.ts';
import { variantOf } from '../results/format.ts';
import { attemptName } from '../results/layout.ts';
import type { RunFolder } from '../results/run-folder.ts';
import type { SampleSpool } from './sample-spool.ts';

/** Puts every reading of a run into a spool. Trials that only profile are left out: none of their figures counts. */
export async function spoolReadings(run: RunFolder, spool: SampleSpool, signal: AbortSignal): Promise<void> {
  const { manifest } = run;
  const { experiment, id, plan } = manifest;
  const cells = new Map(plan.cells.map((cell) => [cell.id, cell]));
  for await (const { record, readings } of run.trials()) {
    const cell = cells.get(record.cell);
    if (cell === undefined || record.purpose === 'profile') continue;
    const labels = {
      experiment: experiment.name,
      run: id,
      ...cellLabels(cell),
      block: String(record.block),
      trial: attemptName(record.id, record.attempt),
    };
    const gomaxprocs = record.effective.gomaxprocs ?? variantOf(manifest, cell.levels).gomaxprocs;
    const samples = new TrialSamples(labels, { record, gomaxprocs }, spool.begin);
    samples.window();
    for (const reading of readings) samples.reading(reading);
    spool.endSeries();
    // A signal that came meanwhile is only heard of here.
    await setImmediate();
    signal.throwIfAborted();
  }
}
