import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvironmentError, UserError } from '../errors.ts';
import { cannotBuild } from './cannot-build.ts';
import { runGo } from './go-tool.ts';
import type { GoTool } from './go-tool.ts';

/** A module at one version, downloaded. */
export interface FoundModule {
  readonly path: string;
  /** Exact, whatever was asked for. */
  readonly version: string;
  /** Path of its go.mod. */
  readonly goMod: string;
  /** Where its files are. */
  readonly directory: string;
}

/** The part of `go mod download -json` that is used (go help mod download). */
interface Download {
  readonly Version?: string;
  readonly Error?: string;
  readonly GoMod?: string;
  readonly Dir?: string;
}

/** How go says that a place has no such module or version: what a proxy answers (404, 410), a file proxy, a repository. */
const ABSENT =
  /404 Not Found|410 Gone|not found|no matching versions|unknown revision|malformed module path|file does not exist|no such file|invalid github\.com import path/i;
/** How go says that it did not reach anyone, in which case asking for the next module would only take time. */
const UNREACHED =
  /dial tcp|dial udp|no such host|i\/o timeout|connection re(?:fused|set)|proxyconnect|tls: |x509: |TLS handshake|unexpected EOF|could not resolve host|lookup disabled by GOPROXY/i;

/**
 * Finds the module that a package belongs to at a version or query (`latest`, a branch): the longest beginning of its path that is a module
 * with that package in it, as go get does. The proxies are asked for each beginning once, and only when they know none of them the
 * repositories, where GOPROXY allows that. Throws UserError `no-package`, and EnvironmentError `module-unavailable` with the proxy's words.
 */
export async function findModule(tool: GoTool, importPath: string, query: string): Promise<FoundModule> {
  const name = `${importPath}@${query}`;
  const goproxy = await runGo(tool, ['env', 'GOPROXY']);
  if (!goproxy.ok) throw cannotBuild(name, goproxy.complaint);
  const failures: Failure[] = [];
  let without: FoundModule | undefined;
  for (const proxy of stagesOf(goproxy.stdout.trim())) {
    const asking = { ...tool, env: { ...tool.env, GOPROXY: proxy } };
    for (const path of beginningsOf(importPath)) {
      const found = await downloadModule(asking, path, query);
      if (typeof found === 'string') {
        failures.push({ path, words: found });
        if (UNREACHED.test(found)) throw unavailable(name, failures);
        if (/requires go >=/.test(found)) throw cannotBuild(name, found.split('\n'));
      } else if (await hasPackage(join(found.directory, importPath.slice(path.length)))) return found;
      else without ??= found;
    }
    if (without !== undefined) throw noPackage(without, importPath);
    if (!failures.every(({ words }) => ABSENT.test(words))) break;
  }
  throw unavailable(name, failures);
}

/** Downloads a module at a version or query. Throws EnvironmentError `module-unavailable` with the proxy's words. */
export async function fetchModule(tool: GoTool, path: string, query: string): Promise<FoundModule> {
  const found = await downloadModule(tool, path, query);
  if (typeof found === 'string') throw unavailable(`${path}@${query}`, [{ path, words: found }]);
  return found;
}

/** Throws unless a folder has a package in it: go files, or others that the compiler is to complain of. */
export async function hasPackage(directory: string): Promise<boolean> {
  const names = await readdir(directory).catch(() => []);
  return names.some((name) => name.endsWith('.go'));
}

/** The error for a module that has no such package. */
export function noPackage({ path, version }: { path: string; version: string }, importPath: string): UserError {
  return new UserError({
    code: 'no-package',
    message: `the module ${path}@${version} has no package ${importPath}`,
    hint: 'Name the import path of a `package main`; by convention it is under cmd/<program>',
  });
}

/** The module, or what go said instead. */
async function downloadModule(tool: GoTool, path: string, query: string): Promise<FoundModule | string> {
  const result = await runGo(tool, ['mod', 'download', '-json', `${path}@${query}`]);
  const { Version, Error, GoMod, Dir } = (result.stdout.trim() === '' ? {} : JSON.parse(result.stdout)) as Download;
  if (result.ok && Version !== undefined && GoMod !== undefined && Dir !== undefined) {
    return { path, version: Version, goMod: GoMod, directory: Dir };
  }
  return Error ?? (result.ok ? `go reports no folder for ${path}@${query}` : result.complaint.join('\n'));
}

/** A path and all its beginnings, longest first. */
function beginningsOf(importPath: string): readonly string[] {
  const parts = importPath.split('/');
  const all = parts.map((_, index) => parts.slice(0, parts.length - index).join('/'));
  // These hosts have no repository at their root or at an owner.
  const host = /^(?:github\.com|gitlab\.com|bitbucket\.org)$/.test(parts[0] ?? '');
  return host ? all.filter((path) => path.split('/').length >= 3) : all;
}

/**
 * GOPROXY in two: the proxies, and the repositories themselves. Otherwise go would, for each beginning that the proxy does not know, look for
 * a repository (Go Modules Reference, GOPROXY protocol).
 */
function stagesOf(goproxy: string): readonly string[] {
  const direct = /(?:^|[,|])\s*direct\s*(?:[,|]|$)/.exec(goproxy);
  if (direct === null || direct.index === 0) return [goproxy];
  return [goproxy.slice(0, direct.index), 'direct'];
}

/** What go said of one module. */
interface Failure {
  readonly path: string;
  readonly words: string;
}

function unavailable(name: string, failures: readonly Failure[]): EnvironmentError {
  // Where the proxy did answer and only the repositories cannot be reached, it is the path or the version.
  const isUnreached = UNREACHED.test(failures[0]?.words ?? '');
  const hint = isUnreached
    ? 'Check the network and GOPROXY (`go env GOPROXY`). A module already built at an exact version needs neither; otherwise build it elsewhere and give it as `target.binary`'
    : 'Check the path and the version: `go list -m -versions <module>` prints the available versions';
  return new EnvironmentError('module-unavailable', `go cannot get the module of ${name}`, {
    hint,
    details: tellOnce(failures),
  });
}

/** The lines of all failures; where the same is said of several modules, once and of whom. */
function tellOnce(failures: readonly Failure[]): readonly string[] {
  const alike = Map.groupBy(failures, ({ path, words }) => words.replaceAll(path, '…'));
  return [...alike.values()].flatMap(([first, ...others]) => {
    const lines = first?.words.split('\n') ?? [];
    return others.length === 0 ? lines : [...lines, `the same of ${others.map(({ path }) => path).join(', ')}`];
  });
}
