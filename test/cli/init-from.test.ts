import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { draftText, type Draft } from '../../src/commands/init/draft.ts';
import { carriedEnvironment } from '../../src/commands/init/environment.ts';
import { secretArgument } from '../../src/experiment/secrets/secrets.ts';
import { nameOf } from '../../src/commands/init/draft-words.ts';
import { withoutSecrets } from '../../src/commands/init/from-process.ts';
import { inText, withPort } from '../../src/commands/init/port-places.ts';
import { yamlList } from '../../src/commands/init/yaml-words.ts';
import { parseExperiment } from '../../src/experiment/parse-experiment.ts';

const draft: Draft = {
  name: 'x',
  about: [],
  source: ['binary: /bin/daemon'],
  notes: [],
  args: [],
  env: {},
  container: {},
  port: 8080,
  ports: {},
  ready: '{ tcp: true, within: 60s }',
  copies: [],
  templates: [],
  runner: 'process',
  cpus: undefined,
  memoryBytes: undefined,
  pids: undefined,
  required: false,
  gogc: undefined,
  gomemlimit: undefined,
  load: '/',
  more: [],
};

test('whatever a program is called, it becomes a comment or a value, and never a key', () => {
  const hostile = [
    'a\nrunner: docker',
    '\u2028target: {}',
    '\u001b[2J# x',
    '"',
    "'",
    '{a: b}',
    '*x',
    '!tag',
    '- x',
    'a: b',
    'on',
    '1e3',
    '~',
    ' x ',
    '#',
    '',
    '%',
    '@',
    '`',
    '|',
    'null',
    '0x1',
    '2001-01-01',
  ];
  const text = draftText(
    {
      ...draft,
      about: hostile,
      notes: hostile,
      args: hostile.slice(3),
      env: Object.fromEntries(hostile.slice(3).map((value, index) => [`V${index}`, value])),
      gogc: 'off',
      gomemlimit: 2 ** 28,
      memoryBytes: 123_456_789,
    },
    './schema.json',
  );
  const parsed = parseExperiment(text, 'x.yaml', { directory: '/' });
  if ('diagnostics' in parsed) assert.fail(JSON.stringify(parsed.diagnostics));
  const { target, runner, matrix, baseline, limits } = parsed.experiment;
  assert.equal(runner, 'process');
  assert.deepEqual(target.args, hostile.slice(3));
  assert.deepEqual(Object.values(target.env), hostile.slice(3));
  assert.deepEqual([matrix.gogc, baseline.gogc, matrix.gomemlimit], [[50, 100, 200, 400, 'off'], 'off', [2 ** 28]]);
  assert.deepEqual([limits.memoryBytes, limits.required], [123_456_789, false]);
  assert.deepEqual(parse(yamlList(hostile)), hostile);
});

test('a port is replaced where it can only be that port', () => {
  const cases: readonly (readonly [text: string, expected: string | undefined, named?: true])[] = [
    ['--listen=127.0.0.1:8080', '--listen={host}:{port}'],
    ['--listen=:8080', '--listen={host}:{port}'],
    ['[::]:8080', '{host}:{port}'],
    ['tcp://0.0.0.0:8080/x', 'tcp://0.0.0.0:{port}/x'],
    ['/ip4/127.0.0.1/tcp/8080', '/ip4/127.0.0.1/tcp/{port}'],
    ['--http-port=8080', '--http-port={port}'],
    ['8080', '{port}', true],
    ['8080', undefined],
    ['--max-connections=8080', undefined],
    ['--peer=db.example:8080', undefined],
    ['--peer=http://10.0.0.7:8080', undefined],
    ['--listen=:18080', undefined],
    ['--listen=:80801', undefined],
    ['::8080', undefined],
  ];
  for (const [text, expected, named = false] of cases)
    assert.equal(withPort(text, 8080, '{port}', named), expected, text);
  const config = 'listen: ":8080"\nport = 8080\n"port": 8080,\nsize: 8080\npeers: [db:8080, localhost:8080]\n';
  assert.equal(
    inText(config, 8080, '{port}'),
    'listen: ":{port}"\nport = {port}\n"port": {port},\nsize: 8080\npeers: [db:8080, localhost:{port}]\n',
  );
});

test('what looks like a secret is named and not written', () => {
  const { env, secret, unfit } = carriedEnvironment(
    [
      'PATH=/bin',
      'GOGC=50',
      'LEVEL=debug',
      'DB_PASSWORD=x',
      'URL=http://u:hunter2@db',
      'TWO=a\nb',
      'REF=${X}',
      'LEVEL=b',
      'SAME=1',
      '=x',
    ],
    ['SAME=1'],
  );
  assert.deepEqual(env, { LEVEL: 'debug', REF: '$${X}' });
  assert.deepEqual([secret, unfit], [['DB_PASSWORD', 'URL'], ['TWO']]);
  assert.ok(secretArgument('--db-password=hunter2', undefined));
  assert.ok(secretArgument('hunter2', '--token'));
  assert.ok(!secretArgument('--key-file=/etc/key.pem', undefined));
  assert.ok(!secretArgument('/etc/key.pem', '--tls-key'));
  assert.deepEqual(withoutSecrets(['serve', '--token', 'hunter2', '--level=1', '--secret=hunter2']), {
    kept: ['serve', '--level=1'],
    secret: ['--token', '--secret'],
  });
  assert.throws(() => withoutSecrets(['--x={host}']), /argument 1, "--x=\{host\}", holds what gctune would fill in/);
  assert.throws(() => withoutSecrets(['a\nb']), /argument 1 holds control characters/);
});

test('secrets are recognised by what they are, wherever they stand', () => {
  const secrets = [
    'PGPASS=x1y2z3',
    'CONFIG={"user": "app", "password": "x1y2z3"}',
    "CONFIG={'api_key':'x1y2z3'}",
    'REPO=https://x1y2z3@git.example/repo',
    'QUEUE=amqp://x1y2z3x1y2z3x1y2z3x1y2@queue',
    'OPTIONS=--level=1 --password=x1y2z3',
    'OPTIONS=api_key: x1y2z3',
    'DSN_OF_LIBPQ=host=db user=app password=x1y2z3',
    'PAYMENT=sk_live_x1y2z3x1y2z3',
    'SOURCE=ghp_x1y2z3x1y2z3x1y2z3',
    'CHAT=xoxb-x1y2z3x1y2z3',
    'CLOUD=AKIAX1Y2Z3X1Y2Z3X1Y2',
    'FORGE=glpat-x1y2z3x1y2z3',
    'CERT=-----BEGIN RSA PRIVATE KEY-----',
  ];
  const names = secrets.map((entry) => entry.slice(0, entry.indexOf('=')));
  assert.deepEqual(carriedEnvironment(secrets).secret, [...new Set(names)]);
  for (const entry of secrets) assert.deepEqual(carriedEnvironment([entry]).env, {}, entry);
  assert.deepEqual(
    withoutSecrets(['--level=1', '--config={"password":"x"}', '-o', 'api_key=x1y2z3', 'https://x1y2z3@host/']),
    { kept: ['--level=1'], secret: ['--config', '-o', 'argument 5'] },
  );
  const plain = [
    'DATABASE=postgres://app@db:5432/app?sslmode=disable',
    'GIT=ssh://git@git.example/repo',
    'URL=http://127.0.0.1:8080/a?page=2',
    'OPTIONS=max_tokens=4096 password-file=/run/secret auth=none',
    'BYPASS=cache',
    'LEVEL=debug',
  ];
  assert.deepEqual(Object.keys(carriedEnvironment(plain).env).length, plain.length);
});

test('what gctune was started with too is named and not written', () => {
  const { env, shared } = carriedEnvironment(['LEVEL=debug', 'SSL_CERT_FILE=/ca.pem', 'MODE=a'], [], {
    SSL_CERT_FILE: '/ca.pem',
    MODE: 'b',
  });
  assert.deepEqual([env, shared], [{ LEVEL: 'debug', MODE: 'a' }, ['SSL_CERT_FILE']]);
});

test('a name is made of whatever a program is called', () => {
  assert.deepEqual(['/usr/bin/caddy', 'ghcr.io/x/y', '../..', 'a b\n', ''].map(nameOf), [
    'caddy-sweep',
    'y-sweep',
    'daemon-sweep',
    'a-b--sweep',
    'daemon-sweep',
  ]);
});
