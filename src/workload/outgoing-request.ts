import type { IncomingHttpHeaders } from 'node:http';
import type { RandomStream } from '../statistics/random.ts';

/** A request as it goes out. */
export interface OutgoingRequest {
  readonly method: string;
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  /** Read once, when the request is sent. */
  readonly body: string | Buffer | null;
  /** Who judges the answer; undefined: every status under 400 is work done. */
  readonly answer?: AnswerJudge;
  /**
   * What has to be done elsewhere before; what it takes is not the target's time and no part of the latency. Rejects
   * with RequestFailed.
   */
  readonly first?: () => Promise<OutgoingRequest>;
}

/** Judges one answer as it comes. */
export interface AnswerJudge {
  begin(status: number, headers: IncomingHttpHeaders): void;
  data(chunk: Buffer): void;
  /** The kind of error; undefined: the work was done. */
  end(trailers: IncomingHttpHeaders): string | undefined;
}

/** Where the open loop gets its requests. */
export interface RequestSource {
  /** The next request. It may depend on the stream and on `seq`, the number of the request, but not on the target's pace. */
  draw(random: RandomStream, seq: number): OutgoingRequest;
  /** Where the requests come at times of their own: those of a phase, in place of `draw`. */
  readonly stretch?: (phase: 'warm-up' | 'window') => StretchOfLoad;
}

/** The load of one phase where its requests come at times of their own. */
export interface StretchOfLoad {
  /** Seconds after the beginning of the phase. */
  readonly arrivals: Iterator<number, undefined>;
  /** The request of the next arrival. */
  readonly draw: () => OutgoingRequest;
}

/** A request could not be sent, for a reason that is counted by its kind. */
export class RequestFailed extends Error {
  override readonly name = 'RequestFailed';
  readonly kind: string;
  constructor(kind: string) {
    super(kind);
    this.kind = kind;
  }
}
