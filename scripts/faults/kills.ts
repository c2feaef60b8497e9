import { setTimeout as sleep } from 'node:timers/promises';
import { seededStream } from '../../src/statistics/random.ts';
import { Scene, type CaseRunner } from './scene.ts';
import { cleanRun, missing, trialsDone } from './try-case.ts';

/** What came of many kills. */
export interface KillTally {
  /** Kills of a sweep whose folder was there already. */
  kills: number;
  /** Came too early or too late to be one of them. */
  before: number;
  after: number;
  lost: number;
  readonly problems: string[];
}

/** One more kill of three comes over the gctune that goes on. */
const AGAIN = 1 / 3;

/**
 * Kills sweeps at moments drawn from a seed, goes on with each, and holds what comes of it against an undisturbed run.
 * Every other one is cleaned before: the rest is for `resume` to put away.
 */
export async function tryKills(
  wanted: number,
  runner: CaseRunner,
  options: { readonly seed: number; readonly binary: string; readonly jobs: number; say(line: string): void },
): Promise<KillTally> {
  const tally: KillTally = { kills: 0, before: 0, after: 0, lost: 0, problems: [] };
  const draw = seededStream(options.seed, 'kills');
  const lasts = await lengthOf(runner, options.binary);
  let begun = 0;
  const worker = async (): Promise<void> => {
    while (begun < wanted) {
      const number = ++begun;
      const at = draw.next();
      const again = draw.next() < AGAIN ? draw.next() : undefined;
      await using scene = new Scene(runner);
      scene.write(options.binary, PARTS[runner]);
      const problems: string[] = [];
      const outcome = await killOnce(scene, { seconds: at * lasts, again, clean: number % 2 === 0 }, problems).catch(
        (error: unknown) => {
          problems.push(String(error));
          return 'kills' as const;
        },
      );
      tally[outcome]++;
      // Only those of a sweep count.
      if (outcome !== 'kills') begun--;
      tally.problems.push(...problems.map((problem) => `kill ${number} at ${(at * lasts).toFixed(3)} s: ${problem}`));
      tally.lost += problems.filter((problem) => problem.includes('lost')).length;
      if (outcome === 'kills') {
        const twice = again === undefined ? '' : ', and again';
        options.say(
          `${problems.length === 0 ? 'ok  ' : 'FAIL'} kill ${number} at ${(at * lasts).toFixed(3)} s${twice} ${problems.join('; ')}`,
        );
      }
      if (tally.before + tally.after > 3 * wanted + 20) throw new Error('the kills miss the sweep');
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, worker));
  return tally;
}

const PARTS = {
  simulated: {},
  process: {},
  docker: {},
} as const;

/** Seconds that an undisturbed run takes here. */
async function lengthOf(runner: CaseRunner, binary: string): Promise<number> {
  await using scene = new Scene(runner);
  scene.write(binary, PARTS[runner]);
  const began = performance.now();
  const { end, stderr } = await scene.gctune('run', scene.file, '--output', scene.results);
  if (end !== '0') throw new Error(`the undisturbed run ended ${end}: ${stderr}`);
  return (performance.now() - began) / 1000;
}

async function killOnce(
  scene: Scene,
  plan: { readonly seconds: number; readonly again: number | undefined; readonly clean: boolean },
  problems: string[],
): Promise<'kills' | 'before' | 'after'> {
  scene.begin();
  const { run } = scene;
  if (run === undefined) throw new Error('nothing was started');
  await Promise.race([sleep(plan.seconds * 1000), run.ended]);
  let done = await kill(scene);
  if (done === undefined) return 'after';
  if (scene.runFolder() === undefined) {
    await cleanRun(scene);
    const left = await scene.leftovers();
    if (left.length > 0) problems.push(`before the folder, left: ${left.join(', ')}`);
    return 'before';
  }
  const lost = (): void => {
    const still = trialsDone(scene);
    const gone = (done ?? []).filter((trial) => !still.includes(trial));
    if (gone.length > 0) problems.push(`lost ${gone.join(', ')}`);
  };
  if (plan.clean) {
    const cleaned = await cleanRun(scene);
    const left = (await scene.leftovers()).filter((item) => item !== 'run.lock');
    if (cleaned !== '0' || left.length > 0) problems.push(`clean ended ${cleaned}, left: ${left.join(', ')}`);
  }
  if (plan.again !== undefined) {
    scene.run = scene.start(['resume', scene.theRun]);
    await Promise.race([sleep(plan.again * plan.seconds * 1000), scene.run.ended]);
    done = (await kill(scene)) ?? done;
    lost();
  }
  const { end, stderr } = await scene.gctune('resume', scene.theRun);
  if (end !== '0') problems.push(`resume ended ${end}: ${stderr.trim().slice(-200)}`);
  lost();
  const differs = await missing(scene);
  if (differs !== undefined) problems.push(differs);
  const left = await scene.leftovers();
  if (left.length > 0) problems.push(`left: ${left.join(', ')}`);
  return 'kills';
}

/** Kills the gctune of a scene; the trials that had ended by then, or undefined where it had ended itself. */
async function kill(scene: Scene): Promise<readonly string[] | undefined> {
  const done = trialsDone(scene);
  try {
    scene.signal('SIGKILL');
  } catch {
    return undefined;
  }
  return (await scene.run?.ended) === 'SIGKILL' ? done : undefined;
}
