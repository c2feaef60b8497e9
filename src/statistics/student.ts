import { normalQuantile } from './normal.ts';

/** The quantile of Student's t by Fisher's expansion about the normal one (Abramowitz and Stegun 26.7.5): to 0.5 % from 4 degrees of freedom and 0.1 % in the tail on. */
export function studentQuantile(p: number, degrees: number): number {
  const z = normalQuantile(p);
  const [z3, z5, z7, z9] = [z ** 3, z ** 5, z ** 7, z ** 9];
  return (
    z +
    (z3 + z) / (4 * degrees) +
    (5 * z5 + 16 * z3 + 3 * z) / (96 * degrees ** 2) +
    (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * degrees ** 3) +
    (79 * z9 + 776 * z7 + 1482 * z5 - 1920 * z3 - 945 * z) / (92_160 * degrees ** 4)
  );
}
