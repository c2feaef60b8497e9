import type { CoreV1Event, V1Pod } from '@kubernetes/client-node';
import { EnvironmentError } from '../errors.ts';
import { waitingOf, type Waiting } from './pending.ts';

/** How long a pod may wait for what waiting does not bring. */
const STUCK_SECONDS = 45;
/** How long a pod takes to begin without being asked why. */
const YOUNG_SECONDS = 15;

/** What is known of a pod that waits. */
interface Waits {
  readonly why: Waiting;
  readonly since: number;
  /** Whether it was told that nothing will come of it by waiting. */
  readonly told: boolean;
}

/** The pods of a Job that have not begun, from look to look. */
export class WaitingPods {
  readonly #blockOf: (pod: V1Pod) => number | undefined;
  readonly #onNote: (message: string) => void;
  readonly #waiting = new Map<string, Waits>();
  /** Since when each pod was seen to wait. */
  readonly #pending = new Map<string, number>();
  /** When a pod of the Job was last seen to run. */
  #ran = -Infinity;

  constructor(blockOf: (pod: V1Pod) => number | undefined, onNote: (message: string) => void) {
    this.#blockOf = blockOf;
    this.#onNote = onNote;
  }

  /**
   * Says why pods wait, once for each reason. What is wrong with a single node ends nothing while blocks run on others. Throws
   * EnvironmentError where waiting brings nothing.
   */
  look(pods: readonly V1Pod[], hasResults: boolean, events: readonly CoreV1Event[]): void {
    const runs = pods.some(({ status }) => status?.phase === 'Running');
    if (runs) this.#ran = performance.now();
    const waiting = pods.filter(({ status }) => status?.phase === 'Pending');
    for (const pod of waiting) this.#note(pod, this.#isYoung(pod) ? [] : events);
    const stuck = waiting.filter((pod) => this.#isStuck(pod));
    const [first] = stuck;
    if (first === undefined) return;
    // The next pod of a Job comes some moments after the last has ended.
    const isIdle = performance.now() - this.#ran > STUCK_SECONDS * 1000;
    if (!runs && (!hasResults || (isIdle && stuck.length === waiting.length))) throw this.#fault(first);
    for (const pod of stuck) this.#tellStuck(pod);
  }

  /** Whether it is too early to ask why a pod has not begun: events warn of much that is of no account. */
  #isYoung({ metadata }: V1Pod): boolean {
    const uid = metadata?.uid ?? '';
    const since = this.#pending.get(uid) ?? performance.now();
    this.#pending.set(uid, since);
    return performance.now() - since < YOUNG_SECONDS * 1000;
  }

  #note(pod: V1Pod, events: readonly CoreV1Event[]): void {
    const uid = pod.metadata?.uid ?? '';
    const why = waitingOf(pod, events);
    if (why === undefined) return;
    const before = this.#waiting.get(uid);
    if (before?.why.reason === why.reason) return;
    this.#onNote(`block ${this.#blockOf(pod) ?? '?'} waits: ${why.message}`);
    this.#waiting.set(uid, { why, since: performance.now(), told: false });
  }

  #isStuck({ metadata }: V1Pod): boolean {
    const waits = this.#waiting.get(metadata?.uid ?? '');
    return waits?.why.stuck !== undefined && performance.now() - waits.since > STUCK_SECONDS * 1000;
  }

  #tellStuck(pod: V1Pod): void {
    const uid = pod.metadata?.uid ?? '';
    const waits = this.#waiting.get(uid);
    if (waits === undefined || waits.told) return;
    this.#waiting.set(uid, { ...waits, told: true });
    this.#onNote(
      `block ${this.#blockOf(pod) ?? '?'} cannot start on ${pod.spec?.nodeName ?? 'its node'}; the other blocks go on, and it begins once that is fixed`,
    );
  }

  #fault(pod: V1Pod): EnvironmentError {
    const { why } = this.#waiting.get(pod.metadata?.uid ?? '') ?? {};
    const hint =
      why?.stuck === 'image-missing'
        ? 'bring it to every node (docs/kubernetes.md), and resume the run'
        : 'kubectl describe pod shows more';
    return new EnvironmentError(
      why?.stuck ?? 'pod-not-started',
      `block ${this.#blockOf(pod) ?? '?'} cannot start: ${why?.message ?? ''}`,
      { hint },
    );
  }
}
