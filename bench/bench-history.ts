import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HISTORY_VERSION, type Night, type NightFigure } from '../src/history/night.ts';
import { METRIC_IDS, type MetricId } from '../src/metrics/metrics.ts';
import { gaussian } from '../src/statistics/gaussian.ts';
import { seededStream } from '../src/statistics/random.ts';
import { measured } from './measure.ts';
import type { BenchRow } from './row.ts';

const [NIGHTS, CELLS, METRICS] = [1000, 40, 12];
const SECONDS = 3;
const MIB = 2 ** 20;

/** The page of a long history: half of the cells are the canary's, and every 250 nights something changes for good. */
export async function benchHistory(root: string): Promise<readonly BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gctune-bench-history-'));
  try {
    mkdirSync(join(folder, 'history'));
    writeFileSync(join(folder, 'history', 'history.ndjson'), longHistory());
    const page = join(folder, 'page.html');
    const main = join(root, 'dist', 'main.js');
    const { code, wallSeconds, peakBytes, stderr } = await measured(process.execPath, [
      main,
      'history',
      join(folder, 'history'),
      '-o',
      page,
    ]);
    if (code !== 0) throw new Error(`gctune history ended with ${code}: ${stderr}`);
    const { size } = statSync(page);
    const of = `history of ${NIGHTS} nights × ${CELLS} cells × ${METRICS} metrics`;
    return [
      {
        name: `${of}, as a page`,
        value: `${wallSeconds.toFixed(2)} s`,
        limit: `≤ ${SECONDS} s`,
        ok: wallSeconds <= SECONDS,
      },
      {
        name: 'its memory',
        value: `${(peakBytes / MIB).toFixed(0)} MiB`,
        limit: '≤ 512 MiB',
        ok: peakBytes <= 512 * MIB,
      },
      { name: 'its page', value: `${(size / 1e6).toFixed(2)} MB`, limit: '≤ 3 MB', ok: size <= 3e6 },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function longHistory(): string {
  const stream = seededStream(1, 'long history');
  const metrics = ['memory.anon', 'cpu.per_request', 'alloc.per_request', ...METRIC_IDS]
    .filter((id, i, all) => all.indexOf(id) === i)
    .slice(0, METRICS) as readonly MetricId[];
  const cells = Array.from({ length: CELLS }, (_, i) => ({
    canary: i % 2 === 1,
    cell: `gogc=${50 + 25 * Math.floor(i / 2)} gomemlimit=off workload=steady version=${i % 2 === 1 ? 'released' : 'nightly'}`,
  }));
  const around = (value: number, n: number): Pick<NightFigure, 'value' | 'low' | 'high' | 'n'> => {
    const rounded = (one: number): number => Number(one.toPrecision(9));
    return { value: rounded(value), low: rounded(value * 0.97), high: rounded(value * 1.03), n };
  };
  return Array.from({ length: NIGHTS }, (_, index): string => {
    const level = 1 + 0.1 * Math.floor(index / 250);
    const night: Night = {
      historyVersion: HISTORY_VERSION,
      run: `nightly-${index}`,
      startedAt: new Date(Date.UTC(2024, 0, 1) + index * 86_400_000).toISOString(),
      experiment: 'nightly',
      toolVersion: '0.1.0',
      runner: 'docker',
      confidence: 0.95,
      commit: index.toString(16).padStart(40, '0'),
      branch: 'main',
      machine: { cpuModel: 'a CPU', cpuCount: 8, architecture: 'x64' },
      programs: [{ digest: `sha256:${index}`, goVersion: 'go1.26.0' }],
      canary: 'released',
      gate: { 'memory.anon': 0.02, 'cpu.per_request': 0.05, 'alloc.per_request': 0.01 },
      cells: cells.map(({ cell, canary }) => ({
        cell,
        ...(canary ? { canary } : {}),
        metrics: Object.fromEntries(
          metrics.map((metric, m) => {
            const value = 1e6 * (m + 1) * Math.exp(0.02 * gaussian(stream));
            if (canary) return [metric, around(value, 10)];
            const ratio = level * Math.exp(0.02 * gaussian(stream));
            return [metric, { ...around(value * level, 10), toCanary: around(ratio, 10) }];
          }),
        ),
      })),
    };
    return `${JSON.stringify(night)}\n`;
  }).join('');
}
