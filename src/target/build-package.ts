import { join } from 'node:path';
import { programName } from './build-cache.ts';
import type { Build } from './build-cache.ts';
import { buildFlags, buildProgram } from './build-program.ts';
import { adviseOnCgo, cannotBuild } from './cannot-build.ts';
import type { GoTool } from './go-tool.ts';
import { hashSources } from './hash-sources.ts';
import { listProgram, readGoSettings } from './list-program.ts';

/** A built package and its import path. */
export interface BuiltPackage extends Build {
  readonly importPath: string;
}

/**
 * Builds the main package in the tool's directory, or finds it built: the cache knows it by everything that goes into it. Throws UserError
 * `not-a-main-package` and EnvironmentError `build-failed` with go's own lines.
 */
export async function buildPackage(
  tool: GoTool,
  flags: readonly string[],
  cacheDirectory: string,
): Promise<BuiltPackage> {
  // The user's flags come last and count.
  const allFlags = [...buildFlags, ...flags];
  const refuse = async (complaint: readonly string[]): Promise<Error> =>
    cannotBuild(
      tool.directory,
      complaint,
      (await adviseOnCgo(tool, '.', allFlags, complaint)) ?? 'Run `go build` in that directory to reproduce it',
    );
  const settings = await readGoSettings(tool, tool.directory);
  const { main, packages } = await listProgram(tool, allFlags, '.', tool.directory, refuse);

  const hash = hashSources();
  hash.text(JSON.stringify([settings.text, tool.platform, allFlags]));
  for (const each of packages) if (each.Standard !== true) await hash.sources(each);
  // Versions and checksums of modules are written into the binary, and so is what a profile makes of the code (go help build, -pgo).
  const { goWork } = settings;
  const aside = [main.Module?.GoMod, main.Module?.GoMod?.replace(/\.mod$/, '.sum'), goWork].filter(
    (path) => path !== undefined && path !== '' && path !== 'off',
  ) as string[];
  for (const path of aside) await hash.file(path, path.slice(-'go.mod'.length));
  await hash.file(join(main.Dir, 'default.pgo'), 'default.pgo');
  await hash.flags(allFlags, tool.directory);

  const importPath = main.ImportPath;
  const name = { key: hash.digest(), program: programName(importPath, tool.platform) };
  const title = `${importPath} with ${settings.goVersion}`;
  const built = await buildProgram(tool, cacheDirectory, { name, pattern: '.', flags: allFlags, title, refuse });
  return { ...built, importPath };
}
