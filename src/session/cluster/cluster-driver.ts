import { EnvironmentError, UserError } from '../../errors.ts';
import type { Experiment } from '../../experiment/experiment.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { followJob } from '../../kubernetes/follow-job.ts';
import type { JobEnd, LostPod } from '../../kubernetes/job-watch.ts';
import { jobManifest } from '../../kubernetes/manifest.ts';
import { nodeName } from '../../kubernetes/node-name.ts';
import { MISSING_BLOCKS, type Warning } from '../../metrics/warning.ts';
import type { TrialRecord } from '../../results/format.ts';
import type { JoinedRun } from '../../results/joined-run.ts';
import type { SweepResult } from '../../sweep/blocks.ts';
import type { SweepEvent } from '../../sweep/event.ts';
import { plainText } from '../../text/plain-text.ts';
import { toolVersion } from '../../cli/tool-version.ts';
import type { LoadedExperiment } from '../load-experiment.ts';
import { blocksText } from '../parts/check-parts.ts';
import type { SweepValues } from '../sweep-once.ts';
import type { ClusterJob, ClusterValues } from './cluster-job.ts';
import { removeClusterState, writeClusterState, type ClusterState } from './cluster-state.ts';
import { GatheredBlocks } from './gather-blocks.ts';

/** A run in a cluster that is to be begun or gone on with. */
export interface ClusterRun {
  readonly loaded: LoadedExperiment;
  readonly experiment: Experiment;
  readonly seed: number;
  readonly values: SweepValues & ClusterValues & { readonly blocks: number | undefined };
  /** The folder of the run to go on with; absent: a new one. */
  readonly resume?: string;
}

/** What is at hand once everything that can be refused was not. */
export interface ReadyToDrive {
  readonly cluster: Cluster;
  readonly job: ClusterJob;
  readonly state: ClusterState;
  readonly joined: JoinedRun;
  /** The mark of this gctune. */
  readonly owner: string;
  readonly mayExec: boolean;
  readonly onEvent: (event: SweepEvent) => void;
  readonly signal: AbortSignal;
}

/** Files of a run in a cluster are as open as those of any run: it holds no secrets. */
const MODE = 0o644;

/** Answers after which there is no Job. After others, or none, there may be one all the same. */
const CERTAINLY_NOT = ['cluster-unauthorized', 'cluster-forbidden', 'cluster-not-found'];

/** Creates the Job of a run, or finds it, gathers what its pods give back, and leaves nothing of it in the cluster. */
export class ClusterDriver {
  readonly #ready: ReadyToDrive;
  #state: ClusterState;
  readonly #trials = new Set<string>();
  /** What the last pod printed that came to nothing. */
  #said: readonly string[] = [];

  constructor(ready: ReadyToDrive) {
    this.#ready = ready;
    this.#state = ready.state;
  }

  async run(): Promise<SweepResult> {
    const { job, joined, onEvent, cluster } = this.#ready;
    const { plan } = job;
    const blocks = await GatheredBlocks.in(joined, { mode: MODE, plan, experimentFile: this.#state.experimentFile });
    await this.#save({});
    const left = blocks.missing.length;
    for (const { id, block } of plan.trials) if (blocks.have.has(block)) this.#trials.add(id);
    onEvent({
      type: 'run-started',
      runId: joined.id,
      folder: joined.folder,
      runner: 'kubernetes',
      why: `context ${cluster.context}, namespace ${cluster.namespace}`,
      trials: plan.trials.length + plan.profiling.length,
      blocks: plan.blocks,
      cells: plan.cells.map(({ id, role }) => ({ id, role })),
      estimatedSeconds: left === 0 ? 0 : job.seconds(left),
      ...(left === plan.blocks ? {} : { kept: plan.trials.filter(({ block }) => blocks.have.has(block)).length }),
    });
    const began = performance.now();
    const { end, fault } = await this.#followed(blocks);
    return this.#concluded(blocks, end, fault, began);
  }

  /** Until a Job has ended that was to run all that is missing, or something else ends it. */
  async #followed(
    blocks: GatheredBlocks,
  ): Promise<{ readonly end: JobEnd | undefined; readonly fault: EnvironmentError | undefined }> {
    const { signal } = this.#ready;
    try {
      let end = this.#state.job === undefined ? undefined : await this.#found(blocks, this.#state.job);
      // One that a driver left before: what it did not bring is tried once more, by a Job of its own.
      if (blocks.missing.length > 0) end = await this.#follow(blocks, await this.#create(blocks.missing));
      return { end, fault: undefined };
    } catch (error) {
      if (signal.aborted) return { end: undefined, fault: undefined };
      if (error instanceof EnvironmentError) return { end: undefined, fault: error };
      await this.#remove();
      if (blocks.have.size === 0) await this.#ready.joined.discard();
      throw error;
    }
  }

  /** The Job that an earlier driver created, if it is still there. */
  async #found(gathered: GatheredBlocks, job: NonNullable<ClusterState['job']>): Promise<JobEnd | undefined> {
    const { cluster, owner } = this.#ready;
    if ((await cluster.job(job.name)) === undefined) return undefined;
    await cluster.adoptJob(job.name, owner);
    const end = await this.#follow(gathered, job);
    await this.#remove();
    return end;
  }

  async #create(blocks: readonly number[]): Promise<NonNullable<ClusterState['job']>> {
    const { job, cluster, owner, joined } = this.#ready;
    const { targetImage, jobs } = this.#state;
    const manifest = jobManifest(job.request({ runId: joined.id, owner, number: jobs + 1, blocks, targetImage }));
    const created = { name: manifest.metadata?.name ?? '', blocks: [...blocks] };
    // Before it is there: it is found again by its name, whenever this process is killed.
    await this.#save({ jobs: jobs + 1, job: created });
    try {
      await cluster.createJob(manifest);
    } catch (error) {
      if (error instanceof EnvironmentError && CERTAINLY_NOT.includes(error.code)) await this.#forgetJob();
      throw error;
    }
    return created;
  }

  #follow(gathered: GatheredBlocks, { name, blocks }: NonNullable<ClusterState['job']>): Promise<JobEnd> {
    const { cluster, mayExec, signal, onEvent } = this.#ready;
    return followJob(
      cluster,
      name,
      {
        blocks,
        have: gathered.have,
        mayExec,
        onNote: (message) => onEvent({ type: 'note', message }),
        onEvent: (block, event) => this.#told(block, event),
        onLost: (lost) => this.#lost(lost),
        onResult: async (block, delivered) => {
          try {
            await gathered.add(block, delivered);
          } catch (error) {
            const isOfBlock =
              error instanceof UserError || (error instanceof EnvironmentError && error.code === 'bad-result');
            if (!isOfBlock) throw error;
            await this.#lost({ block, pod: delivered.pod, node: delivered.node, why: error.message, said: [] });
          }
        },
      },
      signal,
    );
  }

  /** What a harness tells is untrusted as far as it quotes its target; what prints it knows. */
  #told(block: number, event: Readonly<Record<string, unknown>>): void {
    const { onEvent, job } = this.#ready;
    if (event['type'] === 'pod' && event['version'] !== toolVersion())
      throw new UserError({
        code: 'harness-version',
        message: `the image of the harness has gctune ${plainText(String(event['version']))}, and this is ${toolVersion()}`,
        hint: 'gctune image writes the image of this version; --harness-image names another one',
      });
    if (event['type'] === 'note') onEvent({ type: 'note', message: `block ${block}: ${String(event['message'])}` });
    if (event['type'] === 'trial-fault') onEvent(event as Extract<SweepEvent, { type: 'trial-fault' }>);
    if (event['type'] !== 'trial-ended') return;
    const { record, quick } = event as unknown as Extract<SweepEvent, { type: 'trial-ended' }>;
    // Its pod was told to end, and it is run again from the block's beginning.
    if ((record satisfies TrialRecord).outcome.kind === 'aborted') return;
    this.#trials.add(record.id);
    const all = job.plan.trials.length + job.plan.profiling.length;
    const share = 1 - this.#trials.size / all;
    onEvent({
      type: 'trial-ended',
      record,
      quick,
      index: this.#trials.size - 1,
      secondsLeft: Math.max(0, job.seconds(job.plan.blocks) * share),
    });
  }

  async #lost({ said, ...lost }: LostPod): Promise<void> {
    this.#said = said.length > 0 ? said : this.#said;
    this.#ready.onEvent({
      type: 'note',
      message: `block ${lost.block}: pod ${lost.pod} on ${lost.node} came to nothing: ${lost.why}`,
    });
    const node = nodeName(lost.node, this.#state.values['node-names']);
    await this.#save({ lost: [...this.#state.lost, { ...lost, node }] });
  }

  /** Joins what is there, removes the Job, and says how the run ended. */
  async #concluded(
    blocks: GatheredBlocks,
    end: JobEnd | undefined,
    stopped: EnvironmentError | undefined,
    began: number,
  ): Promise<SweepResult> {
    const { joined, signal, onEvent } = this.#ready;
    const { missing } = blocks;
    // A cluster that is away may still finish the Job, which is then found again.
    const away = stopped !== undefined && stopped.code.startsWith('cluster-') && this.#state.job !== undefined;
    if (!away) await this.#remove();
    const whyMissing = stopped?.message ?? this.#whyMissing(missing, end);
    const lacks = missing.length === 0 ? [] : [{ code: MISSING_BLOCKS, message: whyMissing }];
    const published = await blocks.publish(lacks, this.#restarts(blocks.have));
    const complete = missing.length === 0;
    if (complete) await removeClusterState(joined.folder);
    else await this.#save({});
    if (published === undefined && !away) await joined.discard();
    const why = complete ? 'plan-done' : signal.aborted ? 'interrupted' : 'fault';
    onEvent({ type: 'run-ended', ...blocks.counts, seconds: (performance.now() - began) / 1000, why });
    if (published === undefined) {
      if (isTimeout(signal.reason)) throw this.#nothing(`the time of --timeout was over; ${whyMissing}`);
      signal.throwIfAborted();
      throw stopped ?? this.#nothing(whyMissing);
    }
    const fault =
      why === 'fault'
        ? (stopped ?? new EnvironmentError('blocks-missing', whyMissing, { details: this.#said }))
        : undefined;
    return { folder: joined.folder, ...blocks.counts, why, skipped: 0, ...(fault === undefined ? {} : { fault }) };
  }

  #nothing(why: string): EnvironmentError {
    return new EnvironmentError('no-block-finished', `no block has a result: ${why}`, {
      details: this.#said,
      ...(this.#said.length === 0 ? {} : { hint: 'the lines above are the last that a pod printed' }),
    });
  }

  #whyMissing(missing: readonly number[], end: JobEnd | undefined): string {
    const last = missing.flatMap((block) => {
      const lost = this.#state.lost.findLast((one) => one.block === block);
      return lost === undefined ? [] : [`block ${block}: ${lost.why} (${lost.node})`];
    });
    const what = `${blocksText(missing)} ${missing.length === 1 ? 'is' : 'are'} missing`;
    const reasons = last.length > 0 ? last : end === undefined ? [] : [end.why];
    const shown = reasons.length > 4 ? [...reasons.slice(0, 4), `and ${reasons.length - 4} more`] : reasons;
    return [what, ...(shown.length === 0 ? [] : [shown.join('; ')])].join(': ');
  }

  /** Blocks that were begun more than once: that is seen in a report, though nothing of the earlier tries counts. */
  #restarts(have: ReadonlySet<number>): readonly Warning[] {
    const told = this.#state.lost.filter(({ block }) => have.has(block));
    if (told.length === 0) return [];
    const list = told.map(({ block, node, why }) => `block ${block} on ${node} (${why})`);
    const shown = list.length > 6 ? [...list.slice(0, 6), `${list.length - 6} more`] : list;
    return [
      {
        code: 'block-restarted',
        message: `some blocks were begun again from their beginning, and nothing of the first try counts: ${shown.join('; ')}`,
      },
    ];
  }

  async #remove(): Promise<void> {
    const { cluster, onEvent } = this.#ready;
    const { job } = this.#state;
    if (job === undefined) return;
    try {
      await cluster.deleteJob(job.name);
      await this.#forgetJob();
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error;
      onEvent({
        type: 'note',
        message: `warning: Job ${job.name} could not be removed: ${error.message}; gctune clean --on kubernetes removes it later`,
      });
    }
  }

  async #forgetJob(): Promise<void> {
    const { job: _, ...rest } = this.#state;
    this.#state = rest;
    await this.#save({});
  }

  async #save(change: Partial<ClusterState>): Promise<void> {
    this.#state = { ...this.#state, ...change };
    await writeClusterState(this.#ready.joined.folder, this.#state, MODE);
  }
}

/** What an AbortSignal that was to end after some time gives as its reason. */
function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === 'TimeoutError';
}
