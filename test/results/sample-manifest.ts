import { FORMAT_VERSION, type RunManifest, type TrialRecord } from '../../src/results/format.ts';
import { syntheticRun } from '../fixtures/analysis/synthetic-run.ts';

/** A small manifest for tests of the folder itself, where its contents do not matter. */
export function sampleManifest(id = 'sample-20260101T000000Z-1'): RunManifest {
  return {
    formatVersion: FORMAT_VERSION,
    toolVersion: '0.0.0',
    id,
    startedAt: '2026-01-01T00:00:00.000Z',
    experiment: syntheticRun({ name: 'sample' }).manifest.experiment,
    plan: { seed: 1, blocks: 1, cells: [], trials: [], profiling: [] },
    runner: 'process',
    artifact: {
      digest: 'sha256:0',
      description: 'sample',
      buildInfo: { goVersion: 'go1.26', path: 'x', mainModule: undefined, settings: {} },
    },
    environment: {},
    placement: { target: undefined, generator: undefined },
    gomaxprocs: 1,
    warnings: [],
  };
}

/** A record of a completed trial. */
export function sampleRecord(id: string, attempt = 1): TrialRecord {
  return {
    formatVersion: FORMAT_VERSION,
    id,
    block: 1,
    position: 1,
    cell: 'gogc=100',
    attempt,
    outcome: { kind: 'completed' },
    startedAt: '2026-01-01T00:00:00.000Z',
    startUnixSeconds: 1767225600,
    phases: [],
    probes: ['proc'],
    effective: {},
    warnings: [],
  };
}
