import { setTimeout as sleep } from 'node:timers/promises';
import type { Scene } from './scene.ts';
import type { FaultCase } from './try-case.ts';

/** What somebody does to a container by hand while its trial is measured. */
const byHand = (
  fault: string,
  act: (scene: Scene, id: string) => Promise<unknown>,
  more: Partial<FaultCase> = {},
): FaultCase => ({
  fault,
  phase: 'measure',
  runner: 'docker',
  act: async (scene) => {
    await scene.during('measure', 2);
    await act(scene, await scene.container());
  },
  ends: ['0'],
  within: 15,
  why: 'plan-done',
  ...more,
});

/** A trial that ended by a fault was repeated. */
async function repeated(scene: Scene): Promise<readonly string[]> {
  return scene.journal().some(({ type }) => type === 'trial-fault') ? [] : ['the journal has no trial-fault'];
}

/** Either it was repeated, or it has an outcome of its own: who killed a program cannot be told. */
const anyOutcome: Partial<FaultCase> = { ends: ['0', '4', '5'], resumes: ['0', '4', '5'] };

/** Removes the run's image as soon as no container holds it. */
async function removeImage(scene: Scene): Promise<void> {
  await scene.during('between', 2);
  const [image = ''] = await scene.owned('image');
  for (;;) {
    try {
      await scene.docker('rmi', '-f', image);
      return;
    } catch (error) {
      if (String(error).includes('No such image')) return;
      await sleep(5);
    }
  }
}

/** The image that somebody made of a container is theirs, until they remove it. */
const committed = (scene: Scene): string => `${scene.name}-committed`;
const removeCommitted = async (scene: Scene): Promise<void> => void (await scene.docker('rmi', '-f', committed(scene)));

/** Things done to an engine by hand. */
export const dockerCases: readonly FaultCase[] = [
  byHand('container removed', (scene, id) => scene.docker('rm', '-f', id), { check: repeated }),
  byHand('container killed', (scene, id) => scene.docker('kill', id), anyOutcome),
  byHand('container stopped', (scene, id) => scene.docker('stop', '-t', '1', id), anyOutcome),
  byHand(
    'container paused for 2 s',
    async (scene, id) => {
      await scene.docker('pause', id);
      await sleep(2000);
      await scene.docker('unpause', id);
    },
    anyOutcome,
  ),
  byHand('container paused for good', (scene, id) => scene.docker('pause', id), anyOutcome),
  byHand(
    'network removed',
    async (scene, id) => {
      for (const network of await scene.owned('network')) {
        await scene.docker('network', 'disconnect', '-f', network, id);
        await scene.docker('network', 'rm', network);
      }
    },
    anyOutcome,
  ),
  byHand('container committed', (scene, id) => scene.docker('commit', id, committed(scene)), {
    repair: removeCommitted,
  }),
  {
    fault: 'image pruned',
    phase: 'between',
    runner: 'docker',
    act: removeImage,
    ends: ['0'],
    within: 15,
    why: 'plan-done',
  },
  {
    fault: 'container committed, image pruned',
    phase: 'between',
    runner: 'docker',
    act: async (scene) => {
      await scene.during('measure', 1);
      await scene.docker('commit', await scene.container(), committed(scene));
      await removeImage(scene);
    },
    repair: removeCommitted,
    ends: ['0'],
    within: 15,
    why: 'plan-done',
  },
];
