import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from './bench-report.ts';
import { measured } from './measure.ts';
import type { BenchRow } from './row.ts';

const SHARDS = 20;

/** `gctune merge` of twenty parts of a plan with a block each, whose trials were reduced when they ended, as those of a run are. */
export async function benchMerge(root: string): Promise<readonly BenchRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'gctune-bench-'));
  const gctune = (...args: readonly string[]): ReturnType<typeof measured> =>
    measured(process.execPath, [join(root, 'dist/main.js'), ...args]);
  try {
    const parts: string[] = [];
    for (let number = 1; number <= SHARDS; number++) {
      const shard = { number, of: SHARDS, node: `n${number % 5}` };
      const { run } = await generate(root, join(folder, `part${number}`), { blocks: SHARDS, seconds: 60 }, shard);
      // What a sweep does when a trial ends.
      await gctune('report', run);
      parts.push(run);
    }
    const { code, wallSeconds, peakBytes, stderr } = await gctune('merge', ...parts, '-o', join(folder, 'merged'));
    return [
      {
        name: `merge of ${SHARDS} parts, with its report`,
        value: `${wallSeconds.toFixed(1)} s`,
        limit: '≤ 5 s',
        ok: code === 0 && wallSeconds <= 5,
        detail: code === 0 ? `${(peakBytes / 2 ** 20).toFixed(0)} MiB at its peak` : stderr,
      },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
