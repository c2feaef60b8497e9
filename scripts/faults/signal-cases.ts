import { setTimeout as sleep } from 'node:timers/promises';
import { readText, type CaseRunner, type Scene } from './scene.ts';
import type { FaultCase } from './try-case.ts';

type Moment = 'launch' | 'warm-up' | 'measure' | 'drain' | 'between';

/** Trials before this one have ended when the signal comes. */
const TRIAL = 2;

/** A simulated trial takes milliseconds: its moment is a count of trials. */
const reach = async (scene: Scene, moment: Moment, trial = TRIAL): Promise<void> =>
  scene.runner === 'simulated' ? scene.during('between', 12) : scene.during(moment, trial);

const killed = (runner: CaseRunner, moment: Moment): FaultCase => ({
  fault: 'SIGKILL',
  phase: moment,
  runner,
  act: async (scene) => {
    await reach(scene, moment);
    scene.signal('SIGKILL');
  },
  ends: ['SIGKILL'],
  within: 0,
  killed: true,
});

const ENDED_BY = { SIGINT: '130', SIGTERM: '143', SIGHUP: '143', SIGQUIT: '131' } as const;

/** What a target is given to end, and the report. */
const END_SECONDS = 10;

const ended = (name: keyof typeof ENDED_BY, times: 1 | 2 | 3, runner: CaseRunner, moment: Moment): FaultCase => ({
  fault: times === 1 ? name : `${name} ×${times}`,
  phase: moment,
  runner,
  act: async (scene) => {
    await reach(scene, moment);
    for (let time = 0; time < times; time++) {
      if (time > 0) await sleep(20);
      try {
        scene.signal(name);
      } catch {
        // It has ended already.
      }
    }
  },
  // SIGQUIT may leave as a signal does, once everything is clean.
  ends: name === 'SIGQUIT' ? ['131', 'SIGQUIT'] : [ENDED_BY[name]],
  within: END_SECONDS,
  // Whoever presses it again, or Ctrl-\\, leaves no time for the journal.
  ...(times === 1 && name !== 'SIGQUIT'
    ? { why: 'interrupted', says: /gctune resume / }
    : { why: /interrupted|killed/ }),
});

const first = (name: 'SIGINT' | 'SIGTERM', runner: CaseRunner, moment: Moment): FaultCase => ({
  fault: name,
  phase: `${moment} of the first trial`,
  runner,
  act: async (scene) => {
    await scene.during(moment, 1);
    scene.signal(name);
  },
  ends: [ENDED_BY[name]],
  within: END_SECONDS,
  why: 'interrupted',
});

/** A preparation step with children, of which one clears its environment; it says when they are there. */
const SLEEPERS = [
  "const { spawn } = require('node:child_process')",
  'const [mark] = process.argv.slice(1)',
  "const asleep = ['-e', 'setTimeout(() => {}, 600000)', mark]",
  "for (const env of [process.env, {}]) spawn(process.execPath, asleep, { env, stdio: 'inherit' })",
  'setTimeout(() => {}, 600000)',
].join('; ');

const prepare = (name: 'SIGKILL' | 'SIGINT' | 'SIGTERM'): FaultCase => ({
  fault: name,
  phase: 'preparation step with children',
  runner: 'process',
  prepare: (scene) => [{ run: ['{node}', '-e', SLEEPERS, scene.name], within: '300s' }],
  act: async (scene) => {
    const sleepers = (): number => scene.processes().filter(({ command }) => command.includes('600000')).length;
    await scene.until('children of the step', () => sleepers() >= 3);
    // One without our marks is found if it was seen before the kill, and gctune looks ten times a second.
    await sleep(300);
    scene.signal(name);
  },
  ends: [name === 'SIGKILL' ? name : ENDED_BY[name]],
  within: END_SECONDS,
  ...(name === 'SIGKILL' ? { killed: true as const } : {}),
  noRun: true,
});

const late: FaultCase = {
  fault: 'takes longer than its bound',
  phase: 'preparation step with children',
  runner: 'process',
  prepare: (scene) => [{ run: ['{node}', '-e', SLEEPERS, scene.name], within: '2s' }],
  act: async (scene) => {
    await scene.until('the step', () => scene.processes().some(({ command }) => command.includes('600000')));
  },
  ends: ['3'],
  within: 2 + 5,
  says: /longer than 2 s/,
  noRun: true,
};

const stopped = (to: 'gctune' | 'group', runner: CaseRunner): FaultCase => ({
  fault: `SIGSTOP for 4 s of ${to === 'gctune' ? 'gctune alone' : 'the whole group'}`,
  phase: 'measure',
  runner,
  act: async (scene) => {
    await scene.during('measure', TRIAL);
    scene.signal('SIGSTOP', to);
    await sleep(4000);
    scene.signal('SIGCONT', to);
  },
  ends: ['0', '4'],
  resumes: ['0', '4'],
  within: 5,
  why: 'plan-done',
});

const refusedMeanwhile: FaultCase = {
  fault: 'a second gctune in the folder',
  phase: 'measure',
  runner: 'process',
  // It is to be there still when the second one has started.
  more: { blocks: 5 },
  act: async (scene) => {
    await scene.during('measure', TRIAL);
    const { end, stderr } = await scene.gctune('resume', scene.theRun);
    if (end !== '2' || !stderr.includes('run-in-use')) throw new Error(`the second gctune ended ${end}: ${stderr}`);
    if (!/^\d+:/.test(readText(`${scene.theRun}/run.lock`))) throw new Error('the lock is gone');
  },
  ends: ['0'],
  within: 5,
  why: 'plan-done',
};

/** Signals at gctune, at each moment of a run. */
export const signalCases: readonly FaultCase[] = [
  killed('simulated', 'between'),
  ...(['process', 'docker'] as const).flatMap((runner) =>
    (['launch', 'warm-up', 'measure', 'drain', 'between'] as const).map((moment) => killed(runner, moment)),
  ),
  ...(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const).flatMap((name) =>
    (['simulated', 'process', 'docker'] as const).map((runner) => ended(name, 1, runner, 'measure')),
  ),
  ...([2, 3] as const).flatMap((times) =>
    (['process', 'docker'] as const).map((runner) => ended('SIGINT', times, runner, 'measure')),
  ),
  ended('SIGINT', 1, 'process', 'launch'),
  ended('SIGINT', 1, 'docker', 'launch'),
  ended('SIGTERM', 1, 'process', 'drain'),
  ended('SIGTERM', 1, 'process', 'between'),
  first('SIGINT', 'process', 'launch'),
  first('SIGINT', 'docker', 'warm-up'),
  prepare('SIGKILL'),
  prepare('SIGINT'),
  prepare('SIGTERM'),
  late,
  stopped('gctune', 'process'),
  stopped('gctune', 'docker'),
  stopped('group', 'process'),
  refusedMeanwhile,
];
