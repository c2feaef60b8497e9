import { LOAD_TOOLS, type LoadTool } from '../../experiment/workloads/load-tools.ts';
import type { ReportSpec } from '../../experiment/workloads/command.ts';
import { readDescribed } from './described.ts';
import { readGhz } from './ghz.ts';
import { readGoBench } from './go-bench.ts';
import { readHey } from './hey.ts';
import { readK6 } from './k6.ts';
import type { ReadReport, ReportReader } from './load-report.ts';
import { readOha } from './oha.ts';
import { readRedisBenchmark } from './redis-benchmark.ts';
import { readVegeta } from './vegeta.ts';
import { readWrk, readWrk2 } from './wrk.ts';

/** What reads the report of each program that is known. */
export const REPORT_READERS: Readonly<Record<LoadTool, ReportReader>> = {
  vegeta: readVegeta,
  wrk2: readWrk2,
  wrk: readWrk,
  ghz: readGhz,
  hey: readHey,
  oha: readOha,
  'redis-benchmark': readRedisBenchmark,
  'go-bench': readGoBench,
  k6: readK6,
};

/** Reads what a load program reported; where it is another program's report, the problem names that one. Never throws. */
export function readReport(text: string, spec: ReportSpec): ReadReport {
  if (text.trim() === '') return { problem: 'is empty' };
  const { tool } = spec;
  const read = tool === undefined ? readDescribed(text, spec) : REPORT_READERS[tool](text);
  if (!('problem' in read)) return failedMoreThanMade(read) ? { problem: 'has more errors than requests' } : read;
  const other = LOAD_TOOLS.find((one) => one !== tool && !('problem' in REPORT_READERS[one](text)));
  return other === undefined || tool === undefined ? read : { problem: `${read.problem}: it is that of ${other}` };
}

function failedMoreThanMade(read: Exclude<ReadReport, { problem: string }>): boolean {
  const failed = Object.values(read.errors).reduce((sum, count) => sum + count, 0);
  return read.requests !== undefined && failed > read.requests;
}
