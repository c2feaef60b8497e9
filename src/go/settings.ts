/** GOGC: a percentage, or `off` (no collection but for a memory limit). */
export type Gogc = number | 'off';
/** GOMEMLIMIT in bytes, or `off`. */
export type Gomemlimit = number | 'off';
