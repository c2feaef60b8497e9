import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EnvironmentError, UserError } from '../errors.ts';
import { runGo } from './go-tool.ts';
import type { GoTool } from './go-tool.ts';

/** A main package and what its build depends on. */
export interface PackageSources {
  readonly importPath: string;
  /** Hex digest of the Go version, the settings, the flags and every file that goes into the binary. */
  readonly key: string;
  readonly goVersion: string;
}

/** The part of `go list -json` that is used (go help list). */
interface ListedPackage {
  readonly Dir: string;
  readonly ImportPath: string;
  readonly Name: string;
  readonly Standard?: boolean;
  readonly DepOnly?: boolean;
  readonly Module?: { readonly GoMod?: string; readonly Main?: boolean };
  readonly [kind: `${string}Files`]: readonly string[] | undefined;
}

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

/** Settings of the Go installation that change what it builds. */
const SETTINGS = [
  'GOVERSION',
  'GOFLAGS',
  'GOEXPERIMENT',
  'GOWORK',
  'GOAMD64',
  'GOARM64',
  'GOARM',
  'GO386',
  'GOFIPS140',
];

/**
 * Asks go what a main package is made of and hashes it. Throws UserError `not-a-main-package` and EnvironmentError `build-failed`
 * with go's own lines where it cannot even list the package.
 */
export async function readPackageSources(tool: GoTool, flags: readonly string[]): Promise<PackageSources> {
  // Settings that this Go does not know come out empty.
  const settings = await runGo(tool, ['env', ...SETTINGS]);
  if (!settings.ok) throw cannotBuild(tool.directory, settings.complaint);
  const listed = await runGo(tool, ['list', '-deps', '-json', ...flags, '--', '.']);
  if (!listed.ok) throw cannotBuild(tool.directory, listed.complaint);
  const packages = parseJsonSequence(listed.stdout) as readonly ListedPackage[];
  const main = packages.find(({ DepOnly }) => DepOnly !== true);
  if (main === undefined) throw cannotBuild(tool.directory, ['go list names no package']);
  if (main.Name !== 'main') {
    throw new UserError({
      code: 'not-a-main-package',
      message: `${tool.directory} is package ${main.Name}, which is not a program`,
      hint: 'Name the directory of a `package main`, for example ./cmd/<program>',
    });
  }

  const hash = createHash('sha256');
  addText(hash, JSON.stringify([settings.stdout, tool.platform, flags]));
  for (const each of packages.filter(({ Standard }) => Standard !== true)) {
    addText(hash, each.ImportPath);
    const names = FILE_LISTS.flatMap((list) => each[list] ?? []);
    for (const name of names) await addFile(hash, join(each.Dir, name), name);
  }
  // Versions and checksums of modules are written into the binary, and so is what a profile makes of the code (go help build, -pgo).
  const goWork = settings.stdout.split('\n')[SETTINGS.indexOf('GOWORK')];
  const aside = [main.Module?.GoMod, main.Module?.GoMod?.replace(/\.mod$/, '.sum'), goWork].filter(
    (path) => path !== undefined && path !== '' && path !== 'off',
  ) as string[];
  for (const path of aside) await addFile(hash, path, path.slice(-'go.mod'.length));
  await addFile(hash, join(main.Dir, 'default.pgo'), 'default.pgo');
  for (const flag of flags) await addFile(hash, resolve(tool.directory, flag.replace(/^-[^=]*=/, '')), flag);

  return {
    importPath: main.ImportPath,
    key: hash.digest('hex'),
    goVersion: settings.stdout.split('\n')[0] ?? '',
  };
}

/** The error for go's refusal to build, with its own lines. */
export function cannotBuild(directory: string, complaint: readonly string[]): EnvironmentError {
  return new EnvironmentError('build-failed', `go cannot build ${directory}`, {
    hint: 'Run `go build` in that directory to see the same',
    details: complaint,
  });
}

/** Adds a length first, so that no two sequences of texts hash alike. */
function addText(hash: Hash, text: string | Uint8Array): void {
  hash.update(`${text.length}:`).update(text);
}

/** Adds a file's name and content; a file that is not there (or a flag that names none) is hashed as absent. */
async function addFile(hash: Hash, path: string, name: string): Promise<void> {
  addText(hash, name);
  try {
    addText(hash, await readFile(path));
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error;
    addText(hash, 'absent');
  }
}

/** Parses JSON objects that follow each other, as go list prints them: each begins and ends at the first column. */
function parseJsonSequence(text: string): readonly unknown[] {
  return JSON.parse(`[${text.replaceAll(/^\}\n\{$/gm, '},\n{')}]`) as unknown[];
}
