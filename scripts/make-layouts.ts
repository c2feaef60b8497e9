// Writes src/runtime-memory/layouts.ts: where each Go release since 1.19 keeps what is read of its runtime. The go command
// fetches the first and the last patch of each, some 70 MB a release. npm run layouts [-- 1.28 …] for some releases alone.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LAYOUTS } from '../src/runtime-memory/layouts.ts';
import { layoutsOf, type Offsets } from './layouts/layouts-of.ts';
import { goReleases } from './layouts/releases.ts';

const ARCHITECTURES = ['amd64', 'arm64'];

/** The layout of one release. Throws where its patches or its architectures differ. */
async function layoutOfRelease(patches: readonly string[]): Promise<Offsets> {
  let agreed: Offsets | undefined;
  for (const version of new Set([patches[0] ?? '', patches.at(-1) ?? ''])) {
    for (const arch of ARCHITECTURES) {
      const layouts = await layoutsOf(version, arch);
      process.stderr.write(`Go ${version} ${arch}\n`);
      agreed ??= layouts;
      if (JSON.stringify(layouts) !== JSON.stringify(agreed))
        throw new Error(
          `Go ${version} on ${arch} has another layout than the releases before it: ${JSON.stringify(layouts)}`,
        );
    }
  }
  if (agreed === undefined) throw new Error('no release can be fetched');
  return agreed;
}

/** The table in which a row stands only where something changed. */
function changesOf(byMinor: ReadonlyMap<number, Offsets>, struct: keyof Offsets): readonly string[] {
  let before = '';
  return [...byMinor].flatMap(([minor, layouts]) => {
    const row = Object.entries(layouts[struct])
      .map(([name, at]) => `${name}: ${at}`)
      .join(', ');
    const changed = row !== before;
    before = row;
    return changed ? [`    ${minor}: { ${row} },`] : [];
  });
}

/** What the committed table says of a release. */
function committed(minor: number): Offsets {
  const since = (table: Readonly<Record<number, Readonly<Record<string, number>>>>): Readonly<Record<string, number>> =>
    table[
      Math.max(
        ...Object.keys(table)
          .map(Number)
          .filter((each) => each <= minor),
      )
    ] ?? {};
  return {
    gcController: since(LAYOUTS.gcController),
    memstats: since(LAYOUTS.memstats),
    work: since(LAYOUTS.work),
    gcCPULimiter: since(LAYOUTS.gcCPULimiter),
  };
}

const wanted = process.argv.slice(2).map((each) => Number(each.replace(/^1\./, '')));
const byMinor = new Map<number, Offsets>();
for (const [minor, patches] of await goReleases()) {
  byMinor.set(minor, wanted.length > 0 && !wanted.includes(minor) ? committed(minor) : await layoutOfRelease(patches));
}
const newest = Math.max(...byMinor.keys());
const tables = (['gcController', 'memstats', 'work', 'gcCPULimiter'] as const)
  .map((struct) => `  ${struct}: {\n${changesOf(byMinor, struct).join('\n')}\n  },`)
  .join('\n');
writeFileSync(
  join(import.meta.dirname, '../src/runtime-memory/layouts.ts'),
  `// Written by scripts/make-layouts.ts from the debug information of a program that each Go release built: npm run layouts.

/** The newest Go 1.x whose layouts are known. */
export const NEWEST_MINOR = ${newest};

/**
 * Where the runtime's variables keep their fields, in bytes, by the Go 1.x since which they are there. \`work\` counts from
 * its field tEnd, since what is before it has moved within a release; the same on amd64 and arm64.
 */
// prettier-ignore
export const LAYOUTS = {
${tables}
} as const;
`,
);
