import { constants } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename } from 'node:path';
import { EnvironmentError, UserError } from '../errors.ts';
import type { TargetSource } from '../experiment/experiment.ts';
import type { BuildInfo } from '../results/format.ts';
import type { Artifact } from './artifact.ts';
import { buildModule } from './build-module.ts';
import type { ModuleSource } from './build-module.ts';
import { buildPackage } from './build-package.ts';
import { haveToolchain, toolchainEnv } from './toolchain.ts';
import { readBinaryPlatform, readBuildInfo } from '../executable/build-info.ts';
import { digestFile } from './digest-file.ts';
import { condenseProgress } from './go-progress.ts';
import { findNpmFile, isNpmPath } from './npm-path.ts';
import { platformText, runsOn } from '../executable/platform.ts';
import type { Platform } from '../executable/platform.ts';

/** A target that is, or becomes, a file on this machine. Images are the container engine's. */
export type LocalTargetSource = Extract<TargetSource, { readonly kind: 'package' | 'module' | 'binary' }>;

/** What resolving a target needs of its surroundings. */
export interface ResolveContext {
  /** Where builds are kept; see `defaultCacheDirectory`. */
  readonly cacheDirectory: string;
  /** What the target is to run on: this machine, or the container engine's. Go names. */
  readonly platform: Platform;
  /** What a package or module is built with; undefined: the go on the PATH. */
  readonly toolchain?: string | undefined;
  /** The mark of this gctune on what a build starts and makes; see `ownerMark`. */
  readonly owner: string;
  /** Whether a binary may be something else than a Go program. */
  readonly anyProgram?: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
}

/** Makes a target ready to run: builds it or finds it, and makes sure that it is a Go program for the platform. Throws UserError and EnvironmentError. */
export async function resolveTarget(source: LocalTargetSource, context: ResolveContext): Promise<Artifact> {
  context.signal.throwIfAborted();
  switch (source.kind) {
    case 'package':
      return resolvePackage(source, context);
    case 'module':
      return resolveModule(source, context);
    case 'binary':
      return resolveBinary(source.path, context);
  }
}

async function resolvePackage(
  { directory, flags }: Extract<TargetSource, { kind: 'package' }>,
  { platform, toolchain, owner, signal, cacheDirectory, onProgress }: ResolveContext,
): Promise<Artifact> {
  // Starting go in a directory that is not there would look as if there were no go.
  if (!(await stat(directory).catch(() => undefined))?.isDirectory()) {
    throw new UserError({
      code: 'target-missing',
      message: `there is no directory ${directory}`,
      hint: '`target.package` is the directory of a Go main package; paths are relative to the experiment file',
    });
  }
  const env = toolchainEnv(toolchain);
  const tool = { directory, platform, env, owner, signal, onProgress, onLine: condenseProgress(onProgress) };
  await haveToolchain(tool, toolchain);
  const { path, digest, importPath } = await buildPackage(tool, flags, cacheDirectory);
  const buildInfo = await checkProgram(path, platform);
  return {
    kind: 'binary',
    reference: path,
    digest,
    description: `${importPath}, built with ${buildInfo.goVersion}`,
    buildInfo,
  };
}

async function resolveModule(
  source: ModuleSource,
  { platform, toolchain, owner, signal, cacheDirectory, onProgress }: ResolveContext,
): Promise<Artifact> {
  const env = toolchainEnv(toolchain);
  const surroundings = { platform, env, owner, signal, onProgress, onLine: condenseProgress(onProgress) };
  await haveToolchain({ ...surroundings, directory: tmpdir() }, toolchain);
  const { path, digest, version } = await buildModule(source, surroundings, cacheDirectory);
  const buildInfo = await checkProgram(path, platform);
  const replaced = source.replaces.map(({ from }) => from).join(', ');
  return {
    kind: 'binary',
    reference: path,
    digest,
    description: `${source.package}@${version}${replaced && ` with ${replaced} replaced`}, built with ${buildInfo.goVersion}`,
    buildInfo,
  };
}

async function resolveBinary(given: string, { platform, signal, anyProgram }: ResolveContext): Promise<Artifact> {
  const npm = isNpmPath(given) ? await findNpmFile(given, platform) : undefined;
  const path = npm?.path ?? given;
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) {
    throw new UserError({
      code: 'target-missing',
      message: `there is no file ${path}`,
      hint: '`target.binary` is the path of a Go program; paths are relative to the experiment file',
    });
  }
  if (!found.isFile()) {
    throw new UserError({
      code: 'target-not-a-file',
      message: `${path} is not a file`,
      ...(found.isDirectory() && { hint: 'The directory of a Go main package goes under `target.package`' }),
    });
  }
  const buildInfo = anyProgram ? ((await readBuildInfo(path)) ?? NOT_GO) : await checkProgram(path, platform);
  await access(path, constants.X_OK).catch(() => {
    throw new UserError({ code: 'not-executable', message: `${path} is not executable`, hint: `chmod +x ${path}` });
  });
  const name = npm === undefined ? basename(path) : `${basename(path)} of ${npm.package}`;
  return {
    kind: 'binary',
    reference: path,
    digest: await digestFile(path, signal),
    description: buildInfo === NOT_GO ? name : `${name}, built with ${buildInfo.goVersion}`,
    buildInfo,
  };
}

/** The build info of what Go did not build. */
const NOT_GO: BuildInfo = { goVersion: 'unknown', path: 'unknown', mainModule: undefined, settings: {} };

/** The build info of a program that runs on the platform. Throws UserError `not-a-go-program` and EnvironmentError `wrong-architecture`. */
export async function checkProgram(path: string, platform: Platform): Promise<BuildInfo> {
  const [header, buildInfo] = await Promise.all([readBinaryPlatform(path), readBuildInfo(path)]);
  if (header === undefined || buildInfo === undefined) {
    throw new UserError({
      code: 'not-a-go-program',
      message: `${path} is ${header === undefined ? await describeFile(path) : `a program for ${platformText(header)}`}, but not one built by Go`,
      hint: 'GOGC affects Go programs only. Programs built before Go 1.13 and packed programs (upx) cannot be recognised: rebuild it',
    });
  }
  // ELF does not tell every system from the next; since Go 1.18 the build info does.
  const own = { os: buildInfo.settings['GOOS'] ?? header.os, arch: header.arch };
  if (!runsOn(own, platform)) {
    throw new EnvironmentError(
      'wrong-architecture',
      `${path} is built for ${platformText(own)}, but it has to run on ${platformText(platform)}`,
      { hint: `Build it with GOOS=${platform.os} GOARCH=${platform.arch}` },
    );
  }
  return buildInfo;
}

async function describeFile(path: string): Promise<string> {
  await using file = await open(path, 'r');
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
  if (bytesRead === 0) return 'an empty file';
  const beginnings: Readonly<Record<string, string>> = { '#!': 'a script', MZ: 'a program for Windows' };
  return beginnings[buffer.toString('latin1')] ?? 'not a program';
}
