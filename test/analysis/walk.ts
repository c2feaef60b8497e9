import assert from 'node:assert/strict';

/** Asserts that a document holds no number that JSON cannot: NaN and the infinities would silently become null. */
export function assertFinite(document: unknown, path = '$'): void {
  if (typeof document === 'number') assert.ok(Number.isFinite(document), `${path} is ${document}`);
  if (typeof document === 'string') assert.doesNotMatch(document, /\b(NaN|undefined|null|Infinity)\b|∞|n\/a/, path);
  if (typeof document !== 'object' || document === null) return;
  for (const [key, value] of Object.entries(document)) assertFinite(value, `${path}.${key}`);
}
