import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseContainerStats } from '../../src/probe/docker-stats.ts';
import { assertSound } from './sound.ts';

const recorded: unknown = JSON.parse(
  readFileSync(join(import.meta.dirname, '../fixtures/probe/docker-stats-cgroup1.json'), 'utf8'),
);

describe('docker stats', () => {
  test('cgroup v1, as Engine 20.10 answered', () => {
    assert.deepEqual(parseContainerStats(recorded), {
      cgroupAnonBytes: 34_189_312,
      cgroupUsageBytes: 35_176_448,
      cgroupPeakBytes: 43_212_800,
      cgroupCpuSeconds: 0.572_153_4,
      periods: 14,
      throttledPeriods: 10,
      throttledSeconds: 0.594_615_918,
    });
  });

  test('no answer makes it throw, or give what is no figure', () => {
    const value = fc.oneof(fc.double(), fc.string(), fc.constant(null), fc.jsonValue());
    const shaped = fc.record(
      {
        memory_stats: fc.oneof(
          value,
          fc.record(
            { usage: value, max_usage: value, stats: fc.dictionary(fc.constantFrom('anon', 'rss'), value) },
            { requiredKeys: [] },
          ),
        ),
        cpu_stats: fc.oneof(value, fc.record({ cpu_usage: value, throttling_data: value }, { requiredKeys: [] })),
      },
      { requiredKeys: [] },
    );
    fc.assert(fc.property(fc.oneof(shaped, fc.anything()), (answer) => assertSound(parseContainerStats(answer))));
  });
});
