import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lineBuffer } from '../../src/runner/output-lines.ts';

const collect = (buffer: ReturnType<typeof lineBuffer>): Promise<string[]> =>
  Array.fromAsync(buffer.lines, ({ stream, text }) => `${stream}: ${text}`);

test('lines are the same however the bytes are cut', async () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'ß', '€', '😀', ' ') });
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.array(fc.nat(40)), fc.boolean(), async (lines, cuts, closed) => {
      const text = lines.join('\n') + (closed && lines.length > 0 ? '\n' : '');
      const bytes = Buffer.from(text);
      const buffer = lineBuffer();
      let from = 0;
      for (const cut of cuts) {
        buffer.push('stdout', bytes.subarray(from, from + cut));
        from = Math.min(bytes.length, from + cut);
      }
      buffer.push('stdout', bytes.subarray(from));
      buffer.end();
      const expected = text === '' ? [] : text.replace(/\n$/, '').split('\n');
      assert.deepEqual(
        await collect(buffer),
        expected.map((each) => `stdout: ${each}`),
      );
    }),
  );
});

test('both streams keep their own partial line, and CRLF is one line end', async () => {
  const buffer = lineBuffer();
  buffer.push('stdout', Buffer.from('a'));
  buffer.push('stderr', Buffer.from('b\r\n'));
  buffer.push('stdout', Buffer.from('c\n'));
  buffer.end();
  assert.deepEqual(await collect(buffer), ['stderr: b', 'stdout: ac']);
});

test('a long line is cut and the next one is whole', async () => {
  const buffer = lineBuffer({ lineLength: 4 });
  for (let i = 0; i < 1000; i += 1) buffer.push('stdout', Buffer.from('abc'));
  buffer.push('stdout', Buffer.from('\nnext\n'));
  buffer.end();
  assert.deepEqual(await collect(buffer), ['stdout: abca', 'stdout: next']);
});

test('a backlog that nobody reads keeps the newest lines and tells how many are gone', async () => {
  for (const limits of [{ lines: 3 }, { length: 3 }]) {
    const buffer = lineBuffer(limits);
    for (let i = 0; i < 10; i += 1) buffer.push('stderr', Buffer.from(`${i}\n`));
    buffer.end();
    const [note, ...kept] = await collect(buffer);
    assert.match(note ?? '', /7 lines were dropped/);
    assert.deepEqual(kept, ['stderr: 7', 'stderr: 8', 'stderr: 9']);
  }
});

test('a reader that waits gets lines as they come', async () => {
  const buffer = lineBuffer();
  const lines = buffer.lines[Symbol.asyncIterator]();
  const first = lines.next();
  buffer.push('stdout', Buffer.from('one\n'));
  assert.deepEqual(await first, { done: false, value: { stream: 'stdout', text: 'one' } });
  const second = lines.next();
  buffer.end();
  assert.deepEqual(await second, { done: true, value: undefined });
});
