import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseExperiment } from '../../src/experiment/parse-experiment.ts';
import { formatDiagnostic } from '../../src/text/format-diagnostic.ts';

const said = (services: string, target = '', rest = ''): readonly string[] => {
  const text = `name: s
services:
${services}
target:
  binary: ./daemon
  port: 8080
  ready: { http: / }
${target === '' ? '' : `  ${target}\n`}${rest === '' ? '' : `${rest}\n`}matrix: { gogc: [50, 100] }
workloads: { a: { http: { path: /, rate: 10/s } } }
`;
  const parsed = parseExperiment(text, 'f.yaml', { directory: '/x' });
  return 'diagnostics' in parsed
    ? parsed.diagnostics.flatMap((diagnostic) => formatDiagnostic(diagnostic).split('\n'))
    : [];
};

describe('bad input: services', () => {
  const cases: readonly (readonly [name: string, given: Parameters<typeof said>, says: readonly string[]])[] = [
    ['one that is fine', ['  db: { command: postgres, args: ["{port}"], port: auto }', "args: ['{service:db}']"], []],
    [
      'no source',
      ['  db: { port: 1 }'],
      [
        'f.yaml:3:7: services.db: one of the keys package, module, binary, image, dockerfile or command is missing [missing-key]',
        '  add one of them',
      ],
    ],
    [
      'a name that no host can have',
      ['  "My DB": { command: postgres }'],
      [
        'f.yaml:3:3: services: "My DB" cannot be a name here [bad-name]',
        '  write small letters, digits, - and _, at most 31 of them, the first one a letter',
      ],
    ],
    [
      'an unknown service',
      ['  db: { command: postgres, port: 5432 }', "args: ['{service:dp}']"],
      ['f.yaml:8:10: target.args[0]: there is no service "dp" [unknown-service]', '  it is one of db'],
    ],
    [
      'a service without a port',
      ['  db: { command: postgres }', "args: ['{service:db}']"],
      ['f.yaml:8:10: target.args[0]: the service "db" has no port [unknown-port]', '  add port: to services.db'],
    ],
    [
      'a port that it does not have',
      ['  db: { command: postgres, port: 1 }', "args: ['{service:db:admin}']"],
      [
        'f.yaml:8:10: target.args[0]: the service "db" has no port "admin" [unknown-port]',
        '  declare it under services.db.ports',
      ],
    ],
    [
      'one that comes later',
      ['  a: { command: x, args: ["{service:b}"] }\n  b: { command: y, port: 1 }'],
      [
        'f.yaml:3:27: services.a.args[0]: "b" does not run yet when this service starts [unknown-service]',
        '  write it above this one; one with start: run can only use others of them',
      ],
    ],
    [
      'one of a trial in one of the run',
      ['  a: { command: x, port: 1 }\n  b: { command: y, start: run, env: { A: "{service:a}" } }'],
      [
        'f.yaml:4:42: services.b.env.A: "a" does not run yet when this service starts [unknown-service]',
        '  write it above this one; one with start: run can only use others of them',
      ],
    ],
    [
      'a service in a step',
      ['  a: { command: x, port: 1, prepare: [{ run: [y, "{service:a}"] }] }'],
      [
        'f.yaml:3:50: services.a.prepare[0].run[1]: no service runs while the data is prepared [bad-placeholder]',
        '  name it in args or env; {service:NAME} is filled in when a trial starts',
      ],
    ],
    [
      '{service} in a step of the target',
      ['  a: { command: x }', "prepare: [{ run: ['{service}', init] }]"],
      [
        'f.yaml:8:21: target.prepare[0].run[0]: {service} can only be the program of a step of a service [bad-placeholder]',
        '  write it first: run: ["{service}", init]',
      ],
    ],
    [
      'a port that is not passed',
      ['  a: { command: x, port: auto, ports: { admin: auto } }'],
      [
        'f.yaml:3:20: services.a.port: a free port is chosen, but it is not passed to the service [port-not-passed]',
        '  pass {port} in args, env or a template, or write the fixed port that it serves on',
        'f.yaml:3:41: services.a.ports.admin: a free port is chosen, but it is not passed to the service [port-not-passed]',
        '  pass {port:admin} in args, env or a template, or write the fixed port that it serves on',
      ],
    ],
    [
      'a question without a port',
      ['  a: { command: x, ready: { http: / } }'],
      [
        'f.yaml:3:29: services.a.ready.http: the service has no port to query [no-port]',
        '  add port: auto and pass {port} in args, or the fixed port that it serves on',
      ],
    ],
    [
      'a connection without a port',
      ['  a: { command: x, ready: { tcp: true } }'],
      ['f.yaml:3:34: services.a.ready.tcp: there is no port to connect to [no-port]', '  add port: auto'],
    ],
    [
      'a port number as readiness',
      ['  a: { command: x, port: 1, ready: { tcp: 5432 } }'],
      [
        'f.yaml:3:43: services.a.ready.tcp: expected true or the name of a port, not the number 5432 [wrong-type]',
        '  write true for its port, or the name of one of ports',
      ],
    ],
    [
      'a socket outside the data folder',
      ['  a: { command: x, args: ["{data}"], ready: { unix: /run/x.sock } }'],
      [
        'f.yaml:3:53: services.a.ready.unix: "/run/x.sock" is not a socket in the data folder [bad-socket]',
        "  write '{data}/' and its name, and pass it in args or env",
      ],
    ],
    [
      'a file outside',
      ['  a: { command: x, args: ["{data}"], files: [{ from: ../x, to: /etc/x }] }'],
      [
        'f.yaml:3:54: services.a.files[0].from: "../x" is not a file or folder inside the folder of the experiment [file-outside]',
        '  write a path without .. that does not begin with /',
        'f.yaml:3:64: services.a.files[0].to: "/etc/x" is not a place in the data folder [file-outside]',
        '  write a path without .. that does not begin with /',
      ],
    ],
    [
      'files nobody is told of',
      ['  a: { command: x, files: [{ from: x, to: x }] }'],
      [
        'f.yaml:3:20: services.a.files: they are copied into the data folder, but its path is not passed to the program [data-not-passed]',
        '  pass {data} in args or env: --config {data}/config.yaml',
      ],
    ],
    [
      'a user that is none',
      ['  a: { command: x, user: "--reuid=0" }'],
      ['f.yaml:3:26: services.a.user: "--reuid=0" is not a user [bad-name]', '  write the name of a user: postgres'],
    ],
    [
      'a command with Docker',
      ['  a: { command: x }', '', 'runner: docker'],
      [
        'f.yaml:3:8: services.a.command: a command runs on this machine, and a target in a container reaches nothing on it [wrong-runner]',
        '  give the service as image: or as a static binary:, or write runner: process',
      ],
    ],
    [
      'a relative command',
      ['  a: { command: ./x }'],
      [
        'f.yaml:3:17: services.a.command: "./x" is neither a name in PATH nor an absolute path [bad-command]',
        '  write binary: ./x for a file of your own',
      ],
    ],
    [
      'flags of a command',
      ['  a: { command: x, flags: [-race] }'],
      [
        'f.yaml:3:20: services.a.flags: only a package or a module is built with go build flags [unused-key]',
        '  remove flags',
      ],
    ],
    [
      'a companion of old',
      ['  a: { command: x }', '', 'companion: { gogc: 100 }'],
      [
        'f.yaml:8:1: companion: there is no such key any more [former-key]',
        '  write the second instance as a service: services: { peer: { module: …, args: […], port: …, prepare: […] } }, as experiments/kubo-exchange.yaml does',
      ],
    ],
  ];
  for (const [name, given, says] of cases) test(name, () => assert.deepEqual(said(...given), says));
});
