import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseFlatKeyed } from '../../src/probe/cgroup.ts';
import { inferGogc, verifyGogc } from '../../src/go/effective-gogc.ts';
import { findGctrace } from '../../src/go/gctrace-line.ts';
import { parsePprofTail } from '../../src/probe/pprof-tail.ts';
import { parseStatus } from '../../src/probe/proc.ts';
import { parsePrometheus } from '../../src/probe/prometheus.ts';
import type { Reading } from '../../src/results/format.ts';

test('no figures of a target make the verdict on GOGC crash', () => {
  const value = fc.oneof(fc.nat(), fc.constantFrom(0, -1, 2 ** 63, 2 ** 64, 1e300));
  const keys = fc.constantFrom(
    'gogcPercent',
    'liveHeapBytes',
    'nextGcBytes',
    'scanStackBytes',
    'scanGlobalsBytes',
    'cycle',
    'heapLiveBytes',
    'heapGoalBytes',
    'stacksBytes',
  );
  const reading = fc.dictionary(keys, value).map((v): Reading => ({ at: 0, probe: 'gctrace', v }));
  fc.assert(
    fc.property(fc.array(reading, { maxLength: 8 }), fc.constantFrom(25, 'off' as const), (readings, asked) => {
      assert.match(verifyGogc(asked, inferGogc(readings)).message, /GOGC/);
    }),
  );
});

describe('16 MiB of lines made to be slow are read in linear time', () => {
  const long = 4000;
  /** Lines that begin well and fail at their end, where a regular expression would go back and try again. */
  const lines = [
    `go_x{a="${String.raw`\"`.repeat(long / 2)}`,
    `go_x{${'"a"'.repeat(long / 3)}`,
    `go_${'a'.repeat(long)}`,
    `go_x${' '.repeat(long)}x`,
    `go_x ${'1'.repeat(long)}x`,
    `go_x{${'{'.repeat(long)}`,
    `gc 1 @${'1'.repeat(long)}`,
    `gc 1 @1s 1% (${'('.repeat(long)}`,
    `VmRSS:${' '.repeat(long)}x`,
    `# HeapSys = ${'1'.repeat(long)}x`,
    `# ${'a'.repeat(long)}`,
    `${'a'.repeat(long)} ${'1'.repeat(long)}`,
    ' '.repeat(long),
  ];
  for (const [name, parse] of [
    ['prometheus', parsePrometheus],
    ['pprof', (text: string) => parsePprofTail(`# runtime.MemStats\n${text}`)],
    ['gctrace', (text: string) => text.split('\n').forEach((line) => findGctrace(line))],
    ['status', parseStatus],
    ['cgroup', parseFlatKeyed],
  ] as const) {
    test(name, () => {
      const began = process.cpuUsage();
      for (const line of lines) {
        try {
          parse(Array.from({ length: 320 }, () => line).join('\n'));
        } catch (error) {
          assert.match(String(error), /^Error: (the answer|its) /);
        }
      }
      // No measurement: it takes less than a second, and would take minutes if it were quadratic.
      const { user, system } = process.cpuUsage(began);
      assert.ok(user + system < 5e6);
    });
  }
});
