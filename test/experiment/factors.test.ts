import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Experiment } from '../../src/experiment/experiment.ts';
import { experimentAt, stratumName } from '../../src/experiment/factors.ts';
import { parseExperiment } from '../../src/experiment/parse-experiment.ts';
import { fitsSelector } from '../../src/experiment/plan/cell-selector.ts';
import { makeCells } from '../../src/experiment/plan/make-plan.ts';
import { overrideExperiment } from '../../src/session/override-experiment.ts';
import { formatDiagnostic } from '../../src/text/format-diagnostic.ts';

const TARGET = `
target:
  versions:
    old: { binary: ./old }
    new: { binary: ./new }
  args: [--listen, '{host}:{port}']
  port: auto
  ready: { http: /healthz }
`;
const BUILT = TARGET.replaceAll('binary:', 'package:');

function file(matrix: string, target = TARGET, more = ''): string {
  return `name: factors${target}limits: { memory: 1GiB }\nmatrix:\n${matrix}\nworkloads:\n  steady: { http: { path: /work, rate: 100/s } }\nblocks: 6\n${more}`;
}

function parsed(text: string): Experiment {
  const result = parseExperiment(text, 'f.yaml', { directory: '/d' });
  if ('diagnostics' in result) throw new Error(result.diagnostics.map((one) => formatDiagnostic(one)).join('\n'));
  return result.experiment;
}

function problems(text: string): readonly string[] {
  const result = parseExperiment(text, 'f.yaml', { directory: '/d' });
  return 'diagnostics' in result
    ? result.diagnostics.map(({ code, message, hint }) => `${code}: ${message}; ${hint}`)
    : [];
}

describe('cells of further factors', () => {
  test('versions are a factor by themselves, the first one is the baseline, and one A/A cell is enough where a stratum is one setting', () => {
    const experiment = parsed(file('  gogc: [100]'));
    assert.deepEqual(
      makeCells(experiment).map(({ id, role, baseline }) => [id, role, baseline]),
      [
        ['version=old', 'level', true],
        ['version=old (A/A)', 'a-a', false],
        ['version=new', 'level', true],
      ],
    );
    assert.deepEqual(experiment.target.source, { kind: 'binary', path: '/d/old' });
  });

  test('every combination is a cell, and a stratum of several settings has its own A/A cell', () => {
    const cells = makeCells(parsed(file('  gogc: [50, 100]\n  cpus: [1, 2]')));
    assert.equal(cells.length, 12);
    assert.equal(cells.filter(({ role }) => role === 'a-a').length, 4);
    assert.equal(cells[0]?.id, 'gogc=50 version=old cpus=1');
  });

  test('include keeps what fits one of its entries, exclude leaves out what fits one of its', () => {
    const ids = (text: string): readonly string[] =>
      makeCells(parsed(file(`  gogc: [50, 100]\n${text}`)))
        .filter(({ role }) => role === 'level')
        .map(({ id }) => id);
    const kept = ['gogc=50 version=old', 'gogc=100 version=old', 'gogc=100 version=new'];
    assert.deepEqual(ids('  include: [{version: old}, {version: new, gogc: 100}]'), kept);
    assert.deepEqual(ids('  exclude: [{version: new, gogc: 50}]'), kept);
  });

  test('what a trial is made of has the levels in it', () => {
    const experiment = parsed(
      file(
        '  gogc: [100]\n  toolchain: [go1.25.0, go1.26.0+nogreenteagc]\n  gomaxprocs: [1, 2]\n  cpus: [0.5, 2]\n  memory: [1024MiB, 2GiB]\n  env.MODE: ["a=1,b=1", 7]\n  args.cache: [on, "off"]',
        BUILT,
      ).replace('limits: { memory: 1GiB }\n', ''),
    );
    const levels = makeCells(experiment).at(-1)?.levels;
    assert.ok(levels);
    const at = experimentAt(experiment, levels);
    assert.deepEqual(at.target.source, { kind: 'package', directory: '/d/new', flags: [] });
    assert.equal(at.target.toolchain, 'go1.26.0+nogreenteagc');
    assert.deepEqual([at.gomaxprocs, at.limits.cpus, at.limits.memoryBytes], [2, 2, 2 ** 31]);
    assert.equal(at.target.env['MODE'], '7');
    assert.deepEqual(at.target.args, ['--listen', '{host}:{port}', '-cache=off']);
    assert.equal(
      stratumName(experiment.matrix, levels),
      'steady version=new toolchain=go1.26.0+nogreenteagc gomaxprocs=2 cpus=2 memory=2GiB env.MODE=7 args.cache=off',
    );
    const first = makeCells(experiment)[0]?.levels;
    assert.ok(first && fitsSelector(first, 'memory=1GiB,env.MODE=a=1,b=1,cpus=0.50'));
    assert.equal(fitsSelector(first, 'env.MODE=a=1'), false);
  });

  test('a flag stands where its placeholder stands', () => {
    const target = TARGET.replace("'{host}:{port}'", "'{host}:{port}', '--cache={args.cache}'");
    const experiment = parsed(file('  gogc: [100]\n  args.cache: [1MiB, 2MiB]', target));
    const levels = makeCells(experiment).at(-1)?.levels;
    assert.deepEqual(levels && experimentAt(experiment, levels).target.args.at(-1), '--cache=2MiB');
  });

  test('--filter keeps the levels that it names and the baseline', () => {
    const experiment = parsed(file('  gogc: [50, 100]\n  cpus: [1, 2, 4]'));
    const { matrix } = overrideExperiment(experiment, {
      runner: undefined,
      seed: undefined,
      blocks: undefined,
      filter: ['cpus=4'],
    });
    assert.deepEqual(matrix.factors?.find(({ name }) => name === 'cpus')?.levels, ['1', '4']);
  });
});

describe('bad input: further factors', () => {
  const said: readonly (readonly [string, string, readonly string[]])[] = [
    [
      'a factor without levels',
      file('  gogc: [100]\n  cpus: []'),
      ['empty-list: matrix.cpus: the list is empty; for example cpus: [1, 2]'],
    ],
    [
      'a version that is not there',
      file('  gogc: [100]\n  version: [old, newer]'),
      ['unknown-version: matrix.version[1]: there is no version "newer"; known versions: old, new'],
    ],
    [
      'versions of a target that has none',
      file('  gogc: [100]\n  version: [a, b]', TARGET.replace(/ {2}versions:\n.*\n.*\n/, '  binary: ./x\n')),
      [
        'unknown-version: matrix.version: the target has no versions; write the programs under target.versions, by name: {old: {module: …}, new: {module: …}}',
      ],
    ],
    [
      'a baseline that is no level',
      file('  gogc: [100]\n  cpus: [1, 2]', TARGET, 'baseline: { cpus: 3 }\n'),
      [
        'baseline-not-in-matrix: baseline.cpus: the baseline cpus=3 is not one of matrix.cpus: 1, 2; add 3 to matrix.cpus, or write baseline: {cpus: 1}',
      ],
    ],
    [
      'a target that cannot be read, whose versions are named elsewhere',
      file(
        '  gogc: [50, 100]\n  exclude: [{ version: v1, gogc: 50 }]',
        TARGET.replace('/healthz }', '/healthz, within: 1.1ms }'),
        'baseline: { version: v1 }\n',
      ),
      [
        'bad-duration: target.ready.within: "1.1ms" is not a duration; write h, m, s, ms or us after whole numbers, largest first, without spaces: 30s, 1m30s, 500ms',
      ],
    ],
    [
      'a baseline of no factor',
      file('  gogc: [100]', TARGET, 'baseline: { cpus: 3 }\n'),
      ['unknown-factor: baseline.cpus: matrix has no cpus; list its levels under matrix.cpus, or remove it here'],
    ],
    [
      'a variable of the experiment’s own',
      file('  gogc: [100]\n  env.GOGC: [50, 100]'),
      ['reserved-variable: matrix."env.GOGC": the experiment sets it; list its values under matrix.gogc'],
    ],
    [
      'a toolchain for what is built already',
      file('  gogc: [100]\n  toolchain: [go1.25.0]'),
      [
        'wrong-target: matrix.toolchain: only a package or a module is built here, so that nothing else has a Go toolchain to choose; give the target as package or module; or build one program with each and list them under target.versions',
      ],
    ],
    [
      'a toolchain that is none',
      file('  gogc: [100]\n  toolchain: ["1.25"]', BUILT),
      [
        'bad-toolchain: matrix.toolchain[0]: "1.25" is not a Go toolchain; write a Go release such as go1.26.0, experiments behind it: go1.26.0+nogreenteagc; or local',
      ],
    ],
    [
      'a level with a space',
      file('  gogc: [100]\n  args.mode: ["a b"]'),
      [
        'bad-level: matrix."args.mode"[0]: "a b" cannot name a cell; write a text without white space, a number, true or false',
      ],
    ],
    [
      'what is said for all cells, too',
      file('  gogc: [100]\n  memory: [1GiB, 2GiB]'),
      ['set-twice: limits.memory: matrix.memory sets it for each cell; keep one of the two'],
    ],
    [
      'a mistyped factor',
      file('  gogc: [100]\n  verson: [old, new]'),
      ['unknown-key: matrix.verson: unknown key; did you mean version?'],
    ],
    [
      'a fraction of what is not there',
      file('  gogc: [100]\n  exclude: [{version: newer}]'),
      ['no-such-cell: matrix.exclude[0]: there is no cell with "version=newer"; matrix.version has old, new'],
    ],
    [
      'a fraction without a baseline',
      file('  gogc: [50, 100]\n  exclude: [{version: new, gogc: 100}]'),
      [
        'no-baseline: matrix.exclude: the baseline of gogc=50 version=new is left out, so that there is nothing to compare it with; keep gogc=100 (and gomemlimit=off) wherever other settings are kept',
      ],
    ],
    [
      'a model beside a program',
      file('  gogc: [100]', TARGET.replace('{ binary: ./new }', '{ simulated: {} }')),
      [
        'simulated-and-real: target.versions: some versions are models and some are programs: their values cannot be compared; make two experiments of them',
      ],
    ],
    [
      'a placeholder of no factor',
      file('  gogc: [100]', TARGET.replace("'{host}:{port}'", "'{host}:{port}', '{args.cache}'")),
      ['unknown-factor: target.args[2]: the matrix has no args.cache; list its levels: matrix: {args.cache: [a, b]}'],
    ],
    [
      'a secret for a level',
      file('  gogc: [100]\n  env.API_TOKEN: [abc, def]'),
      [
        'secret-level: matrix."env.API_TOKEN": a level looks like a secret, and levels are shown in every report; compare versions of the target, or rename it',
      ],
    ],
  ];
  for (const [name, text, wanted] of said) test(name, () => assert.deepEqual(problems(text), wanted));
});
