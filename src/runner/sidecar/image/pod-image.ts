import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EnvironmentError } from '../../../errors.ts';
import { platformOfNode } from '../../../executable/platform.ts';
import { packageFolder } from '../../../package-folder.ts';
import { obtainProgram } from '../../obtain-program.ts';
import type { ObtainContext } from '../../runner.ts';
import { writeDockerArchive, type WrittenImage } from './docker-archive.ts';
import { NODE_PATH, nodeFiles } from './node-files.ts';
import { packageFiles } from './package-files.ts';

/** Where the agent is in the image. */
export const AGENT_PATH = '/gctune-agent';
/** Whom both containers of a pod run as: nobody that a machine has. */
const POD_USER = 65532;

/** The name of the image of a version of gctune. */
export function podImageName(version: string): string {
  return `gctune:${version}`;
}

/** The written image, and what is in it. */
export interface PodImage extends WrittenImage {
  readonly name: string;
  readonly architecture: string;
  readonly nodeVersion: string;
  /** `sha256:…` of the agent. */
  readonly agentDigest: string;
}

/**
 * Writes the image from which both sides of a pod take what is gctune's: Node with this gctune, and the agent. Made from nothing but
 * files of this machine, for machines like it. Throws EnvironmentError `needs-linux`, `go-missing` and `build-failed`.
 */
export async function writePodImage(
  path: string,
  { name, version }: { readonly name: string; readonly version: string },
  context: Pick<ObtainContext, 'env' | 'signal' | 'onProgress'>,
): Promise<PodImage> {
  if (process.platform !== 'linux') {
    throw new EnvironmentError('needs-linux', 'the image takes Node from this machine, which does not run Linux', {
      hint: 'make it on a Linux machine of the cluster’s architecture, in a CI job for instance',
    });
  }
  const platform = platformOfNode('linux', process.arch);
  const directory = join(fileURLToPath(packageFolder()), 'agent');
  const agent = await obtainProgram({ kind: 'package', directory, flags: ['-ldflags=-s -w'] }, platform, context);
  const { entries, main } = await packageFiles();
  context.onProgress(`writing ${path}`);
  const written = await writeDockerArchive(
    path,
    {
      name,
      architecture: platform.arch,
      config: {
        Entrypoint: [NODE_PATH, main],
        Env: ['PATH=/usr/bin:/bin', 'HOME=/tmp'],
        User: `${POD_USER}:${POD_USER}`,
        WorkingDir: '/',
        Labels: { 'org.opencontainers.image.title': 'gctune', 'org.opencontainers.image.version': version },
      },
      entries: [
        ...(await nodeFiles()),
        ...entries,
        { kind: 'file', path: AGENT_PATH.slice(1), from: agent.reference, mode: 0o755 },
        { kind: 'folder', path: 'tmp', mode: 0o1777 },
        // Node asks who runs it.
        { kind: 'text', path: 'etc/passwd', text: `gctune:x:${POD_USER}:${POD_USER}:gctune:/tmp:/sbin/nologin\n` },
        { kind: 'text', path: 'etc/group', text: `gctune:x:${POD_USER}:\n` },
      ],
    },
    context.signal,
  );
  return { ...written, name, architecture: platform.arch, nodeVersion: process.version, agentDigest: agent.digest };
}
