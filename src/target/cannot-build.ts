import { EnvironmentError } from '../errors.ts';
import { runGo } from './go-tool.ts';
import type { GoTool } from './go-tool.ts';

/** The error for go's refusal to build something, with its own lines, and a hint where they tell what to do. */
export function cannotBuild(what: string, complaint: readonly string[], hint?: string): EnvironmentError {
  if (complaint.some((line) => line.includes('creating work dir'))) {
    return new EnvironmentError('build-failed', `go cannot build ${what}`, {
      hint: 'Set TMPDIR to the absolute path of a folder that exists and that you can write to',
      details: complaint,
    });
  }
  const newer = /requires go >= ?([\w.]+)/.exec(complaint.join('\n'))?.[1];
  const advice =
    newer === undefined
      ? hint
      : `Install Go ${newer} or newer (https://go.dev/dl); gctune builds with the installed Go, because that is the Go that is measured`;
  return new EnvironmentError('build-failed', `go cannot build ${what}`, {
    ...(advice !== undefined && { hint: advice }),
    details: complaint,
  });
}

/** A package with files that only cgo compiles. */
interface CgoPackage {
  readonly path: string;
  /** As the packages that import it call it. */
  readonly name: string;
}

/**
 * What to do about a build that failed for want of cgo; undefined where cgo is not what it lacks. A package whose files all need cgo has none
 * left without it; one with some such files lacks the names that they declare, or its importers do.
 */
export async function adviseOnCgo(
  tool: GoTool,
  pattern: string,
  flags: readonly string[],
  complaint: readonly string[],
): Promise<string | undefined> {
  if (!complaint.some((line) => /build constraints exclude all Go files|undefined: /.test(line))) return undefined;
  const guilty = (await listCgoPackages(tool, pattern, flags)).find(
    ({ path, name }) =>
      complaint.includes(`# ${path}`) ||
      complaint.some(
        (line) =>
          line.includes(`undefined: ${name}.`) ||
          // Where the folder is named, `@version` stands within the path.
          (line.includes('build constraints exclude all') && line.replaceAll(/@[^/\s]*/g, '').includes(path)),
      ),
  );
  if (guilty === undefined) return undefined;
  return `${guilty.path} needs cgo, and gctune builds static programs without it: check whether a build tag (target.flags) avoids cgo, or build it yourself and give it as \`target.binary\` or \`target.dockerfile\``;
}

async function listCgoPackages(
  tool: GoTool,
  pattern: string,
  flags: readonly string[],
): Promise<readonly CgoPackage[]> {
  const withCgo = { ...tool, env: { ...tool.env, CGO_ENABLED: '1' } };
  const format = '{{if and .CgoFiles (not .Standard)}}{{.ImportPath}} {{.Name}}{{end}}';
  const listed = await runGo(withCgo, ['list', '-e', '-deps', '-f', format, ...flags, '--', pattern]);
  return listed.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [path = '', name = ''] = line.split(' ');
      return { path, name };
    });
}
