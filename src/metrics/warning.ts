/** Something a reader of the results must know. Warnings are data: they appear in every output format. */
export interface Warning {
  /** Stable kebab-case code, for example `too-few-cycles`. */
  readonly code: string;
  /** One plain sentence with the value in it, for an operator. */
  readonly message: string;
  /** The cell it is about, when it is about one. */
  readonly cell?: string;
  /** The trial it is about, when it is about one. */
  readonly trial?: string;
  /** The metric it is about, when it is about one. */
  readonly metric?: string;
}

/** Of every run of a model: nothing in it was measured. */
export const SIMULATED_WARNING: Warning = {
  code: 'simulated',
  message: 'simulated: every figure comes from a model, none from a real daemon',
};

/** Of a run that was joined of parts: its message says which blocks are not there, or not whole, and why. */
export const MISSING_BLOCKS = 'missing-blocks';
