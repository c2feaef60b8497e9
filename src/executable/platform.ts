/** An operating system and an architecture by their Go names (GOOS, GOARCH). */
export interface Platform {
  readonly os: string;
  readonly arch: string;
}

const GOOS: Readonly<Record<string, string>> = { win32: 'windows', sunos: 'solaris' };
const GOARCH: Readonly<Record<string, string>> = {
  x64: 'amd64',
  ia32: '386',
  ppc64: 'ppc64le',
  mips: 'mips',
  mipsel: 'mipsle',
};

/** The Go names of what Node.js calls a platform and an architecture (`process.platform`, `process.arch`). */
export function platformOfNode(platform: string, architecture: string): Platform {
  return { os: GOOS[platform] ?? platform, arch: GOARCH[architecture] ?? architecture };
}

/** The reverse of `platformOfNode`: what Node.js, and with it npm packages, call a platform. */
export function nodeNamesOf({ os, arch }: Platform): { readonly platform: string; readonly architecture: string } {
  const reverse = (names: Readonly<Record<string, string>>, name: string): string =>
    Object.entries(names).find(([, go]) => go === name)?.[0] ?? name;
  return { platform: reverse(GOOS, os), architecture: reverse(GOARCH, arch) };
}

/** Whether a program for one platform can be started on another: the same, 386 on amd64, and amd64 on macOS with arm64 (Rosetta). */
export function runsOn(program: Platform, machine: Platform): boolean {
  if (program.os !== machine.os) return false;
  return (
    program.arch === machine.arch ||
    (program.arch === '386' && machine.arch === 'amd64' && machine.os !== 'darwin') ||
    (program.arch === 'amd64' && machine.arch === 'arm64' && machine.os === 'darwin')
  );
}

/** `linux/amd64`. */
export function platformText({ os, arch }: Platform): string {
  return `${os}/${arch}`;
}
