import { join } from 'node:path';

/** Names of the files of a run folder. No other module knows them. */
export const runFiles = {
  readme: 'README.txt',
  manifest: 'run.json',
  experiment: 'experiment.yaml',
  journal: 'journal.ndjson',
  lock: 'run.lock',
  trials: 'trials',
  analysis: 'analysis.json',
  confirmation: 'confirmation.json',
  /** Of a run in a cluster, until it is complete: where its Job is, and the parts that have come. */
  cluster: 'kubernetes.json',
  parts: 'parts',
} as const;

/** Names of the files of a trial folder. */
export const trialFiles = {
  record: 'trial.json',
  readings: 'readings.ndjson',
  gctrace: 'gctrace.log',
  output: 'output.log',
  latency: 'latency.hdr',
  heapProfile: 'heap.pb.gz',
  allocsProfile: 'allocs.pb.gz',
  reduced: 'reduced.json',
} as const;

/** Folder of one attempt at a trial: `003-07-gogc-25`, and `003-07-gogc-25~2` for the second attempt. */
export function attemptName(trial: string, attempt: number): string {
  return attempt === 1 ? trial : `${trial}~${attempt}`;
}

/** Where an attempt is written before it has ended; the leading dot keeps readers away from it. */
export function partialTrialFolder(run: string, trial: string, attempt: number): string {
  return join(run, runFiles.trials, `.${attemptName(trial, attempt)}.partial`);
}

/** The attempt that is written in a folder of this name; undefined where it is none. */
export function partialAttempt(name: string): string | undefined {
  return /^\.(.+)\.partial$/.exec(name)?.[1];
}

/** Where an attempt stands once it has ended. */
export function trialFolder(run: string, trial: string, attempt: number): string {
  return join(run, runFiles.trials, attemptName(trial, attempt));
}

/** `<name>-<UTC start>-<seed>`, which sorts by time and is safe as a folder name. */
export function runId(name: string, startedAt: Date, seed: number): string {
  const stamp = startedAt
    .toISOString()
    .replaceAll(/[-:]/g, '')
    .replace(/\.\d+Z$/, 'Z');
  const slug = name.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replace(/^[-.]+/, '') || 'run';
  return `${slug}-${stamp}-${seed}`;
}

/** The explanation that lies in every run folder. */
export function readmeText(id: string): string {
  return `${id}: a run of gctune

run.json          the experiment, the plan, the machine, the target
experiment.yaml   the experiment file as it was given
journal.ndjson    events, one per line
trials/           one folder for each trial: trial.json (outcome, phases, settings in effect),
                  readings.ndjson (raw readings), output.log, gctrace.log, latency.hdr,
                  heap.pb.gz and allocs.pb.gz (pprof profiles, if requested), and
                  reduced.json (derived from the readings; may be deleted)
analysis.json     derived from the above; may be deleted
report.html       derived from analysis.json; open it in a browser
confirmation.json names the runs that confirmed its recommendation, if there are any

Write the report again:  gctune report <this folder>
`;
}
