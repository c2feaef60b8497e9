import { isDeepStrictEqual } from 'node:util';
import type Docker from 'dockerode';
import { EnvironmentError } from '../../errors.ts';
import type { Artifact } from '../../target/artifact.ts';
import { digestFile } from '../../target/digest-file.ts';
import { until } from './bounded-calls.ts';
import { UNKNOWN_BUILD_INFO } from '../go-process.ts';
import { resolveImage, type ImageSource } from './resolve-image.ts';
import { makeScratchImage, scratchImageName } from './scratch-image.ts';

/** The images that a runner starts: where they came from, and what stands in for one that was removed. */
export class ImageStore {
  /** By the id of the image. */
  readonly #sources = new Map<string, ImageSource>();
  readonly #standIns = new Map<string, string>();

  /** Finds or makes the image of a source. */
  async obtain(
    source: ImageSource,
    docker: Docker,
    signal: AbortSignal,
    onProgress: (line: string) => void,
    anyProgram?: boolean,
  ): Promise<Artifact> {
    const artifact = await resolveImage(source, docker, signal, onProgress, anyProgram);
    this.#sources.set(artifact.reference, source);
    return artifact;
  }

  /** What the engine is told to start for an artifact. */
  imageOf(artifact: Artifact, runId: string): string {
    if (artifact.kind === 'binary') return scratchImageName(artifact, runId);
    return this.#standIns.get(artifact.reference) ?? artifact.reference;
  }

  /** Makes an image that was removed again; refuses what is not the same target. */
  async restore(docker: Docker, artifact: Artifact, runId: string, owner: string, signal: AbortSignal): Promise<void> {
    if (await isThere(until(docker, signal), this.imageOf(artifact, runId))) return;
    if (artifact.kind === 'binary') {
      if ((await digestFile(artifact.reference, signal)) !== artifact.digest) throw changed(artifact);
      await makeScratchImage(docker, artifact, runId, owner, signal);
      return;
    }
    const source = this.#sources.get(artifact.reference);
    if (source === undefined) throw new Error(`the origin of ${artifact.reference} is unknown`);
    const anyProgram = artifact.buildInfo === UNKNOWN_BUILD_INFO;
    const again = await resolveImage(source, docker, signal, () => undefined, anyProgram);
    // A build has another id each time, because its files have other dates.
    const same =
      source.kind === 'image'
        ? again.digest === artifact.digest
        : isDeepStrictEqual(again.buildInfo, artifact.buildInfo);
    if (!same) throw changed(artifact);
    this.#standIns.set(artifact.reference, again.reference);
  }
}

function changed({ description }: Artifact): EnvironmentError {
  return new EnvironmentError(
    'target-changed',
    `The image of the target was removed during the run, and what it was made from has changed: ${description}`,
    { hint: 'Trials of another target cannot go into this run; start a new one' },
  );
}

async function isThere(docker: Docker, image: string): Promise<boolean> {
  try {
    await docker.getImage(image).inspect();
    return true;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return false;
    throw error;
  }
}
