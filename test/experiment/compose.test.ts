import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BadVariable, interpolate } from '../../src/experiment/compose/interpolate.ts';
import { healthPath, withCompose } from '../../src/experiment/compose/compose-sections.ts';
import { readCompose, type ComposeContext, type ComposeStack } from '../../src/experiment/compose/read-compose.ts';
import { shellWords } from '../../src/experiment/compose/shell-words.ts';
import { parseExperiment } from '../../src/experiment/parse-experiment.ts';

const context: ComposeContext = {
  directory: '/app',
  environment: { HOME: '/home/me', TOKEN: 'hunter2hunter2', TAG: 'v2' },
  variablesOf: (path) => ({ '/app/.env': { TAG: 'v1', LIVE: '8MiB' }, '/app/api.env': { LEVEL: 'debug' } })[path],
};

const read = (text: string, service = 'api') => readCompose(text, 'compose.yaml', service, context);

function stack(text: string, service = 'api'): ComposeStack {
  const found = read(text, service);
  if ('diagnostics' in found) assert.fail(found.diagnostics.map(({ message }) => message).join('\n'));
  return found;
}

test('variables are filled in as the Compose Specification says', () => {
  const values: Record<string, string> = { SET: 'value', EMPTY: '' };
  const cases: Record<string, string> = {
    'a $SET-b ${SET}': 'a value-b value',
    '${MISSING}': '',
    '${EMPTY:-default}': 'default',
    '${EMPTY-default}': '',
    '${MISSING-default}': 'default',
    '${SET:+other}/${EMPTY:+other}/${EMPTY+other}/${MISSING+other}': 'other//other/',
    '${MISSING:-${EMPTY:-${SET}}}': 'value',
    '${SET:-${MISSING:?never asked}}': 'value',
    '$${SET} costs $$5': '${SET} costs $5',
    '${MISSING:-a:b/c-d?e}': 'a:b/c-d?e',
    'costs $5, or $ 6$': 'costs $5, or $ 6$',
  };
  for (const [text, expected] of Object.entries(cases))
    assert.equal(interpolate(text, { valueOf: (name) => values[name] }), expected, text);
  for (const text of [
    '${',
    '${SET',
    '${SET!}',
    '${MISSING:?set it}',
    '${MISSING?}',
    '${MISSING:-${}}',
    '${A:-'.repeat(50),
  ])
    assert.throws(() => interpolate(text, { valueOf: (name) => values[name] }), BadVariable, text);
  const long = 'x'.repeat(2 ** 19);
  assert.throws(() => interpolate('$A$A$A', { valueOf: () => long }), BadVariable);
});

test('a command that is one text is split as a shell does, and nothing is run', () => {
  assert.deepEqual(shellWords(`serve --name "a b" '' c\\ d "say \\"x\\"" $(id)`), [
    'serve',
    '--name',
    'a b',
    '',
    'c d',
    'say "x"',
    '$(id)',
  ]);
  assert.equal(shellWords('serve "a'), undefined);
});

const TWO = `
x-common: &common { restart: always, logging: { driver: json-file } }
services:
  cache: { image: never, devices: [/dev/kvm] }
  db:
    <<: *common
    image: "db:\${TAG}"
    command: serve --live \${LIVE}
    expose: ["5432"]
    environment: ["PASSWORD=\${TOKEN}", "PLAIN=$\${TAG}"]
  api:
    <<: *common
    build: { context: ./api, dockerfile: api.Dockerfile }
    entrypoint: [/api]
    env_file: api.env
    environment: { GOGC: 80, TOKEN: , DB: "db:5432", ABSENT: }
    ports: ["127.0.0.1:80:8080/tcp", { target: 9090, published: "1" }, "53:53/udp"]
    volumes: ["./conf:/etc/api:ro", "state:/state", { type: tmpfs, target: /tmp }]
    depends_on: { db: { condition: service_healthy } }
    healthcheck: { test: "wget -q -O- http://localhost:9090/health || exit 1" }
    user: "1000"
    working_dir: /state
    mem_limit: 256m
    deploy: { resources: { limits: { cpus: "0.50" } } }
volumes: { state: {} }
`;

test('a service is read with those that it depends on, and not the others', () => {
  const { service, beside } = stack(TWO);
  assert.deepEqual(
    beside.map(({ name }) => name),
    ['db'],
  );
  assert.deepEqual(beside[0]?.source, { image: 'db:v2' });
  assert.deepEqual(beside[0]?.command, ['serve', '--live', '8MiB']);
  // What comes from the environment is not written down; a text that only looks like a variable stays one.
  assert.deepEqual(beside[0]?.env, { PASSWORD: '${TOKEN}', PLAIN: '$${TAG}' });
  assert.deepEqual(service.source, { dockerfile: '/app/api/api.Dockerfile', context: '/app/api' });
  assert.deepEqual(service.env, { LEVEL: 'debug', GOGC: '80', TOKEN: '${TOKEN}', DB: 'db:5432' });
  assert.deepEqual(service.ports, [8080, 9090]);
  assert.deepEqual(service.binds, [{ from: '/app/conf', at: '/etc/api' }]);
  assert.deepEqual([service.cpus, service.memory], [0.5, '256MiB']);
});

const experiment = (more = ''): string => `name: x
target: { compose: { file: compose.yaml, service: api }${more} }
runner: docker
matrix: { gogc: [50, 100] }
workloads: { get: { http: { path: /, rate: 10/s } } }
`;

test('in an experiment it is the target, its neighbours are services, and what the file says goes above it', () => {
  const text = experiment(', port: 8080, env: { LEVEL: warn }');
  const parsed = parseExperiment(text, 'e.yaml', { directory: '/', compose: stack(TWO) });
  if ('diagnostics' in parsed) assert.fail(JSON.stringify(parsed.diagnostics));
  const { target, services, limits } = parsed.experiment;
  assert.deepEqual(target.source, {
    kind: 'dockerfile',
    file: '/app/api/api.Dockerfile',
    context: '/app/api',
    container: { entrypoint: ['/api'], user: '1000', workdir: '/state', mounts: { '/etc/api': '1' } },
  });
  assert.deepEqual(target.env, { LEVEL: 'warn', TOKEN: '${TOKEN}', DB: 'db:5432' });
  assert.deepEqual(
    target.prepare.map(({ run }) => run),
    [['cp', '-a', '/app/conf', '{data}/1']],
  );
  // By itself it is 9090, which the health check asks.
  assert.deepEqual([target.port, target.ports, target.data], [8080, { port9090: 9090 }, true]);
  assert.deepEqual(services['db']?.ready, { kind: 'tcp', port: true, withinSeconds: 60 });
  assert.deepEqual([limits.cpus, limits.memoryBytes], [0.5, 256 * 2 ** 20]);
  assert.ok(!JSON.stringify(parsed).includes('hunter2'));
});

test('a secret in the Compose file itself is redacted', () => {
  const compose = stack('services: { api: { image: a, ports: [80], environment: { DB_PASSWORD: hunter2hunter2 } } }');
  const parsed = parseExperiment(experiment(), 'e.yaml', { directory: '/', compose });
  if ('diagnostics' in parsed) assert.fail(JSON.stringify(parsed.diagnostics));
  assert.equal(parsed.experiment.target.env['DB_PASSWORD'], '[redacted]');
});

test('an experiment whose Compose file was not read is none', () => {
  const parsed = parseExperiment(experiment(), 'e.yaml', { directory: '/' });
  assert.ok('diagnostics' in parsed);
  assert.ok(parsed.diagnostics.some(({ code }) => code === 'compose-not-read'));
});

test('what cannot be carried over is named with its place and what to do', () => {
  const cases: readonly (readonly [text: string, expected: RegExp])[] = [
    ['{ api: { image: a, privileged: true } }', /^1:\d+ services\.api\.privileged: privileged cannot be carried over/],
    ['{ api: { image: a, network_mode: host } }', /network_mode cannot be carried over: a trial has namespaces/],
    ['{ api: { image: a, devices: [/dev/kvm] } }', /devices cannot be carried over/],
    ['{ api: { image: a, profiles: [x] } }', /profiles cannot be carried over.*docker compose config/],
    ['{ api: { extends: { service: b } } }', /extends cannot be carried over.*docker compose config/],
    ['{ api: { build: { context: ., secrets: [x] } } }', /services\.api\.build\.secrets: build\.secrets cannot/],
    ['{ api: { image: a, configs: [x] } }', /configs cannot be carried over/],
    ['{ api: { imag: a } }', /"imag" is unknown.*did you mean image\?/],
    ['{ api: { image: a, depends_on: [b] } }', /there is no service "b"/],
    ['{ api: { image: a, depends_on: [b] }, b: { image: b, depends_on: [api] } }', /"api" depends on itself/],
    [
      '{ api: { image: a, depends_on: { b: { condition: service_completed_successfully } } }, b: { image: b } }',
      /is a job that has to end first/,
    ],
    ['{ api: { image: "a:${TAG" } }', /services\.api\.image: \$\{TAG is not followed by \}/],
    ['{ api: { image: "a:${NOPE:?give it}" } }', /the variable NOPE must be set: give it/],
    [
      '{ api: { image: a, volumes: ["/var/run/docker.sock:/s"] } }',
      /"\/var\/run\/docker\.sock" cannot be carried over/,
    ],
    ['{ api: { image: a, ports: ["8000-8010"] } }', /"8000-8010" is not one port/],
    ['{ api: { image: a, command: "x {port}" } }', /it holds what gctune would fill in itself/],
    ['{ api: { image: a, command: "x \\"y" } }', /a quote in it is not closed/],
    ['{ api: { image: a, env_file: none.env } }', /there is no file "\/app\/none\.env"/],
    ['{ api: { image: a, environment: { A: "x\\ny" } } }', /it holds control characters/],
    ['{ Api: { image: a } }', /there is no service "api".*did you mean Api/],
    ['{ b: { image: a } }', /there is no service "api"/],
    ['{ api: 5 }', /services\.api: it is not a mapping/],
    ['[]', /there is no service/],
  ];
  for (const [text, expected] of cases) {
    const found = read(`services: ${text}`);
    assert.ok('diagnostics' in found, text);
    const [first] = found.diagnostics;
    const at = first?.at as { line: number; column: number };
    assert.match(`${at.line}:${at.column} ${first?.message} ${first?.hint}`, expected, text);
  }
});

test('the path of a health check is found in what asks for it, and in nothing else', () => {
  assert.deepEqual(healthPath(['CMD', 'curl', '-f', 'http://localhost:8080/health']), { port: 8080, path: '/health' });
  assert.deepEqual(healthPath(['CMD-SHELL', 'curl http://127.0.0.1/ || exit 1']), { port: 80, path: '/' });
  assert.equal(healthPath(['CMD', 'curl', 'http://example.org/health']), undefined);
  assert.equal(healthPath(['NONE']), undefined);
});

test('what a file has that is no mapping stays as it is, for its own problem', () => {
  const value = withCompose({ target: { compose: {}, env: 5 }, limits: 'x', services: [] }, stack(TWO));
  assert.equal((value['target'] as Record<string, unknown>)['env'], 5);
  assert.equal(value['limits'], 'x');
  assert.deepEqual(value['services'], []);
});
