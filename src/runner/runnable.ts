import { constants } from 'node:fs';
import { access, realpath } from 'node:fs/promises';
import { EnvironmentError } from '../errors.ts';
import type { Artifact } from '../target/artifact.ts';

/** GOARCH of what Node.js calls the architecture. */
const GOARCH: Readonly<Record<string, string>> = {
  x64: 'amd64',
  ia32: '386',
  arm: 'arm',
  arm64: 'arm64',
  loong64: 'loong64',
  ppc64: 'ppc64le',
  riscv64: 'riscv64',
  s390x: 's390x',
};
const GOOS: Readonly<Record<string, string>> = {
  linux: 'linux',
  darwin: 'darwin',
  win32: 'windows',
  freebsd: 'freebsd',
};

/** The real path of a binary that can be started on a platform (as Node.js names it). Throws EnvironmentError `target-missing` or `wrong-architecture`. */
export async function checkRunnable(artifact: Artifact, platform: string, architecture: string): Promise<string> {
  if (artifact.kind !== 'binary') {
    throw new EnvironmentError('needs-docker', `${artifact.description} is an image and can only run in a container`, {
      hint: 'Use `runner: docker`',
    });
  }
  const { GOOS: os, GOARCH: arch } = artifact.buildInfo.settings;
  const hereOs = GOOS[platform] ?? platform;
  const hereArch = GOARCH[architecture] ?? architecture;
  const runsHere =
    (os ?? hereOs) === hereOs && (arch === undefined || arch === hereArch || (arch === '386' && hereArch === 'amd64'));
  if (!runsHere) {
    throw new EnvironmentError(
      'wrong-architecture',
      `${artifact.reference} is built for ${os ?? '?'}/${arch ?? '?'}, and this is ${hereOs}/${hereArch}`,
      { hint: `Build it with GOOS=${hereOs} GOARCH=${hereArch}` },
    );
  }
  try {
    const path = await realpath(artifact.reference);
    await access(path, constants.X_OK);
    return path;
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : 'may not be executed';
    throw new EnvironmentError('target-missing', `${artifact.reference} ${why}`, { cause: error });
  }
}
