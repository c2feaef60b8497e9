import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatDiagnostic } from '../../src/text/format-diagnostic.ts';
import { parseExperiment } from '../../src/experiment/parse-experiment.ts';
import { demoFile, edited } from './demo-file.ts';

/** One fault put into the demo file, and all that is said about it. */
interface Case {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly says: readonly string[];
}

const counting = (to: number): string => Array.from({ length: to }, (_, index) => index + 1).join(', ');
const MANY_LEVELS = `[${counting(500)}]\n  gomemlimit: [off, ${counting(50)}]`;

/** By what they are about. Lines that are indented are hints. */
const CASES: Readonly<Record<string, readonly Case[]>> = {
  GOGC: [
    {
      name: 'a word',
      from: '[50, 100]',
      to: '[ten, 100]',
      says: [
        'f.yaml:9:10: matrix.gogc[0]: GOGC "ten" is not a whole number: Go would silently use 100 [bad-gogc]',
        '  write a whole number, or off',
      ],
    },
    {
      name: 'negative',
      from: '[50, 100]',
      to: '[-5, 100]',
      says: [
        'f.yaml:9:10: matrix.gogc[0]: GOGC -5 is negative: Go would silently switch its collector off [bad-gogc]',
        '  write off',
      ],
    },
    {
      name: 'an exponent',
      from: '[50, 100]',
      to: '[1e2, 50]',
      says: [
        'f.yaml:9:10: matrix.gogc[0]: GOGC 1e2 is not written in plain digits: Go would silently use 100 for it [bad-gogc]',
        '  write 100',
      ],
    },
    {
      name: 'hexadecimal',
      from: '[50, 100]',
      to: '[0x32, 100]',
      says: [
        'f.yaml:9:10: matrix.gogc[0]: GOGC 0x32 is not written in plain digits: Go would silently use 100 for it [bad-gogc]',
        '  write 50',
      ],
    },
    {
      name: 'OFF',
      from: '[50, 100]',
      to: '[OFF, 100]',
      says: [
        'f.yaml:9:10: matrix.gogc[0]: GOGC "OFF" is not a whole number: Go would silently use 100 [bad-gogc]',
        '  write off',
      ],
    },
    {
      name: 'a percentage',
      from: '[50, 100]',
      to: '[100%, 50]',
      says: [
        'f.yaml:9:10: matrix.gogc[0]: GOGC "100%" is not a whole number: Go would silently use 100 [bad-gogc]',
        '  write 100',
      ],
    },
    {
      name: 'zero',
      from: '[50, 100]',
      to: '[0, 100]',
      says: [
        'f.yaml:9:10: matrix.gogc[0]: GOGC 0 makes Go collect continuously; it is a debugging aid, not a setting [bad-gogc]',
        '  write at least 1',
      ],
    },
    {
      name: 'a fraction',
      from: '[50, 100]',
      to: '[1.5, 100]',
      says: [
        'f.yaml:9:10: matrix.gogc[0]: GOGC 1.5 is not a 32-bit whole number: Go would silently use 100 [bad-gogc]',
        '  write a whole number, or off',
      ],
    },
    {
      name: 'quoted',
      from: '[50, 100]',
      to: '["50", 100]',
      says: ['f.yaml:9:10: matrix.gogc[0]: GOGC "50" is text [bad-gogc]', '  write 50 without quotes'],
    },
    {
      name: 'over 32 bits',
      from: '[50, 100]',
      to: '[3000000000, 100]',
      says: [
        'f.yaml:9:10: matrix.gogc[0]: GOGC 3000000000 is not a 32-bit whole number: Go would silently use 100 [bad-gogc]',
        '  write a whole number, or off',
      ],
    },
    {
      name: 'true',
      from: '[50, 100]',
      to: '[true, 100]',
      says: [
        'f.yaml:9:10: matrix.gogc[0]: expected a GOGC, not true [wrong-type]',
        '  write a whole number from 1, or off',
      ],
    },
    {
      name: 'a list',
      from: '[50, 100]',
      to: '[[5], 100]',
      says: [
        'f.yaml:9:10: matrix.gogc[0]: expected a GOGC, not a list [wrong-type]',
        '  write a whole number from 1, or off',
      ],
    },
    {
      name: 'a bad baseline',
      from: 'baseline: { gogc: 100 }',
      to: 'baseline: { gogc: 100% }',
      says: [
        'f.yaml:11:19: baseline.gogc: GOGC "100%" is not a whole number: Go would silently use 100 [bad-gogc]',
        '  write 100',
      ],
    },
  ],
  GOMEMLIMIT: [
    {
      name: '64MB',
      from: '  workload: [steady]',
      to: '  gomemlimit: [off, 64MB]',
      says: [
        'f.yaml:10:21: matrix.gomemlimit[1]: GOMEMLIMIT "64MB" is malformed: the Go program would crash at start [bad-gomemlimit]',
        '  write 64MiB: the units are B, KiB, MiB, GiB and TiB, as in GOMEMLIMIT',
      ],
    },
    {
      name: '64 MiB',
      from: '  workload: [steady]',
      to: '  gomemlimit: [off, 64 MiB]',
      says: [
        'f.yaml:10:21: matrix.gomemlimit[1]: GOMEMLIMIT "64 MiB" is malformed: the Go program would crash at start [bad-gomemlimit]',
        '  write 64MiB: the units are B, KiB, MiB, GiB and TiB, as in GOMEMLIMIT',
      ],
    },
    {
      name: '0',
      from: '  workload: [steady]',
      to: '  gomemlimit: [off, 0]',
      says: [
        'f.yaml:10:21: matrix.gomemlimit[1]: GOMEMLIMIT "0" leaves no memory: the collector would run continuously [bad-gomemlimit]',
        '  write a size such as 64MiB, or off',
      ],
    },
    {
      name: '-1',
      from: '  workload: [steady]',
      to: '  gomemlimit: [off, -1]',
      says: [
        'f.yaml:10:21: matrix.gomemlimit[1]: GOMEMLIMIT "-1" is malformed: the Go program would crash at start [bad-gomemlimit]',
        '  a size cannot be negative',
      ],
    },
    {
      name: 'unlimited',
      from: '  workload: [steady]',
      to: '  gomemlimit: [off, unlimited]',
      says: [
        'f.yaml:10:21: matrix.gomemlimit[1]: GOMEMLIMIT "unlimited" is malformed: the Go program would crash at start [bad-gomemlimit]',
        '  write whole B, KiB, MiB, GiB or TiB: 512MiB',
      ],
    },
    {
      name: '1.5GiB',
      from: '  workload: [steady]',
      to: '  gomemlimit: [off, 1.5GiB]',
      says: [
        'f.yaml:10:21: matrix.gomemlimit[1]: GOMEMLIMIT "1.5GiB" is malformed: the Go program would crash at start [bad-gomemlimit]',
        '  write a whole number of a smaller unit: 1536MiB for 1.5GiB',
      ],
    },
    {
      name: '64m',
      from: '  workload: [steady]',
      to: '  gomemlimit: [off, 64m]',
      says: [
        'f.yaml:10:21: matrix.gomemlimit[1]: GOMEMLIMIT "64m" is malformed: the Go program would crash at start [bad-gomemlimit]',
        '  write 64MiB: the units are B, KiB, MiB, GiB and TiB, as in GOMEMLIMIT',
      ],
    },
    {
      name: 'OFF',
      from: '  workload: [steady]',
      to: '  gomemlimit: [off, OFF]',
      says: [
        'f.yaml:10:21: matrix.gomemlimit[1]: GOMEMLIMIT "OFF" is malformed: the Go program would crash at start [bad-gomemlimit]',
        '  write off',
      ],
    },
    {
      name: '99999999TiB',
      from: '  workload: [steady]',
      to: '  gomemlimit: [off, 99999999TiB]',
      says: [
        'f.yaml:10:21: matrix.gomemlimit[1]: GOMEMLIMIT "99999999TiB" is malformed: the Go program would crash at start [bad-gomemlimit]',
        '  write a realistic size',
      ],
    },
    {
      name: 'one more than 64 bits hold',
      from: '  workload: [steady]',
      to: '  gomemlimit: [9223372036854775808, 64MiB]',
      says: [
        'f.yaml:10:16: matrix.gomemlimit[0]: GOMEMLIMIT 9223372036854775808 is not written in plain digits of 64 bits: the Go program would crash at start [bad-gomemlimit]',
        '  write off',
      ],
    },
    {
      name: 'an exponent',
      from: '  workload: [steady]',
      to: '  gomemlimit: [off, 1e9]',
      says: [
        'f.yaml:10:21: matrix.gomemlimit[1]: GOMEMLIMIT 1e9 is not written in plain digits: the Go program would crash at start [bad-gomemlimit]',
        '  write 1000000000',
      ],
    },
    {
      name: 'no limit twice',
      from: '  workload: [steady]',
      to: '  gomemlimit: [off, 9223372036854775807]',
      says: ['f.yaml:10:21: matrix.gomemlimit[1]: off is listed twice [duplicate-level]', '  remove one of the two'],
    },
    {
      name: '[64MiB]',
      from: '  workload: [steady]',
      to: '  gomemlimit: [off, [64MiB]]',
      says: [
        'f.yaml:10:21: matrix.gomemlimit[1]: expected a GOMEMLIMIT, not a list [wrong-type]',
        '  write a size such as 64MiB, or off',
      ],
    },
  ],
  durations: [
    {
      name: 'zero',
      from: 'measure: 3s',
      to: 'measure: 0s',
      says: [
        'f.yaml:17:32: phases.measure: "0s" is a duration of zero [bad-duration]',
        '  write a duration such as 500ms',
      ],
    },
    {
      name: 'negative',
      from: 'measure: 3s',
      to: 'measure: -3s',
      says: ['f.yaml:17:32: phases.measure: "-3s" is not a duration [bad-duration]', '  a duration cannot be negative'],
    },
    {
      name: 'without a unit',
      from: 'measure: 3s',
      to: 'measure: 3',
      says: ['f.yaml:17:32: phases.measure: "3" is not a duration [bad-duration]', '  add a unit: 3s or 3ms'],
    },
    {
      name: 'with a space',
      from: 'measure: 3s',
      to: 'measure: 3 s',
      says: [
        'f.yaml:17:32: phases.measure: "3 s" is not a duration [bad-duration]',
        '  write h, m, s, ms or us after whole numbers, largest first, without spaces: 30s, 1m30s, 500ms',
      ],
    },
    {
      name: 'with another unit',
      from: 'measure: 3s',
      to: 'measure: 3sec',
      says: [
        'f.yaml:17:32: phases.measure: "3sec" is not a duration [bad-duration]',
        '  write h, m, s, ms or us after whole numbers, largest first, without spaces: 30s, 1m30s, 500ms',
      ],
    },
    {
      name: 'empty',
      from: 'measure: 3s',
      to: 'measure: ""',
      says: [
        'f.yaml:17:32: phases.measure: "" is not a duration [bad-duration]',
        '  write h, m, s, ms or us after whole numbers, largest first, without spaces: 30s, 1m30s, 500ms',
      ],
    },
    {
      name: 'a list',
      from: 'measure: 3s',
      to: 'measure: [1s]',
      says: [
        'f.yaml:17:32: phases.measure: expected a duration, not a list [wrong-type]',
        '  write a duration such as 8s',
      ],
    },
    {
      name: 'infinite',
      from: 'measure: 3s',
      to: 'measure: .inf',
      says: [
        'f.yaml:17:32: phases.measure: this number is too large, or is none [bad-duration]',
        '  write a duration such as 8s',
      ],
    },
  ],
  rates: [
    {
      name: 'zero',
      from: 'rate: 200/s',
      to: 'rate: 0/s',
      says: ['f.yaml:16:13: workloads.steady.http.rate: "0/s" means never [bad-rate]', '  write a rate such as 200/s'],
    },
    {
      name: 'negative',
      from: 'rate: 200/s',
      to: 'rate: -5/s',
      says: [
        'f.yaml:16:13: workloads.steady.http.rate: "-5/s" is not a rate [bad-rate]',
        '  a rate cannot be negative',
      ],
    },
    {
      name: 'without a unit',
      from: 'rate: 200/s',
      to: 'rate: 200',
      says: [
        'f.yaml:16:13: workloads.steady.http.rate: "200" is not a rate [bad-rate]',
        '  add a unit of time: 200/s or 200/min',
      ],
    },
    {
      name: 'with another unit',
      from: 'rate: 200/s',
      to: 'rate: 200 rps',
      says: [
        'f.yaml:16:13: workloads.steady.http.rate: "200 rps" is not a rate [bad-rate]',
        '  write a number, then /s, /min or /h: 200/s',
      ],
    },
    {
      name: 'a list',
      from: 'rate: 200/s',
      to: 'rate: [1]',
      says: [
        'f.yaml:16:13: workloads.steady.http.rate: expected a rate, not a list [wrong-type]',
        '  write a rate such as 200/s',
      ],
    },
    {
      name: 'a peak below the base',
      from: 'rate: 200/s',
      to: 'rate: { base: 300/s, peak: 100/s, every: 1s, for: 2s }',
      says: [
        'f.yaml:16:34: workloads.steady.http.rate.peak: the peak of 100/s is below the base of 300/s [bad-burst]',
        '  swap the two',
        'f.yaml:16:57: workloads.steady.http.rate.for: a burst of 2 s does not fit into 1 s [bad-burst]',
        '  make it at most as long as every',
      ],
    },
    {
      name: 'a mistyped part of a burst',
      from: 'rate: 200/s',
      to: 'rate: { base: 300/s, pek: 400/s, every: 1s, for: 1s }',
      says: ['f.yaml:16:28: workloads.steady.http.rate.pek: unknown key [unknown-key]', '  did you mean peak?'],
    },
    {
      name: 'a bad step',
      from: 'rate: 200/s',
      to: 'rate: { steps: [{ rate: 5, for: 1s }] }',
      says: [
        'f.yaml:16:31: workloads.steady.http.rate.steps[0].rate: "5" is not a rate [bad-rate]',
        '  add a unit of time: 5/s or 5/min',
      ],
    },
    {
      name: 'no steps',
      from: 'rate: 200/s',
      to: 'rate: { steps: [] }',
      says: [
        'f.yaml:16:22: workloads.steady.http.rate.steps: the list is empty [empty-list]',
        '  for example steps: [{"rate": "100/s", "for": "2s"}]',
      ],
    },
  ],
  'sizes and limits': [
    {
      name: 'MB',
      from: 'memory: 64MiB',
      to: 'memory: 64MB',
      says: [
        'f.yaml:7:19: limits.memory: "64MB" is not a size [bad-size]',
        '  write 64MiB: the units are B, KiB, MiB, GiB and TiB, as in GOMEMLIMIT',
      ],
    },
    {
      name: 'no CPUs',
      from: 'memory: 64MiB',
      to: 'memory: 64MiB, cpus: 0',
      says: ['f.yaml:7:32: limits.cpus: 0 is out of range [bad-number]', '  write a number above 0, at most 1024'],
    },
    {
      name: 'CPUs in words',
      from: 'memory: 64MiB',
      to: 'memory: 64MiB, cpus: two',
      says: [
        'f.yaml:7:32: limits.cpus: expected a number, not the text "two" [wrong-type]',
        '  write a number without quotes or unit',
      ],
    },
    {
      name: 'required in words',
      from: 'memory: 64MiB',
      to: 'memory: 64MiB, required: maybe',
      says: [
        'f.yaml:7:36: limits.required: expected true or false, not the text "maybe" [wrong-type]',
        '  write true or false',
      ],
    },
    {
      name: 'no processes',
      from: 'memory: 64MiB',
      to: 'memory: 64MiB, pids: 0',
      says: ['f.yaml:7:32: limits.pids: 0 is too small [bad-number]', '  write a whole number from 1 to 4194304'],
    },
  ],
  'the matrix': [
    {
      name: 'an empty axis',
      from: '[50, 100]',
      to: '[]',
      says: [
        'f.yaml:9:9: matrix.gogc: the list is empty [empty-list]',
        '  for example gogc: [25, 50, 100, 200, "off"]',
      ],
    },
    {
      name: 'a single value for a list',
      from: '[50, 100]',
      to: '100',
      says: [
        'f.yaml:9:9: matrix.gogc: expected a list, not the number 100 [wrong-type]',
        '  for example gogc: [25, 50, 100, 200, "off"]',
      ],
    },
    {
      name: 'a level twice',
      from: '[50, 100]',
      to: '[50, 50, 100]',
      says: ['f.yaml:9:14: matrix.gogc[1]: 50 is listed twice [duplicate-level]', '  remove one of the two'],
    },
    {
      name: 'a size twice, written differently',
      from: '  workload: [steady]',
      to: '  gomemlimit: [off, 64MiB, 65536KiB]',
      says: ['f.yaml:10:28: matrix.gomemlimit[2]: 64MiB is listed twice [duplicate-level]', '  remove one of the two'],
    },
    {
      name: 'a workload twice',
      from: '  workload: [steady]',
      to: '  workload: [steady, steady]',
      says: ['f.yaml:10:22: matrix.workload[1]: steady is listed twice [duplicate-level]', '  remove one of the two'],
    },
    {
      name: 'a workload that does not exist',
      from: '  workload: [steady]',
      to: '  workload: [stedy]',
      says: [
        'f.yaml:10:14: matrix.workload[0]: there is no workload "stedy" [unknown-workload]',
        '  did you mean steady?',
      ],
    },
    {
      name: 'no value',
      from: '  workload: [steady]',
      to: '  workload:',
      says: ['f.yaml:10:3: matrix.workload: there is no value [empty-value]', '  for example workload: ["steady"]'],
    },
    {
      name: 'a baseline that is no cell',
      from: 'baseline: { gogc: 100 }',
      to: 'baseline: { gogc: 200 }',
      says: [
        'f.yaml:11:19: baseline.gogc: the baseline gogc=200 is not one of matrix.gogc: 50, 100 [baseline-not-in-matrix]',
        '  add 200 to matrix.gogc, or write baseline: {gogc: 50}',
      ],
    },
    {
      name: 'a default baseline that is no cell',
      from: '[50, 100]\n  workload: [steady]\nbaseline: { gogc: 100 }',
      to: '[50, 75]',
      says: [
        'f.yaml:9:3: matrix.gogc: the baseline gogc=100 (the default) is not one of matrix.gogc: 50, 75 [baseline-not-in-matrix]',
        '  add 100 to matrix.gogc, or write baseline: {gogc: 50}',
      ],
    },
    {
      name: 'a baseline limit that is no cell',
      from: 'baseline: { gogc: 100 }',
      to: 'baseline: { gomemlimit: 64MiB }',
      says: [
        'f.yaml:11:25: baseline.gomemlimit: the baseline gomemlimit=64MiB is not one of matrix.gomemlimit: off [baseline-not-in-matrix]',
        '  add 64MiB to matrix.gomemlimit, or write baseline: {gomemlimit: off}',
      ],
    },
    {
      name: 'more trials than anybody can run',
      from: '[50, 100]',
      to: MANY_LEVELS,
      says: [
        'f.yaml:8:1: matrix: the plan would have 153006 trials [plan-too-large]',
        '  keep it under 100000: fewer levels or blocks',
      ],
    },
    {
      name: 'GOGC off without any limit',
      from: 'limits: { memory: 64MiB }\nmatrix:\n  gogc: [50, 100]',
      to: 'matrix:\n  gogc: [off, 100]',
      says: [
        'f.yaml:8:10: matrix.gogc[0]: with GOGC off and neither a GOMEMLIMIT nor a memory limit the heap grows until the machine has no memory left [unbounded-heap]',
        '  add limits: {memory: 512MiB}',
      ],
    },
  ],
  keys: [
    {
      name: 'a section mistyped',
      from: 'matrix:',
      to: 'matrx:',
      says: ['f.yaml:8:1: matrx: unknown key [unknown-key]', '  did you mean matrix?'],
    },
    {
      name: 'a key mistyped',
      from: 'gogc: [50',
      to: 'gogcs: [50',
      says: ['f.yaml:9:3: matrix.gogcs: unknown key [unknown-key]', '  did you mean gogc?'],
    },
    {
      name: 'a key of elsewhere',
      from: 'blocks: 6',
      to: 'warmup: 5s',
      says: ['f.yaml:18:1: warmup: unknown key [unknown-key]', '  warmup belongs under phases'],
    },
    {
      name: 'a key like none',
      from: 'blocks: 6',
      to: 'foo: 5',
      says: [
        'f.yaml:18:1: foo: unknown key [unknown-key]',
        '  known keys: name, description, target, limits, runner, gomaxprocs, matrix, baseline, workloads, phases, blocks, seed, sampling, profiles, services, validity, policy, confidence, primaries, matters, assert, canary, gate',
      ],
    },
    {
      name: 'a number for a key',
      from: 'blocks: 6',
      to: '7: 5',
      says: [
        'f.yaml:18:1: 7: unknown key [unknown-key]',
        '  known keys: name, description, target, limits, runner, gomaxprocs, matrix, baseline, workloads, phases, blocks, seed, sampling, profiles, services, validity, policy, confidence, primaries, matters, assert, canary, gate',
      ],
    },
    {
      name: 'levels to be chosen from one',
      from: '  gogc: [50, 100]',
      to: '  gogc: [100, off]\n  levels: auto',
      says: [
        'f.yaml:10:11: matrix.levels: levels: auto needs at least two numbers in matrix.gogc, at which its pilot runs [too-few-levels]',
        '  write gogc: [25, 100, 400]',
      ],
    },
    {
      name: 'more blocks at least than at most',
      from: 'blocks: 6',
      to: 'blocks: { min: 9, max: 8 }',
      says: [
        'f.yaml:18:16: blocks.min: blocks.min (9) is larger than blocks.max (8) [bad-blocks]',
        '  make blocks.max at least as large as blocks.min',
      ],
    },
    {
      name: 'a precision of nothing',
      from: 'blocks: 6',
      to: 'blocks: { precision: 0% }',
      says: [
        'f.yaml:18:22: blocks.precision: "0%" cannot be reached [bad-percentage]',
        '  write a share over zero: 5%',
      ],
    },
    {
      name: 'twice',
      from: 'blocks: 6',
      to: 'blocks: 6\nblocks: 7',
      says: ['f.yaml:19:1: "blocks" stands here a second time [duplicate-key]', '  keep one of the two'],
    },
    {
      name: 'missing',
      from: 'name: demo\n',
      to: '',
      says: ['f.yaml:1:1: the key "name" is missing [missing-key]', '  for example name: gogc-sweep'],
    },
    {
      name: 'a section without value',
      from: 'phases: { warmup: 1s, measure: 3s }',
      to: 'phases:',
      says: [
        'f.yaml:17:1: phases: there is no value [empty-value]',
        '  for example phases: {"warmup": "3s", "measure": "8s"}',
      ],
    },
    {
      name: 'a list for a section',
      from: 'phases: { warmup: 1s, measure: 3s }',
      to: 'phases: [1s]',
      says: [
        'f.yaml:17:9: phases: expected a mapping, not a list [wrong-type]',
        '  for example phases: {"warmup": "3s", "measure": "8s"}',
      ],
    },
    {
      name: 'a list of keys',
      from: 'blocks: 6',
      to: '? [a, b]\n: c',
      says: ['f.yaml:18:3: a key is a word, not a list or mapping [bad-yaml]'],
    },
    {
      name: '__proto__',
      from: 'blocks: 6',
      to: '__proto__: { gogc: 1 }',
      says: [
        'f.yaml:18:1: the key "__proto__" is not allowed [unknown-key]',
        'f.yaml:18:1: __proto__: unknown key [unknown-key]',
        '  known keys: name, description, target, limits, runner, gomaxprocs, matrix, baseline, workloads, phases, blocks, seed, sampling, profiles, services, validity, policy, confidence, primaries, matters, assert, canary, gate',
      ],
    },
    {
      name: 'an anchor that does not exist',
      from: 'blocks: 6',
      to: 'blocks: *six',
      says: [
        'f.yaml:18:9: there is no anchor &six [bad-yaml]',
        '  a * begins an alias; put text that begins with it in quotes',
      ],
    },
    {
      name: 'a tag',
      from: 'blocks: 6',
      to: 'blocks: !six 6',
      says: ['f.yaml:18:9: tags such as !this are not used here [bad-yaml]', '  put the text in quotes'],
    },
  ],
  numbers: [
    {
      name: 'no blocks',
      from: 'blocks: 6',
      to: 'blocks: 0',
      says: ['f.yaml:18:9: blocks: 0 is too small [bad-number]', '  write a whole number from 1 to 10000'],
    },
    {
      name: 'half a block',
      from: 'blocks: 6',
      to: 'blocks: 6.5',
      says: ['f.yaml:18:9: blocks: 6.5 is not a whole number [bad-number]', '  write a whole number from 1 to 10000'],
    },
    {
      name: 'blocks in words',
      from: 'blocks: 6',
      to: 'blocks: six',
      says: [
        'f.yaml:18:9: blocks: expected a whole number, not the text "six" [wrong-type]',
        '  write digits only, without quotes',
      ],
    },
    {
      name: 'a negative seed',
      from: 'blocks: 6',
      to: 'seed: -1',
      says: ['f.yaml:18:7: seed: -1 is too small [bad-number]', '  write a whole number from 0 to 9007199254740991'],
    },
    {
      name: 'a confidence as a fraction',
      from: 'blocks: 6',
      to: 'confidence: 0.95',
      says: [
        'f.yaml:18:13: confidence: "0.95" is not a percentage [bad-confidence]',
        '  write it as a percentage: 95%',
      ],
    },
    {
      name: 'certainty',
      from: 'blocks: 6',
      to: 'confidence: 100%',
      says: [
        'f.yaml:18:13: confidence: "100%" is not a confidence level [bad-confidence]',
        '  write at least 50% and less than 100%: 95%',
      ],
    },
    {
      name: 'shares',
      from: 'blocks: 6',
      to: 'validity: { achieved_rate: 101%, error_rate: 5, drift: 5 % }',
      says: [
        'f.yaml:18:28: validity.achieved_rate: "101%" is more than 100% [bad-percentage]',
        '  write at most 100%',
        'f.yaml:18:46: validity.error_rate: "5" is not a percentage [bad-percentage]',
        '  write it as a percentage: 5%',
        'f.yaml:18:56: validity.drift: "5 %" is not a percentage [bad-percentage]',
        '  write a number and a percent sign, without a space: 5%',
      ],
    },
  ],
  names: [
    {
      name: 'control characters',
      from: 'name: demo',
      to: 'name: "a\\e[31mb"',
      says: [
        'f.yaml:1:7: name: "a\\u001b[31mb" cannot be used [bad-name]',
        '  write letters, digits, - and _, at most 63 of them, the first one a letter or digit',
      ],
    },
    {
      name: 'a number',
      from: 'name: demo',
      to: 'name: 5',
      says: ['f.yaml:1:7: name: expected text, not the number 5 [wrong-type]', '  put it in quotes: "5"'],
    },
    {
      name: 'a slash',
      from: 'name: demo',
      to: 'name: ../demo',
      says: [
        'f.yaml:1:7: name: "../demo" cannot be used [bad-name]',
        '  write letters, digits, - and _, at most 63 of them, the first one a letter or digit',
      ],
    },
    {
      name: 'a workload with a space',
      from: '  steady:\n',
      to: '  "st eady":\n',
      says: [
        'f.yaml:13:3: workloads: "st eady" cannot be a name here [bad-name]',
        '  write letters, digits, - and _, at most 63 of them, the first one a letter or digit',
      ],
    },
    {
      name: 'control characters in an argument',
      from: '--port',
      to: '"a\\0b"',
      says: [
        'f.yaml:4:10: target.args[0]: "a\\u0000b" cannot be used [bad-text]',
        '  write one line without control characters',
      ],
    },
    {
      name: 'control characters in a key',
      from: 'blocks: 6',
      to: '"a\\e[31mb": 1',
      says: [
        'f.yaml:18:1: "a\\u001b[31mb": unknown key [unknown-key]',
        '  known keys: name, description, target, limits, runner, gomaxprocs, matrix, baseline, workloads, phases, blocks, seed, sampling, profiles, services, validity, policy, confidence, primaries, matters, assert, canary, gate',
      ],
    },
  ],
  'the target': [
    {
      name: 'no port',
      from: '  port: auto\n',
      to: '',
      says: [
        'f.yaml:2:1: target: {port} is passed to the target, but it has no port [no-port]',
        '  add port: auto',
        'f.yaml:5:12: target.ready.http: the target has no port to query [no-port]',
        '  add port: auto and pass {port} in args, or the fixed port that the target serves on',
        'f.yaml:13:5: workloads.steady.http: the target has no port to send requests to [no-port]',
        '  add port: auto and pass {port} in args, or the fixed port that the target serves on',
      ],
    },
    {
      name: 'a port that is out of range',
      from: 'port: auto',
      to: 'port: 99999',
      says: ['f.yaml:5:9: target.port: 99999 is not a port [bad-number]', '  write a number from 1 to 65535, or auto'],
    },
    {
      name: 'a port in words',
      from: 'port: auto',
      to: 'port: any',
      says: [
        'f.yaml:5:9: target.port: expected a port, not the text "any" [wrong-type]',
        '  write a number from 1 to 65535, or auto',
      ],
    },
    {
      name: 'a free port that is not passed on',
      from: "args: [--port, '{port}']",
      to: 'args: []',
      says: [
        'f.yaml:5:3: target.port: a free port is chosen, but it is not passed to the target [port-not-passed]',
        '  pass {port} in args or env, or write the fixed port that it serves on',
      ],
    },
    {
      name: 'a further port that is not declared',
      from: "args: [--port, '{port}']",
      to: "args: [--port, '{port}', '{port:admin}']",
      says: [
        'f.yaml:4:28: target.args[2]: the target has no port "admin" [unknown-port]',
        '  declare it: ports: { admin: auto } in the target',
      ],
    },
    {
      name: 'a path on a port that is not declared',
      from: 'ready: { http: /healthz }',
      to: 'ready: { http: /healthz }\n  ports: { admin: 9000 }\nsampling: { paths: { expvar: "adm:/debug/vars" } }',
      says: [
        'f.yaml:8:30: sampling.paths.expvar: the target has no port "adm" [unknown-port]',
        '  its ports are admin',
      ],
    },
    {
      name: 'a further port that is not passed on, one that is the first again, and a bad name',
      from: '  port: auto\n',
      to: '  port: 9000\n  ports: { a: auto, b: 9000 }\n',
      says: [
        'f.yaml:6:12: target.ports.a: a free port is chosen, but it is not passed to the target [port-not-passed]',
        '  pass {port:a} in args or env, or write the fixed port that it serves on',
        'f.yaml:6:24: target.ports.b: 9000 is target.port too [duplicate-port]',
        '  a port of the target needs one name only: remove one of the two',
      ],
    },
    {
      name: 'a name that no port can have',
      from: '  port: auto\n',
      to: '  port: auto\n  ports: { Admin Port: auto }\n',
      says: [
        'f.yaml:6:10: target.ports: "Admin Port" cannot be a name here [bad-name]',
        '  write small letters, digits, - and _, at most 31 of them, the first one a letter',
      ],
    },
    {
      name: 'a number for text',
      from: "args: [--port, '{port}']",
      to: "args: ['--port={port}', 5]",
      says: ['f.yaml:4:27: target.args[1]: expected text, not the number 5 [wrong-type]', '  put it in quotes: "5"'],
    },
    {
      name: 'nothing says when it is ready',
      from: '  ready: { http: /healthz }\n',
      to: '',
      says: [
        'f.yaml:13:5: workloads.steady.http: nothing says when the target is ready for requests [no-readiness]',
        '  add target.ready, for example ready: {http: /healthz}',
      ],
    },
    {
      name: 'an empty readiness',
      from: 'ready: { http: /healthz }',
      to: 'ready: { within: 3s }',
      says: [
        'f.yaml:6:10: target.ready: one of the keys http, output, tcp or unix is missing [missing-key]',
        '  add one of them',
      ],
    },
    {
      name: 'two kinds of readiness',
      from: 'ready: { http: /healthz }',
      to: 'ready: { http: /a, output: b }',
      says: [
        'f.yaml:6:22: target.ready.output: http and output exclude each other [too-many-keys]',
        '  keep one of http, output, tcp or unix',
      ],
    },
    {
      name: 'readiness that is no path',
      from: 'ready: { http: /healthz }',
      to: 'ready: { http: healthz, within: 0s }',
      says: [
        'f.yaml:6:18: target.ready.http: "healthz" cannot be used [bad-text]',
        '  write a path that begins with / and holds no spaces: /work?session=1',
        'f.yaml:6:35: target.ready.within: "0s" is a duration of zero [bad-duration]',
        '  write a duration such as 500ms',
      ],
    },
    {
      name: 'variables of the experiment',
      from: 'package: ./daemon',
      to: 'package: ./daemon\n  env: { GOGC: "50", GOMEMLIMIT: 1GiB, GOMAXPROCS: "1", "A B": x, N: 5 }',
      says: [
        'f.yaml:4:8: target.env: "A B" cannot be a name here [bad-name]',
        '  write letters, digits and _, the first one not a digit',
        'f.yaml:4:10: target.env.GOGC: the experiment sets it [reserved-variable]',
        '  list its values under matrix.gogc',
        'f.yaml:4:22: target.env.GOMEMLIMIT: the experiment sets it [reserved-variable]',
        '  list its values under matrix.gomemlimit',
        'f.yaml:4:40: target.env.GOMAXPROCS: the experiment sets it [reserved-variable]',
        '  write gomaxprocs: at top level',
        'f.yaml:4:70: target.env.N: expected text, not the number 5 [wrong-type]',
        '  put it in quotes: "5"',
      ],
    },
    {
      name: 'two sources',
      from: 'package: ./daemon',
      to: 'package: ./daemon\n  image: demo',
      says: [
        'f.yaml:4:3: target.image: package and image exclude each other [too-many-keys]',
        '  keep one of package, module, binary, image, dockerfile, simulated, compose or versions',
      ],
    },
    {
      name: 'no source',
      from: '  package: ./daemon\n',
      to: '',
      says: [
        'f.yaml:3:3: target: one of the keys package, module, binary, image, dockerfile, simulated, compose or versions is missing [missing-key]',
        '  add one of them',
      ],
    },
    {
      name: 'a source without value',
      from: 'package: ./daemon',
      to: 'package:',
      says: ['f.yaml:3:3: target.package: there is no value [empty-value]', '  for example package: ./targets/heapd'],
    },
    {
      name: 'parts of another source',
      from: 'package: ./daemon',
      to: 'image: demo\n  flags: [-x]\n  context: .',
      says: [
        'f.yaml:4:3: target.flags: only a package or a module is built with go build flags [unused-key]',
        '  remove flags',
        'f.yaml:5:3: target.context: only a dockerfile has a build context [unused-key]',
        '  remove context',
      ],
    },
    {
      name: 'a runner that cannot start it',
      from: 'target:\n  package: ./daemon',
      to: 'runner: process\ntarget:\n  image: demo',
      says: [
        'f.yaml:2:9: runner: the process runner cannot start an image [wrong-runner]',
        '  write runner: docker, or remove it',
      ],
    },
    {
      name: 'a preparation without program',
      from: 'package: ./daemon',
      to: 'package: ./daemon\n  prepare: [{ run: [] }]',
      says: [
        'f.yaml:4:20: target.prepare[0].run: the list is empty [empty-list]',
        '  for example run: ["{node}", "./targets/tsproject/generate.mjs", "{work}"]',
      ],
    },
  ],
  requests: [
    {
      name: 'an unknown placeholder',
      from: 'path: /work',
      to: 'path: "/work?x={imt:1..5}"',
      says: [
        'f.yaml:15:13: workloads.steady.http.path: there is no placeholder {imt:1..5} [bad-placeholder]',
        '  did you mean {int:…}? there are {int:1..1000}, {hex:16}, {uuid}, {choice:a|b|c} and {seq}; {{ stands for a brace',
      ],
    },
    {
      name: 'a range the wrong way round',
      from: 'path: /work',
      to: 'path: "/work?x={int:9..5}"',
      says: [
        'f.yaml:15:13: workloads.steady.http.path: the placeholder {int:9..5} has its ends the wrong way round [bad-placeholder]',
        '  write {int:5..9}',
      ],
    },
    {
      name: 'a range of nothing',
      from: 'path: /work',
      to: 'path: "/work?x={int}"',
      says: [
        'f.yaml:15:13: workloads.steady.http.path: the placeholder {int} is not a range of whole numbers [bad-placeholder]',
        '  write {int:1..1000}',
      ],
    },
    {
      name: 'a placeholder that is not closed',
      from: 'path: /work',
      to: 'path: "/work?x={int:1..5"',
      says: [
        'f.yaml:15:13: workloads.steady.http.path: the placeholder {int:… is not closed [bad-placeholder]',
        '  close it with }, or write {{ for a brace',
      ],
    },
    {
      name: 'everything',
      from: 'path: /work',
      to: 'requests: [{ method: get, path: /a b, body: "{hex:}", headers: { "a b": c }, weight: 0 }]',
      says: [
        'f.yaml:15:28: workloads.steady.http.requests[0].method: "get" is not a known value [bad-choice]',
        '  did you mean GET?',
        'f.yaml:15:39: workloads.steady.http.requests[0].path: "/a b" cannot be used [bad-text]',
        '  write a path that begins with / and holds no spaces: /work?session=1',
        'f.yaml:15:51: workloads.steady.http.requests[0].body: the placeholder {hex:} does not say how many digits [bad-placeholder]',
        '  write {hex:16} for 16 digits',
        'f.yaml:15:70: workloads.steady.http.requests[0].headers: "a b" cannot be a name here [bad-name]',
        '  write the name of a header field, such as content-type',
        'f.yaml:15:92: workloads.steady.http.requests[0].weight: 0 is out of range [bad-number]',
        '  write a number above 0, at most 1000000000',
      ],
    },
    {
      name: 'headers of the load generator',
      from: 'path: /work',
      to: 'requests: [{ path: /, headers: { Content-Length: "5" } }]',
      says: [
        'f.yaml:15:40: workloads.steady.http.requests[0].headers.Content-Length: the load generator sets it [reserved-header]',
        '  remove it',
      ],
    },
    {
      name: 'a path and requests',
      from: 'path: /work',
      to: 'path: /work\n      requests: [{ path: / }]',
      says: [
        'f.yaml:16:7: workloads.steady.http.requests: path and requests exclude each other [too-many-keys]',
        '  keep one of path or requests',
      ],
    },
    {
      name: 'neither path nor requests',
      from: '      path: /work\n',
      to: '',
      says: [
        'f.yaml:15:7: workloads.steady.http: one of the keys path or requests is missing [missing-key]',
        '  add one of them',
      ],
    },
    {
      name: 'arrivals',
      from: 'path: /work',
      to: 'path: /work\n      arrivals: posson',
      says: [
        'f.yaml:16:17: workloads.steady.http.arrivals: "posson" is not a known value [bad-choice]',
        '  did you mean poisson?',
      ],
    },
    {
      name: 'connections',
      from: 'path: /work',
      to: 'path: /work\n      connections: 0',
      says: [
        'f.yaml:16:20: workloads.steady.http.connections: 0 is too small [bad-number]',
        '  write a whole number from 1 to 65535',
      ],
    },
  ],
  workloads: [
    {
      name: 'a batch with readiness',
      from: '    http:\n      path: /work\n      rate: 200/s\n',
      to: '    batch: {}\n',
      says: [
        'f.yaml:6:3: target.ready: a batch command runs to completion and is never ready [unused-key]',
        '  remove ready',
      ],
    },
    {
      name: 'no kind',
      from: '    http:\n      path: /work\n      rate: 200/s\n',
      to: '    {}\n',
      says: [
        'f.yaml:14:5: workloads.steady: one of the keys http, replay, kubo, command, batch or idle is missing [missing-key]',
        '  add one of them',
      ],
    },
    {
      name: 'a mistyped kind',
      from: '    http:\n      path: /work\n      rate: 200/s\n',
      to: '    htp: {}\n',
      says: ['f.yaml:14:5: workloads.steady.htp: unknown key [unknown-key]', '  did you mean http?'],
    },
    {
      name: 'two kinds',
      from: '    http:\n      path: /work\n      rate: 200/s\n',
      to: '    idle: {}\n    http:\n      path: /work\n      rate: 200/s\n',
      says: [
        'f.yaml:14:5: workloads.steady.idle: http and idle exclude each other [too-many-keys]',
        '  keep one of http, replay, kubo, command, batch or idle',
      ],
    },
    {
      name: 'an idle one with settings',
      from: '    http:\n      path: /work\n      rate: 200/s\n',
      to: '    idle: { for: 3s }\n',
      says: ['f.yaml:14:11: workloads.steady.idle: expected nothing, not a mapping [wrong-type]', '  write idle: {}'],
    },
    {
      name: 'none',
      from: '  steady:\n    http:\n      path: /work\n      rate: 200/s\n',
      to: '  {}\n',
      says: [
        'f.yaml:13:3: workloads: there is none [empty-list]',
        '  for example workloads: {"steady": {"http": {"path": "/work", "rate": "500/s"}}}',
      ],
    },
    {
      name: 'a batch beside a daemon',
      from: '  workload: [steady]\nbaseline: { gogc: 100 }\nworkloads:\n',
      to: 'baseline: { gogc: 100 }\nworkloads:\n  check: { batch: {} }\n',
      says: [
        'f.yaml:12:3: workloads.check: a target that runs to completion (check) cannot be the daemon that steady needs [mixed-workloads]',
        '  split it into two experiments, or select with matrix.workload',
      ],
    },
  ],
  primaries: [
    {
      name: 'unknown',
      from: 'blocks: 6',
      to: 'primaries: [memory.ano, latency]',
      says: [
        'f.yaml:18:13: primaries[0]: "memory.ano" is not a known value [unknown-metric]',
        '  did you mean memory.anon?',
        'f.yaml:18:25: primaries[1]: "latency" is not a known value [unknown-metric]',
        '  it is one of memory.anon, memory.anon_peak, memory.rss, memory.peak, memory.go, heap.sys, heap.inuse, heap.live, heap.goal, gc.cpu_window, gc.cpu_naive, gc.cpu_share, gc.cpu_per_request, gc.cycles, cpu.used, cpu.per_request, alloc.rate, alloc.per_request, latency.p50, latency.p99, latency.p999, batch.duration',
      ],
    },
    {
      name: 'twice',
      from: 'blocks: 6',
      to: 'primaries: [memory.anon, memory.anon]',
      says: ['f.yaml:18:26: primaries[1]: memory.anon is listed twice [duplicate-level]', '  remove one of the two'],
    },
    {
      name: 'of another kind of work',
      from: 'blocks: 6',
      to: 'primaries: [batch.duration]',
      says: [
        'f.yaml:18:13: primaries[0]: batch.duration (duration of a run) is measured only for batch workloads [metric-not-measured]',
        '  choose another metric; gctune help metrics lists them',
      ],
    },
    {
      name: 'none',
      from: 'blocks: 6',
      to: 'primaries: []',
      says: [
        'f.yaml:18:12: primaries: the list is empty [empty-list]',
        '  for example primaries: ["memory.anon", "cpu.per_request"]',
      ],
    },
  ],
  assertions: [
    {
      name: 'an unknown metric',
      from: 'blocks: 6',
      to: 'blocks: 6\nassert: [{ metric: memory.anno, max: 40MiB }]',
      says: [
        'f.yaml:19:20: assert[0].metric: "memory.anno" is not a known value [unknown-metric]',
        '  did you mean memory.anon?',
      ],
    },
    {
      name: 'no metric',
      from: 'blocks: 6',
      to: 'blocks: 6\nassert: [{ max: 40MiB }]',
      says: ['f.yaml:19:1: assert[0]: the key "metric" is missing [missing-key]', '  for example metric: memory.anon'],
    },
    {
      name: 'no bound',
      from: 'blocks: 6',
      to: 'blocks: 6\nassert: [{ metric: memory.anon }]',
      says: [
        'f.yaml:19:10: assert[0]: one of the keys min or max is missing [missing-key]',
        '  add one of them, or both',
      ],
    },
    {
      name: 'an empty list',
      from: 'blocks: 6',
      to: 'blocks: 6\nassert: []',
      says: [
        'f.yaml:19:9: assert: the list is empty [empty-list]',
        '  for example assert: [{"metric": "memory.anon", "cell": "gogc=50", "max": "40MiB"}]',
      ],
    },
    {
      name: 'a mapping',
      from: 'blocks: 6',
      to: 'blocks: 6\nassert: { metric: memory.anon, max: 40MiB }',
      says: [
        'f.yaml:19:9: assert: expected a list, not a mapping [wrong-type]',
        '  for example assert: [{"metric": "memory.anon", "cell": "gogc=50", "max": "40MiB"}]',
      ],
    },
    {
      name: 'a unit of another metric',
      from: 'blocks: 6',
      to: 'blocks: 6\nassert: [{ metric: memory.anon, max: 20ms }]',
      says: [
        'f.yaml:19:38: assert[0].max: "20ms" is a duration, and memory.anon is a size [bad-bound]',
        '  write a size such as 40MiB',
      ],
    },
    {
      name: 'a percentage of memory',
      from: 'blocks: 6',
      to: 'blocks: 6\nassert: [{ metric: memory.anon, max: 5% }]',
      says: [
        'f.yaml:19:38: assert[0].max: memory.anon is measured in bytes: "5%" does not fit [bad-bound]',
        '  write a size such as 40MiB; for a change, add against: baseline (in --that: put a sign before it)',
      ],
    },
    {
      name: 'a size of a latency',
      from: 'blocks: 6',
      to: 'blocks: 6\nassert: [{ metric: latency.p99, max: 5MiB }]',
      says: [
        'f.yaml:19:38: assert[0].max: "5MiB" is a size, and latency.p99 is a duration [bad-bound]',
        '  write a duration such as 20ms',
      ],
    },
    {
      name: 'a number without a unit',
      from: 'blocks: 6',
      to: 'blocks: 6\nassert: [{ metric: memory.anon, max: 40 }]',
      says: ['f.yaml:19:38: assert[0].max: "40" has no unit [bad-bound]', '  add a unit: 40MiB or 40KiB'],
    },
    {
      name: 'a decimal prefix',
      from: 'blocks: 6',
      to: 'blocks: 6\nassert: [{ metric: memory.anon, max: 40MB }]',
      says: [
        'f.yaml:19:38: assert[0].max: "40MB" is not a size [bad-bound]',
        '  write 40MiB: the units are B, KiB, MiB, GiB and TiB, as in GOMEMLIMIT',
      ],
    },
    {
      name: 'a negative size',
      from: 'blocks: 6',
      to: 'blocks: 6\nassert: [{ metric: memory.anon, min: -40MiB }]',
      says: [
        'f.yaml:19:38: assert[0].min: "-40MiB" is a change [bad-bound]',
        '  write a size such as 40MiB; for a change, add against: baseline (in --that: put a sign before it)',
      ],
    },
    {
      name: 'a share over all',
      from: 'blocks: 6',
      to: 'blocks: 6\nassert: [{ metric: gc.cpu_window, max: 101% }]',
      says: ['f.yaml:19:40: assert[0].max: "101%" is more than 100% [bad-bound]', '  write at most 100%'],
    },
    {
      name: 'a count with a unit',
      from: 'blocks: 6',
      to: 'blocks: 6\nassert: [{ metric: gc.cycles, min: 30s }]',
      says: [
        'f.yaml:19:36: assert[0].min: "30s" is a duration, and gc.cycles is a number [bad-bound]',
        '  write a number such as 30',
      ],
    },
    {
      name: 'no quantity',
      from: 'blocks: 6',
      to: 'blocks: 6\nassert: [{ metric: memory.anon, max: much }]',
      says: [
        'f.yaml:19:38: assert[0].max: "much" is not a bound [bad-bound]',
        '  write a value of the metric, e.g. 40MiB, 20ms or 5%; against the baseline e.g. +10%',
      ],
    },
    {
      name: 'a list as bound',
      from: 'blocks: 6',
      to: 'blocks: 6\nassert: [{ metric: memory.anon, max: [1] }]',
      says: [
        'f.yaml:19:38: assert[0].max: expected a bound, not a list [wrong-type]',
        '  write a value of the metric, e.g. 40MiB, 20ms or 5%; against the baseline e.g. +10%',
      ],
    },
    {
      name: 'a change of nothing',
      from: 'blocks: 6',
      to: 'blocks: 6\nassert: [{ metric: memory.anon, max: +10% }]',
      says: [
        'f.yaml:19:38: assert[0].max: "+10%" is a change [bad-bound]',
        '  write a size such as 40MiB; for a change, add against: baseline (in --that: put a sign before it)',
      ],
    },
    {
      name: 'a difference without a sign',
      from: 'blocks: 6',
      to: 'blocks: 6\nassert: [{ metric: memory.anon, against: baseline, max: 5MiB }]',
      says: [
        'f.yaml:19:57: assert[0].max: "5MiB" has no sign [bad-bound]',
        '  write +5MiB for a difference, +5% for a percentage change, or remove against',
      ],
    },
    {
      name: 'a difference of another unit',
      from: 'blocks: 6',
      to: 'blocks: 6\nassert: [{ metric: memory.anon, against: baseline, max: +20ms }]',
      says: [
        'f.yaml:19:57: assert[0].max: "+20ms" is a duration, and memory.anon is a size [bad-bound]',
        '  write +5% for a percentage change, or +40MiB for a difference',
      ],
    },
    {
      name: 'a change that leaves nothing',
      from: 'blocks: 6',
      to: 'blocks: 6\nassert: [{ metric: memory.anon, against: baseline, min: -100% }]',
      says: [
        'f.yaml:19:57: assert[0].min: "-100%" leaves nothing [bad-bound]',
        '  write less than 100% below the baseline',
      ],
    },
    {
      name: 'an odd change',
      from: 'blocks: 6',
      to: 'blocks: 6\nassert: [{ metric: memory.anon, against: baseline, min: -5.%}]',
      says: ['f.yaml:19:57: assert[0].min: "-5.%" is not a percentage change [bad-bound]', '  write it as +5% or -5%'],
    },
    {
      name: 'against something else',
      from: 'blocks: 6',
      to: 'blocks: 6\nassert: [{ metric: memory.anon, against: base, max: +5% }]',
      says: ['f.yaml:19:42: assert[0].against: "base" is not a known value [bad-choice]', '  it is one of baseline'],
    },
    {
      name: 'bounds that contradict',
      from: 'blocks: 6',
      to: 'blocks: 6\nassert: [{ metric: memory.anon, min: 50MiB, max: 40MiB }]',
      says: [
        'f.yaml:19:38: assert[0].min: at least 50MiB and at most 40MiB contradict each other [bad-bound]',
        '  make max at least as large as min',
      ],
    },
    {
      name: 'bounds of two kinds',
      from: 'blocks: 6',
      to: 'blocks: 6\nassert: [{ metric: memory.anon, against: baseline, min: -5MiB, max: +10% }]',
      says: [
        'f.yaml:19:69: assert[0].max: "+10%" and "-5MiB" cannot be combined: one is relative [bad-bound]',
        '  give both as percentages, or neither',
      ],
    },
    {
      name: 'a level that is not in the matrix',
      from: 'blocks: 6',
      to: 'blocks: 6\nassert: [{ metric: memory.anon, cell: gogc=500, max: 40MiB }]',
      says: [
        'f.yaml:19:39: assert[0].cell: there is no cell with "gogc=500" [no-such-cell]',
        '  matrix.gogc has 50, 100',
      ],
    },
    {
      name: 'a workload that is misspelt',
      from: 'blocks: 6',
      to: 'blocks: 6\nassert: [{ metric: memory.anon, cell: "gogc=50, workload=stedy", max: 40MiB }]',
      says: [
        'f.yaml:19:39: assert[0].cell: there is no cell with "workload=stedy" [no-such-cell]',
        '  did you mean steady?',
      ],
    },
    {
      name: 'an unknown factor',
      from: 'blocks: 6',
      to: 'blocks: 6\nassert: [{ metric: memory.anon, cell: gocg=50, max: 40MiB }]',
      says: [
        'f.yaml:19:39: assert[0].cell: "gocg=50" is not a factor with a level [no-such-cell]',
        '  did you mean gogc=…?',
      ],
    },
    {
      name: 'a level alone',
      from: 'blocks: 6',
      to: 'blocks: 6\nassert: [{ metric: memory.anon, cell: "50", max: 40MiB }]',
      says: [
        'f.yaml:19:39: assert[0].cell: "50" is not a factor with a level [no-such-cell]',
        '  write factors of the matrix, e.g. gogc=50',
      ],
    },
    {
      name: 'one factor twice',
      from: 'blocks: 6',
      to: 'blocks: 6\nassert: [{ metric: memory.anon, cell: gogc=50 gogc=100, max: 40MiB }]',
      says: [
        'f.yaml:19:39: assert[0].cell: "gogc=50 gogc=100" names gogc twice: no cell has two levels [no-such-cell]',
        '  split it into two entries',
      ],
    },
    {
      name: 'no selector',
      from: 'blocks: 6',
      to: 'blocks: 6\nassert: [{ metric: memory.anon, cell: " ", max: 40MiB }]',
      says: [
        'f.yaml:19:39: assert[0].cell: the selector is empty [no-such-cell]',
        '  leave it out for every cell, or write e.g. gogc=50',
      ],
    },
    {
      name: 'the baseline against itself',
      from: 'blocks: 6',
      to: 'blocks: 6\nassert: [{ metric: memory.anon, cell: gogc=100, against: baseline, max: +5% }]',
      says: [
        'f.yaml:19:58: assert[0].against: this selects only the baseline, gogc=100, which cannot be compared with itself [no-such-cell]',
        '  name another cell, or remove against',
      ],
    },
    {
      name: 'a metric of another workload',
      from: 'blocks: 6',
      to: 'blocks: 6\nassert: [{ metric: batch.duration, max: 5s }]',
      says: [
        'f.yaml:19:20: assert[0].metric: batch.duration (duration of a run) is not measured for http workloads such as steady [metric-not-measured]',
        '  choose another metric; gctune help metrics lists them',
      ],
    },
    {
      name: 'an unknown level',
      from: 'blocks: 6',
      to: 'blocks: 6\nassert: [{ metric: memory.anon, max: 40MiB, level: warning }]',
      says: [
        'f.yaml:19:52: assert[0].level: "warning" is not a known value [bad-choice]',
        '  it is one of off, warn, error',
      ],
    },
    {
      name: 'an unknown key',
      from: 'blocks: 6',
      to: 'blocks: 6\nassert: [{ metric: memory.anon, maximum: 40MiB }]',
      says: [
        'f.yaml:19:33: assert[0].maximum: unknown key [unknown-key]',
        '  known keys: metric, cell, against, min, max, level',
      ],
    },
    {
      name: 'several',
      from: 'blocks: 6',
      to: 'blocks: 6\nassert: [{ metric: memory.anon, cell: gogc=7, max: 20ms }, { metric: heap.live, min: 2MiB, max: 1MiB }]',
      says: [
        'f.yaml:19:39: assert[0].cell: there is no cell with "gogc=7" [no-such-cell]',
        '  matrix.gogc has 50, 100',
        'f.yaml:19:52: assert[0].max: "20ms" is a duration, and memory.anon is a size [bad-bound]',
        '  write a size such as 40MiB',
        'f.yaml:19:86: assert[1].min: at least 2MiB and at most 1MiB contradict each other [bad-bound]',
        '  make max at least as large as min',
      ],
    },
    {
      name: 'too few blocks: blocks: 5',
      from: 'blocks: 6',
      to: 'blocks: 5\nassert: [{ metric: memory.anon, max: 40MiB }]',
      says: [
        'f.yaml:18:9: blocks: 5 blocks give no interval, so no assertion could be decided [undecidable-assert]',
        '  write at least 6, or level: off in the assertions',
      ],
    },
    {
      name: 'too few blocks: blocks: { min: 2, max: 5 }',
      from: 'blocks: 6',
      to: 'blocks: { min: 2, max: 5 }\nassert: [{ metric: memory.anon, max: 40MiB }]',
      says: [
        'f.yaml:18:24: blocks.max: 5 blocks give no interval, so no assertion could be decided [undecidable-assert]',
        '  write at least 6, or level: off in the assertions',
      ],
    },
    {
      name: 'too few blocks: blocks: 6, confidence: 99%',
      from: 'blocks: 6',
      to: 'blocks: 6\nconfidence: 99%\nassert: [{ metric: memory.anon, max: 40MiB }]',
      says: [
        'f.yaml:18:9: blocks: 6 blocks give no interval, so no assertion could be decided [undecidable-assert]',
        '  write at least 8, or level: off in the assertions',
      ],
    },
  ],
};

function said(text: string): readonly string[] {
  const parsed = parseExperiment(text, 'f.yaml', { directory: '/x' });
  return 'diagnostics' in parsed
    ? parsed.diagnostics.flatMap((diagnostic) => formatDiagnostic(diagnostic).split('\n'))
    : [];
}

test('the demo file has no fault', () => {
  assert.deepEqual(said(demoFile), []);
});

for (const [about, cases] of Object.entries(CASES)) {
  describe(`bad input: ${about}`, () => {
    for (const { name, from, to, says } of cases) {
      test(name, () => assert.deepEqual(said(edited(from, to)), says));
    }
  });
}

describe('bad input: files', () => {
  const files: readonly (readonly [name: string, text: string, says: readonly string[]])[] = [
    ['empty', '', ['f.yaml:1:1: the file is empty [empty-file]', '  gctune init writes one to start from']],
    [
      'only a comment',
      '# nothing\n',
      ['f.yaml:1:1: the file is empty [empty-file]', '  gctune init writes one to start from'],
    ],
    ['null', '~\n', ['f.yaml:1:1: the file is empty [empty-file]', '  gctune init writes one to start from']],
    [
      'a list',
      '- name: demo\n',
      [
        'f.yaml:1:1: the file holds a list, not a mapping [not-a-mapping]',
        '  an experiment is lines such as name: gogc-sweep',
      ],
    ],
    [
      'a word',
      'demo\n',
      [
        'f.yaml:1:1: the file holds the text "demo", not a mapping [not-a-mapping]',
        '  an experiment is lines such as name: gogc-sweep',
      ],
    ],
    [
      'not YAML: an open bracket',
      'name: [demo\n',
      [
        'f.yaml:2:1: this is not YAML: flow sequence in block collection must be sufficiently indented and end with a ] [bad-yaml]',
      ],
    ],
    [
      'not YAML: two colons',
      'name: demo: 5\n',
      ['f.yaml:1:7: this is not YAML: nested mappings are not allowed in compact mappings [bad-yaml]'],
    ],
    [
      'tabs',
      'target:\n\timage: demo\n',
      ['f.yaml:2:1: a tab is used as indentation [bad-yaml]', '  YAML is indented with spaces'],
    ],
    [
      'two documents',
      'name: a\n---\nname: b\n',
      ['f.yaml:2:1: the file holds several documents [bad-yaml]', '  take out what follows ---'],
    ],
    [
      'binary',
      '\u0000\u0001\u0002',
      [
        'f.yaml:1:1: the file holds the text "\\u0000\\u0001\\u0002", not a mapping [not-a-mapping]',
        '  an experiment is lines such as name: gogc-sweep',
      ],
    ],
    [
      'nothing but a name',
      'name: demo\n',
      [
        'f.yaml:1:1: the key "target" is missing [missing-key]',
        '  for example target: {"package": "./targets/heapd", "port": "auto", "args": ["--listen", "{host}:{port}"], "ready": {"http": "/healthz"}}',
        'f.yaml:1:1: the key "matrix" is missing [missing-key]',
        '  for example matrix: {"gogc": [25, 50, 100, 200]}',
        'f.yaml:1:1: the key "workloads" is missing [missing-key]',
        '  for example workloads: {"steady": {"http": {"path": "/work", "rate": "500/s"}}}',
      ],
    ],
    [
      'a pyramid of aliases',
      `a: &a [x, x]\nb: &b [${'*a, '.repeat(9)}]\nc: &c [${'*b, '.repeat(9)}]\nd: [${'*c, '.repeat(9)}]\n`,
      ['f.yaml:1:1: the aliases of the file multiply beyond measure [too-many-aliases]', '  write the values out'],
    ],
    [
      'a mapping that contains itself',
      'name: &me\n  again: *me\n',
      [
        'f.yaml:1:1: the key "target" is missing [missing-key]',
        '  for example target: {"package": "./targets/heapd", "port": "auto", "args": ["--listen", "{host}:{port}"], "ready": {"http": "/healthz"}}',
        'f.yaml:1:1: the key "matrix" is missing [missing-key]',
        '  for example matrix: {"gogc": [25, 50, 100, 200]}',
        'f.yaml:1:1: the key "workloads" is missing [missing-key]',
        '  for example workloads: {"steady": {"http": {"path": "/work", "rate": "500/s"}}}',
        'f.yaml:2:3: name: expected text, not a mapping [wrong-type]',
        '  write letters, digits, - and _, at most 63 of them, the first one a letter or digit',
      ],
    ],
    [
      'nested without end',
      '- '.repeat(50_000),
      ['f.yaml:1:1: the file is nested too deeply [nested-too-deeply]', '  an experiment has seven levels'],
    ],
    [
      'too large',
      ' '.repeat(200_001),
      ['f.yaml:1:1: the file has 200001 characters [file-too-large]', '  this is not an experiment'],
    ],
  ];
  for (const [name, text, says] of files) test(name, () => assert.deepEqual(said(text), says));
});

test('every problem of a file is said at once, in the order of the file', () => {
  const changes: readonly (readonly [string, string])[] = [
    ['port: auto', 'prt: auto'],
    ['[50, 100]', '[ten, 50, 50]'],
    ['200/s', '0/s'],
    ['blocks: 6', 'blocks: 0\nblocks: 7\nseed: -1'],
  ];
  const text = changes.reduce((file, [from, to]) => edited(from, to, file), demoFile);
  assert.deepEqual(said(text), [
    'f.yaml:5:3: target.prt: unknown key [unknown-key]',
    '  did you mean port?',
    'f.yaml:9:10: matrix.gogc[0]: GOGC "ten" is not a whole number: Go would silently use 100 [bad-gogc]',
    '  write a whole number, or off',
    'f.yaml:16:13: workloads.steady.http.rate: "0/s" means never [bad-rate]',
    '  write a rate such as 200/s',
    'f.yaml:19:1: "blocks" stands here a second time [duplicate-key]',
    '  keep one of the two',
    'f.yaml:20:7: seed: -1 is too small [bad-number]',
    '  write a whole number from 0 to 9007199254740991',
  ]);
});

test('bad input: a port of a command that runs to its end', () => {
  const changes: readonly (readonly [string, string])[] = [
    ["args: [--port, '{port}']", 'args: []'],
    ['port: auto', 'port: 8080'],
    ['  ready: { http: /healthz }\n', ''],
    ['http:\n      path: /work\n      rate: 200/s', 'batch: {}'],
  ];
  assert.deepEqual(said(changes.reduce((file, [from, to]) => edited(from, to, file), demoFile)), [
    'f.yaml:5:3: target.port: a batch command serves no port [unused-port]',
    '  remove port',
  ]);
});

test('bad input: a port that nobody asks', () => {
  const changes: readonly (readonly [string, string])[] = [
    ["args: [--port, '{port}']", 'args: []'],
    ['port: auto', 'port: 8080'],
    ['ready: { http: /healthz }', 'ready: { output: ready }'],
    ['http:\n      path: /work\n      rate: 200/s', 'idle: {}'],
  ];
  const asked = changes.reduce((file, [from, to]) => edited(from, to, file), demoFile);
  assert.deepEqual(said(asked), [], 'the probes ask it');
  assert.deepEqual(said(`${asked}sampling: { source: none }\n`), [
    'f.yaml:5:3: target.port: nothing uses the port [unused-port]',
    '  remove port',
  ]);
});
