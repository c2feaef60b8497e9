import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { EnvironmentError, UserError } from '../errors.ts';
import type { RealTargetSource } from '../experiment/experiment.ts';
import { platformOfNode } from '../executable/platform.ts';
import { needsLoader, TARGET_PATH } from '../runner/docker/scratch-image.ts';
import { obtainProgram } from '../runner/obtain-program.ts';
import type { ObtainContext } from '../runner/runner.ts';
import { writeDockerArchive } from '../runner/sidecar/image/docker-archive.ts';
import { quote } from '../units/units.ts';

/** How long bringing an image to the nodes may take. */
const LOAD_SECONDS = 900;

/**
 * Builds a target, puts it into an image with nothing else in it, and has a command bring its archive to the nodes; gives the
 * image's name, which is a digest of the program. Nothing of it stays here.
 */
export async function bringImage(
  source: RealTargetSource,
  load: string,
  context: Pick<ObtainContext, 'env' | 'signal' | 'onProgress' | 'toolchain'>,
): Promise<string> {
  const words = load.trim().split(/\s+/);
  if (source.kind === 'image' || source.kind === 'dockerfile' || !words.some((word) => word.includes('{archive}')))
    throw new UserError({
      code: 'bad-value',
      at: '--load',
      message: `${quote(load)} does not say where the archive stands`,
      hint: 'e.g. "kind load image-archive {archive}"; {image} is the name of the image',
    });
  const platform = platformOfNode('linux', process.arch);
  const artifact = await obtainProgram(source, platform, context);
  if (await needsLoader(artifact.reference))
    throw new EnvironmentError(
      'dynamically-linked',
      `${artifact.description} is dynamically linked and cannot run in an empty image`,
      { hint: 'build it with CGO_ENABLED=0, or make an image of your own and give --target-image' },
    );
  const image = `gctune-target:${artifact.digest.replace(/^sha256:/, '').slice(0, 16)}`;
  const folder = await mkdtemp(join(tmpdir(), 'gctune-image-'));
  try {
    const archive = join(folder, 'target.tar');
    await writeDockerArchive(
      archive,
      {
        name: image,
        architecture: platform.arch,
        config: { Entrypoint: [TARGET_PATH] },
        entries: [
          { kind: 'file', path: TARGET_PATH.slice(1), from: artifact.reference, mode: 0o755 },
          { kind: 'folder', path: 'tmp', mode: 0o1777 },
        ],
      },
      context.signal,
    );
    const [program = '', ...args] = words.map((word) =>
      word.replaceAll('{archive}', archive).replaceAll('{image}', image),
    );
    context.onProgress(`bringing ${image} to the nodes: ${[program, ...args].join(' ')}`);
    const ended = await execa(program, args, {
      reject: false,
      stdin: 'ignore',
      all: true,
      timeout: LOAD_SECONDS * 1000,
      cancelSignal: context.signal,
    });
    context.signal.throwIfAborted();
    if (ended.failed)
      throw new EnvironmentError(
        'load-failed',
        `the command of --load did not bring the image to the nodes: ${ended.shortMessage}`,
        {
          details: (ended.all ?? '').split('\n').slice(-8),
        },
      );
    return image;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
