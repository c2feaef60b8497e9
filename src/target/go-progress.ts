/** From how many compiled packages on it is worth a line: a small program needs a few dozen of the standard library. */
const MANY_PACKAGES = 100;

/**
 * Go's own account of a build as a handful of lines: it names each of some hundred modules and, with -v, of some thousand packages.
 * Takes the lines of go's stderr and hands on a count at 1, 3, 10, 30 … modules and at 100, 300, 1000 … packages.
 */
export function condenseProgress(onProgress: (line: string) => void): (line: string) => void {
  let modules = 0;
  let packages = 0;
  return (line) => {
    if (isDownload(line)) {
      modules += 1;
      if (isMilestone(modules)) onProgress(modules === 1 ? 'downloading modules' : `downloading modules (${modules})`);
    } else if (isPackageName(line)) {
      packages += 1;
      if (packages >= MANY_PACKAGES && isMilestone(packages)) onProgress(`compiled ${packages} packages`);
    }
  };
}

/** Whether a line of go's stderr only tells how far it is. Everything else is a complaint or belongs to one. */
export function isProgress(line: string): boolean {
  return isDownload(line) || isPackageName(line);
}

function isDownload(line: string): boolean {
  return line.startsWith('go: downloading ');
}

/** `go build -v` prints import paths, nothing beside; the compiler's lines have blanks. */
function isPackageName(line: string): boolean {
  return /^[\w.~+-]+(?:\/[\w.~+-]+)*$/.test(line);
}

/** 1, 3, 10, 30, 100, 300 … */
function isMilestone(count: number): boolean {
  return /^[13]0*$/.test(String(count));
}
