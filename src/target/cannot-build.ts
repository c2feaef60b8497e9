import { EnvironmentError } from '../errors.ts';
import { runGo } from './go-tool.ts';
import type { GoTool } from './go-tool.ts';

/** The error for go's refusal to build something, with its own lines, and a hint where they tell what to do. */
export function cannotBuild(what: string, complaint: readonly string[], hint?: string): EnvironmentError {
  const newer = /requires go >= ?([\w.]+)/.exec(complaint.join('\n'))?.[1];
  const advice =
    newer === undefined
      ? hint
      : `Install Go ${newer} or newer (https://go.dev/dl); gctune builds with the Go that is installed, because that is what is measured`;
  return new EnvironmentError('build-failed', `go cannot build ${what}`, {
    ...(advice !== undefined && { hint: advice }),
    details: complaint,
  });
}

/** Words of go that a program short of its cgo files ends in: a package without any file left, or names that those files declare. */
const MAY_LACK_CGO = /build constraints exclude all Go files|undefined: |undefined \(|relocation target .* not defined/;

/** What to do about a failed build that failed for want of cgo; undefined where cgo is not what it lacks. */
export async function adviseOnCgo(
  tool: GoTool,
  what: string,
  flags: readonly string[],
  complaint: readonly string[],
): Promise<string | undefined> {
  if (!complaint.some((line) => MAY_LACK_CGO.test(line))) return undefined;
  const withCgo = { ...tool, env: { ...tool.env, CGO_ENABLED: '1' } };
  const format = '{{if and .CgoFiles (not .Standard)}}{{.ImportPath}}{{end}}';
  const listed = await runGo(withCgo, ['list', '-e', '-deps', '-f', format, ...flags, '--', what]);
  const packages = listed.stdout.split('\n').filter((line) => line !== '');
  // What fails must be named: a program with an optional cgo package may fail for quite another reason.
  const guilty = packages.find((name) =>
    complaint.some((line) => line.includes(name) || line.includes(`${name.replace(/^[^/]*\//, '')}@`)),
  );
  if (guilty === undefined) return undefined;
  return `${guilty} needs cgo, and gctune builds static programs without it: see whether \`target.flags: [-tags, …]\` offers a way in pure Go, or build it yourself and give it as \`target.binary\` or \`target.dockerfile\``;
}
