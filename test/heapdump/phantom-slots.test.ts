import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slotRuleOf } from '../../src/heapdump/phantom-slots.ts';

// nelems of mheap.go initSpan: (8192 − reserve) / elemsize.
for (const [goVersion, slotBytes, withPointers, real] of [
  ['go1.21.13', 64, true, 128],
  ['go1.22.0', 64, true, 126],
  ['go1.22.0', 64, false, 128],
  ['go1.25.4', 16, true, 504],
  ['go1.25.4-X:greenteagc', 16, true, 496],
  ['go1.26.8', 16, true, 496],
  ['go1.26.8', 16, false, 504],
  ['go1.26.8', 8, false, 1024],
  ['go1.26.8', 8, true, 1008],
  ['go1.26.8', 512, true, 15],
  ['go1.26.8', 512, false, 15],
  ['go1.26.8 X:nogreenteagc', 512, false, 16],
  ['go1.26.8-X:aliastypeparams,nogreenteagc', 64, true, 126],
  ['devel go1.28-3f2b1c', 64, true, 124],
] as const) {
  test(`${goVersion}: ${real} slots of ${slotBytes} bytes ${withPointers ? 'with' : 'without'} pointers`, () => {
    const rule = slotRuleOf({ goVersion, pointerBytes: 8 });
    assert.equal(
      rule.upToBytes >= slotBytes ? rule.realSlots(slotBytes, withPointers) : Math.floor(8192 / slotBytes),
      real,
    );
  });
}

test('slots above 512 bytes, 128 with pointers of 32 bits, keep nothing in their spans', () => {
  assert.equal(slotRuleOf({ goVersion: 'go1.26.8', pointerBytes: 8 }).upToBytes, 512);
  assert.equal(slotRuleOf({ goVersion: 'go1.26.8', pointerBytes: 4 }).upToBytes, 128);
});
