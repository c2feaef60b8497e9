import { findBuild, keepBuild } from './build-cache.ts';
import type { Build, BuildName } from './build-cache.ts';
import { runGo } from './go-tool.ts';
import type { GoTool } from './go-tool.ts';

/** What go is to build. */
export interface ProgramBuild {
  /** How the cache knows it. */
  readonly name: BuildName;
  /** What go calls the package in the tool's directory: an import path, or `.`. */
  readonly pattern: string;
  readonly flags: readonly string[];
  /** What people call it. */
  readonly title: string;
  readonly refuse: (complaint: readonly string[]) => Promise<Error>;
}

/** Flags of every build. Without -buildvcs=false the same sources would give another binary after each commit. */
export const buildFlags: readonly string[] = ['-trimpath', '-buildvcs=false'];

/** Finds a program in the cache or has go build it there. Throws what `refuse` makes of go's complaint. */
export async function buildProgram(
  tool: GoTool,
  cacheDirectory: string,
  { name, pattern, flags, title, refuse }: ProgramBuild,
): Promise<Build> {
  const found = await findBuild(cacheDirectory, name, tool.signal);
  if (found !== undefined) return found;
  tool.onProgress(`building ${title}`);
  return keepBuild(cacheDirectory, name, tool, async (path, temporary) => {
    // A go that is killed leaves its work folder, which then goes with the temporary one. -v names what has been compiled.
    const own = { ...tool, env: { ...tool.env, GOTMPDIR: temporary } };
    const built = await runGo(own, ['build', '-v', ...flags, '-o', path, '--', pattern]);
    if (!built.ok) throw await refuse(built.complaint);
  });
}
