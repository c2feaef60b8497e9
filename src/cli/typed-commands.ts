import type { Io } from './io.ts';

/**
 * Makes text tell each command of gctune as whoever started this one can type it: after `npx gctune`, or from a script of a
 * package, there may be no `gctune` in PATH. npm tells its children in the environment what it started.
 */
export function typedCommands(
  names: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): (text: string) => string {
  if (!/^(npx )?(['"]?)gctune\2(\s|$)/.test(env['npm_lifecycle_script'] ?? '')) return (text) => text;
  // A command, and not a sentence that begins with the name: `gctune measures …`. What has npx before it has it already.
  const command = new RegExp(`(?<![\\w./-]|npx )gctune (?=(?:${names.join('|')}|<command>)(?![\\w-])|--)`, 'g');
  return (text) => text.replaceAll(command, 'npx gctune ');
}

/** Text with each command as whoever reads `io` can type it. */
export function asTyped<T>(value: T, { typed }: Pick<Io, 'typed'>): T {
  return typed === undefined ? value : everyText(value, typed);
}

/** The same of every text within a value, such as a document. */
function everyText<T>(value: T, change: (text: string) => string): T;
function everyText(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((one: unknown) => everyText(one, change));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, everyText<unknown>(one, change)]));
}
