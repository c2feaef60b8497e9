import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type Docker from 'dockerode';
import tar from 'tar-stream';
import { EnvironmentError } from '../../errors.ts';
import type { Artifact } from '../../target/artifact.ts';
import { until } from './bounded-calls.ts';
import { ignoreGone } from './container-daemon.ts';
import { isUnreachable } from './engine.ts';
import { ownLabels } from './owned.ts';
import { followEngine } from './engine-progress.ts';

/** Where the binary is in the image, and where `/tmp` and the work folder appear. */
export const TARGET_PATH = '/target';

/** The name of a run's image of a binary. Each run has its own, so that one may be removed while another uses the same binary. */
export function scratchImageName(artifact: Artifact, runId: string): string {
  const tag = runId.replace(/[^A-Za-z0-9_.-]/g, '-').replace(/^[.-]+/, '');
  return `gctune/${artifact.digest
    .replace(/^sha256:/, '')
    .slice(0, 12)
    .toLowerCase()}:${tag.slice(-120) || 'run'}`;
}

/** Makes an image with nothing in it but the binary, by import of a tar stream: offline, with no builder, in one layer. */
export async function makeScratchImage(
  docker: Docker,
  artifact: Artifact,
  runId: string,
  owner: string,
  abortSignal: AbortSignal,
): Promise<string> {
  await refuseDynamic(artifact);
  const name = scratchImageName(artifact, runId);
  // One that a killed gctune made for the same run would lose its name, and so be nobody's.
  await until(docker, abortSignal).getImage(name).remove({ force: true }).catch(ignoreGone);
  const [repo, tag] = name.split(':') as [string, string];
  const pack = tar.pack();
  // The engine reads this line as a Dockerfile's, which would replace variables.
  const label = (key: string, value: string): string =>
    `LABEL ${key}=${JSON.stringify(value).replaceAll('$', String.raw`\$`)}`;
  const labels = Object.entries(ownLabels(name, runId, owner)).map(([key, value]) => label(key, value));
  const changes = [`ENTRYPOINT ["${TARGET_PATH}"]`, ...labels];
  const imported = until(docker, abortSignal).importImage(pack as unknown as NodeJS.ReadableStream, {
    repo,
    tag,
    changes,
  });
  const { size } = await stat(artifact.reference);
  pack.entry({ name: 'tmp', type: 'directory', mode: 0o1777 });
  const file = pack.entry({ name: TARGET_PATH.slice(1), size, mode: 0o755 });
  try {
    const [progress] = await Promise.all([
      imported,
      pipeline(createReadStream(artifact.reference), file).then(() => pack.finalize()),
    ]);
    await followEngine(docker, progress);
  } catch (error) {
    pack.destroy();
    abortSignal.throwIfAborted();
    if (isUnreachable(error) || 'syscall' in (error as Error)) throw error;
    throw new EnvironmentError(
      'docker-refused',
      `The container engine could not import the target: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
  return name;
}

/** A dynamically linked program cannot start where there is no loader, and the engine would only say `no such file`. */
async function refuseDynamic(artifact: Artifact): Promise<void> {
  if (!(await needsLoader(artifact.reference))) return;
  throw new EnvironmentError(
    'dynamically-linked',
    `${artifact.description} is dynamically linked and cannot run in an empty image`,
    { hint: 'Build it with CGO_ENABLED=0, or give an image, or use `runner: process`' },
  );
}

/** Whether an ELF file asks for a dynamic loader: it has a program header of type PT_INTERP (elf(5)). */
export async function needsLoader(path: string): Promise<boolean> {
  const PT_INTERP = 3;
  const file = await open(path);
  try {
    const header = Buffer.alloc(64);
    await file.read(header, 0, 64, 0);
    if (header.toString('latin1', 0, 4) !== '\x7fELF') return false;
    const wide = header[4] === 2;
    const little = header[5] === 1;
    const number = (buffer: Buffer, at: number, size: 2 | 4): number =>
      little ? buffer.readUIntLE(at, size) : buffer.readUIntBE(at, size);
    // Offsets are far under 4 GiB, so the low half of a 64-bit one is enough.
    const offset = wide ? number(header, little ? 32 : 36, 4) : number(header, 28, 4);
    const size = number(header, wide ? 54 : 42, 2);
    const count = number(header, wide ? 56 : 44, 2);
    const table = Buffer.alloc(size * count);
    await file.read(table, 0, table.length, offset);
    return Array.from({ length: count }, (_, index) => number(table, index * size, 4)).includes(PT_INTERP);
  } finally {
    await file.close();
  }
}
