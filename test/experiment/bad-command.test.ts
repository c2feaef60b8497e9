import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatDiagnostic } from '../../src/text/format-diagnostic.ts';
import { parseExperiment } from '../../src/experiment/parse-experiment.ts';
import { edited } from './demo-file.ts';

/** A command put into the place of the demo file's workload, and all that is said about it. Lines that are indented are hints. */
const CASES: readonly (readonly [name: string, command: string, says: readonly string[]])[] = [
  [
    'nothing to run',
    'report: { tool: wrk }',
    [
      'f.yaml:15:7: workloads.steady.command: one of the keys program, module, package or image is missing [missing-key]',
      '  add one of them',
    ],
  ],
  [
    'a tool that nobody knows',
    'program: wrk\n      report: { tool: wrk3 }',
    [
      'f.yaml:16:23: workloads.steady.command.report.tool: "wrk3" is not a known value [bad-choice]',
      '  did you mean wrk2?',
    ],
  ],
  [
    'no loop',
    'program: ./x\n      report: { json: { requests: n } }',
    [
      'f.yaml:16:7: workloads.steady.command.report: nothing says whether the load is an open or a closed loop [no-loop]',
      '  add loop: open where requests are sent at their times whether or not the target keeps up, else loop: closed',
    ],
  ],
  [
    'a loop that depends',
    'program: k6\n      report: { tool: k6 }',
    [
      'f.yaml:16:7: workloads.steady.command.report: whether k6 keeps an open or a closed loop depends on what it is told [no-loop]',
      '  add loop: open where requests are sent at their times whether or not the target keeps up, else loop: closed',
    ],
  ],
  [
    'no count',
    'program: redis-benchmark\n      report: { tool: redis-benchmark }',
    [
      'f.yaml:16:7: workloads.steady.command.report: the report of redis-benchmark has no count of requests [no-count]',
      '  add requests: with the number that the arguments ask for',
    ],
  ],
  [
    'rounds that do not count',
    'program: go\n      args: [test, -bench=., -benchtime=3s]\n      report: { tool: go-bench }',
    [
      'f.yaml:16:7: workloads.steady.command.args: a Go benchmark that runs for a time makes rounds that its result does not count [uncounted-work]',
      '  let it make a number of them: -test.benchtime=20000x, or -benchtime=20000x with go test',
    ],
  ],
  [
    'a report of nothing',
    "program: vegeta\n      report: { tool: vegeta, command: ['{program}', report, '{report}'] }",
    [
      'f.yaml:16:31: workloads.steady.command.report.command: the report is made of the file {report}, which no run is told of [no-report-file]',
      '  name {report} in args, for example -output={report}',
    ],
  ],
  [
    'ports and placeholders',
    "program: wrk\n      args: ['{port:admin}', '{adress}', '{name}']\n      report: { tool: wrk }",
    [
      'f.yaml:16:14: workloads.steady.command.args[0]: the target has no port "admin" [unknown-port]',
      '  declare it: ports: { admin: auto } in the target',
      'f.yaml:16:30: workloads.steady.command.args[1]: there is no placeholder {adress} [bad-placeholder]',
      '  did you mean {address}?',
    ],
  ],
  [
    'a path and patterns',
    "program: x\n      report: { text: { requests: '(\\d+) (\\d+)', errors: '(' } }\n      loop: open",
    [
      'f.yaml:16:35: workloads.steady.command.report.text.requests: "(\\\\d+) (\\\\d+)" does not have exactly one group [bad-pattern]',
      '  write a regular expression of RE2 with one group for the number: requests: (\\d+)',
      'f.yaml:16:58: workloads.steady.command.report.text.errors: "(" is not a pattern: error parsing regexp: missing closing ): `(` [bad-pattern]',
      '  write a regular expression of RE2 with one group for the number: requests: (\\d+)',
    ],
  ],
  [
    'a path that is none',
    "program: x\n      report: { json: { requests: 'a..b' } }\n      loop: open",
    [
      'f.yaml:16:35: workloads.steady.command.report.json.requests: "a..b" is not a path into JSON [bad-json-path]',
      '  write keys with dots between them: summary.count, rows[0].n, metrics["http_reqs"].count',
    ],
  ],
];

describe('bad input: a load program', () => {
  for (const [name, command, says] of CASES) {
    test(name, () => {
      const text = edited('    http:\n      path: /work\n      rate: 200/s\n', `    command:\n      ${command}\n`);
      const parsed = parseExperiment(text, 'f.yaml', { directory: '/' });
      assert.ok('diagnostics' in parsed);
      assert.deepEqual(
        parsed.diagnostics.flatMap((one) => formatDiagnostic(one).split('\n')),
        says,
      );
    });
  }
});

test('a load program is found relative to the file, or by its name', () => {
  const path = (program: string): unknown => {
    const command = `    command:\n      program: ${program}\n      report: { tool: wrk }\n`;
    const text = edited('    http:\n      path: /work\n      rate: 200/s\n', command);
    const parsed = parseExperiment(text, 'f.yaml', { directory: '/home/me' });
    const spec = 'experiment' in parsed ? parsed.experiment.workloads['steady'] : undefined;
    return spec?.kind === 'command' && spec.source.kind === 'program' ? spec.source.path : parsed;
  };
  assert.equal(path('wrk'), 'wrk');
  assert.equal(path('./load/run.sh'), '/home/me/load/run.sh');
});

test('secrets of a load program’s environment are kept apart', () => {
  const command =
    "    command:\n      program: wrk\n      env: { API_TOKEN: abc123xyz, OTHER: '${X_KEY}' }\n      report: { tool: wrk }\n";
  const parsed = parseExperiment(edited('    http:\n      path: /work\n      rate: 200/s\n', command), 'f.yaml', {
    directory: '/',
  });
  assert.ok('experiment' in parsed);
  assert.ok(!JSON.stringify(parsed.experiment).includes('abc123xyz'));
  assert.deepEqual(parsed.secrets.literals, [{ path: ['workloads', 'steady', 'env', 'API_TOKEN'], text: 'abc123xyz' }]);
  assert.deepEqual(
    parsed.secrets.variables.map(({ name }) => name),
    ['X_KEY'],
  );
});

test('a metric per second cannot be a primary of a closed loop', () => {
  const command = '    command:\n      program: wrk\n      report: { tool: wrk }\nprimaries: [cpu.used]\n';
  const parsed = parseExperiment(edited('    http:\n      path: /work\n      rate: 200/s\n', command), 'f.yaml', {
    directory: '/',
  });
  assert.ok('diagnostics' in parsed);
  assert.deepEqual(
    parsed.diagnostics.flatMap((one) => formatDiagnostic(one).split('\n')),
    [
      'f.yaml:17:13: primaries[0]: cpu.used (CPU used) is not compared in the closed loop of steady, where each setting does another amount of work [closed-loop]',
      '  choose a metric per request, such as cpu.per_request',
    ],
  );
});
