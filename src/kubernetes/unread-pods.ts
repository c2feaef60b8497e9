/** How long the log of a pod may be out of reach before that is told: what passes by itself is of no account. */
const TELL_SECONDS = 15;
/** How often a log that stays out of reach is asked for: each time may take as long as a call may. */
const RARELY_SECONDS = 60;
/** How long a log is waited for when nothing else is. */
const PATIENCE_SECONDS = 600;

interface Unread {
  readonly since: number;
  readonly next: number;
  readonly why: string;
  readonly told: boolean;
}

/** Pods whose logs are out of reach, as those of a node that does not answer; each is asked for again, more and more rarely. */
export class UnreadPods {
  readonly #pods = new Map<string, Unread>();

  /** Whether it is time to ask for the log of a pod. */
  isDue(uid: string): boolean {
    return performance.now() >= (this.#pods.get(uid)?.next ?? 0);
  }

  /** Why the log of a pod is out of reach; undefined where it is not. */
  why(uid: string): string | undefined {
    return this.#pods.get(uid)?.why;
  }

  /** Whether nothing is to be hoped for any more. */
  isGivenUp(uid: string): boolean {
    const unread = this.#pods.get(uid);
    return unread !== undefined && performance.now() - unread.since > PATIENCE_SECONDS * 1000;
  }

  /** Takes note of a log that could not be read; true where that is to be told now. */
  failed(uid: string, why: string): boolean {
    const now = performance.now();
    const { since = now, told = false } = this.#pods.get(uid) ?? {};
    const isLong = now - since > TELL_SECONDS * 1000;
    const next = now + Math.min(now - since, RARELY_SECONDS * 1000);
    this.#pods.set(uid, { since, next, why, told: told || isLong });
    return isLong && !told;
  }

  /** Takes note of a log that was read. */
  read(uid: string): void {
    this.#pods.delete(uid);
  }
}
