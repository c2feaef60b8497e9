import { existsSync, readdirSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvironmentError, ExitCode, UserError } from '../../errors.ts';
import type { Plan } from '../../experiment/plan/plan.ts';
import { NotARun, unpackRun } from '../../kubernetes/pack-run.ts';
import type { Delivered } from '../../kubernetes/pod-reader.ts';
import type { Warning } from '../../metrics/warning.ts';
import { writing } from '../../results/disk.ts';
import type { RunManifest } from '../../results/format.ts';
import { runFiles } from '../../results/layout.ts';
import type { FileMode } from '../../results/plain-file.ts';
import type { JoinedRun } from '../../results/joined-run.ts';
import { openRun, type RunFolder } from '../../results/run-folder.ts';
import { plainText } from '../../text/plain-text.ts';
import { toolVersion } from '../../cli/tool-version.ts';
import { blocksText, openPart, partsOf, refuseUnlike, type Part } from '../parts/check-parts.ts';
import { adoptPart, countOf, publishParts } from '../parts/join-parts.ts';
import { joinedManifest } from '../parts/joined-manifest.ts';

/** The blocks of a run in a cluster that are here, and the run that they make. */
export class GatheredBlocks {
  readonly #run: JoinedRun;
  readonly #mode: FileMode;
  readonly #plan: Plan;
  readonly #experimentFile: string | undefined;
  readonly #parts = new Map<number, Part>();

  private constructor(run: JoinedRun, mode: FileMode, plan: Plan, experimentFile: string | undefined) {
    this.#run = run;
    this.#mode = mode;
    this.#plan = plan;
    this.#experimentFile = experimentFile;
  }

  /**
   * With the parts that an earlier driver has left in the folder, of which the run is joined again. Throws UserError where a part is
   * damaged or lacks that the run has already; the run is then left as it is.
   */
  static async in(
    run: JoinedRun,
    of: { readonly mode: FileMode; readonly plan: Plan; readonly experimentFile: string | undefined },
  ): Promise<GatheredBlocks> {
    const gathered = new GatheredBlocks(run, of.mode, of.plan, of.experimentFile);
    const folder = join(run.folder, runFiles.parts);
    await writing(folder, () => mkdir(folder, { recursive: true, mode: of.mode === 0o600 ? 0o700 : 0o777 }));
    const parts = new Map<number, Part>();
    for (const name of readdirSync(folder)) {
      const block = Number(name);
      // What was not yet renamed is half of a part.
      if (!Number.isInteger(block)) await rm(join(folder, name), { recursive: true, force: true });
      else for (const part of partsOf([await openPart(join(folder, name), `block ${block}`)])) parts.set(block, part);
    }
    await refuseLoss(run.folder, parts);
    await run.clear();
    for (const [block, part] of parts) await gathered.#adopt(block, part);
    return gathered;
  }

  get have(): ReadonlySet<number> {
    return new Set(this.#parts.keys());
  }

  get counts(): { readonly completed: number; readonly planned: number } {
    return { completed: countOf([...this.#parts.values()]).completed, planned: this.#plan.trials.length };
  }

  /** Blocks that are not here. */
  get missing(): readonly number[] {
    return Array.from({ length: this.#plan.blocks }, (_, index) => index + 1).filter(
      (block) => !this.#parts.has(block),
    );
  }

  /** Keeps a result, which must be that block of this plan, of the target that the others had. Throws UserError where it is not. */
  async add(block: number, { packed, pod }: Delivered): Promise<void> {
    const folder = join(this.#run.folder, runFiles.parts, String(block));
    const partial = `${folder}.partial`;
    await rm(partial, { recursive: true, force: true });
    try {
      await writing(partial, () => unpackRun(packed, partial, this.#mode));
      await this.#check(block, partial, pod);
      await rename(partial, folder);
    } catch (error) {
      await rm(partial, { recursive: true, force: true });
      if (!(error instanceof NotARun)) throw error;
      throw new EnvironmentError('bad-result', `what pod ${plainText(pod)} gave back is not a run: ${error.message}`);
    }
    for (const part of partsOf([await openPart(folder, `block ${block}`)])) await this.#adopt(block, part);
  }

  async #check(block: number, folder: string, pod: string): Promise<void> {
    const part = await openPart(folder, `the result of pod ${plainText(pod)}`);
    const { shard, plan, toolVersion: version } = part.run.manifest;
    if (version !== toolVersion())
      throw new UserError({
        code: 'harness-version',
        message: `the image of the harness has gctune ${plainText(version)}, and this is ${toolVersion()}`,
        hint: 'gctune image writes the image of this version; --harness-image names another one',
      });
    if (shard?.number !== block || JSON.stringify(plan) !== JSON.stringify(this.#plan))
      throw new EnvironmentError(
        'bad-result',
        `what pod ${plainText(pod)} gave back is not block ${block} of this plan`,
      );
    const [first] = this.#parts.values();
    if (first !== undefined) refuseUnlike([first, ...partsOf([part])]);
  }

  async #adopt(block: number, part: Part): Promise<void> {
    await adoptPart(this.#run, part);
    this.#parts.set(block, part);
  }

  /** Says what the run is by now. Undefined while there is no part. */
  async publish(lacks: readonly Warning[], more: readonly Warning[]): Promise<RunFolder | undefined> {
    const [first, ...others] = [...this.#parts].toSorted(([a], [b]) => a - b).map(([, part]) => part);
    if (first === undefined) return undefined;
    const parts = [first, ...others] as const;
    const { experimentFile: _, ...joined } = await joinedManifest(parts, lacks);
    const manifest: RunManifest = {
      ...joined,
      id: this.#run.id,
      ...(this.#experimentFile === undefined ? {} : { experimentFile: this.#experimentFile }),
      warnings: [...joined.warnings, ...more],
    };
    return publishParts(this.#run, parts, manifest);
  }
}

/** Refuses to join a run again of which blocks would be lost. */
async function refuseLoss(folder: string, parts: ReadonlyMap<number, Part>): Promise<void> {
  if (!existsSync(join(folder, runFiles.manifest))) return;
  const { manifest } = await openRun(folder);
  const lost = (manifest.nodes ?? []).flatMap(({ blocks }) => blocks).filter((block) => !parts.has(block));
  if (lost.length === 0) return;
  throw new UserError(
    {
      code: 'parts-missing',
      message: `${join(folder, runFiles.parts)} lacks ${blocksText(lost)}, which the run has: it would be lost by joining the run again`,
      hint: `remove ${runFiles.cluster} to keep the run as it is, or ${runFiles.manifest} to measure what is lacking again`,
    },
    ExitCode.corruptResults,
  );
}
