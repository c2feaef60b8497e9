import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineOrigin } from '../../src/probe/line-origin.ts';

const at = Date.UTC(2026, 10, 28, 19, 31, 48) / 1000;

for (const [what, rest, source, seconds, dated] of [
  ['nothing', '', undefined, undefined, false],
  ['kubectl logs --timestamps', '2026-11-28T19:31:48.250000000Z ', undefined, at + 0.25, true],
  ['kubectl logs --prefix', '[pod/web-0/app] ', '[pod/web-0/app]', undefined, false],
  ['docker compose', 'web-1  | ', 'web-1', undefined, false],
  ['journalctl -o short-iso', '2026-11-28T20:31:48+01:00 node-1 app[17]: ', 'app[17]', at, true],
  [
    'journalctl -o short',
    'Nov 28 19:31:48 node-1 app[17]: ',
    'app[17]',
    Date.UTC(2000, 10, 28, 19, 31, 48) / 1000,
    false,
  ],
  ['journalctl -o json', `{"__REALTIME_TIMESTAMP":"${at}500000","_PID":"17","MESSAGE":""}`, '17', at + 0.5, true],
  ['Docker’s JSON log', '{"log":"\\n","stream":"stderr","time":"2026-11-28T19:31:48.5Z"}', undefined, at + 0.5, true],
  ['a JSON logger with seconds', `{"level":"info","ts":${at}.125,"msg":""}`, undefined, at + 0.125, true],
  ['a JSON logger with milliseconds', `{"time":${at}125,"msg":""}`, undefined, at + 0.125, true],
  ['a time without a zone', '2026-11-28 19:31:48,125 ', undefined, at + 0.125, false],
  ['a CRI log', '2026-11-28T19:31:48Z stderr F ', undefined, at, true],
] as const) {
  test(`who wrote a line and when: ${what}`, () => {
    const found = lineOrigin(rest);
    assert.equal(found.source, source);
    assert.equal(found.dated, dated);
    if (seconds === undefined) assert.equal(found.seconds, undefined);
    else assert.ok(Math.abs((found.seconds ?? NaN) - seconds) < 1e-6, String(found.seconds));
  });
}
