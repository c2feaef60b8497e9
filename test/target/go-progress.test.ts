import assert from 'node:assert/strict';
import { test } from 'node:test';
import { condenseProgress, isProgress } from '../../src/target/go-progress.ts';

test('hundreds of lines of go become a handful', () => {
  const told: string[] = [];
  const onLine = condenseProgress((line) => told.push(line));
  for (let i = 0; i < 320; i += 1) onLine(`go: downloading example.com/m${i} v1.0.0`);
  for (let i = 0; i < 1500; i += 1) onLine(`example.com/m${i}/some-package.v2`);
  assert.deepEqual(told, [
    'downloading modules',
    ...[3, 10, 30, 100, 300].map((count) => `downloading modules (${count})`),
    ...[100, 300, 1000].map((count) => `compiled ${count} packages`),
  ]);
});

test('what go complains of is no progress', () => {
  for (const line of ['go: downloading example.com/m v1.0.0', 'runtime', 'internal/cpu', 'example.com/m/x~y']) {
    assert.ok(isProgress(line), line);
  }
  for (const line of [
    '# example.com/m',
    './main.go:3:15: undefined: x',
    '\tserver response: not found',
    'go: errors parsing go.mod:',
    'go: example.com/m@v1.0.0: 404 Not Found',
    '',
  ]) {
    assert.ok(!isProgress(line), line);
  }
});
