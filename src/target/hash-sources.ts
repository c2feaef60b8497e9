import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ListedPackage } from './list-program.ts';

/** Lists of files in `go list -json` that are compiled, assembled or embedded. */
const FILE_LISTS = [
  'GoFiles',
  'CgoFiles',
  'CFiles',
  'CXXFiles',
  'HFiles',
  'SFiles',
  'SysoFiles',
  'SwigFiles',
  'EmbedFiles',
] as const;

/** A digest under way of what goes into a build. */
export interface SourceHash {
  /** Adds a length first, so that no two sequences of texts hash alike. */
  text(text: string | Uint8Array): void;
  /** Adds a file's name and content; one that is not there, and a pipe or device, which may never end, is hashed as absent. */
  file(path: string, name: string): Promise<void>;
  /** Adds a package's path and its files. */
  sources(listed: ListedPackage): Promise<void>;
  /** Adds files that flags of go build name, such as -pgo=profile; a flag that names none is hashed as absent. */
  flags(flags: readonly string[], directory: string): Promise<void>;
  /** Hex digest of all that was added, or of it so far. */
  digest(): string;
}

/** Begins a digest. */
export function hashSources(): SourceHash {
  const hash = createHash('sha256');
  return {
    text: (text) => addText(hash, text),
    file: (path, name) => addFile(hash, path, name),
    sources: async (listed) => {
      addText(hash, listed.ImportPath);
      const names = FILE_LISTS.flatMap((list) => listed[list] ?? []);
      for (const name of names) await addFile(hash, join(listed.Dir, name), name);
    },
    flags: async (flags, directory) => {
      for (const flag of flags) await addFile(hash, resolve(directory, flag.replace(/^-[^=]*=/, '')), flag);
    },
    digest: () => hash.copy().digest('hex'),
  };
}

function addText(hash: Hash, text: string | Uint8Array): void {
  hash.update(`${text.length}:`).update(text);
}

async function addFile(hash: Hash, path: string, name: string): Promise<void> {
  addText(hash, name);
  try {
    addText(hash, (await stat(path)).isFile() ? await readFile(path) : 'absent');
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error;
    addText(hash, 'absent');
  }
}
