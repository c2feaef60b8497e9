import { fileURLToPath } from 'node:url';
import { benchExport } from './bench-export.ts';
import { benchHeapdump } from './bench-heapdump.ts';
import { benchHistory } from './bench-history.ts';
import { benchHelp } from './bench-help.ts';
import { benchKubernetes } from './bench-kubernetes.ts';
import { benchOutside } from './bench-outside.ts';
import { benchMerge } from './bench-merge.ts';
import { benchPage } from './bench-page.ts';
import { benchReport } from './bench-report.ts';
import { benchStatistics } from './bench-statistics.ts';
import { benchOverhead, benchSampler } from './bench-trial.ts';
import { benchGenerator } from './generator/bench-generator.ts';
import type { BenchRow } from './row.ts';

/** Measures what the project promises of its own speed and size and prints it as a table; exit 1 where a promise is broken. */
const root = fileURLToPath(new URL('..', import.meta.url));
const benches: Readonly<Record<string, () => Promise<readonly BenchRow[]>>> = {
  help: () => benchHelp(root),
  process: () => benchOverhead(root, 'process', 0.5),
  docker: () => benchOverhead(root, 'docker', 2),
  sampler: () => benchSampler(root),
  generator: () => benchGenerator(),
  report: () => benchReport(root),
  merge: () => benchMerge(root),
  page: () => benchPage(root),
  history: () => benchHistory(root),
  export: () => benchExport(root),
  statistics: () => benchStatistics(),
  heapdump: () => benchHeapdump(root),
  outside: () => benchOutside(root),
  kubernetes: () => benchKubernetes(root),
};
const wanted = process.argv.slice(2);
const rows: BenchRow[] = [];
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  process.stderr.write(`${name} …\n`);
  rows.push(...(await bench()));
}
const width = Math.max(...rows.map((row) => row.name.length));
for (const row of rows) {
  process.stdout.write(
    `${row.ok ? 'ok  ' : 'MISS'}  ${row.name.padEnd(width)}  ${row.value.padStart(12)}  ${row.limit}\n`,
  );
  if (row.detail !== undefined) process.stdout.write(`      ${row.detail}\n`);
}
process.exitCode = rows.every((row) => row.ok) ? 0 : 1;
