import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import type { ModuleReplace, TargetSource } from '../experiment/experiment.ts';
import { findBuild, programName, withTemporaryFolder } from './build-cache.ts';
import type { Build } from './build-cache.ts';
import { buildFlags, buildProgram } from './build-program.ts';
import { adviseOnCgo, cannotBuild } from './cannot-build.ts';
import { fetchModule, findModule, hasPackage, noPackage } from './find-module.ts';
import type { FoundModule } from './find-module.ts';
import { runGo } from './go-tool.ts';
import type { GoTool } from './go-tool.ts';
import { hashSources } from './hash-sources.ts';
import type { SourceHash } from './hash-sources.ts';
import { listProgram, readGoSettings } from './list-program.ts';
import type { ListedPackage } from './list-program.ts';
import { isExactVersion, isFolder, splitVersion, wrapperModule } from './wrapper-module.ts';
import type { GoMod } from './wrapper-module.ts';

/** A target that the Go module proxy has. */
export type ModuleSource = Extract<TargetSource, { readonly kind: 'module' }>;

/** A built package of a module. */
export interface BuiltModule extends Build {
  /** The exact version of the module, whatever was asked for. */
  readonly version: string;
}

/**
 * What go is told for a build in a wrapper. A workspace, a vendor folder and flags of the user's shell belong to other modules: what goes into
 * the build stands in the experiment. GOFLAGS must not be empty, or go takes it from its own file (go help env).
 */
const WRAPPER_ENV = { GOFLAGS: '-mod=mod', GOWORK: 'off', GO111MODULE: 'on' } as const;

/**
 * Builds a main package of a module by means of a module that requires it, because `go install` refuses modules with replace and exclude lines.
 * The cache knows the result by package, exact version, replaces, flags, platform and Go; where these are all given, no network is needed the
 * second time. Folders that replace modules count by their content. Throws UserError and EnvironmentError.
 */
export async function buildModule(
  source: ModuleSource,
  surroundings: Omit<GoTool, 'directory'>,
  cacheDirectory: string,
): Promise<BuiltModule> {
  await checkReplaces(source.replaces);
  return withTemporaryFolder(cacheDirectory, surroundings.owner, async (directory) => {
    const tool: GoTool = { ...surroundings, directory, env: { ...surroundings.env, ...WRAPPER_ENV } };
    // Without a go.mod of its own, go would look for one in the folders above.
    await writeFile(join(directory, 'go.mod'), 'module gctune.invalid/build\n');
    const asked = `${source.package}@${source.version}`;
    const settings = await readGoSettings(tool, asked);
    const replaces = await pinReplaces(tool, source.replaces);
    const located = isExactVersion(source.version) ? undefined : await locateModule(tool, source, replaces);
    const version = located?.version ?? source.version;
    const flags = [...buildFlags, ...source.flags];
    const program = programName(source.package, tool.platform);

    const hash = hashSources();
    hash.text(JSON.stringify([settings.text, tool.platform, flags, source.package, version, replaces]));
    await hash.flags(source.flags, directory);
    const isPublished = !replaces.some(({ to }) => isFolder(to));
    if (isPublished) {
      const found = await findBuild(cacheDirectory, { key: hash.digest(), program }, tool.signal);
      if (found !== undefined) return { ...found, version };
    }

    const title = `${source.package}@${version}`;
    const refuse = async (complaint: readonly string[]): Promise<Error> =>
      cannotBuild(title, complaint, await adviseOnCgo(tool, source.package, flags, complaint));
    await writeWrapper(tool, located ?? (await locateModule(tool, source, replaces)), replaces, refuse);
    const { packages } = await listProgram(tool, flags, source.package, title, refuse);
    if (!isPublished) await hashFolders(hash, directory, packages);
    const built = await buildProgram(tool, cacheDirectory, {
      name: { key: hash.digest(), program },
      pattern: source.package,
      flags,
      title: `${title} with ${settings.goVersion}`,
      refuse,
    });
    return { ...built, version };
  });
}

/** Throws UserError `bad-replace` and `target-missing`. */
async function checkReplaces(replaces: readonly ModuleReplace[]): Promise<void> {
  for (const { from, to } of replaces) {
    if (isFolder(to) ? (await stat(to).catch(() => undefined))?.isDirectory() : splitVersion(to).Version) continue;
    throw new UserError(
      isFolder(to)
        ? {
            code: 'target-missing',
            message: `there is no folder ${to}, which should replace ${from}`,
            hint: 'Folders under `target.replace` are relative to the experiment file',
          }
        : {
            code: 'bad-replace',
            message: `${from} cannot be replaced by "${to}", which has no version`,
            hint: `Write module@version, or a folder that begins with ./ or ../`,
          },
    );
  }
}

/** Gives the modules that replace others their exact versions, so that a branch that has moved on is built anew. */
async function pinReplaces(tool: GoTool, replaces: readonly ModuleReplace[]): Promise<readonly ModuleReplace[]> {
  const pinned: ModuleReplace[] = [];
  for (const { from, to } of replaces) {
    const { Path, Version = '' } = splitVersion(to);
    const isPinned = isFolder(to) || isExactVersion(Version);
    pinned.push({ from, to: isPinned ? to : `${Path}@${(await fetchModule(tool, Path, Version)).version}` });
  }
  return pinned;
}

/** Finds the module of the package, which may itself be replaced. */
async function locateModule(
  tool: GoTool,
  source: ModuleSource,
  replaces: readonly ModuleReplace[],
): Promise<FoundModule> {
  const { package: importPath, version } = source;
  for (const { from, to } of replaces) {
    const { Path: path, Version } = splitVersion(from);
    if (!`${importPath}/`.startsWith(`${path}/`) || (Version ?? version) !== version) continue;
    const { directory, goMod } = isFolder(to)
      ? { directory: to, goMod: join(to, 'go.mod') }
      : await fetchModule(tool, splitVersion(to).Path, splitVersion(to).Version ?? '');
    const found = { path, version: isExactVersion(version) ? version : anyVersion(path), goMod, directory };
    if (!(await hasPackage(join(directory, importPath.slice(path.length))))) throw noPackage(found, importPath);
    return found;
  }
  return findModule(tool, importPath, version);
}

/** A version for a module that is replaced whatever its version: v0, or the major version that the end of its path demands. */
function anyVersion(path: string): string {
  return `v${/[./]v(\d+)$/.exec(path)?.[1] ?? 0}.0.0`;
}

async function writeWrapper(
  tool: GoTool,
  { path, version, goMod }: FoundModule,
  replaces: readonly ModuleReplace[],
  refuse: (complaint: readonly string[]) => Promise<Error>,
): Promise<void> {
  const own = await runGo(tool, ['mod', 'edit', '-json', goMod]);
  if (!own.ok) throw await refuse(own.complaint);
  const { text, warnings } = wrapperModule({ Path: path, Version: version }, JSON.parse(own.stdout) as GoMod, replaces);
  for (const warning of warnings) tool.onProgress(warning);
  await writeFile(join(tool.directory, 'go.mod'), text);
}

/** Adds what a build with folders in it depends on: their files, and the versions that go has settled on because of their go.mod. */
async function hashFolders(hash: SourceHash, directory: string, packages: readonly ListedPackage[]): Promise<void> {
  await hash.file(join(directory, 'go.mod'), 'go.mod');
  await hash.file(join(directory, 'go.sum'), 'go.sum');
  for (const each of packages) {
    if (each.Module?.Replace !== undefined && each.Module.Replace.Version === undefined) await hash.sources(each);
  }
}
