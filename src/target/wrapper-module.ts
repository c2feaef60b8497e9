import { isAbsolute } from 'node:path';
import type { ModuleReplace } from '../experiment/experiment.ts';

/** A go.mod as `go mod edit -json` prints it (go help mod edit), as far as a wrapper takes it over. */
export interface GoMod {
  readonly Go?: string;
  readonly GoDebug?: readonly { readonly Key: string; readonly Value: string }[] | null;
  readonly Exclude?: readonly ModuleVersion[] | null;
  readonly Replace?: readonly { readonly Old: ModuleVersion; readonly New: ModuleVersion }[] | null;
}

/** A module, and a version where there is one; of a folder the path alone. */
export interface ModuleVersion {
  readonly Path: string;
  readonly Version?: string;
}

/** The text of a wrapper's go.mod, and what of the target's own go.mod could not be taken over. */
export interface WrapperModule {
  readonly text: string;
  /** Sentences for people. */
  readonly warnings: readonly string[];
}

/** What go assumes of a module whose go.mod names no version (Go Modules Reference, go directive). */
const OLDEST_GO = '1.16';

/**
 * Writes the go.mod of a module that does nothing but require the target. Go heeds replace, exclude and godebug lines only of the module it
 * builds in (Go Modules Reference), so those of the target are repeated; and its go line decides the defaults of GODEBUG, so it is the
 * target's. The user's replaces win over the target's.
 */
export function wrapperModule(
  target: { readonly Path: string; readonly Version: string },
  { Go, GoDebug, Exclude, Replace }: GoMod,
  replaces: readonly ModuleReplace[],
): WrapperModule {
  const chosen = new Set(replaces.map(({ from }) => splitVersion(from).Path));
  const inherited = (Replace ?? []).filter(({ Old }) => !chosen.has(Old.Path));
  const lines = [
    'module gctune.invalid/build',
    `go ${Go ?? OLDEST_GO}`,
    // Unlike the others, this line takes no quotes; go has read it as one word.
    ...(GoDebug ?? []).map(({ Key, Value }) => `godebug ${Key}=${Value}`),
    `require ${moduleText(target)}`,
    ...(Exclude ?? []).map((each) => `exclude ${moduleText(each)}`),
    ...inherited
      .filter(({ New }) => New.Version !== undefined)
      .map(({ Old, New }) => `replace ${moduleText(Old)} => ${moduleText(New)}`),
    ...replaces.map(({ from, to }) => {
      const source = isFolder(to) ? { Path: to } : splitVersion(to);
      return `replace ${moduleText(splitVersion(from))} => ${moduleText(source)}`;
    }),
  ];
  return {
    text: lines.map((line) => `${line}\n`).join(''),
    warnings: inherited
      .filter(({ New }) => New.Version === undefined)
      .map(
        ({ Old, New }) =>
          `${target.Path} replaces ${Old.Path} with its folder ${New.Path}, which is not published with it: built with the published ${Old.Path}`,
      ),
  };
}

/** Whether a module is replaced by a folder rather than by another module. */
export function isFolder(to: string): boolean {
  return isAbsolute(to);
}

/** Splits `module@version`. */
export function splitVersion(text: string): ModuleVersion {
  const at = text.indexOf('@');
  return at === -1 ? { Path: text } : { Path: text.slice(0, at), Version: text.slice(at + 1) };
}

/** A version that names one state of a module for ever: semantic, whole, with or without a pre-release; no branch, no `latest`, no `v1`. */
export function isExactVersion(version: string): boolean {
  return /^v\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+incompatible)?$/.test(version);
}

function moduleText({ Path, Version }: ModuleVersion): string {
  return Version === undefined ? quote(Path) : `${quote(Path)} ${quote(Version)}`;
}

/** go.mod takes Go's quoted strings, which JSON's are as well. */
function quote(text: string): string {
  return JSON.stringify(text);
}
