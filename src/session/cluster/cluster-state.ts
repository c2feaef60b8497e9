import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError, ExitCode } from '../../errors.ts';
import { writeAtomically } from '../../results/disk.ts';
import { runFiles } from '../../results/layout.ts';
import { readPlainFile, type FileMode } from '../../results/plain-file.ts';

const line = z.string().max(4096);

const shape = z.object({
  formatVersion: z.literal(1),
  /** The place in which the Jobs are. */
  context: line,
  namespace: line,
  /** Flags of the run that decide what its Jobs are. */
  values: z.object({
    nodes: z.number().int().positive(),
    'node-names': z.boolean(),
    'node-selector': z.array(line).readonly().optional(),
    toleration: z.array(line).readonly().optional(),
    queue: line.optional(),
    secret: line.optional(),
    'harness-image': line.optional(),
    'harness-cpus': z.number().int().positive(),
    'target-image': line.optional(),
    filter: z.array(line).readonly().optional(),
    blocks: z.number().int().positive().optional(),
  }),
  /** As it could be named where the run began. */
  experimentFile: line.optional(),
  /** The directory that its paths are relative to. */
  directory: line,
  seed: z.number().int().nonnegative(),
  targetImage: line,
  /** Jobs that were created so far, and the last one with its blocks, unless it is gone. */
  jobs: z.number().int().nonnegative(),
  job: z.object({ name: line, blocks: z.array(z.number().int().positive()) }).optional(),
  /** Pods that came to nothing, in the order in which that was seen. */
  lost: z.array(z.object({ block: z.number().int(), pod: line, node: line, why: line })),
});

/** What is to be known of a run in a cluster to go on with it; in its folder until it is complete. */
export type ClusterState = z.infer<typeof shape>;

/** More than any such file. */
const LIMIT_BYTES = 16 * 2 ** 20;

/** Whether a folder is that of a run in a cluster that is not complete. */
export function isClusterRun(folder: string): boolean {
  return existsSync(join(folder, runFiles.cluster));
}

/** Reads what is known. Throws UserError (exit 7) where the file is damaged. */
export function readClusterState(folder: string): ClusterState {
  const file = join(folder, runFiles.cluster);
  try {
    return shape.parse(JSON.parse(readPlainFile(file, LIMIT_BYTES).toString('utf8')));
  } catch (error) {
    throw new UserError(
      {
        code: 'corrupt-run',
        message: `${file} is damaged: the Job of the run cannot be found by it`,
        hint: 'gctune clean --on kubernetes removes the Job; run the experiment again',
        ...(error instanceof Error ? { cause: error } : {}),
      },
      ExitCode.corruptResults,
    );
  }
}

/** Reads what is known once the run is locked. Throws UserError also where another gctune has completed the run since it was found. */
export function readLockedState(folder: string): ClusterState {
  if (isClusterRun(folder)) return readClusterState(folder);
  throw new UserError({
    code: 'run-complete',
    message: `another gctune has completed ${folder} meanwhile: there is nothing to go on with`,
    hint: `gctune report ${folder} shows it`,
  });
}

/** Writes what is known. */
export async function writeClusterState(folder: string, state: ClusterState, mode: FileMode): Promise<void> {
  await writeAtomically(join(folder, runFiles.cluster), `${JSON.stringify(state, null, 1)}\n`, mode);
}

/** Removes what was only needed to go on: the run is complete, and everything of its parts is in it. */
export async function removeClusterState(folder: string): Promise<void> {
  // First: a run that has it is joined again from its parts, all of which must be there.
  await rm(join(folder, runFiles.cluster), { force: true });
  await rm(join(folder, runFiles.parts), { recursive: true, force: true });
}
