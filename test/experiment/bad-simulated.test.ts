import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatDiagnostic } from '../../src/text/format-diagnostic.ts';
import { parseExperiment } from '../../src/experiment/parse-experiment.ts';
import { edited } from './demo-file.ts';

const FILE = `name: lab
target:
  simulated: { live: 10MiB }
runner: simulated
limits: { memory: 64MiB }
matrix: { gogc: [50, 100] }
workloads:
  steady: { http: { path: /, rate: 500/s } }
`;

/** One fault put into the file, and all that is said about it. */
const CASES: readonly (readonly [name: string, from: string, to: string, says: readonly string[]])[] = [
  [
    'a heap without anything live',
    'live: 10MiB',
    'live: 0',
    ['f.yaml:3:22: target.simulated.live: "0" is a size of zero [bad-size]', '  write a size such as 512MiB'],
  ],
  [
    'a mark rate that is none',
    'live: 10MiB',
    'mark_rate: 1GiB',
    [
      'f.yaml:3:27: target.simulated.mark_rate: "1GiB" is not a number of bytes per second [bad-byte-rate]',
      '  write a size, then /s: 1GiB/s',
    ],
  ],
  [
    'more noise than all',
    'live: 10MiB',
    'noise: { memory: 101% }',
    ['f.yaml:3:33: target.simulated.noise.memory: "101%" is more than 100% [bad-percentage]', '  write at most 100%'],
  ],
  [
    'a load that the CPUs do not suffice for',
    'live: 10MiB',
    'cpu_per_request: 5ms',
    [
      'f.yaml:8:36: workloads.steady.http.rate: 500/s at 5ms of CPU each need 2.5 CPUs, and the simulated target has 1 [simulated-overload]',
      '  lower the rate or target.simulated.cpu_per_request, or raise limits.cpus',
    ],
  ],
  [
    'a limit that holds not even what is live',
    'live: 10MiB',
    'live: 100MiB',
    [
      'f.yaml:5:19: limits.memory: the simulated target holds 111MiB before it allocates anything, and the limit is 64MiB [simulated-limit]',
      '  raise it, or lower target.simulated.live',
    ],
  ],
  [
    'what only a program could use',
    'simulated: { live: 10MiB }',
    'simulated: { live: 10MiB }\n  args: [--listen]',
    [
      'f.yaml:4:3: target.args: args needs a program, and there is none for a simulated target [not-simulated]',
      '  remove args',
    ],
  ],
  [
    'a workload that no model knows',
    'http: { path: /, rate: 500/s }',
    'batch: {}',
    [
      'f.yaml:8:13: workloads.steady.batch: a simulated target does not support batch workloads [not-simulated]',
      '  write an http workload, or idle',
    ],
  ],
  [
    'a real runner',
    'runner: simulated',
    'runner: docker',
    [
      'f.yaml:4:9: runner: the docker runner cannot run a simulated target: there is no program [wrong-runner]',
      '  write runner: simulated, or remove it',
    ],
  ],
];

function said(text: string): readonly string[] {
  const parsed = parseExperiment(text, 'f.yaml', { directory: '/' });
  return 'diagnostics' in parsed ? parsed.diagnostics.flatMap((one) => formatDiagnostic(one).split('\n')) : [];
}

describe('what is wrong with a simulated target', () => {
  for (const [name, from, to, says] of CASES) {
    test(name, () => assert.deepEqual(said(edited(from, to, FILE)), says));
  }
  test('nothing, where nothing is', () => assert.deepEqual(said(FILE), []));
  test('a real target on the simulated runner', () => {
    assert.deepEqual(said(edited('name: demo', 'name: demo\nrunner: simulated', edited('', ''))), [
      'f.yaml:2:9: runner: the simulated runner can only run models, not a real target [wrong-runner]',
      '  give the target as simulated: {…}, or write runner: auto',
    ]);
  });
});
