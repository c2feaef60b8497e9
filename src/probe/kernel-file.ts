import { closeSync, openSync, readSync } from 'node:fs';

/** More than any file that is read here; a shorter buffer would cut one in the middle. */
const bufferBytes = 32_768;

/**
 * A file of /proc or of a cgroup that stays open. The kernel writes it anew for each read from its start (seq_file), so
 * a sample is one system call. The handle belongs to the process it was opened for: a reused pid cannot be mistaken for it.
 */
export class KernelFile implements Disposable {
  readonly #descriptor: number;
  readonly #buffer = Buffer.alloc(bufferBytes);
  #open = true;

  /** Throws what the system says where it cannot be opened. */
  constructor(path: string) {
    this.#descriptor = openSync(path, 'r');
  }

  /** What it says now. Throws what the system says, which `isGone` can tell. */
  read(): string {
    // The system gives the numbers of closed files to others.
    if (!this.#open) throw new Error('the file was closed');
    return this.#buffer.toString('latin1', 0, readSync(this.#descriptor, this.#buffer, 0, bufferBytes, 0));
  }

  /** Closes it; may be done twice. */
  [Symbol.dispose](): void {
    if (this.#open) closeSync(this.#descriptor);
    this.#open = false;
  }
}

/** Whether an error says that the process or cgroup is no more, or never was. */
export function isGone(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ESRCH' || code === 'ENOENT' || code === 'ENODEV';
}
