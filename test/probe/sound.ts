import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Figures } from '../../src/probe/probe.ts';

/** Every figure is a finite number that is not negative; GOGC=off alone is -1. */
export function assertSound(figures: Figures | undefined): void {
  for (const [key, value] of Object.entries(figures ?? {})) {
    const least = key === 'gogcPercent' ? -1 : 0;
    assert.ok(Number.isFinite(value) && value >= least, `${key} is ${value}`);
  }
}

/** Texts of anything, and texts like a real one: its words torn apart, hostile ones among them, other numbers in it. */
export function textsLike(sample: string): fc.Arbitrary<string> {
  const hostile = ['-1', 'NaN', '+Inf', '1e999', '9'.repeat(400), '0x10', '__proto__', '\0', '\n', '{', '"', '}', ' '];
  const words = [...new Set(sample.match(/\w+|\W/g) ?? [])];
  const torn = fc.array(fc.constantFrom(...words, ...hostile), { maxLength: 60 }).map((parts) => parts.join(''));
  const spliced = fc
    .tuple(fc.nat(sample.length), fc.nat(20), fc.constantFrom(...hostile))
    .map(([at, length, text]) => sample.slice(0, at) + text + sample.slice(at + length));
  const numbers = [...sample.matchAll(/\d+/g)];
  const renumbered = fc
    .tuple(fc.nat(Math.max(0, numbers.length - 1)), fc.oneof(fc.nat(), fc.bigInt({ min: 0n, max: 10n ** 30n })))
    .map(([which, number]) => {
      const { index = 0, 0: old = '' } = numbers[which] ?? {};
      return sample.slice(0, index) + String(number) + sample.slice(index + old.length);
    });
  return fc.oneof(fc.string({ unit: 'binary' }), torn, spliced, renumbered);
}
