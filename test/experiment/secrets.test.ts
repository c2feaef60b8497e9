import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EnvironmentError, UserError } from '../../src/errors.ts';
import type { Experiment } from '../../src/experiment/experiment.ts';
import { parseExperiment } from '../../src/experiment/parse-experiment.ts';
import { disclose, maskText, redactExperiment } from '../../src/experiment/secrets/redact-experiment.ts';
import { secretWarnings } from '../../src/experiment/secrets/secret-warnings.ts';
import {
  badVariable,
  fillVariables,
  holdsSecret,
  looksSecret,
  REDACTED,
  redactDeep,
  redactError,
  redactor,
  variablesOf,
  type Secrets,
} from '../../src/experiment/secrets/secrets.ts';
import { fillEnvironment } from '../../src/runner/placeholders.ts';

const file = (env: string, headers = '{}'): string => `name: secrets
target: { package: ., port: 8080, ready: { http: /healthz }, env: ${env} }
matrix: { gogc: [50, 100] }
workloads:
  steady: { http: { requests: [{ path: /work, headers: ${headers} }], rate: 10/s } }
`;

function parsed(text: string): { readonly experiment: Experiment; readonly secrets: Secrets } {
  const result = parseExperiment(text, 'f.yaml', { directory: '/' });
  return 'experiment' in result ? result : assert.fail(JSON.stringify(result.diagnostics));
}

function headersOf({ workloads }: Experiment): Readonly<Record<string, string>> {
  const { steady } = workloads;
  return steady?.kind === 'http' ? (steady.requests[0]?.headers ?? {}) : {};
}

describe('which names and values are secret', () => {
  const secret = `API_TOKEN GITHUB_TOKEN DB_PASSWORD PGPASSWD PASS AWS_SECRET_ACCESS_KEY SECRET_KEY_BASE KEY CREDENTIALS
    AUTH BEARER Authorization Proxy-Authorization Cookie Set-Cookie X-Api-Key x-auth-token SENTRY_DSN apiKey clientSecret MYTOKEN
    DB_PWD SSH_PASSPHRASE`;
  for (const name of secret.trim().split(/\s+/)) test(`${name} is`, () => assert.ok(looksSecret(name)));

  const plain =
    'PATH HOME PWD OLDPWD IPFS_PATH MONKEY KEYBOARD AUTHOR content-type accept GODEBUG COMPASS PASSENGERS LOG_LEVEL';
  for (const name of plain.split(' ')) test(`${name} is not`, () => assert.ok(!looksSecret(name)));

  const values: readonly (readonly [name: string, value: string, marked: boolean | undefined, secret: boolean])[] = [
    ['TOKEN', 'abc', undefined, true],
    ['TOKEN', 'abc', false, false],
    ['MODE', 'abc', true, true],
    ['TOKEN', '', undefined, false],
    ['TOKEN', '${TOKEN}', undefined, false],
    ['authorization', 'Bearer ${TOKEN}', undefined, false],
    ['authorization', 'Bearer abc', undefined, true],
    ['TOKEN', 'abc${TOKEN}', undefined, true],
    ['TOKEN', '$${TOKEN}', undefined, true],
    ['STORE', 'postgres://u:pw@db/x', undefined, true],
    ['STORE', 'postgres://u:${PW}@db/x', undefined, false],
    ['STORE', 'postgres://db/x?a=b@c', undefined, false],
    ['STORE', 'http://host:8080/path', undefined, false],
    ['MYSQL', 'app:pw123456@tcp(db:3306)/x', undefined, true],
    ['MYSQL', 'app@tcp(db:3306)/x', undefined, false],
  ];
  for (const [name, value, marked, expected] of values) {
    const rule = marked === undefined ? '' : `, secret: ${marked}`;
    test(`${name}: ${value}${rule} ${expected ? 'is' : 'is not'}`, () => {
      assert.equal(holdsSecret(name, value, marked), expected);
    });
  }
});

describe('variables', () => {
  test('are found once each, and $${ is none', () => {
    assert.deepEqual(variablesOf('${A}-${B_2}-${A}-$${C}'), ['A', 'B_2']);
  });

  test('are filled in, and $${ becomes ${', () => {
    assert.equal(
      fillVariables('a ${A} $${B} $A {A}', (name) => `<${name}>`),
      'a <A> ${B} $A {A}',
    );
  });

  for (const text of ['${', '${1}', '${a b}', '${A', 'x${}y']) {
    test(`${text} is refused with its place`, () => {
      assert.notEqual(badVariable(text), undefined);
      const result = parseExperiment(file(`{ MODE: "${text}" }`), 'f.yaml', { directory: '/' });
      const [problem] = 'diagnostics' in result ? result.diagnostics : [];
      assert.equal(problem?.code, 'bad-variable');
      assert.deepEqual(problem?.at, { file: 'f.yaml', line: 2, column: 75 });
    });
  }

  test('placeholders and variables are filled in one pass, so that a value is taken as it is', () => {
    const places = { host: 'h', port: 80, ports: {}, work: undefined, data: '/d' };
    const filled = fillEnvironment('{host}:{port} ${port} $${port} ${X}', places, { port: '{data}', X: '${port}' });
    assert.equal(filled, 'h:80 {data} ${port} ${port}');
  });

  test('one that is missing is an error with the place of its first use', () => {
    const { experiment, secrets } = parsed(file('{ A: "${GONE}", B: "${HERE}" }'));
    assert.throws(
      () => disclose(experiment, secrets, { HERE: 'x' }),
      (error) => {
        assert.ok(error instanceof UserError);
        assert.deepEqual(
          error.diagnostics.map(({ code, at }) => [code, at]),
          [['missing-variable', { file: 'f.yaml', line: 2, column: 72 }]],
        );
        return true;
      },
    );
  });

  test('one that is missing is an error where its place is not known either', () => {
    const { experiment } = parsed(file('{ A: "${GONE}" }'));
    assert.throws(
      () => disclose(experiment, undefined, {}),
      (error) => error instanceof UserError && error.diagnostics[0]?.code === 'missing-variable',
    );
  });

  test('an empty one is a value', () => {
    const { experiment, secrets } = parsed(file('{ A: "${EMPTY}" }'));
    assert.deepEqual(disclose(experiment, secrets, { EMPTY: '' }).variables, { EMPTY: '' });
  });

  test('braces of a value are no placeholders of a request', () => {
    const { experiment, secrets } = parsed(file('{}', '{ x-thing: "${V} {seq} $${seq}" }'));
    const { experiment: open } = disclose(experiment, secrets, { V: '{uuid}{{' });
    assert.deepEqual(headersOf(open), { 'x-thing': '{{uuid}{{{{ {seq} ${{seq}' });
  });

  test('a value with a line break cannot be a header field, and is not in the message', () => {
    const { experiment, secrets } = parsed(file('{}', '{ x-thing: "${V}" }'));
    assert.throws(
      () => disclose(experiment, secrets, { V: 'first\r\nsecond' }),
      (error) => error instanceof UserError && error.message.includes('V contains') && !error.message.includes('first'),
    );
  });
});

test('the environment of a service is treated as that of the target', () => {
  const { experiment, secrets } = parsed(
    `${file('{ PLAIN: x }')}services: { db: { command: x, env: { DB_PASSWORD: geheim, URL: "postgres://me:\${PW}@h", PLAIN: y } } }\n`,
  );
  assert.deepEqual(experiment.services['db']?.env, { DB_PASSWORD: REDACTED, URL: 'postgres://me:${PW}@h', PLAIN: 'y' });
  assert.ok(!JSON.stringify(experiment).includes('geheim'));
  const open = disclose(experiment, secrets, { PW: 'secret-of-pw' });
  assert.equal(open.experiment.services['db']?.env['DB_PASSWORD'], 'geheim');
  assert.deepEqual([open.variables['PW'], [...open.values].toSorted()], ['secret-of-pw', ['geheim', 'secret-of-pw']]);
  assert.throws(() => disclose(experiment, secrets, {}), /PW is not set/);
});

describe('an experiment and its secrets', () => {
  const text = file(
    '{ TOKEN: abcdef, PLAIN: x, MARKED: { value: hidden1, secret: true }, KEY_FILE: { value: /run/key, secret: false }, MIX: "${V}" }',
    '{ authorization: Bearer abcdef, accept: "*/*" }',
  );
  const { experiment, secrets } = parsed(text);

  test('the experiment holds no secret', () => {
    assert.deepEqual(experiment.target.env, {
      TOKEN: REDACTED,
      PLAIN: 'x',
      MARKED: REDACTED,
      KEY_FILE: '/run/key',
      MIX: '${V}',
    });
    assert.deepEqual(headersOf(experiment), { authorization: REDACTED, accept: '*/*' });
  });

  test('with its secrets it is whole', () => {
    const { experiment: open, variables, values } = disclose(experiment, secrets, { V: 'vvvvvv' });
    assert.equal(open.target.env['TOKEN'], 'abcdef');
    assert.equal(open.target.env['MARKED'], 'hidden1');
    assert.deepEqual(headersOf(open), { authorization: 'Bearer abcdef', accept: '*/*' });
    assert.deepEqual(variables, { V: 'vvvvvv' });
    assert.deepEqual(values.toSorted(), ['Bearer abcdef', 'abcdef', 'hidden1', 'vvvvvv']);
  });

  test('without its secrets it is not run with the mark in their place', () => {
    assert.throws(
      () => disclose(experiment, undefined, {}),
      (error) => error instanceof UserError && error.diagnostics[0]?.code === 'secret-not-kept',
    );
  });

  test('redacting what was read from elsewhere gives the same, but for what only the file can say', () => {
    const { experiment: open } = disclose(experiment, secrets, { V: 'vvvvvv' });
    const again = redactExperiment(open);
    assert.deepEqual(again.target.env['TOKEN'], REDACTED);
    assert.deepEqual(again.target.env['MARKED'], 'hidden1');
    assert.deepEqual(headersOf(again), headersOf(experiment));
  });

  test('a problem elsewhere in the file shows no secret in the lines around it', () => {
    const bad = text.replace('PLAIN: x', 'PLAIN: [1]');
    const result = parseExperiment(bad, 'f.yaml', { directory: '/' });
    assert.ok('diagnostics' in result);
    const masked = maskText(bad, { target: { env: { TOKEN: 'abcdef' } } });
    assert.equal(masked.length, bad.length);
    assert.ok(!masked.includes('abcdef'));
    assert.ok(!maskText(`${bad}  : {`, undefined).includes('abcdef'), 'nor in a file that is no YAML');
  });
});

describe('taking values out of text', () => {
  test('whole, without the kind of credential, and the password of a URL', () => {
    const redact = redactor(['Bearer abcdefgh', 'postgres://u:password1@db/x']);
    assert.equal(redact('got abcdefgh'), `got ${REDACTED}`);
    assert.equal(redact('Bearer abcdefgh'), REDACTED);
    assert.equal(redact('login password1 failed'), `login ${REDACTED} failed`);
  });

  test('each line of a value that has several, and the longest first', () => {
    const redact = redactor(['line-one\nline-two', 'line-one-longer']);
    assert.equal(redact('x line-two y'), `x ${REDACTED} y`);
    assert.equal(redact('line-one-longer'), REDACTED);
  });

  test('values under six characters stay: they would be found in other words', () => {
    assert.equal(redactor(['admin'])('administrator'), 'administrator');
  });

  test('in everything that a record holds', () => {
    const redact = redactor(['abcdefgh']);
    assert.deepEqual(redactDeep({ log: ['x abcdefgh'], n: 1, none: null, on: true }, redact), {
      log: [`x ${REDACTED}`],
      n: 1,
      none: null,
      on: true,
    });
  });

  test('in errors, whose code, hint and kind stay', () => {
    const redact = redactor(['abcdefgh']);
    const error = redactError(new EnvironmentError('e', 'no abcdefgh', { details: ['abcdefgh'], hint: 'h' }), redact);
    assert.ok(error instanceof EnvironmentError);
    assert.deepEqual([error.code, error.message, error.details, error.hint], ['e', `no ${REDACTED}`, [REDACTED], 'h']);
    const bug = redactError(new TypeError('abcdefgh'), redact);
    assert.ok(bug instanceof Error && !`${bug.message}${bug.stack}`.includes('abcdefgh'));
  });
});

describe('what is said before a run', () => {
  const codes = (text: string, runner: Experiment['runner']): readonly string[] => {
    const { experiment, secrets } = parsed(text);
    return secretWarnings({ ...experiment, runner }, secrets).map(({ code }) => code);
  };

  test('a secret in the file, and what the container engine can be asked', () => {
    assert.deepEqual(codes(file('{ TOKEN: abcdef }'), 'docker'), ['secret-in-file', 'secret-in-engine']);
    assert.deepEqual(codes(file('{ TOKEN: abcdef }'), 'process'), ['secret-in-file']);
    assert.deepEqual(codes(file('{ TOKEN: "${TOKEN}" }'), 'auto'), ['secret-in-engine']);
    assert.deepEqual(codes(file('{}', '{ authorization: "Bearer ${T}" }'), 'docker'), []);
    assert.deepEqual(codes(file('{ MODE: fast }'), 'docker'), []);
  });

  test('a secret among arguments, of the target, a service and a load program', () => {
    const { experiment, secrets } = parsed(file('{}'));
    const messages = (args: readonly string[]): readonly string[] =>
      secretWarnings({ ...experiment, target: { ...experiment.target, args } }, secrets).map(({ message }) => message);
    assert.match(messages(['--db-password=hunter2']).join(), /^target\.args: --db-password looks like a secret/);
    assert.match(messages(['--token', 'abcdef']).join(), /^target\.args: --token looks/);
    assert.match(messages(['postgres://a:b@c/d']).join(), /^target\.args: argument 1 looks/);
    assert.deepEqual(messages(['--tls-key=/etc/key.pem', '--listen', '{host}:{port}', '--password-file=/x']), []);
    assert.ok(!messages(['--db-password=hunter2']).join().includes('hunter2'));
  });

  test('names the variables, and no value', () => {
    const { experiment, secrets } = parsed(file('{ TOKEN: abcdef }', '{ x-api-key: ghijkl }'));
    assert.match(
      secretWarnings(experiment, secrets)[0]?.message ?? '',
      /^the file itself contains the values of TOKEN, x-api-key,/,
    );
  });
});
