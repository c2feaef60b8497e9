/**
 * A Go function's name without the path of its package: `go-buffer-pool.(*BufferPool).Get`. Type arguments become `…`;
 * the version at a module's end does not stand for its package.
 */
export function shortFunctionName(name: string): string {
  // Type arguments have paths and dots of their own.
  const plain = name.replace(/\[(?:[^[\]]|\[[^[\]]*\])*\]/g, '[…]').replaceAll('%2e', '.');
  const parts = plain.split('/');
  const last = parts.pop() ?? '';
  const version = /^v\d+(\..*)$/.exec(last);
  return version === null || parts.length === 0 ? last : `${parts.at(-1)}${version[1]}`;
}

/** Whose code a function is: of the measured program, of Go itself, or of another module. */
export type Origin = 'own' | 'standard' | 'foreign';

/** Whose code a function is, by its package's path; `modules` are the paths of the program's own modules. */
export function originOf(name: string, modules: readonly string[]): Origin {
  if (/^main[./]/.test(name)) return 'own';
  if (modules.some((path) => name.startsWith(path) && /^[./]/.test(name.slice(path.length)))) return 'own';
  // Before type arguments, which have paths of their own, and receivers.
  const [path = ''] = name.split(/[[(]/, 1);
  const [first = ''] = path.split('/', 1);
  // A path whose first part has no dot is Go's own (cmd/go: module paths); without a path it is a package of Go's.
  return path.includes('/') && first.includes('.') ? 'foreign' : 'standard';
}
