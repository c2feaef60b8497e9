import type { SimulatedTarget } from '../experiment/experiment.ts';
import type { RandomStream } from '../statistics/random.ts';
import { gaussian } from '../statistics/gaussian.ts';

/**
 * The machine of a run: asked for each trial in turn, gives the factor on CPU times that its drift makes, `seconds`
 * after the last one: a stationary first-order autoregression of the logarithm, which forgets as e^(−t ÷ drift.seconds).
 */
export function driftingMachine({ drift }: SimulatedTarget, stream: RandomStream): (seconds: number) => number {
  let state = gaussian(stream);
  return (seconds) => {
    const kept = Math.exp(-seconds / drift.seconds);
    state = kept * state + Math.sqrt(1 - kept ** 2) * gaussian(stream);
    return Math.exp(drift.cpu * state);
  };
}
