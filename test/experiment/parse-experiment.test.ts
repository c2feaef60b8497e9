import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Experiment } from '../../src/experiment/experiment.ts';
import { renderDiagnostic } from '../../src/text/format-diagnostic.ts';
import { parseExperiment } from '../../src/experiment/parse-experiment.ts';
import { demoFile, edited } from './demo-file.ts';
import { USUAL_PATHS } from '../../src/experiment/probe-ids.ts';

function parsed(text: string, directory = '/home/me/experiments'): Experiment {
  const result = parseExperiment(text, 'demo.yaml', { directory });
  if ('experiment' in result) return result.experiment;
  throw new Error(result.diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, text)).join('\n'));
}

describe('parseExperiment', () => {
  test('fills in every default', () => {
    const least = `
name: least
target: { package: ../daemon, port: 8080, ready: { http: / } }
matrix: { gogc: [50, 100] }
workloads: { a: { http: { path: /, rate: 6000/min } } }
`;
    assert.deepEqual(parsed(least), {
      name: 'least',
      target: {
        source: { kind: 'package', directory: '/home/me/daemon', flags: [] },
        args: [],
        env: {},
        port: 8080,
        ready: { kind: 'http', path: '/', withinSeconds: 20 },
        ports: {},
        prepare: [],
        files: [],
        data: false,
      },
      services: {},
      limits: { cpus: undefined, memoryBytes: undefined, pids: 512, pin: true, required: true },
      runner: 'auto',
      matrix: { gogc: [50, 100], gomemlimit: ['off'], workload: ['a'] },
      baseline: { gogc: 100, gomemlimit: 'off' },
      workloads: {
        a: {
          kind: 'http',
          requests: [{ method: 'GET', path: '/', headers: {}, body: undefined, weight: 1 }],
          rate: { kind: 'constant', perSecond: 100 },
          arrivals: 'uniform',
          timeoutSeconds: 5,
          connections: 256,
        },
      },
      phases: {
        warmupSeconds: 3,
        autoWarmup: { minSeconds: 3, cycles: 5, maxSeconds: 60 },
        settleSeconds: 0,
        measureSeconds: 8,
        drainSeconds: 2,
      },
      blocks: 6,
      adaptive: undefined,
      sampling: {
        outsideHz: 10,
        insideHz: 1,
        memoryHz: 100,
        inside: 'auto',
        paths: USUAL_PATHS,
        gctrace: false,
      },
      profiles: { heap: false, allocs: false },
      validity: { achievedRate: 0.99, errorRate: 0.01, latenessSeconds: 0.05, cycles: 30, drift: 0.05, retries: 2 },
      policy: { retries: 5, waitSeconds: 10, onFailure: 'stop' },
      confidence: 0.95,
      primaries: ['memory.anon', 'cpu.per_request'],
      matters: 0,
    } satisfies Experiment);
  });

  test('reads every key', () => {
    const full = `
name: full
description: |
  Two lines
  of text.
target:
  dockerfile: build/Dockerfile
  context: .
  args: [--listen, ':8080', --admin, ':{port:admin}']
  env: { GODEBUG: madvdontneed=0 }
  port: 8080
  ports: { admin: auto, grpc: 9090 }
  ready: { output: listening, within: 1m30s }
  prepare:
    - { run: ['{node}', ./make.mjs, '{work}'], within: 5s }
limits: { cpus: 1.5, memory: 1GiB, pids: 64, pin: true, required: false }
runner: docker
gomaxprocs: 2
matrix: { gogc: [25, 50, 'off'], gomemlimit: [off, 64MiB, 134217728], workload: [b, a] }
baseline: { gogc: 50, gomemlimit: 64MiB }
workloads:
  a:
    http:
      requests:
        - { method: POST, path: '/a?{seq}', body: '{"n":{int:1..9}}', headers: { content-type: application/json }, weight: 2.5 }
        - path: /b
      rate: { base: 300/s, peak: 900/s, every: 1s, for: 333ms }
      arrivals: poisson
      timeout: 1s
      connections: 8
  b:
    http: { path: /, rate: { steps: [{ rate: 10/s, for: 2s }, { rate: 0.5/s, for: 500ms }] } }
  idle:
    idle:
phases: { warmup: auto, auto_warmup: { min: 2s, cycles: 9, max: 90s }, settle: 1s, measure: 500ms, drain: 0s }
blocks: 10
seed: 0
sampling:
  outside: 20/s
  inside: 30/min
  source: expvar
  paths: { expvar: /vars, prometheus: /prom, pprof: /pprof }
  gctrace: true
validity: { achieved_rate: 95%, error_rate: 0%, lateness: 5ms, cycles: 5, drift: 100%, retries: 0 }
confidence: 99%
matters: 2%
primaries: [latency.p99]
`;
    const experiment = parsed(full);
    assert.equal(experiment.description, 'Two lines\nof text.\n');
    assert.deepEqual(experiment.target, {
      source: { kind: 'dockerfile', file: '/home/me/experiments/build/Dockerfile', context: '/home/me/experiments' },
      args: ['--listen', ':8080', '--admin', ':{port:admin}'],
      env: { GODEBUG: 'madvdontneed=0' },
      port: 8080,
      ports: { admin: 'auto', grpc: 9090 },
      ready: { kind: 'output', contains: 'listening', withinSeconds: 90 },
      prepare: [{ run: ['{node}', './make.mjs', '{work}'], withinSeconds: 5 }],
      files: [],
      data: false,
    });
    assert.deepEqual(experiment.limits, { cpus: 1.5, memoryBytes: 2 ** 30, pids: 64, pin: true, required: false });
    assert.deepEqual([experiment.runner, experiment.gomaxprocs], ['docker', 2]);
    assert.deepEqual(experiment.matrix, {
      gogc: [25, 50, 'off'],
      gomemlimit: ['off', 2 ** 26, 2 ** 27],
      workload: ['b', 'a'],
    });
    assert.deepEqual(experiment.baseline, { gogc: 50, gomemlimit: 2 ** 26 });
    assert.deepEqual(experiment.workloads['a'], {
      kind: 'http',
      requests: [
        {
          method: 'POST',
          path: '/a?{seq}',
          body: '{"n":{int:1..9}}',
          headers: { 'content-type': 'application/json' },
          weight: 2.5,
        },
        { method: 'GET', path: '/b', body: undefined, headers: {}, weight: 1 },
      ],
      rate: { kind: 'bursty', basePerSecond: 300, peakPerSecond: 900, everySeconds: 1, forSeconds: 0.333 },
      arrivals: 'poisson',
      timeoutSeconds: 1,
      connections: 8,
    });
    assert.deepEqual((experiment.workloads['b'] as { rate: unknown }).rate, {
      kind: 'stepped',
      steps: [
        { perSecond: 10, forSeconds: 2 },
        { perSecond: 0.5, forSeconds: 0.5 },
      ],
    });
    assert.deepEqual(experiment.workloads['idle'], { kind: 'idle' });
    assert.deepEqual(experiment.phases, {
      warmupSeconds: 'auto',
      autoWarmup: { minSeconds: 2, cycles: 9, maxSeconds: 90 },
      settleSeconds: 1,
      measureSeconds: 0.5,
      drainSeconds: 0,
    });
    assert.deepEqual([experiment.blocks, experiment.seed, experiment.confidence], [10, 0, 0.99]);
    assert.deepEqual(experiment.sampling, {
      outsideHz: 20,
      memoryHz: 100,
      insideHz: 0.5,
      inside: 'expvar',
      paths: { expvar: '/vars', prometheus: '/prom', pprof: '/pprof' },
      gctrace: true,
    });
    assert.deepEqual(experiment.validity, {
      achievedRate: 0.95,
      errorRate: 0,
      latenessSeconds: 0.005,
      cycles: 5,
      drift: 1,
      retries: 0,
    });
    assert.equal(experiment.matters, 0.02);
    assert.deepEqual(experiment.primaries, ['latency.p99']);
  });

  test('reads targets of every kind', () => {
    const source = (target: string): unknown => parsed(edited('package: ./daemon', target)).target.source;
    assert.deepEqual(source('binary: ../bin/../bin/d'), { kind: 'binary', path: '/home/me/bin/d' });
    assert.deepEqual(source('binary: /opt/d'), { kind: 'binary', path: '/opt/d' });
    assert.deepEqual(source('binary: npm:@a/b-{platform}/c'), { kind: 'binary', path: 'npm:@a/b-{platform}/c' });
    assert.deepEqual(source('image: ipfs/kubo:v0.42.0'), { kind: 'image', reference: 'ipfs/kubo:v0.42.0' });
    assert.deepEqual(source('dockerfile: sub/Dockerfile'), {
      kind: 'dockerfile',
      file: '/home/me/experiments/sub/Dockerfile',
      context: '/home/me/experiments/sub',
    });
    assert.deepEqual(source("package: ./d\n  flags: [-tags, 'a,b']"), {
      kind: 'package',
      directory: '/home/me/experiments/d',
      flags: ['-tags', 'a,b'],
    });
  });

  test('takes the only level of a factor as its baseline', () => {
    const text = edited('baseline: { gogc: 100 }', '', edited('[50, 100]', '[off]\n  gomemlimit: [64MiB]'));
    assert.deepEqual(parsed(text).baseline, { gogc: 'off', gomemlimit: 2 ** 26 });
  });

  test('what Go itself starts with is a GOMEMLIMIT: its own “no limit”, a plus, and more than doubles hold', () => {
    for (const [written, bytes] of [
      ['9223372036854775807', 'off'],
      ['"9223372036854775807"', 'off'],
      ['"+9223372036854775807"', 'off'],
      ['9007199254740993', 'off'],
      ['8388607TiB', 'off'],
      ['+5MiB', 5 * 2 ** 20],
      ['"+5MiB"', 5 * 2 ** 20],
      ['+5242880', 5 * 2 ** 20],
      ['9007199254740991', 2 ** 53 - 1],
    ] as const) {
      const text = edited('baseline: { gogc: 100 }', '', edited('[50, 100]', `[100]\n  gomemlimit: [${written}]`));
      assert.deepEqual(parsed(text).matrix.gomemlimit, [bytes], written);
    }
  });

  test('GOGC may be written with a plus, as Go reads it', () => {
    assert.deepEqual(parsed(edited('[50, 100]', '[+50, 100]')).matrix.gogc, [50, 100]);
  });

  test('takes all workloads in the order of the file where none is named', () => {
    const text = edited('  workload: [steady]\n', '', edited('workloads:\n', 'workloads:\n  z: { idle: {} }\n'));
    assert.deepEqual(parsed(text).matrix.workload, ['z', 'steady']);
  });

  test('tests CPU per second where nothing is asked of the target', () => {
    const text = edited('http:\n      path: /work\n      rate: 200/s', 'idle: {}');
    assert.deepEqual(parsed(text).primaries, ['memory.anon', 'cpu.used']);
  });

  test('resolves anchors and reads Windows line ends and a byte order mark', () => {
    assert.deepEqual(parsed(`\ufeff${demoFile.replaceAll('\n', '\r\n')}`), parsed(demoFile));
    const text = edited('phases: { warmup: 1s, measure: 3s }', 'phases: { warmup: &t 1s, measure: *t }');
    assert.equal(parsed(text).phases.measureSeconds, 1);
  });

  test('never throws, and places every problem inside the file', () => {
    const inside = (text: string): void => {
      const result = parseExperiment(text, 'f', { directory: '/x' });
      if ('experiment' in result) return;
      assert.ok(result.diagnostics.length > 0);
      const lines = text.split('\n').length;
      for (const { at, message, code } of result.diagnostics) {
        assert.ok(typeof at === 'object' && at.line >= 1 && at.line <= lines && at.column >= 1, JSON.stringify(at));
        assert.match(code, /^[a-z]+(-[a-z]+)*$/);
        assert.notEqual(message, '');
        renderDiagnostic({ code, message, at }, text);
      }
    };
    fc.assert(fc.property(fc.string({ unit: 'binary' }), inside));
    const token = fc.constantFrom(
      ...'[]{}:,-#&*!|>%@`"\'?~ \n\t'.split(''),
      'gogc',
      'a',
      '1',
      '__proto__',
      'off',
      '<<',
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 40 }), (tokens) => inside(tokens.join(''))),
      { numRuns: 500 },
    );
    // A fault anywhere in a file that has none otherwise.
    const cut = fc.tuple(fc.nat(demoFile.length), fc.nat(12), fc.oneof(token, fc.string({ maxLength: 6 })));
    fc.assert(
      fc.property(cut, ([start, length, text]) =>
        inside(demoFile.slice(0, start) + text + demoFile.slice(start + length)),
      ),
      { numRuns: 500 },
    );
    // Any value in any place.
    const value = fc.json({ maxDepth: 3 });
    const place = fc.constantFrom(
      '[50, 100]',
      '[steady]',
      '{ gogc: 100 }',
      '200/s',
      '{ http: /healthz }',
      'demo',
      'auto',
    );
    fc.assert(
      fc.property(place, value, (from, to) => inside(edited(from, to))),
      { numRuns: 500 },
    );
  });

  test('cuts off a flood of problems and counts the rest', () => {
    const flood = Array.from({ length: 80 }, (_, index) => `zzz${index}: 1\n`).join('');
    const result = parseExperiment(demoFile + flood, 'f', { directory: '/x' });
    const diagnostics = 'diagnostics' in result ? result.diagnostics : [];
    assert.equal(diagnostics.length, 51);
    assert.equal(diagnostics.at(-1)?.message, 'and 30 more problems');
  });
});

describe('renderDiagnostic', () => {
  test('shows the line with a caret under the place', () => {
    const text = edited('200/s', '0/s');
    const result = parseExperiment(text, 'f.yaml', { directory: '/x' });
    assert.equal(
      'diagnostics' in result ? renderDiagnostic(result.diagnostics[0], text) : '',
      [
        'f.yaml:16:13: workloads.steady.http.rate: "0/s" means never [bad-rate]',
        '  16 |       rate: 0/s',
        '     |             ^',
        '  write a rate such as 200/s',
      ].join('\n'),
    );
  });

  test('lets no control character of a file through, and keeps the caret in its place', () => {
    const at = { file: 'f', line: 1, column: 4 };
    assert.equal(
      renderDiagnostic({ code: 'x', message: 'm\u001b[31m', at }, '\t\u001b\u0007oops\u202e'),
      'f:1:4: m [x]\n  1 |    oops\n    |    ^',
    );
  });

  test('shows the part of a long line that it is about', () => {
    const at = { file: 'f', line: 1, column: 151 };
    const shown = renderDiagnostic({ code: 'x', message: 'm', at }, `${'a'.repeat(150)}!${'b'.repeat(150)}`);
    const [, source = '', caret = ''] = shown.split('\n');
    assert.equal(source[caret.indexOf('^')], '!');
    assert.ok(source.length <= 110);
  });

  test('needs neither a place in a file nor its text', () => {
    assert.equal(renderDiagnostic({ code: 'x', message: 'm', at: '--seed', hint: 'h' }), '--seed: m [x]\n  h');
    assert.equal(renderDiagnostic({ code: 'x', message: 'm' }, 'text'), 'm [x]');
    assert.equal(
      renderDiagnostic({ code: 'x', message: 'm', at: { file: 'f', line: 9, column: 1 } }, 'text'),
      'f:9:1: m [x]',
    );
  });
});
