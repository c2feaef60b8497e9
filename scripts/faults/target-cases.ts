import type { FaultCase } from './try-case.ts';

type Runner = FaultCase['runner'];

/** What the target does to itself, in the trials with GOGC=50; those of the baseline are as usual. */
const own = (fault: string, flag: string, runner: Runner, more: Partial<FaultCase> = {}): FaultCase => ({
  fault: `target ${fault}`,
  phase: 'measure',
  runner,
  target: ['-fault', flag, '-only', '50'],
  ends: ['0'],
  within: 15,
  why: 'plan-done',
  ...more,
});

/** An outcome of the experiment, which is never retried. */
const outcome = (fault: string, flag: string, runner: Runner, kind: string, more: Partial<FaultCase> = {}): FaultCase =>
  own(fault, flag, runner, {
    ends: ['4', '5'],
    resumes: ['4', '5'],
    outcomes: [kind],
    check: async (scene) => (scene.journal().some(({ type }) => type === 'trial-fault') ? ['it was retried'] : []),
    ...more,
  });

const profiles = { profiles: { heap: true } };

const both = (runner: Runner): readonly FaultCase[] => [
  outcome('exits with 7', 'exit-7', runner, 'failed'),
  outcome('panics', 'panic', runner, 'failed'),
  outcome('leaks up to its limit', 'leak', runner, 'oom-killed', {
    needs: ['root'],
    more: { limits: { memory: '64MiB', required: false } },
  }),
  own('ignores SIGTERM', 'ignore-term', runner),
  own('floods stderr', 'flood', runner, { ends: ['0', '4', '5'], resumes: ['0', '4', '5'] }),
  own('leaves a child without environment, in its own session', 'orphan', runner),
  own('has a profile endpoint that drips', 'drip', runner, { more: profiles, within: 35 }),
];

/** What targets do. */
export const targetCases: readonly FaultCase[] = [
  ...both('process'),
  ...both('docker'),
  outcome('exits with 0', 'exit-0', 'process', 'failed'),
  own('stops itself', 'stop-itself', 'process', { ends: ['0', '4', '5'], resumes: ['0', '4', '5'], within: 30 }),
  own('leaves a child', 'child', 'process'),
  own('has a profile endpoint that is silent', 'silent', 'process', { more: profiles, within: 35 }),
  {
    fault: 'target daemonises',
    phase: 'first trial',
    runner: 'process',
    target: ['-fault', 'daemonise'],
    ends: ['3'],
    within: 15,
    says: /target-exited|ended by itself|exit/,
    noRun: true,
  },
  {
    fault: 'target is never ready',
    phase: 'first trial',
    runner: 'process',
    target: ['-fault', 'not-ready'],
    ends: ['3'],
    within: 15,
    says: /503/,
    noRun: true,
  },
  {
    fault: 'target daemonises',
    phase: 'first trial',
    runner: 'docker',
    target: ['-fault', 'daemonise'],
    ends: ['3'],
    within: 15,
    noRun: true,
  },
];
