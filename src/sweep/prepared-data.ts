import { chmod, chown, mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Runner } from '../runner/runner.ts';
import { checkCopyable, copyFolder } from './scratch-copy.ts';
import { removeFolder } from './scratch.ts';

/** A copy of a data folder; disposing it removes it. */
export type DataCopy = AsyncDisposable & { readonly directory: string };

/** Who uses a data folder. */
export interface DataUser {
  /** Whether it is for whoever comes to it. */
  readonly open: boolean;
  /** Another user of this machine, whose it is to be. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
}

/**
 * The data folder of the target or of a service. The steps fill it at the same path at which each trial finds its copy,
 * so that a path which a step has written into a file stays right.
 */
export class PreparedData {
  /** Where it is for the steps, and for each trial in turn. */
  readonly directory: string;
  readonly #template: string;
  /** The path under which the target sees it. */
  readonly #seenAs: string;
  #taken = false;

  private constructor(folder: string, runner: Runner) {
    this.directory = join(folder, 'data');
    // Out of reach of another user, who could exchange a file of it for a link while it is copied.
    this.#template = join(folder, 'kept', 'template');
    this.#seenAs = runner.dataPath(this.directory);
  }

  /** Makes it, empty, in a folder that is made too. */
  static async make(folder: string, runner: Runner, who: DataUser): Promise<PreparedData> {
    const made = new PreparedData(folder, runner);
    await mkdir(made.directory, { recursive: true });
    // An image decides itself as whom it runs. Nobody else comes here: the scratch folder around it is ours alone.
    if (who.open) await chmod(made.directory, 0o777);
    if (who.owner !== undefined) {
      await chmod(folder, 0o711);
      await chmod(made.directory, 0o700);
      await chown(made.directory, who.owner.uid, who.owner.gid);
    }
    return made;
  }

  /** The steps are done: what is there becomes the template. Throws EnvironmentError `prepare-failed` where it cannot be copied. */
  async seal(): Promise<void> {
    await checkCopyable(this.directory, this.#seenAs);
    await mkdir(dirname(this.#template), { mode: 0o700 });
    await rename(this.directory, this.#template);
  }

  /** A fresh copy, for one trial at a time. */
  async fresh(): Promise<DataCopy> {
    if (this.#taken) throw new Error('the copy of the previous trial still exists');
    this.#taken = true;
    const { directory } = this;
    const remove = async (): Promise<void> => {
      await removeFolder(directory);
      this.#taken = false;
    };
    try {
      await copyFolder(this.#template, directory);
    } catch (error) {
      await remove();
      throw error;
    }
    return { directory, [Symbol.asyncDispose]: remove };
  }
}
