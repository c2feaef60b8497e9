import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { KuboWorkload } from '../../src/experiment/experiment.ts';
import { type Generator, startGenerator } from '../../src/workload/generator.ts';

const SERVER = 'serve';

const connects = { kind: 'connect', addresses: 60, transport: 'udp' } as const;
const spec: KuboWorkload = {
  kind: 'kubo',
  operations: [{ operation: connects, weight: 1 }],
  rate: { kind: 'constant', perSecond: 500 },
  arrivals: 'uniform',
  timeoutSeconds: 5,
  connections: 4,
  preload: [{ operation: connects, count: 1_000_000 }],
};

/** A node in a process of its own, which can be killed with all of its connections. */
async function node(): Promise<{ readonly port: number; die(): Promise<void> } & AsyncDisposable> {
  const child = fork(fileURLToPath(import.meta.url), [SERVER]);
  const [port] = (await once(child, 'message')) as [number];
  const die = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { port, die, [Symbol.asyncDispose]: die };
}

/** A generator that has not begun. */
function loadOn(port: number): Promise<Generator> {
  const request = { address: { host: '127.0.0.1', port }, seed: 1, cpuset: undefined };
  return startGenerator(spec, request, new AbortController().signal);
}

if (process.argv[2] === SERVER) {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      process.send?.('asked');
      response.writeHead(500, { 'content-type': 'application/json' });
      response.end('{"Message":"failed to dial","Code":0,"Type":"error"}');
    });
  });
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as { port: number }).port));
} else {
  test('a target that dies while it is filled fails the preload and leaves the generator alive', async () => {
    await using target = await node();
    await using load = await loadOn(target.port);
    const filling = load.preload?.();
    filling?.catch(() => undefined);
    await target.die();
    await assert.rejects(async () => filling, { code: 'preload-failed' });
    await load.begin();
  });

  test('a target that dies under load costs requests, not the generator', async () => {
    await using target = await node();
    await using load = await loadOn(target.port);
    await load.begin();
    await load.openWindow();
    await target.die();
    const { errors, intended, completed } = await load.closeWindow(1);
    assert.ok(Object.values(errors).reduce((sum, count) => sum + count, 0) + completed <= intended);
    assert.equal(errors['status 500'], undefined);
  });
}
