import { execa } from 'execa';

const OLDEST_MINOR = 19;

/** The patches of each Go release since 1.19 that the go command can fetch, `1.26.8`, oldest first, by their minor number. */
export async function goReleases(): Promise<ReadonlyMap<number, readonly string[]>> {
  const { stdout } = await execa('go', ['list', '-m', '-versions', 'golang.org/toolchain'], {
    cwd: import.meta.dirname,
    env: { GOFLAGS: '-mod=mod', GO111MODULE: 'on' },
  });
  const found = new Map<number, string[]>();
  for (const [, minor = '', patch = ''] of stdout.matchAll(/-go1\.(\d+)(\.\d+)?\.linux-amd64\b/g)) {
    if (Number(minor) < OLDEST_MINOR) continue;
    found.set(Number(minor), [...(found.get(Number(minor)) ?? []), `1.${minor}${patch}`]);
  }
  const patchOf = (version: string): number => Number(version.split('.')[2] ?? 0);
  return new Map(
    [...found]
      .toSorted(([a], [b]) => a - b)
      .map(([minor, all]) => [minor, all.toSorted((a, b) => patchOf(a) - patchOf(b))]),
  );
}
