import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate, parseOnly } from './bench-report.ts';
import { measured } from './measure.ts';
import type { BenchRow } from './row.ts';

const SECONDS = 10;
/** Memory of a run ten times as long, relative to the shorter one: as far apart as two exports of one run may be on a busy machine. */
const FLAT = 1.5;

/** `gctune export --what readings` on 200 generated trials of 10 minutes at 10 Hz, and on a tenth of them. */
export async function benchExport(root: string): Promise<readonly BenchRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'gctune-bench-'));
  try {
    const long = await generate(root, join(folder, 'long'), { blocks: 20, seconds: 600 });
    const short = await generate(root, join(folder, 'short'), { blocks: 2, seconds: 600 });
    const exported = async (run: string): Promise<Awaited<ReturnType<typeof measured>>> => {
      const file = join(folder, 'readings.om');
      const main = join(root, 'dist/main.js');
      const ended = await measured(process.execPath, [main, 'export', run, '--what', 'readings', '-o', file]);
      if (ended.code !== 0) throw new Error(`gctune export ended with ${ended.code}: ${ended.stderr}`);
      return ended;
    };
    const tenth = await exported(short.run);
    const whole = await exported(long.run);
    const parse = await measured(process.execPath, ['-e', parseOnly, long.run]);
    const samples = Number(/(\d+) samples/.exec(whole.stderr)?.[1]);
    const ratio = whole.peakBytes / tenth.peakBytes;
    return [
      {
        name: `export of ${(long.readings / 1e6).toFixed(2)} million readings, ${(samples / 1e6).toFixed(1)} million samples`,
        value: `${whole.wallSeconds.toFixed(1)} s`,
        limit: `≤ ${SECONDS} s`,
        ok: whole.wallSeconds <= SECONDS,
        detail: `${(whole.wallSeconds / parse.wallSeconds).toFixed(2)} × JSON.parse of every line alone (${parse.wallSeconds.toFixed(1)} s)`,
      },
      {
        name: '… its peak memory, against a run a tenth as long',
        value: `${ratio.toFixed(2)} ×`,
        limit: `≤ ${FLAT} ×`,
        ok: ratio <= FLAT,
        detail: `${(whole.peakBytes / 2 ** 20).toFixed(0)} MiB against ${(tenth.peakBytes / 2 ** 20).toFixed(0)} MiB`,
      },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
