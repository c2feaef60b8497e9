/** What one of the numbers of every sample is. */
export interface SampleType {
  /** For heap profiles `alloc_objects`, `alloc_space`, `inuse_objects`, `inuse_space`. */
  readonly type: string;
  /** `count`, `bytes`, `nanoseconds`. */
  readonly unit: string;
}

/** One stack with its numbers. */
export interface Sample {
  /**
   * The functions from the root to the leaf, inlined ones too: twice the index of the name, plus 1 where the function
   * was inlined into the one before it.
   */
  readonly frames: Uint32Array;
  /** One for each sample type; may be negative in profiles of a difference. */
  readonly values: readonly number[];
}

/** A profile as it was read. */
export interface Profile {
  readonly sampleTypes: readonly SampleType[];
  /** The type shown where none is asked for; undefined where the profile does not say. */
  readonly defaultType: string | undefined;
  /** Seconds that a difference over time spans; undefined for a snapshot. */
  readonly durationSeconds: number | undefined;
  /** How much lies between two samples, in the unit of the period: bytes for heap profiles; undefined where it is not said. */
  readonly period: number | undefined;
  /** Names of functions. Untrusted text. */
  readonly names: readonly string[];
  readonly samples: readonly Sample[];
  /** What the profile itself gives reason to doubt, in sentences: that it is cut short. */
  readonly doubts: readonly string[];
}

/**
 * The index of a sample type by its name; without one that of the profile's default, or of its last. -1: there is none. A
 * profile that knows only what is in use calls it `space` and `objects`, as pprof has it (profile/index.go).
 */
export function sampleTypeIndex({ sampleTypes, defaultType }: Profile, wanted?: string): number {
  if (wanted !== undefined) {
    const short = wanted.replace(/^inuse_/, '');
    return sampleTypes.findIndex(({ type }) => type === wanted || type === short);
  }
  const own = sampleTypes.findIndex(({ type }) => type === defaultType);
  return own === -1 ? sampleTypes.length - 1 : own;
}
