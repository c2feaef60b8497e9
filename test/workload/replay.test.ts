import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { readAccessLog, type AccessLog } from '../../src/workload/replay/access-log.ts';
import { readLogLine } from '../../src/workload/replay/log-line.ts';
import { stretchOf } from '../../src/workload/replay/replay-source.ts';

const at = Date.parse('2026-10-10T13:55:36Z') / 1000;

test('lines of servers as they write them', () => {
  const get = { at, wholeSecond: true, method: 'GET', path: '/a?b=1' };
  const lines: readonly (readonly [string, unknown])[] = [
    ['127.0.0.1 - frank [10/Oct/2026:06:55:36 -0700] "GET /a?b=1 HTTP/1.0" 200 2326', get],
    ['::1 - - [10/Oct/2026:13:55:36 +0000] "GET /a?b=1 HTTP/2.0" 200 2 "https://x/" "Mozilla \\"q\\" [x]"', get],
    ['- - - [10/Oct/2026:13:55:36 +0000] "POST /\\x22\\" HTTP/1.1" 201 -', { ...get, method: 'POST', path: '/%22%22' }],
    ['h - - [10/Oct/2026:13:55:36 +0000] "GET http://other.example/a?b=1#c HTTP/1.1" 200 1', get],
    ['h - - [10/Oct/2026:13:55:36 +0000] "GET http://other.example HTTP/1.1" 200 1', { ...get, path: '/' }],
    ['h - - [10/Oct/2026:13:55:36 +0000] "GET /ä HTTP/1.1" 200 1', { ...get, path: '/%C3%A4' }],
    ['h - - [10/Oct/2026:13:55:36 +0000] "-" 408 0', 'passed-over'],
    ['h - - [10/Oct/2026:13:55:36 +0000] "\\x16\\x03\\x01" 400 157', 'passed-over'],
    ['h - - [10/Oct/2026:13:55:36 +0000] "CONNECT other.example:443 HTTP/1.1" 405 0', 'passed-over'],
    ['h - - [10/Oct/2026:13:55:36 +0000] "OPTIONS * HTTP/1.1" 200 0', 'passed-over'],
    // caddy, nginx as one writes it with log_format, traefik, Google Cloud.
    [
      `{"level":"info","ts":${at}.25,"request":{"method":"GET","host":"x","uri":"/a?b=1"},"status":200}`,
      { ...get, at: at + 0.25, wholeSecond: false },
    ],
    ['{"time_iso8601":"2026-10-10T15:55:36+02:00","request":"GET /a?b=1 HTTP/1.1"}', get],
    [
      '{"StartUTC":"2026-10-10T13:55:36.5Z","RequestMethod":"PUT","RequestPath":"/a"}',
      { at: at + 0.5, wholeSecond: false, method: 'PUT', path: '/a' },
    ],
    [
      `{"timestamp":${at}500,"method":"GET","url":"https://x.example/a?b=1"}`,
      { ...get, at: at + 0.5, wholeSecond: false },
    ],
    ['{"timestamp":"2026-10-10 13:55:36","path":"/a?b=1"}', get],
  ];
  for (const [line, says] of lines) assert.deepEqual(readLogLine(line), says, line);
});

test('what is no line of a log is refused with the reason', () => {
  for (const [line, problem] of [
    ['hello', /no time in \[brackets\]/],
    ['h - - [yesterday] "GET / HTTP/1.1" 200 1', /the time in \[brackets\] is none/],
    ['h - - [10/Okt/2026:13:55:36 +0000] "GET / HTTP/1.1" 200 1', /the time in \[brackets\] is none/],
    ['h - - [10/Oct/2026:13:55:36 +0000] GET /', /no request in "quotes"/],
    ['h - - [10/Oct/2026:13:55:36 +0000] "GET / HTTP/1.1', /do not end/],
    ['h - - [10/Oct/2026:13:55:36 +0000] "GET /\\" HTTP/1.1" two', /no status/],
    ['{"ts":1', /not JSON/],
    ['{"uri":"/"}', /no time/],
    ['{"ts":"soon","uri":"/"}', /neither ISO 8601 nor a Unix time/],
    ['{"ts":1}', /no path/],
  ] as const) {
    const read = readLogLine(line);
    assert.ok(typeof read === 'object' && 'problem' in read, line);
    assert.match(read.problem, problem);
  }
});

async function logOf(t: TestContext, text: string | Buffer): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gctune-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'access.log'), text);
  return join(folder, 'access.log');
}

const line = (second: number, path: string, method = 'GET'): string =>
  `h - - [10/Oct/2026:13:55:${String(second).padStart(2, '0')} +0000] "${method} ${path} HTTP/1.1" 200 1`;

async function read(path: string, methods?: readonly string[], seconds = 60): Promise<AccessLog> {
  const log = await readAccessLog({ path, methods, seconds });
  if ('code' in log) throw new Error(log.message);
  return log;
}

test('requests come in the order of their times, those of one second spread over it', async (t) => {
  const path = await logOf(
    t,
    `${[line(2, '/c'), line(0, '/a'), line(0, '/b', 'POST'), line(3, '/d', 'DELETE')].join('\r\n')}\n\n`,
  );
  const log = await read(path);
  assert.deepEqual(
    log.requests.map((one) => one.path),
    ['/a', '/b', '/c', '/d'],
  );
  assert.deepEqual(log.offsets, [0.25, 0.75, 2.5, 3.5]);
  const gets = await read(path, ['GET']);
  assert.deepEqual([gets.requests.length, gets.passedOver], [2, 2]);
});

test('a stretch begins at its place in the log, and the log begins again at its end', () => {
  const log: AccessLog = {
    requests: ['/a', '/b', '/c'].map((path) => ({ method: 'GET', path })),
    offsets: [0, 1, 2],
    passedOver: 0,
  };
  const take = (speed: number, from: number): readonly unknown[] => {
    const { arrivals, draw } = stretchOf(log, speed, from);
    return Array.from({ length: 5 }, () => [arrivals.next().value, draw().path]);
  };
  assert.deepEqual(take(1, 0), [
    [0, '/a'],
    [1, '/b'],
    [2, '/c'],
    [3, '/a'],
    [4, '/b'],
  ]);
  assert.deepEqual(take(2, 1.5), [
    [0.25, '/c'],
    [0.75, '/a'],
    [1.25, '/b'],
    [1.75, '/c'],
    [2.25, '/a'],
  ]);
  assert.deepEqual(take(1, 4), [
    [0, '/b'],
    [1, '/c'],
    [2, '/a'],
    [3, '/b'],
    [4, '/c'],
  ]);
  assert.deepEqual(take(1, 2.5), [
    [0.5, '/a'],
    [1.5, '/b'],
    [2.5, '/c'],
    [3.5, '/a'],
    [4.5, '/b'],
  ]);
});

test('a bad line is told with its place, and what is no log by what it is', async (t) => {
  const path = await logOf(t, `${line(0, '/a')}\nhello\u001b[31m\n`);
  assert.deepEqual(await readAccessLog({ path, methods: undefined, seconds: 60 }), {
    code: 'bad-log-line',
    message: '"hello" cannot be replayed: it has no time in [brackets]',
    at: { file: path, line: 2, column: 1 },
    hint: 'the log has to be in the common or combined log format, or one JSON object a line; remove the line, or unpack the file',
  });
  const codeOf = async (name: string, seconds = 60): Promise<string | undefined> => {
    const log = await readAccessLog({ path: name, methods: undefined, seconds });
    return 'code' in log ? log.code : undefined;
  };
  assert.equal(await codeOf('/nowhere/access.log'), 'no-log');
  assert.equal(await codeOf('/dev/zero'), 'no-log');
  assert.equal(await codeOf(await logOf(t, '')), 'empty-log');
  assert.equal(await codeOf(await logOf(t, Buffer.alloc(200_000, 0x61))), 'bad-log-line');
});

test('no more of a log is read than a trial needs', async (t) => {
  const lines = Array.from({ length: 50 }, (_, second) => line(second, `/${second}`));
  const later = `h - - [10/Oct/2026:15:55:00 +0000] "GET /later HTTP/1.1" 200 1`;
  const log = await read(await logOf(t, `${[...lines, later, 'never looked at'].join('\n')}\n`), undefined, 10);
  assert.equal(log.requests.length, 51);
});
