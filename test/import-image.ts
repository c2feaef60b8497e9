import { readFile } from 'node:fs/promises';
import type { TestContext } from 'node:test';
import Docker from 'dockerode';
import tar from 'tar-stream';

/** Makes an image that holds nothing but a program, as /target; it goes with the test. */
export async function importImage(
  t: TestContext,
  reference: string,
  program: string,
  changes: readonly string[],
): Promise<void> {
  const docker = new Docker();
  const pack = tar.pack();
  pack.entry({ name: 'target', mode: 0o755 }, await readFile(program));
  pack.finalize();
  const [repo, tag] = reference.split(':') as [string, string];
  const progress = await docker.importImage(pack as unknown as NodeJS.ReadableStream, { repo, tag, changes });
  await new Promise((resolve) => docker.modem.followProgress(progress, resolve));
  t.after(() => docker.getImage(reference).remove({ force: true }));
}
