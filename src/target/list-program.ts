import { UserError } from '../errors.ts';
import { cannotBuild } from './cannot-build.ts';
import { runGo } from './go-tool.ts';
import type { GoTool } from './go-tool.ts';

/** The part of `go list -json` that is used (go help list). */
export interface ListedPackage {
  readonly Dir: string;
  readonly ImportPath: string;
  readonly Name: string;
  readonly Standard?: boolean;
  readonly DepOnly?: boolean;
  readonly Module?: { readonly GoMod?: string; readonly Replace?: { readonly Version?: string } };
  readonly [kind: `${string}Files`]: readonly string[] | undefined;
}

/** What a program is built by, beside its sources. */
export interface GoSettings {
  /** Every setting that changes what go builds, one a line. */
  readonly text: string;
  /** `go1.26.8`. */
  readonly goVersion: string;
  /** Path of the go.work in force; `off` or empty without one. */
  readonly goWork: string;
}

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

/** Asks go for its settings; those that this Go does not know come out empty. Throws EnvironmentError. */
export async function readGoSettings(tool: GoTool, what: string): Promise<GoSettings> {
  const settings = await runGo(tool, ['env', ...SETTINGS]);
  if (!settings.ok) throw cannotBuild(what, settings.complaint);
  const lines = settings.stdout.split('\n');
  return { text: settings.stdout, goVersion: lines[0] ?? '', goWork: lines[SETTINGS.indexOf('GOWORK')] ?? '' };
}

/**
 * Asks go what a program is made of: its main package and all that it imports. Throws UserError `not-a-main-package`, and what `refuse` makes of go's
 * lines where it cannot even list the package.
 */
export async function listProgram(
  tool: GoTool,
  flags: readonly string[],
  pattern: string,
  name: string,
  refuse: (complaint: readonly string[]) => Promise<Error>,
): Promise<{ readonly main: ListedPackage; readonly packages: readonly ListedPackage[] }> {
  const listed = await runGo(tool, ['list', '-deps', '-json', ...flags, '--', pattern]);
  if (!listed.ok) throw await refuse(listed.complaint);
  const packages = parseJsonSequence(listed.stdout) as readonly ListedPackage[];
  const main = packages.find(({ DepOnly }) => DepOnly !== true);
  if (main === undefined) throw await refuse(['go list reports no package']);
  if (main.Name !== 'main') {
    throw new UserError({
      code: 'not-a-main-package',
      message: `${name} is package ${main.Name}, which is not a program`,
      hint: 'Name a `package main`; by convention it is under cmd/<program>',
    });
  }
  return { main, packages };
}

/** Parses JSON objects that follow each other, as go list prints them: each begins and ends at the first column. */
function parseJsonSequence(text: string): readonly unknown[] {
  return JSON.parse(`[${text.replaceAll(/^\}\n\{$/gm, '},\n{')}]`) as unknown[];
}
