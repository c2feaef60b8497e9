import { join } from 'node:path';
import { measured, middle } from './measure.ts';
import type { BenchRow } from './row.ts';

/** Wall time of `gctune --help` against `node -e 0`, in turn. */
export async function benchHelp(root: string): Promise<readonly BenchRow[]> {
  const help: number[] = [];
  const bare: number[] = [];
  for (let i = 0; i < 15; i++) {
    help.push((await measured(process.execPath, [join(root, 'dist/main.js'), '--help'])).wallSeconds);
    bare.push((await measured(process.execPath, ['-e', '0'])).wallSeconds);
  }
  const ratio = middle(help) / middle(bare);
  return [
    {
      name: 'gctune --help ÷ node -e 0, wall',
      value: ratio.toFixed(2),
      limit: '≤ 3',
      ok: ratio <= 3,
      detail: `${(middle(help) * 1000).toFixed(0)} ms ÷ ${(middle(bare) * 1000).toFixed(0)} ms, medians of 15 in turn`,
    },
  ];
}
