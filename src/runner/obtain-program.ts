import { EnvironmentError, UserError } from '../errors.ts';
import type { ServiceSource } from '../experiment/experiment.ts';
import type { Artifact } from '../target/artifact.ts';
import { ownCacheDirectory } from '../target/cache-directory.ts';
import { type Platform, platformOfNode } from '../executable/platform.ts';
import { type LocalTargetSource, resolveTarget } from '../target/resolve-target.ts';
import { findProgram } from './find-program.ts';
import { ownerMark } from './owner.ts';
import type { ObtainContext, Runner } from './runner.ts';

/** Builds or finds a program for a platform. Throws UserError or EnvironmentError where it cannot be had. */
export async function obtainProgram(
  source: LocalTargetSource,
  platform: Platform,
  { env, toolchain, signal, onProgress, anyProgram = false }: ObtainContext,
): Promise<Artifact> {
  try {
    const cacheDirectory = ownCacheDirectory(env);
    return await resolveTarget(source, {
      cacheDirectory,
      platform,
      toolchain,
      owner: await ownerMark(),
      anyProgram,
      signal,
      onProgress,
    });
  } catch (error) {
    if (!(error instanceof EnvironmentError) || error.code !== 'go-missing') throw error;
    throw new EnvironmentError(error.code, error.message, {
      hint:
        'install Go 1.19 or newer (https://go.dev/dl); or give the target as `binary:`; or start Docker and give it as `image:`; ' +
        'to try gctune without Go or Docker: gctune run experiments/quickstart.yaml',
      cause: error,
    });
  }
}

/** What a runner without a container engine obtains: a program for this machine, and no image. */
export async function obtainForThisMachine(
  source: ServiceSource,
  context: ObtainContext,
  runner: Runner['name'],
): Promise<Artifact> {
  if (source.kind === 'image' || source.kind === 'dockerfile') {
    throw new UserError({
      code: 'needs-docker',
      message: `a program given as \`${source.kind}:\` needs a container engine, and the ${runner} runner has none`,
      hint: 'start Docker (gctune doctor shows whether it answers), or give it as `package:`, `module:` or `binary:`',
    });
  }
  const place = platformOfNode(process.platform, process.arch);
  if (source.kind === 'command')
    return obtainProgram({ kind: 'binary', path: await inPath(source.program) }, place, context);
  return obtainProgram(source, place, context);
}

/** The path of a program of this machine. Throws UserError `no-such-command`. */
async function inPath(program: string): Promise<string> {
  const found = program.startsWith('/') ? program : await findProgram(program);
  if (found !== undefined) return found;
  throw new UserError({
    code: 'no-such-command',
    message: `there is no program ${program} in PATH`,
    hint: 'install it, or give its absolute path',
  });
}
