import { EnvironmentError, UserError } from '../errors.ts';
import type { RealTargetSource } from '../experiment/experiment.ts';
import type { ChosenRunner } from '../runner/choose-runner.ts';
import { engineInfo } from '../runner/docker-engine.ts';
import { resolveImage } from '../runner/resolve-image.ts';
import type { Artifact } from '../target/artifact.ts';
import { ownCacheDirectory } from '../target/cache-directory.ts';
import { type Platform, platformOfNode } from '../target/platform.ts';
import { resolveTarget } from '../target/resolve-target.ts';

/** Around what obtaining a target needs of its surroundings. */
export interface ObtainContext {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
}

/**
 * Builds, finds or pulls the target for the chosen runner. Throws UserError or EnvironmentError where it cannot be had,
 * is not a Go program, or was built for something else than what it would run on.
 */
export async function obtainArtifact(
  source: RealTargetSource,
  { runner, engine }: ChosenRunner,
  context: ObtainContext,
): Promise<Artifact> {
  if (source.kind === 'image' || source.kind === 'dockerfile') {
    if (engine === undefined) {
      throw new UserError({
        code: 'needs-docker',
        message: `a target given as \`${source.kind}:\` can only be run by Docker, and the ${runner.name} runner was chosen`,
        hint: 'start Docker and use --runner docker, or give the target as `package:`, `module:` or `binary:`',
      });
    }
    return resolveImage(source, engine.docker, context.signal, context.onProgress);
  }
  const machine = platformOfNode(process.platform, process.arch);
  const platform: Platform =
    engine === undefined
      ? machine
      : { os: 'linux', arch: goArchitecture((await engineInfo(engine, context.signal)).Architecture) };
  try {
    return await resolveTarget(source, {
      cacheDirectory: ownCacheDirectory(context.env),
      platform,
      signal: context.signal,
      onProgress: context.onProgress,
    });
  } catch (error) {
    if (!(error instanceof EnvironmentError) || error.code !== 'go-missing') throw error;
    throw new EnvironmentError(error.code, error.message, {
      hint:
        'install Go 1.19 or newer (https://go.dev/dl); or give the target as `binary:`; or start Docker and give it as `image:`; ' +
        'to see gctune at work with neither Go nor Docker: gctune run experiments/quickstart.yaml',
      cause: error,
    });
  }
}

/** The engine names architectures as uname does. */
function goArchitecture(machine: string): string {
  return ({ x86_64: 'amd64', aarch64: 'arm64', armv7l: 'arm', i686: '386' } as const)[machine] ?? machine;
}
