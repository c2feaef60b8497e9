/** GOGC: a percentage, or `off` (no collection but for a memory limit). */
export type Gogc = number | 'off';
/** GOMEMLIMIT in bytes, or `off`. */
export type Gomemlimit = number | 'off';

/** Go's int64; as a GOMEMLIMIT it is the runtime's own "no limit". */
const MOST_INT64 = 2n ** 63n - 1n;
const MOST_INT32 = 2n ** 31n - 1n;
const POWERS: Readonly<Record<string, bigint>> = { K: 1n, M: 2n, G: 3n, T: 4n };

/**
 * What the runtime takes for a GOGC of its environment (Go src/runtime/mgcpacer.go, readGOGC): a 32-bit number, negative
 * for off, and 100 for whatever it cannot read, without a word. Go 1.26 reads a `+`; to 1.19 that is 100 too.
 */
export function gogcInGo(text: string): { readonly gogc: Gogc; readonly readable: boolean } {
  if (text === 'off') return { gogc: 'off', readable: true };
  const number = int64(text);
  if (number === undefined || number > MOST_INT32 || number < -MOST_INT32 - 1n) return { gogc: 100, readable: false };
  return { gogc: number < 0n ? 'off' : Number(number), readable: true };
}

/**
 * What the runtime takes for a GOMEMLIMIT of its environment (readGOMEMLIMIT, and parseByteCount of src/runtime/string.go).
 * Undefined where a Go program stops at start on it. A limit of 2⁵³ bytes or more binds nowhere and is off, as 2⁶³−1 is
 * to the runtime itself. Go 1.26 reads a `+`; 1.19 stops at start on it.
 */
export function gomemlimitInGo(text: string): Gomemlimit | undefined {
  if (text === '' || text === 'off') return 'off';
  const [, digits = '', unit = 'B'] = /^([+-]?[0-9]+)(B|[KMGT]iB)?$/.exec(text) ?? [];
  const number = int64(digits);
  if (number === undefined || number < 0n) return undefined;
  const bytes = number * 1024n ** (POWERS[unit[0] ?? ''] ?? 0n);
  if (bytes > MOST_INT64) return undefined;
  return bytes > BigInt(Number.MAX_SAFE_INTEGER) ? 'off' : Number(bytes);
}

/** A number as strconv.ParseInt reads it in base 10: digits with a sign, of 64 bits. */
function int64(text: string): bigint | undefined {
  if (!/^[+-]?[0-9]{1,400}$/.test(text)) return undefined;
  const number = BigInt(text.replace(/^\+/, ''));
  return number > MOST_INT64 || number < -MOST_INT64 - 1n ? undefined : number;
}
