import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { readProgress } from '../../src/runner/docker/engine-progress.ts';

test('an engine that dies in the middle of a message fails what was asked of it, and nothing else', async () => {
  const seen: unknown[] = [];
  const parts = ['{"stream":"Step 1"}\r\n{"aux":{"I', 'D":"sha256:1"}}\r\n', '{"stream":"St'];
  await assert.rejects(
    readProgress(Readable.from(parts), (event) => seen.push(event)),
    /broke off in the middle of a message/,
  );
  assert.deepEqual(seen, [{ stream: 'Step 1' }, { aux: { ID: 'sha256:1' } }]);
  await assert.rejects(readProgress(Readable.from(['{"error":"no space"}'])), /no space/);
});
