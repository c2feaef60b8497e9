import { setTimeout as sleep } from 'node:timers/promises';
import { privateEngine, type PrivateEngine } from '../../test/runner/private-engine.ts';
import type { Scene } from './scene.ts';
import type { FaultCase } from './try-case.ts';

const engines = new WeakMap<Scene, PrivateEngine>();

function engineOf(scene: Scene): PrivateEngine {
  const engine = engines.get(scene);
  if (engine === undefined) throw new Error('the scene has no engine');
  return engine;
}

/** What is done to an engine that serves this run alone; it runs again once gctune has ended. */
const engineCase = (
  fault: string,
  phase: string,
  act: (engine: PrivateEngine, scene: Scene) => Promise<void>,
  more: Partial<FaultCase> = {},
): FaultCase => ({
  fault: `dockerd ${fault}`,
  phase,
  runner: 'docker',
  needs: ['root', 'dockerd'],
  more: { policy: { retries: 60, wait: '500ms' } },
  before: async (scene) => {
    const engine = await privateEngine();
    scene.env['DOCKER_HOST'] = engine.host;
    scene.undo.push(async () => engine[Symbol.asyncDispose]());
    engines.set(scene, engine);
  },
  act: async (scene) => {
    await scene.during(phase, 2);
    await act(engineOf(scene), scene);
  },
  ends: ['0'],
  // A call that is not answered is given up after some seconds, and an engine that was killed needs some to start.
  within: 20,
  why: 'plan-done',
  ...more,
});

const killed = async (engine: PrivateEngine): Promise<void> => {
  await engine.kill();
  await sleep(2000);
  await engine.start();
};

const hung = async (engine: PrivateEngine): Promise<void> => {
  engine.hang();
  await sleep(15_000);
  engine.resume();
};

async function repeated(scene: Scene): Promise<readonly string[]> {
  const codes = scene.journal().flatMap((event) => (event.type === 'trial-fault' ? [String(event['code'])] : []));
  return codes.some((code) => code.startsWith('docker-'))
    ? []
    : [`no fault of the engine in the journal (${codes.join(', ')})`];
}

const spent = { policy: { retries: 2, wait: '500ms' } };

/** An engine that is killed, hangs, or starts again. */
export const engineCases: readonly FaultCase[] = [
  ...['launch', 'measure', 'stop'].map((phase) => engineCase('killed, started again after 2 s', phase, killed)),
  engineCase(
    'restarted as a service is',
    'measure',
    async (engine) => {
      await engine.terminate();
      await engine.start();
    },
    { check: repeated },
  ),
  engineCase('hangs for 15 s', 'launch', hung),
  engineCase('hangs for 15 s', 'measure', hung),
  engineCase('killed for good', 'measure', (engine) => engine.kill(), {
    more: spent,
    ends: ['8'],
    why: 'fault',
    faults: ['docker-unreachable'],
    says: /gctune resume /,
    repair: (scene) => engineOf(scene).start(),
    // Nobody could remove it while there was no engine.
    killed: true,
  }),
  engineCase(
    'hangs, then SIGINT',
    'measure',
    async (engine, scene) => {
      engine.hang();
      await sleep(500);
      scene.signal('SIGINT');
    },
    {
      ends: ['130'],
      why: /interrupted|killed/,
      repair: async (scene) => engineOf(scene).resume(),
      killed: true,
    },
  ),
  engineCase('hangs, with --timeout', 'measure', async (engine) => engine.hang(), {
    begin: (scene) => scene.begin('--timeout', '20s'),
    ends: ['0', '4', '5', '8', '130'],
    why: /interrupted|fault|killed/,
    within: 20 + 10,
    repair: async (scene) => engineOf(scene).resume(),
    killed: true,
  }),
];
