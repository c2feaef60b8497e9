import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseExperiment } from '../src/experiment/parse-experiment.ts';
import type { PlannedTrial } from '../src/experiment/plan/plan.ts';
import { makePlan } from '../src/experiment/plan/make-plan.ts';
import { isBlockOf } from '../src/experiment/plan/shard.ts';
import {
  FORMAT_VERSION,
  type Reading,
  type RunManifest,
  type RunShard,
  type TrialRecord,
} from '../src/results/format.ts';
import { createRun } from '../src/results/run-writer.ts';
import { seededStream } from '../src/statistics/random.ts';
import { measured } from './measure.ts';
import type { BenchRow } from './row.ts';

/**
 * `gctune report` on 200 generated trials of 10 minutes at 10 Hz, of their readings and then of what they were reduced to,
 * and on one of the size of the default sweep, against parsing the same lines and nothing else.
 */
export async function benchReport(root: string): Promise<readonly BenchRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'gctune-bench-'));
  try {
    const { run, readings, trials } = await generate(root, join(folder, 'long'), { blocks: 20, seconds: 600 });
    const usual = await generate(root, join(folder, 'usual'), { blocks: 7, seconds: 3 });
    const report = (of: string): ReturnType<typeof measured> =>
      measured(process.execPath, [join(root, 'dist/main.js'), 'report', of]);
    const raw = await report(run);
    const parse = await measured(process.execPath, ['-e', parseOnly, run]);
    const reduced = await report(run);
    await report(usual.run);
    const small = await report(usual.run);
    const timed = (name: string, { code, wallSeconds }: typeof raw, most: number): BenchRow => ({
      name,
      value: `${wallSeconds.toFixed(1)} s`,
      limit: `≤ ${most} s`,
      ok: code === 0 && wallSeconds <= most,
      detail: `${(wallSeconds / parse.wallSeconds).toFixed(2)} × JSON.parse of every line alone (${parse.wallSeconds.toFixed(1)} s)`,
    });
    return [
      timed(`report on ${trials} trials, ${(readings / 1e6).toFixed(2)} million readings, of the readings`, raw, 5),
      timed('… of what the trials were reduced to', reduced, 1.5),
      {
        name: '… its peak memory',
        value: `${(reduced.peakBytes / 2 ** 20).toFixed(0)} MiB`,
        limit: '≤ 200 MiB',
        ok: reduced.peakBytes <= 200 * 2 ** 20,
        detail: `${(reduced.peakBytes / parse.peakBytes).toFixed(2)} × that of parsing alone`,
      },
      timed(`report on ${usual.trials} trials of 3 s, as those of the default sweep`, small, 1),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Reads and parses every line of the readings of a run, and nothing else. */
export const parseOnly = `
const fs = require('node:fs'); const path = require('node:path'); let n = 0;
const trials = path.join(process.argv[1], 'trials');
for (const name of fs.readdirSync(trials))
  for (const line of fs.readFileSync(path.join(trials, name, 'readings.ndjson'), 'utf8').split('\\n')) if (line) { JSON.parse(line); n++; }
`;

/** A run of the default sweep with so many blocks and so long a window, whose readings are made up; of a part of it its blocks. */
export async function generate(
  root: string,
  folder: string,
  size: { readonly blocks: number; readonly seconds: number },
  shard?: RunShard,
): Promise<{ run: string; readings: number; trials: number }> {
  const file = join(root, 'experiments/gogc-sweep.yaml');
  const text = await readFile(file, 'utf8');
  const parsed = parseExperiment(text, file, { directory: join(root, 'experiments') });
  if ('diagnostics' in parsed) throw new Error(parsed.diagnostics.map((d) => d.message).join('\n'));
  const experiment = {
    ...parsed.experiment,
    blocks: size.blocks,
    phases: { ...parsed.experiment.phases, warmupSeconds: 1, measureSeconds: size.seconds },
  };
  const plan = makePlan(experiment, 1);
  const manifest: RunManifest = {
    formatVersion: FORMAT_VERSION,
    toolVersion: '0.0.0',
    id: 'generated',
    startedAt: '2026-01-01T00:00:00.000Z',
    experiment,
    plan,
    ...(shard === undefined ? {} : { shard }),
    runner: 'process',
    artifact: {
      digest: 'sha256:0',
      description: 'generated',
      buildInfo: { goVersion: 'go1.26', path: 'x', mainModule: undefined, settings: {} },
    },
    environment: {},
    placement: { target: '0', generator: '1' },
    gomaxprocs: 1,
    warnings: [],
  };
  await using run = await createRun(folder, manifest, text);
  const random = seededStream(1, 'bench');
  let readings = 0;
  for (const [index, planned] of plan.trials.entries()) {
    if (!isBlockOf(shard, planned.block)) continue;
    const cell = plan.cells.find((one) => one.id === planned.cell);
    const gogc = cell?.levels.gogc === 'off' ? 1000 : (cell?.levels.gogc ?? 100);
    await using writer = await run.beginTrial(planned.id, 1);
    for (let tick = 0; tick < 10 * size.seconds; tick++) {
      const at = 1 + tick / 10 + random.next() / 50;
      for (const reading of readingsAt(at, gogc, random.next(), tick)) {
        writer.reading(reading);
        readings++;
      }
    }
    await writer.finish(record(planned, index, size.seconds));
  }
  return { run: run.folder, readings, trials: plan.trials.length };
}

function readingsAt(at: number, gogc: number, noise: number, tick: number): readonly Reading[] {
  const heap = 1000 * Math.round(6e3 * (1 + gogc / 100) * (0.6 + 0.4 * noise));
  const outside: Reading = {
    at,
    probe: 'proc',
    v: {
      rssBytes: heap + 9e6,
      rssAnonBytes: heap + 4e6,
      rssFileBytes: 5e6,
      peakRssBytes: 6e6 * (1 + gogc / 100) + 9e6,
      swapBytes: 0,
      cpuSeconds: Math.round(at * (20 + 500 / gogc)) / 100,
      threads: 7,
    },
  };
  if (tick % 10 !== 0) return [outside];
  const cycles = Math.floor((at * 40 * 100) / gogc);
  const inside: Reading = {
    at: at + 0.002,
    probe: 'expvar',
    v: {
      heapAllocBytes: heap,
      heapSysBytes: heap * 1.3,
      heapIdleBytes: heap * 0.2,
      heapInuseBytes: heap * 1.1,
      heapReleasedBytes: heap * 0.1,
      heapObjects: 6000,
      stackSysBytes: 4e5,
      stackInuseBytes: 4e5,
      mspanSysBytes: 1e5,
      mcacheSysBytes: 1e4,
      buckHashSysBytes: 4e3,
      gcSysBytes: 2e6,
      otherSysBytes: 1e6,
      sysBytes: heap * 1.3 + 3.514e6,
      totalAllocBytes: Math.round(at * 2.4e8),
      mallocs: Math.round(at * 3e4),
      frees: Math.round(at * 3e4) - 6000,
      nextGcBytes: 6e6 * (1 + gogc / 100),
      lastGcUnixSeconds: 1767225600 + at - 0.01,
      pauseTotalSeconds: cycles * 1e-4,
      numGc: cycles,
      numForcedGc: 0,
      gcCpuFraction: 4 / gogc,
      readSeconds: 0.001,
    },
  };
  return [outside, inside];
}

function record({ id, block, position, cell }: PlannedTrial, index: number, seconds: number): TrialRecord {
  return {
    formatVersion: FORMAT_VERSION,
    id,
    block,
    position,
    cell,
    attempt: 1,
    outcome: { kind: 'completed' },
    startedAt: new Date(1767225600000 + index * (seconds + 1) * 1000).toISOString(),
    startUnixSeconds: 1767225600,
    processStartUnixSeconds: 1767225600,
    phases: [{ name: 'measure', startSeconds: 1, endSeconds: 1 + seconds }],
    window: { startSeconds: 1, endSeconds: 1 + seconds },
    probes: ['proc', 'expvar'],
    effective: { gogcPercent: 100, gogcEvidence: 'runtime-metrics' },
    work: {
      unit: 'request',
      intended: 500 * seconds,
      completed: 500 * seconds,
      dropped: 0,
      errors: {},
      lateness: { p99Seconds: 0.001, maxSeconds: 0.004 },
      windowSeconds: seconds,
      latency: undefined,
    },
    warnings: [],
  };
}
