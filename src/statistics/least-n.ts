/** Rounding slack when an attained confidence is held against the asked one: 31/32 is meant to satisfy 0.96875. */
const SLACK = 1e-12;

/** Whether an interval that attains the one confidence satisfies the other. */
export function satisfies(attained: number, asked: number): boolean {
  return attained >= asked - SLACK;
}

/**
 * The least number of trials (or pairs) with which an order-statistic interval of a median, and the signed-rank
 * interval of a shift, can have the asked confidence: the widest of either, from the least to the greatest value,
 * has 1 − 2^(1−n). So 6 at 95 %.
 */
export function leastN(confidence: number): number {
  assertConfidence(confidence);
  let n = 2;
  while (!satisfies(1 - 2 ** (1 - n), confidence)) n++;
  return n;
}

/** The warning of an estimate whose interval would be invented: `interval not attainable with n = 4, needs 6`. */
export function notAttainable(n: number, confidence: number): string {
  return `interval not attainable with n = ${n}, needs ${leastN(confidence)}`;
}

/** Throws where a confidence is not a fraction between 0 and 1. */
export function assertConfidence(confidence: number): void {
  if (!(confidence > 0 && confidence < 1)) throw new RangeError(`a confidence is between 0 and 1, not ${confidence}`);
}

/** Throws where a sample is empty or holds something that is not a finite number. */
export function assertSample(values: readonly number[]): void {
  if (values.length === 0) throw new RangeError('a sample needs at least one value');
  const odd = values.find((value) => !Number.isFinite(value));
  if (odd !== undefined) throw new RangeError(`a sample holds finite numbers, not ${odd}`);
}
