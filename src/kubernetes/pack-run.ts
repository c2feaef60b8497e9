import { mkdir } from 'node:fs/promises';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import tar from 'tar-stream';
import { writeNewFile, type FileMode } from '../results/plain-file.ts';
import { runFiles, trialFiles } from '../results/layout.ts';

/** More than a block comes to; a stream that unpacks to more is not a result. */
const MOST_BYTES = 4 * 2 ** 30;

const OF_RUN: ReadonlySet<string> = new Set([
  runFiles.manifest,
  runFiles.experiment,
  runFiles.journal,
  runFiles.readme,
]);
const OF_TRIAL: ReadonlySet<string> = new Set(Object.values(trialFiles));

/** The folder of a run as one gzipped tar: what stands in its layout, and nothing else. */
export async function packRun(folder: string): Promise<Buffer> {
  const pack = tar.pack();
  const add = (name: string): void => {
    pack.entry({ name, mtime: new Date(0) }, readFileSync(join(folder, name)));
  };
  const gzip = createGzip({ level: 9 });
  const packed = buffer(pack.pipe(gzip));
  for (const name of readdirSync(folder)) if (OF_RUN.has(name)) add(name);
  for (const trial of readdirSync(join(folder, runFiles.trials))) {
    if (trial.startsWith('.')) continue;
    for (const name of readdirSync(join(folder, runFiles.trials, trial)))
      if (OF_TRIAL.has(name)) add(`${runFiles.trials}/${trial}/${name}`);
  }
  pack.finalize();
  return packed;
}

/** What came is not the run of a block. */
export class NotARun extends Error {
  override readonly name = 'NotARun';
}

/** Unpacks a run into a folder that is new. Throws NotARun where something else than the files of a run is in it. */
export async function unpackRun(packed: Buffer, folder: string, mode: FileMode): Promise<void> {
  const private_ = (mode & 0o077) === 0 ? 0o700 : 0o777;
  await mkdir(join(folder, runFiles.trials), { recursive: true, mode: private_ });
  const extract = tar.extract();
  const made = new Set<string>();
  let bytes = 0;
  const unpacking = pipeline(Readable.from([packed]), createGunzip(), extract);
  // It fails with the loop below where the stream is bad, and is awaited after it.
  unpacking.catch(() => {});
  try {
    for await (const entry of extract) {
      const { name, type, size } = entry.header;
      bytes += size;
      if (type !== 'file' || bytes > MOST_BYTES || !isOfRun(name))
        throw new NotARun(`it holds ${JSON.stringify(name)}`);
      const trial = /^trials\/[^/]+/.exec(name)?.[0];
      if (trial !== undefined && !made.has(trial)) {
        await mkdir(join(folder, trial), { mode: private_ });
        made.add(trial);
      }
      await writeNewFile(join(folder, name), await buffer(entry), mode);
    }
    await unpacking;
  } catch (error) {
    if (error instanceof NotARun || (error instanceof Error && 'syscall' in error)) throw error;
    throw new NotARun(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** Whether a path is one of a run's layout: nothing leads out of the folder. */
function isOfRun(path: string): boolean {
  const [first = '', trial, name, ...more] = path.split('/');
  if (trial === undefined) return OF_RUN.has(first);
  return (
    first === runFiles.trials && /^[A-Za-z0-9][\w.=~+-]*$/.test(trial) && OF_TRIAL.has(name ?? '') && more.length === 0
  );
}
