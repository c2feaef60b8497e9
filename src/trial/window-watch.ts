import type { Levels } from '../experiment/experiment.ts';
import { inferGogc, verifyGogc } from '../probe/effective-gogc.ts';
import type { Effective, Reading } from '../results/format.ts';
import { DriftWatch } from './steadiness.ts';

/** How many of the latest readings of each kind are kept as evidence of the effective GOGC. */
const keptReadings = 64;

/** Watches the readings of one window in constant memory: drift, and which settings are really in force. */
export class WindowWatch {
  readonly #levels: Levels;
  readonly #startSeconds: number;
  readonly #rss: DriftWatch;
  readonly #live: DriftWatch;
  readonly #evidence: Reading[] = [];
  #gomaxprocs: number | undefined;
  #gomemlimitBytes: number | undefined;

  constructor(levels: Levels, startSeconds: number, windowSeconds: number) {
    this.#levels = levels;
    this.#startSeconds = startSeconds;
    this.#rss = new DriftWatch(startSeconds, windowSeconds);
    this.#live = new DriftWatch(startSeconds, windowSeconds);
  }

  /** Takes a reading; those from before the window are ignored. */
  add(reading: Reading): void {
    const { at, v, probe } = reading;
    if (at < this.#startSeconds) return;
    const rss = v.rssBytes ?? v.cgroupAnonBytes;
    if (rss !== undefined) this.#rss.add(at, rss);
    const live = v.liveHeapBytes ?? v.heapLiveBytes;
    if (live !== undefined) this.#live.add(at, live);
    this.#gomaxprocs = v.gomaxprocs ?? v.procs ?? this.#gomaxprocs;
    this.#gomemlimitBytes = v.gomemlimitBytes ?? this.#gomemlimitBytes;
    if (v.numGc !== undefined || v.gogcPercent !== undefined || probe === 'gctrace') {
      this.#evidence.push(reading);
      if (this.#evidence.length > keptReadings) this.#evidence.shift();
    }
  }

  /** Relative drift of RSS and of the live heap. */
  drift(): { readonly rss: number | undefined; readonly live: number | undefined } {
    return { rss: this.#rss.relativeDrift(), live: this.#live.relativeDrift() };
  }

  /** Whether the GOGC that was asked for is in force, as far as the readings tell. */
  gogcVerdict(): ReturnType<typeof verifyGogc> {
    return verifyGogc(this.#levels.gogc, inferGogc(this.#evidence, this.#levels.gomemlimit));
  }

  /** The settings in force as far as the readings tell. */
  effective(): Effective {
    const gogc = inferGogc(this.#evidence, this.#levels.gomemlimit);
    return {
      ...(gogc === undefined ? {} : { gogcPercent: gogc.percent, gogcEvidence: gogc.evidence }),
      ...(this.#gomaxprocs === undefined ? {} : { gomaxprocs: this.#gomaxprocs }),
      ...(this.#gomemlimitBytes === undefined ? {} : { gomemlimitBytes: this.#gomemlimitBytes }),
    };
  }
}
