import type { Analysis } from '../analysis/analysis.ts';
import type { Interim } from '../report/brief/settings-brief.ts';
import { openRun } from '../results/run-folder.ts';
import type { StoredTrial } from '../results/trial-folder.ts';
import type { SweepRequest } from '../sweep/sweep-request.ts';
import type { ReducedTrial, TrialInput } from '../analysis/per-trial/reduce-trial.ts';

/** A look takes no more than this share of the time since the one before, so that no run becomes noticeably longer. */
const MOST_SHARE = 0.05;

/**
 * Looks at a run after each of its blocks, with what its report will be made with, and shows what is known by then.
 * Loaded with the first block, between trials; each trial is read once.
 */
export function interimWatch(
  show: (interim: Interim, analysis: Analysis) => void,
  nowSeconds: () => number,
): NonNullable<SweepRequest['afterBlock']> {
  const known = new Map<string, ReducedTrial>();
  let ended = nowSeconds();
  let took = 0;
  return async (folder, block) => {
    const began = nowSeconds();
    if (took > MOST_SHARE * (began - ended)) return;
    try {
      const [{ analyse }, { interimOf }, { withReduction }] = await Promise.all([
        import('../analysis/analyse.ts'),
        import('../report/brief/settings-brief.ts'),
        import('./reduced-trial.ts'),
      ]);
      const run = await openRun(folder);
      const reduced = (trial: StoredTrial): TrialInput => {
        const key = `${trial.record.id}/${trial.record.attempt}`;
        const whole = withReduction(trial, { keep: false });
        return {
          ...whole,
          reduced: async (terms) => {
            const one = known.get(key) ?? (await whole.reduced?.(terms));
            if (one === undefined) throw new Error(`no reduction of ${key}`);
            known.set(key, one);
            return one;
          },
        };
      };
      const trials = (async function* () {
        for await (const trial of run.trials()) yield reduced(trial);
      })();
      const analysis = await analyse({ manifest: run.manifest, trials });
      show(interimOf(analysis, block), analysis);
    } catch {
      // No fault of the run, which goes on; its report says what is wrong with a trial.
    }
    ended = nowSeconds();
    took = ended - began;
  };
}
