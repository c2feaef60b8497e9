import { constants } from 'node:fs';
import { access, realpath } from 'node:fs/promises';
import { EnvironmentError } from '../errors.ts';
import type { Artifact } from '../target/artifact.ts';
import { platformText, runsOn, type Platform } from '../executable/platform.ts';

/** The real path of a binary that can be started on a machine. Throws EnvironmentError `target-missing` or `wrong-architecture`. */
export async function checkRunnable(artifact: Artifact, machine: Platform): Promise<string> {
  if (artifact.kind !== 'binary') {
    throw new EnvironmentError('needs-docker', `${artifact.description} is an image and can only run in a container`, {
      hint: 'Use `runner: docker`',
    });
  }
  const { GOOS, GOARCH } = artifact.buildInfo.settings;
  const program = { os: GOOS ?? machine.os, arch: GOARCH ?? machine.arch };
  if (!runsOn(program, machine)) {
    throw new EnvironmentError(
      'wrong-architecture',
      `${artifact.reference} is built for ${platformText(program)}, and this is ${platformText(machine)}`,
      { hint: `Build it with GOOS=${machine.os} GOARCH=${machine.arch}` },
    );
  }
  try {
    const path = await realpath(artifact.reference);
    await access(path, constants.X_OK);
    return path;
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : 'is not executable';
    throw new EnvironmentError('target-missing', `${artifact.reference} ${why}`, {
      hint: 'where its file system is mounted noexec nothing on it can be started: set GCTUNE_CACHE to a folder elsewhere',
      cause: error,
    });
  }
}
