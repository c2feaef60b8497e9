import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { expectedSeconds, waitSeconds } from '../../src/experiment/plan/estimate-time.ts';
import type { Experiment } from '../../src/experiment/experiment.ts';
import { renderDiagnostic } from '../../src/text/format-diagnostic.ts';
import { makePlan } from '../../src/experiment/plan/make-plan.ts';
import { parseExperiment } from '../../src/experiment/parse-experiment.ts';
import { reachability } from '../../src/experiment/plan/reachability.ts';

function load(name: string): { readonly experiment: Experiment; readonly directory: string } {
  const file = fileURLToPath(new URL(`../../experiments/${name}`, import.meta.url));
  const text = readFileSync(file, 'utf8');
  const parsed = parseExperiment(text, file, { directory: dirname(file) });
  if ('experiment' in parsed) return { experiment: parsed.experiment, directory: dirname(file) };
  throw new Error(parsed.diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, text)).join('\n'));
}

describe('experiments/gogc-sweep.yaml', () => {
  test('sweeps four values of GOGC under two loads in under six minutes', () => {
    const { experiment, directory } = load('gogc-sweep.yaml');
    const plan = makePlan(experiment, experiment.seed ?? 0);
    assert.deepEqual(experiment.matrix.gogc, [50, 100, 200, 400]);
    assert.equal(experiment.validity.drift, 0.05, 'what is allowed to drift is less than what is to be found');
    assert.deepEqual(experiment.matrix.workload, ['steady', 'bursty']);
    assert.equal(plan.trials.length, 7 * 10);
    assert.ok(expectedSeconds(experiment, plan, 0.6) < 6 * 60);
    const { source } = experiment.target;
    assert.ok(source.kind === 'package' && existsSync(join(source.directory, 'go.mod')));
    assert.equal(source.directory, join(directory, 'targets', 'heapd'));
    const codes = reachability(experiment, plan).map((warning) => warning.code);
    assert.deepEqual(codes, [], 'six blocks can show any number of contrasts');
  });
});

describe('experiments/versions.yaml', () => {
  test('compares two toolchains in the same blocks in under four minutes', () => {
    const { experiment } = load('versions.yaml');
    const plan = makePlan(experiment, experiment.seed ?? 0);
    assert.equal(plan.trials.length, 8 * 3);
    assert.ok(expectedSeconds(experiment, plan, 0.6) < 4 * 60);
    assert.deepEqual(reachability(experiment, plan), []);
  });
});

describe('experiments/quickstart.yaml', () => {
  test('needs neither Docker nor Go nor a network, and under three minutes', () => {
    const { experiment, directory } = load('quickstart.yaml');
    const plan = makePlan(experiment, experiment.seed ?? 0);
    assert.equal(experiment.runner, 'process');
    assert.equal(experiment.target.source.kind, 'binary');
    assert.equal(experiment.sampling.gctrace, true);
    // A build of the workspace takes some two seconds on two cores.
    assert.ok(expectedSeconds(experiment, plan, 0.6, 2) < 3 * 60);
    const [program, script = ''] = experiment.target.prepare[0]?.run ?? [];
    assert.equal(program, '{node}');
    assert.ok(existsSync(join(directory, script)));
  });
});

describe('experiments/demo.yaml', () => {
  test('needs nothing but a minute of virtual time for each trial, and seconds in all', () => {
    const { experiment } = load('demo.yaml');
    const plan = makePlan(experiment, experiment.seed ?? 0);
    assert.equal(experiment.runner, 'simulated');
    assert.equal(experiment.target.source.kind, 'simulated');
    assert.equal(plan.trials.length, 30 * 12);
    assert.ok(expectedSeconds(experiment, plan, 0) > 3600);
    assert.ok(waitSeconds(experiment, plan, 0.6) < 20);
  });
});
