import type { V1Job, V1Pod } from '@kubernetes/client-node';
import { EnvironmentError } from '../errors.ts';
import { plainText } from '../text/plain-text.ts';
import { listed } from '../text/words.ts';
import type { Cluster } from './cluster.ts';
import { isAway } from './cluster-error.ts';
import { CONTAINERS } from './manifest.ts';
import { refusalOf } from './pending.ts';
import { PodReader, type Delivered } from './pod-reader.ts';
import { failedBefore, harnessEnd, harnessRuns, hasResult, indexOf, lossOf, whyGone } from './pod-state.ts';
import { UnreadPods } from './unread-pods.ts';
import { WaitingPods } from './waiting-pods.ts';

/** A pod that came to nothing. */
export interface LostPod {
  readonly block: number;
  readonly pod: string;
  readonly node: string;
  /** For people. */
  readonly why: string;
  /** The last lines that it printed, of a pod that failed. Untrusted text. */
  readonly said: readonly string[];
}

/** Who follows a Job. */
export interface Follower {
  /** The block of each index. */
  readonly blocks: readonly number[];
  /** Blocks that are there already. */
  readonly have: ReadonlySet<number>;
  /** Whether programs may be run in pods. */
  readonly mayExec: boolean;
  /** Takes a result; a rejection ends the following. */
  readonly onResult: (block: number, delivered: Delivered) => Promise<void>;
  /** What a pod tells while its block runs. */
  readonly onEvent: (block: number, event: Readonly<Record<string, unknown>>) => void;
  readonly onLost: (lost: LostPod) => Promise<void>;
  readonly onNote: (message: string) => void;
}

/** How a Job ended, as far as the cluster is concerned. */
export interface JobEnd {
  /** `gone`: somebody removed it. */
  readonly kind: 'complete' | 'failed' | 'gone';
  /** Why, as the cluster has it; for people. */
  readonly why: string;
}

/** How long a Job may be refused every pod: a controller that is behind tries again. */
const REFUSED_SECONDS = 10;
/** How long a pod may take to end after its harness. */
const LINGER_SECONDS = 60;
/** Lines of a failed pod that are shown. */
const LAST_LINES = 12;

/** What is known of a Job from look to look. */
export class JobWatch {
  readonly #cluster: Cluster;
  readonly #name: string;
  readonly #follower: Follower;
  readonly #readers = new Map<string, PodReader>();
  readonly #unread = new UnreadPods();
  readonly #have: Set<number>;
  /** Pods that came to nothing and were told of. */
  readonly #lost = new Set<string>();
  readonly #waiting: WaitingPods;
  /** Since when each pod was seen to run without its harness. */
  readonly #lingering = new Map<string, number>();
  readonly #began = performance.now();
  #seenPods = false;
  #suspended = false;

  constructor(cluster: Cluster, name: string, follower: Follower) {
    this.#cluster = cluster;
    this.#name = name;
    this.#follower = follower;
    this.#have = new Set(follower.have);
    this.#waiting = new WaitingPods((pod) => this.#blockOf(pod), follower.onNote);
  }

  /** One look at the Job and its pods; what it came to where it has ended and nothing more is to be had of it. */
  async look(): Promise<JobEnd | undefined> {
    // The Job first: what its pods are when it has ended is what they stay.
    const job = await this.#cluster.job(this.#name);
    const pods = job === undefined ? [] : await this.#cluster.pods(this.#name);
    this.#seenPods ||= pods.length > 0;
    for (const pod of pods) await this.#pod(pod);
    await this.#missed(pods);
    // Before the Job says so, which it may never do: what was put into its pods beside ours need not end.
    if (this.#follower.blocks.every((block) => this.#have.has(block)))
      return { kind: 'complete', why: 'every block is here' };
    if (job === undefined) return { kind: 'gone', why: 'the Job was removed' };
    const end = endOf(job);
    if (end !== undefined && (await this.#isOver(pods, end))) return end;
    this.#tellSuspended(job);
    for (const pod of pods) this.#tellLingering(pod);
    await this.#tellWaiting(pods, job);
    return undefined;
  }

  #blockOf(pod: V1Pod): number | undefined {
    const index = indexOf(pod);
    return index === undefined ? undefined : this.#follower.blocks[index];
  }

  /** Whether something may still come of a pod. */
  #isOpen(pod: V1Pod): boolean {
    const block = this.#blockOf(pod);
    return block !== undefined && !this.#have.has(block) && !this.#lost.has(pod.metadata?.uid ?? '');
  }

  /** Whether nothing more is to be had of a Job that has ended, or is about to and waits for pods that do not go. */
  async #isOver(pods: readonly V1Pod[], { isFinal }: JobEnd & { readonly isFinal: boolean }): Promise<boolean> {
    const open = pods.filter((pod) => this.#isOpen(pod) && (harnessRuns(pod) || harnessEnd(pod) !== undefined));
    const unread = open.filter(({ metadata }) => this.#unread.why(metadata?.uid ?? '') !== undefined);
    const hopeless = unread.filter(({ metadata }) => this.#unread.isGivenUp(metadata?.uid ?? ''));
    if (hopeless.length < (isFinal ? unread : open).length) return false;
    for (const pod of hopeless) {
      const why = `its log cannot be read: ${this.#unread.why(pod.metadata?.uid ?? '') ?? ''}`;
      await this.#tellLost(this.#blockOf(pod) ?? 0, pod, why, []);
    }
    return true;
  }

  async #pod(pod: V1Pod): Promise<void> {
    const block = this.#blockOf(pod);
    const uid = pod.metadata?.uid ?? '';
    if (block === undefined || !this.#isOpen(pod)) return;
    const reader =
      this.#readers.get(uid) ??
      new PodReader(this.#cluster, pod, {
        mayExec: this.#follower.mayExec,
        onEvent: (event) => this.#follower.onEvent(block, event),
      });
    reader.pod = pod;
    this.#readers.set(uid, reader);
    const delivered = await this.#read(reader, pod, block);
    if (delivered !== undefined) {
      await this.#follower.onResult(block, delivered);
      this.#have.add(block);
      this.#readers.delete(uid);
      return;
    }
    const why = reader.cut ?? lossOf(pod);
    const mayCome = this.#unread.why(uid) !== undefined && hasResult(pod);
    if (why === undefined || mayCome) return;
    this.#lost.add(uid);
    await this.#tellLost(block, pod, why, await this.#lastLines(pod));
  }

  /** What a pod gives back. One whose node does not answer keeps nobody from the others. */
  async #read(reader: PodReader, pod: V1Pod, block: number): Promise<Delivered | undefined> {
    const { uid = '', name = '' } = pod.metadata ?? {};
    if (!this.#unread.isDue(uid)) return undefined;
    try {
      const delivered = await reader.look(pod);
      this.#unread.read(uid);
      return delivered;
    } catch (error) {
      if (!isAway(error)) throw error;
      const node = pod.spec?.nodeName ?? '';
      if (this.#unread.failed(uid, error.message))
        this.#follower.onNote(
          `block ${block}: the log of pod ${name} cannot be read: ${error.message}; it is asked for again. If node ${node} is gone for good, say so (kubectl delete node ${node}): the block then begins again on another one. To delete the pod is not enough, since its Job keeps it until the node reports its end`,
        );
      return undefined;
    }
  }

  /** Pods that were there and are not there any more, without having given anything back. */
  async #missed(pods: readonly V1Pod[]): Promise<void> {
    const here = new Set(pods.map(({ metadata }) => metadata?.uid));
    for (const [uid, { pod }] of this.#readers) {
      if (here.has(uid)) continue;
      this.#readers.delete(uid);
      const block = this.#blockOf(pod);
      if (block === undefined || this.#have.has(block) || this.#lost.has(uid)) continue;
      this.#lost.add(uid);
      await this.#tellLost(block, pod, whyGone(pod), []);
    }
  }

  async #tellLost(block: number, pod: V1Pod, why: string, said: readonly string[]): Promise<void> {
    const node = pod.spec?.nodeName ?? 'no node';
    const isForeign = [why, ...said].some((text) => text.includes('exec format error'));
    const hint = isForeign ? ': an image is for another architecture than that of its node' : '';
    await this.#follower.onLost({ block, pod: pod.metadata?.name ?? '', node, why: `${why}${hint}`, said });
  }

  async #lastLines(pod: V1Pod): Promise<readonly string[]> {
    try {
      const container = harnessEnd(pod) === undefined ? failedBefore(pod)?.name : undefined;
      const text = await this.#cluster.log(pod.metadata?.name ?? '', container ?? CONTAINERS.harness);
      const lines = text.split('\n').filter((line) => line !== '' && !/^gctune-(?:event|result) /.test(line));
      return lines.slice(-LAST_LINES);
    } catch {
      return [];
    }
  }

  /** A pod whose harness has ended keeps its node from the next block until all of it has. */
  #tellLingering(pod: V1Pod): void {
    const { uid = '', name = '' } = pod.metadata ?? {};
    if (pod.status?.phase !== 'Running' || harnessEnd(pod) === undefined) return;
    const since = this.#lingering.get(uid) ?? performance.now();
    this.#lingering.set(uid, since);
    if (performance.now() - since < LINGER_SECONDS * 1000) return;
    this.#lingering.set(uid, Infinity);
    const others = (pod.status.containerStatuses ?? []).flatMap(({ name: one, state }) =>
      state?.running ? [one] : [],
    );
    const what = others.length === 0 ? 'its containers do' : `${listed(others.map(plainText))} in it does`;
    this.#follower.onNote(
      `block ${this.#blockOf(pod) ?? '?'}: pod ${name} does not end although gctune has ended in it ${LINGER_SECONDS} s ago: ${what} not end. No other block begins on its node until it is gone; keep what puts containers into pods away from this namespace`,
    );
  }

  #tellSuspended({ spec }: V1Job): void {
    const suspended = spec?.suspend === true;
    if (suspended && !this.#suspended)
      this.#follower.onNote('the Job is suspended: it waits in its queue until it is admitted');
    this.#suspended = suspended;
  }

  /** Says why pods wait. Throws EnvironmentError where waiting brings nothing. */
  async #tellWaiting(pods: readonly V1Pod[], job: V1Job): Promise<void> {
    const none = pods.length === 0 && !this.#seenPods && job.spec?.suspend !== true;
    const events = none || pods.some(({ status }) => status?.phase === 'Pending') ? await this.#cluster.events() : [];
    const hasResults = this.#follower.blocks.some((block) => this.#have.has(block));
    this.#waiting.look(pods, hasResults, events ?? []);
    const refusal = none ? refusalOf(this.#name, events ?? []) : undefined;
    if (refusal !== undefined && performance.now() - this.#began > REFUSED_SECONDS * 1000)
      throw new EnvironmentError('pods-refused', `the cluster makes no pods of the Job: ${refusal}`, {
        hint: 'kubectl describe job shows more',
      });
  }
}

/** How a Job ended. One that is about to fail first waits for its pods to end, for ever where a node is gone. */
function endOf({ status }: V1Job): (JobEnd & { readonly isFinal: boolean }) | undefined {
  const conditions = status?.conditions?.filter(({ status: is }) => is === 'True') ?? [];
  const final = conditions.find(({ type }) => type === 'Complete' || type === 'Failed');
  const condition = final ?? conditions.find(({ type }) => type === 'FailureTarget');
  if (condition === undefined) return undefined;
  const why =
    [condition.reason, condition.message].filter(Boolean).join(': ') || `failed: index ${status?.failedIndexes ?? '?'}`;
  const kind = condition.type === 'Complete' ? 'complete' : 'failed';
  return { kind, why: plainText(why), isFinal: final !== undefined };
}
