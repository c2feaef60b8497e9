import type { V1Pod } from '@kubernetes/client-node';
import { EnvironmentError } from '../errors.ts';
import { plainText } from '../text/plain-text.ts';
import type { Cluster } from './cluster.ts';
import { CONTAINERS } from './manifest.ts';
import { harnessEnd, harnessRuns, hasResult } from './pod-state.ts';
import { readSum, ResultReader, type ResultSum } from './result-lines.ts';

/** A result, as it left its pod, whole. */
export interface Delivered {
  readonly packed: Buffer;
  readonly pod: string;
  readonly node: string;
}

/** How much longer than the time since the last look is read again: nothing of it counts twice. */
const OVERLAP_SECONDS = 3;

/**
 * Reads what the harness of one pod prints, look by look, and puts its result together. What a log has lost is read again as a
 * whole, and then asked for within the pod for as long as that is there.
 */
export class PodReader {
  /** As it was last seen. */
  pod: V1Pod;
  /** Why its result cannot be had any more, where that is so; for people. */
  cut: string | undefined;
  readonly #cluster: Cluster;
  readonly #mayExec: boolean;
  readonly #reader: ResultReader;
  /** Told by the harness itself before it ends. */
  #sum: ResultSum | undefined;
  /** How gctune is started in the pod. */
  #command: readonly string[] | undefined;
  #holds = false;
  /** Why a program could not be run in the pod. */
  #refused: string | undefined;
  #lastLook: number | undefined;

  constructor(
    cluster: Cluster,
    pod: V1Pod,
    {
      mayExec,
      onEvent,
    }: { readonly mayExec: boolean; readonly onEvent: (event: Readonly<Record<string, unknown>>) => void },
  ) {
    this.#cluster = cluster;
    this.#mayExec = mayExec;
    this.pod = pod;
    this.#reader = new ResultReader((event) => {
      // Of the first event and of the last: a log that was rotated has lost the first.
      if (isCommand(event['command'])) this.#command = event['command'];
      if (event['type'] === 'result') {
        this.#sum = readSum(JSON.stringify(event['sum']));
        this.#holds = event['holds'] === true;
      } else onEvent(event);
    });
  }

  /** Reads on; the result once all of it is there. */
  async look(pod: V1Pod): Promise<Delivered | undefined> {
    this.pod = pod;
    const end = harnessEnd(pod);
    if (end !== undefined) return hasResult(pod) ? this.#atEnd(readSum(end.message)) : undefined;
    if (!harnessRuns(pod)) return undefined;
    await this.#read();
    const { whole, sum } = this.#whole(this.#sum);
    if (whole !== undefined) return this.#delivered(whole);
    // It holds what it printed, or is about to end: either way this is the last chance to ask it.
    if (sum === undefined) return undefined;
    await this.#readAll();
    return this.#delivered(this.#whole(sum).whole ?? (await this.#ask(sum)));
  }

  async #atEnd(sum: ResultSum | undefined): Promise<Delivered | undefined> {
    await this.#readAll();
    const known = sum ?? this.#sum;
    const whole = known === undefined ? undefined : this.#reader.whole(known);
    if (whole !== undefined) return this.#delivered(whole);
    const missing = known === undefined ? undefined : this.#reader.missing(known)?.length;
    this.cut =
      missing === undefined
        ? 'its result was never printed'
        : `its log has lost ${missing} of ${known?.pieces} pieces of the result: the node rotates logs before they were read (containerLogMaxSize of its kubelet)${this.#whyNotAsked()}`;
    return undefined;
  }

  #whyNotAsked(): string {
    if (!this.#mayExec)
      return ', and the rights to get and create pods/exec are missing, by which they would have been asked for';
    return this.#refused === undefined ? '' : `, and asking for them failed: ${this.#refused}`;
  }

  #whole(sum: ResultSum | undefined): { readonly whole: Buffer | undefined; readonly sum: ResultSum | undefined } {
    return { whole: sum === undefined ? undefined : this.#reader.whole(sum), sum };
  }

  async #read(): Promise<void> {
    const now = performance.now();
    const since = this.#lastLook === undefined ? undefined : (now - this.#lastLook) / 1000 + OVERLAP_SECONDS;
    this.#take(await this.#cluster.log(this.pod.metadata?.name ?? '', CONTAINERS.harness, since));
    this.#lastLook = now;
  }

  async #readAll(): Promise<void> {
    this.#take(await this.#cluster.log(this.pod.metadata?.name ?? '', CONTAINERS.harness));
  }

  #take(text: string): void {
    for (const line of text.split('\n')) if (line.startsWith('gctune-')) this.#reader.line(line);
  }

  /** Has the pod print what lacks, by a program of its own. */
  async #ask(sum: ResultSum): Promise<Buffer | undefined> {
    if (!this.#mayExec || this.#command === undefined) return undefined;
    const missing = this.#reader.missing(sum) ?? [];
    const pieces = missing.length === 0 || missing.length === sum.pieces ? 'all' : missing.join(',');
    try {
      this.#take(
        await this.#cluster.exec(this.pod.metadata?.name ?? '', CONTAINERS.harness, [
          ...this.#command,
          'harness',
          '--send',
          pieces,
        ]),
      );
    } catch (error) {
      // Where it has ended meanwhile its log and its termination message tell.
      if (!(error instanceof EnvironmentError)) throw error;
      this.#refused = plainText(error.message);
    }
    return this.#reader.whole(sum);
  }

  async #delivered(packed: Buffer | undefined): Promise<Delivered | undefined> {
    if (packed === undefined) return undefined;
    await this.#release();
    const { metadata, spec } = this.pod;
    return { packed, pod: metadata?.name ?? '', node: spec?.nodeName ?? '' };
  }

  /** A pod that still holds its result keeps its node from the next block. */
  async #release(): Promise<void> {
    if (!this.#holds || !this.#mayExec || this.#command === undefined || harnessEnd(this.pod) !== undefined) return;
    await this.#cluster
      .exec(this.pod.metadata?.name ?? '', CONTAINERS.harness, [...this.#command, 'harness', '--release'])
      .catch(() => undefined);
  }
}

function isCommand(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length >= 2 && value.every((word) => typeof word === 'string');
}
