import { closeSync, openSync, readdirSync, writeSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scene } from './scene.ts';
import type { FaultCase } from './try-case.ts';

type Runner = FaultCase['runner'];

/** How long a fault that passes lasts. */
const AWHILE_MILLISECONDS = 1500;
/** Repetitions wait half a second each. */
const within = 10;

const begun = (scene: Scene): Promise<void> =>
  scene.runner === 'simulated' ? scene.during('between', 12) : scene.during('drain', 2);

/** Breaks something for a while. */
const forAWhile =
  (break_: (scene: Scene) => Promise<void>, mend: (scene: Scene) => Promise<void>) =>
  async (scene: Scene): Promise<void> => {
    await begun(scene);
    // All simulated trials together take less time than a mount.
    if (scene.runner === 'simulated') scene.signal('SIGSTOP');
    await break_(scene);
    scene.signal('SIGCONT');
    await sleep(AWHILE_MILLISECONDS);
    await mend(scene);
  };

const passing = (
  fault: string,
  runner: Runner,
  [break_, mend]: readonly [(scene: Scene) => Promise<void>, (scene: Scene) => Promise<void>],
  more: Partial<FaultCase> = {},
): FaultCase => ({
  fault: `${fault} for ${AWHILE_MILLISECONDS / 1000} s`,
  phase: runner === 'simulated' ? 'between' : 'drain',
  runner,
  act: forAWhile(break_, mend),
  ends: ['0'],
  within,
  why: 'plan-done',
  ...more,
});

/** The same, but it outlasts the policy. */
const lasting = (
  fault: string,
  runner: Runner,
  [break_, mend]: readonly [(scene: Scene) => Promise<void>, (scene: Scene) => Promise<void>],
  more: Partial<FaultCase> = {},
): FaultCase => ({
  fault: `${fault} for good`,
  phase: runner === 'simulated' ? 'between' : 'drain',
  runner,
  more: { policy: { retries: 2, wait: '300ms' } },
  act: async (scene) => {
    await begun(scene);
    if (scene.runner === 'simulated') scene.signal('SIGSTOP');
    await break_(scene);
    scene.signal('SIGCONT');
  },
  repair: mend,
  ends: ['8'],
  within,
  // Where the journal is out of reach as well it cannot say so.
  why: /fault|killed/,
  says: /gctune resume /,
  ...more,
});

/** Results on a file system of their own, of some MiB. */
async function ownDisk(scene: Scene): Promise<void> {
  await scene.command('mount', '-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', scene.results);
}

const filler = (scene: Scene): string => join(scene.results, 'filler');

const fullDisk = [
  async (scene: Scene): Promise<void> => {
    const file = openSync(filler(scene), 'w');
    try {
      for (const block = Buffer.alloc(4096, 1); ;) writeSync(file, block);
    } catch {
      // Now it is full.
    } finally {
      closeSync(file);
    }
  },
  (scene: Scene): Promise<void> => rm(filler(scene)),
] as const;

const aside = (scene: Scene): string => join(scene.folder, 'aside');

/** Where the run is while it may be renamed. */
const placeOf = new WeakMap<Scene, string>();
const place = (scene: Scene): string => {
  const known = placeOf.get(scene) ?? scene.theRun;
  placeOf.set(scene, known);
  return known;
};

const renamed = (what: '' | 'trials') =>
  [
    (scene: Scene): Promise<void> => rename(join(place(scene), what), aside(scene)),
    async (scene: Scene): Promise<void> => {
      // gctune may have made it anew meanwhile, which is for nobody to lose.
      await rm(join(place(scene), what), { recursive: true, force: true });
      await rename(aside(scene), join(place(scene), what));
    },
  ] as const;

const journalIsFolder = [
  async (scene: Scene): Promise<void> => {
    await rename(join(place(scene), 'journal.ndjson'), aside(scene));
    await mkdir(join(place(scene), 'journal.ndjson'));
  },
  async (scene: Scene): Promise<void> => {
    await rm(join(place(scene), 'journal.ndjson'), { recursive: true });
    await rename(aside(scene), join(place(scene), 'journal.ndjson'));
  },
] as const;

/** A read-only view is mounted over it: a file system on which files are open for writing cannot be made read-only. */
const readOnly = [
  async (scene: Scene): Promise<void> => {
    await mkdir(aside(scene));
    await scene.command('mount', '--bind', place(scene), aside(scene));
    await scene.command('mount', '-o', 'remount,ro,bind', aside(scene));
    await scene.command('mount', '--bind', aside(scene), place(scene));
  },
  async (scene: Scene): Promise<void> => {
    await scene.command('umount', '-l', place(scene));
    await scene.command('umount', '-l', aside(scene));
  },
] as const;

const trials = (scene: Scene): string => join(place(scene), 'trials');
const immutable = [
  async (scene: Scene): Promise<void> => {
    scene.undo.push(() => scene.command('chattr', '-i', trials(scene)).then(() => undefined));
    await scene.command('chattr', '+i', trials(scene));
  },
  async (scene: Scene): Promise<void> => void (await scene.command('chattr', '-i', trials(scene))),
] as const;

/** Nothing that somebody else put there is taken for a trial. */
async function onlyTrials(scene: Scene): Promise<readonly string[]> {
  const strange = readdirSync(trials(scene)).filter((name) => !/^\d{3}-/.test(name));
  return strange.length === 0 ? [] : [`in trials: ${strange.join(', ')}`];
}

/** Disks and folders that give way. */
export const diskCases: readonly FaultCase[] = [
  ...(['simulated', 'process', 'docker'] as const).flatMap((runner) => [
    passing('disk full', runner, fullDisk, { needs: ['root'], before: ownDisk, faults: ['disk-full'] }),
  ]),
  ...(['simulated', 'process'] as const).flatMap((runner) => [
    lasting('disk full', runner, fullDisk, { needs: ['root'], before: ownDisk }),
    passing('run folder renamed', runner, renamed('')),
    lasting('run folder renamed', runner, renamed(''), { away: true }),
    passing('run folder read-only', runner, readOnly, {
      needs: ['root'],
      // The journal cannot be written either, and a real trial may neither begin nor end in that time.
      ...(runner === 'simulated' ? { says: /repeated in/ } : {}),
    }),
    passing('trials immutable', runner, immutable, { needs: ['root', 'chattr'] }),
    passing('journal replaced by a folder', runner, journalIsFolder),
  ]),
  passing('trials renamed', 'docker', renamed('trials'), { check: onlyTrials }),
];
