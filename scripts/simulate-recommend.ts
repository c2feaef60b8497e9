// How often `recommend` is right, over simulated sweeps whose truth is known: node scripts/simulate-recommend.ts [sweeps] [seed]
// Then the rule where nothing is asked for, over 60 seeds of the daemon of experiments/demo.yaml for each of three noises.
import { readFileSync } from 'node:fs';
import { parseExperiment } from '../src/experiment/parse-experiment.ts';
import { cellTruth } from '../src/simulation/truth.ts';
import { tallyDefaultRule, tallySweeps } from '../test/analysis/recommend/simulated-sweep.ts';

const [sweeps = 500, seed = 1] = process.argv.slice(2).map(Number);
const { answered, sound, moved, movedSound, best, clear, clearRefused } = tallySweeps(sweeps, seed);
const share = (part: number, of: number): string => `${part} of ${of} (${((100 * part) / of).toFixed(1)} %)`;
process.stdout.write(
  [
    `answered                            ${share(answered, sweeps)}`,
    `  meets every limit in truth        ${share(sound, answered)}   wanted: at least 95 %`,
    `  the same, the baseline left out    ${share(movedSound, moved)}`,
    `  is the best that meets them       ${share(best, answered)}`,
    `truth clear at the budget           ${share(clear, sweeps)}`,
    `  refused all the same              ${share(clearRefused, clear)}   wanted: at most 20 %`,
    '',
  ].join('\n'),
);

const file = new URL('../experiments/demo.yaml', import.meta.url);
const parsed = parseExperiment(readFileSync(file, 'utf8'), 'demo.yaml', { directory: '.' });
if (!('experiment' in parsed)) throw new Error('experiments/demo.yaml cannot be read');
const { source } = parsed.experiment.target;
if (source.kind !== 'simulated') throw new Error('experiments/demo.yaml is not simulated');
const truth = (gogc: number): readonly [number, number, number] => {
  const demand = { requestsPerSecond: 500, limitBytes: undefined };
  const { figures } = cellTruth(source.model, { gogc, gomemlimit: 'off', gomaxprocs: 1 }, demand);
  return [figures['memory.anon'] ?? NaN, figures['cpu.per_request'] ?? NaN, figures['latency.p99'] ?? NaN];
};
const SEEDS = 60;
for (const [title, maxCpu] of [
  ['nothing asked for', undefined],
  ['--max-cpu +5%', 0.05],
] as const) {
  process.stdout.write(
    `\n${title}, ${SEEDS} seeds each, truth of demo.yaml: answered, right, the very best, sound but not right, unsound\n`,
  );
  for (const [name, pairSd] of [
    ['quiet, pair SD 1.5 %', 0.015],
    ['ordinary, 5.7 %', 0.057],
    ['noisy, 8 %', 0.08],
  ] as const) {
    for (const blocks of [7, 15, 30]) {
      const asked = { blocks, pairSd, seeds: SEEDS, ...(maxCpu === undefined ? {} : { maxCpu }) };
      const tallies = tallyDefaultRule([10, 25, 50, 100, 200], truth, asked);
      const parts = tallies
        .filter((_, i) => maxCpu === undefined || i === 0)
        .map((one) => `${one.goal} ${one.answered}, ${one.right}, ${one.best}, ${one.sound}, ${one.unsound}`);
      process.stdout.write(`${name.padEnd(22)} ${String(blocks).padStart(2)} blocks   ${parts.join('   ')}\n`);
    }
  }
}
