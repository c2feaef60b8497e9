import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import type { AddressInfo } from 'node:net';
import { listeningPorts, parseListeningPorts } from '../../src/runner/listening-ports.ts';

test('listening ports are read from /proc/net/tcp, those on loopback alone apart', () => {
  const text = `  sl  local_address rem_address   st tx_queue
   0: 0100007F:1389 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 1 1
   1: 00000000:0FA1 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 2 1
   2: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000 0 0 3 1
   0: 00000000000000000000000001000000:1F91 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 4
   1: 00000000000000000000000000000000:1389 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 5
`;
  assert.deepEqual(parseListeningPorts(text), [
    { port: 4001, loopbackOnly: false },
    { port: 5001, loopbackOnly: false },
    { port: 8081, loopbackOnly: true },
  ]);
});

test('a port of this process is found', { skip: process.platform !== 'linux' }, async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((ready) => server.once('listening', ready));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  assert.deepEqual(
    (await listeningPorts(process.pid)).filter((one) => one.port === port),
    [{ port, loopbackOnly: true }],
  );
});
