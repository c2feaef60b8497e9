import { stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { EnvironmentError, UserError } from '../../errors.ts';
import { readBuildInfo } from '../../executable/build-info.ts';
import type { ServiceSource } from '../../experiment/experiment.ts';
import type { Artifact } from '../../target/artifact.ts';
import { digestFile } from '../../target/digest-file.ts';
import { UNKNOWN_BUILD_INFO } from '../go-process.ts';
import type { ObtainContext } from '../runner.ts';
import { realPathIn } from './real-path.ts';
import type { TargetContainer } from './target-container.ts';

/**
 * Finds the target among the files of its container. What an image starts cannot be asked for in a pod, so an image needs its
 * `entrypoint`; the path of a binary is one of the container. Throws UserError and EnvironmentError.
 */
export async function obtainInContainer(
  container: TargetContainer,
  source: ServiceSource,
  { signal }: Pick<ObtainContext, 'signal'>,
): Promise<Artifact> {
  const { program, settings } = programOf(source);
  const path = await findIn(container, program, settings?.workdir ?? container.directory);
  if (path === undefined) {
    throw new EnvironmentError('target-missing', `there is no program ${program} in the container of the target`, {
      hint: `it was looked for in ${program.includes('/') ? (settings?.workdir ?? container.directory) : `its PATH, ${container.path}`}`,
    });
  }
  const file = join(container.root, path);
  const [digest, buildInfo = UNKNOWN_BUILD_INFO] = await Promise.all([
    digestFile(file, signal),
    readBuildInfo(file).catch(() => undefined),
  ]);
  const built =
    buildInfo === UNKNOWN_BUILD_INFO ? 'Go version determined at launch' : `built with ${buildInfo.goVersion}`;
  const name = source.kind === 'image' ? `${source.reference}, ${program}` : program;
  return { kind: 'image', reference: path, digest, description: `${name}, ${built}`, buildInfo, container: settings };
}

type Settings = NonNullable<Artifact['container']>;

function programOf(source: ServiceSource): { readonly program: string; readonly settings: Settings | undefined } {
  if (source.kind === 'binary') return { program: source.path, settings: undefined };
  if (source.kind === 'image' || source.kind === 'dockerfile') {
    const settings = source.container;
    const program = settings?.entrypoint?.[0];
    if (program === undefined) {
      throw new UserError({
        code: 'entrypoint-unknown',
        message: 'what the image starts cannot be told in a pod, because gctune’s agent is started in its place',
        hint: 'give the program under `target.container.entrypoint`; `docker inspect` shows it',
      });
    }
    if (Object.keys(settings?.mounts ?? {}).length > 0) {
      throw new UserError({
        code: 'mounts-in-pod',
        message: 'parts of the data folder cannot be mounted in the container of a pod that runs already',
        hint: 'name the files by {data} in `target.args` or `target.env` in place of `container.mounts`',
      });
    }
    return { program, settings };
  }
  throw new UserError({
    code: 'needs-image',
    message: `a target given as \`${source.kind}:\` cannot be made in a pod`,
    hint: 'give it as `image:`',
  });
}

/** The real path of a program as its container has it. */
async function findIn(
  { root, path }: TargetContainer,
  program: string,
  directory: string,
): Promise<string | undefined> {
  const places = program.includes('/')
    ? [posix.resolve('/', directory, program)]
    : path.split(':').map((folder) => posix.resolve('/', folder, program));
  for (const place of places) {
    const real = await realPathIn(root, place);
    const status = real === undefined ? undefined : await stat(join(root, real)).catch(() => undefined);
    if (status?.isFile() === true && (status.mode & 0o111) !== 0) return real;
  }
  return undefined;
}
