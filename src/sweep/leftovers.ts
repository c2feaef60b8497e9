import type { Warning } from '../metrics/warning.ts';
import { REAL_RUNNER_NAMES } from '../experiment/runner-names.ts';
import type { Leftover } from '../runner/runner.ts';
import { RUNNERS } from '../runner/runners.ts';
import { counted, listed } from '../text/words.ts';
import { leftFolders } from './scratch.ts';

/** How long an engine gets to tell what is left in it. */
const WITHIN_SECONDS = 2;

/** What killed gctunes left on this machine, of every kind. Takes little more than two seconds at most; never throws. */
export async function findLeftovers(): Promise<readonly Leftover[]> {
  const found = await Promise.all([
    ...REAL_RUNNER_NAMES.map((name) => RUNNERS[name]().leftovers(WITHIN_SECONDS)),
    leftFolders().catch(() => []),
  ]);
  return found.flat();
}

/** What to say of them: first what still runs, and so takes part in what is measured. Nothing where there are none. */
export function leftoverWarnings(leftovers: readonly Leftover[]): readonly Warning[] {
  const running = leftovers.filter(({ kind }) => kind === 'process');
  const rest = leftovers.filter(({ kind }) => kind !== 'process');
  const byRun = Map.groupBy(running, ({ runId, cpus }) => `${runId} ${cpus}`);
  return [
    ...[...byRun.values()].map((list): Warning => {
      const runId = list[0]?.runId ?? '';
      const cpus = list[0]?.cpus;
      const where = cpus === undefined ? '' : ` on CPU ${cpus}`;
      const [runs, them] = list.length === 1 ? ['runs', 'it'] : ['run', 'them'];
      const pids = list.map(({ id }) => Number(id)).toSorted((a, b) => a - b);
      return {
        code: 'killed-run-runs-on',
        message: `${counted(list.length, NOUNS.process)} of the killed run ${runId} still ${runs}${where} (pid ${pids.join(', ')}), where measurements suffer from ${them}; \`gctune clean\` ends ${them}`,
      };
    }),
    ...(rest.length === 0
      ? []
      : [
          {
            code: 'killed-run-left',
            message: `killed runs left ${kindsOf(rest)} behind; \`gctune clean\` removes them`,
          },
        ]),
  ];
}

const NOUNS = {
  container: 'container',
  image: 'image',
  network: 'network',
  process: 'program',
  cgroup: 'control group',
  directory: 'folder',
  job: 'Job',
} as const satisfies Record<Leftover['kind'], string>;

function kindsOf(leftovers: readonly Leftover[]): string {
  const byKind = Map.groupBy(leftovers, ({ kind }) => kind);
  return listed([...byKind].map(([kind, { length }]) => counted(length, NOUNS[kind])));
}
