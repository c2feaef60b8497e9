import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { EnvironmentError } from '../../src/errors.ts';
import { type Generator, startGenerator } from '../../src/workload/generator.ts';
import { requirement } from '../requirements.ts';
import { alive, gone } from './support/alive.ts';
import { httpSpec } from './support/http-spec.ts';
import { counted, serve, type Serving } from './support/serving.ts';

const linux = { skip: process.platform === 'linux' ? false : 'needs Linux' } as const;

test('a disposed load leaves no process, though requests are in flight', async () => {
  const hanging = counted(4);
  await using server = await serve(() => hanging.reached());
  const generator = await start(server);
  await hanging.done;
  await generator.openWindow();
  await generator[Symbol.asyncDispose]();
  assert.equal(alive(generator.pid), false);
  await generator[Symbol.asyncDispose]();
});

test('an aborted load leaves no process and is not broken', async () => {
  const hanging = counted(4);
  await using server = await serve(() => hanging.reached());
  const abort = new AbortController();
  await using generator = await start(server, abort.signal);
  await generator.openWindow();
  await hanging.done;
  const closing = generator.closeWindow(60);
  abort.abort(new Error('enough'));
  await assert.rejects(closing, /enough/);
  await gone(generator.pid, 10);
  assert.equal(await Promise.race([generator.broken, Promise.resolve('not broken')]), 'not broken');
});

test('nothing is sent before it begins', async () => {
  const asked: string[] = [];
  const enough = counted(1);
  await using server = await serve((request, response) => {
    asked.push(request.url ?? '');
    enough.reached();
    response.end();
  });
  const spec = httpSpec({ rate: { kind: 'constant', perSecond: 1000 } });
  const request = { address: server.address, seed: 1, cpuset: undefined };
  await using generator = await startGenerator(spec, request, new AbortController().signal);
  assert.equal(generator.preload, undefined);
  // 200 requests would have fallen due by then.
  await sleep(200);
  assert.deepEqual(asked, []);
  await generator.begin();
  await enough.done;
});

test('an aborted signal starts nothing', async () => {
  await using server = await serve((_request, response) => response.end());
  await assert.rejects(start(server, AbortSignal.abort(new Error('never'))), /never/);
  assert.equal(server.connections, 0);
});

test('a generator that is killed is broken, which is known before anything that waits for it fails', async () => {
  const hanging = counted(4);
  await using server = await serve(() => hanging.reached());
  await using generator = await start(server);
  await generator.openWindow();
  await hanging.done;
  const order: string[] = [];
  const broken = generator.broken.then((error) => {
    order.push('broken');
    return error;
  });
  const closing = generator.closeWindow(60).catch(() => order.push('rejected'));
  process.kill(generator.pid, 'SIGKILL');
  await closing;
  const error = await broken;
  assert.ok(error instanceof EnvironmentError);
  assert.match(error.message, /SIGKILL/);
  assert.deepEqual(order, ['broken', 'rejected']);
});

test('the generator ends when its parent is killed', async (t) => {
  const hanging = counted(4);
  await using server = await serve(() => hanging.reached());
  const program = fileURLToPath(new URL('./support/orphan.ts', import.meta.url));
  const parent = spawn(process.execPath, [program, String(server.address.port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => parent.kill('SIGKILL'));
  const pid = Number(String(await once(parent.stdout, 'data')));
  await hanging.done;
  assert.equal(alive(pid), true);
  parent.kill('SIGKILL');
  await gone(pid, 2);
});

test('a generator that is stopped ends with its parent too', requirement('setpriv'), async (t) => {
  const asked = counted(4);
  await using server = await serve(() => asked.reached());
  const program = fileURLToPath(new URL('./support/orphan.ts', import.meta.url));
  const parent = spawn(process.execPath, [program, String(server.address.port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pid = Number(String(await once(parent.stdout, 'data')));
  process.kill(pid, 'SIGSTOP');
  t.after(() => alive(pid) && process.kill(pid, 'SIGKILL'));
  parent.kill('SIGKILL');
  await gone(pid, 2);
});

test('a generator that does not answer is killed and told, not waited for', linux, async () => {
  await using server = await serve((_request, response) => response.end());
  await using generator = await start(server);
  process.kill(generator.pid, 'SIGSTOP');
  await assert.rejects(generator.openWindow(), (error: Error) => {
    assert.ok(error instanceof EnvironmentError && error.code === 'generator-broken');
    assert.match(error.message, /it had not reported `opened` within 10 s/);
    return true;
  });
});

test('Ctrl-C, which reaches the whole process group, does not end the generator', async () => {
  const enough = counted(50);
  await using server = await serve((_request, response) => {
    enough.reached();
    response.end();
  });
  await using generator = await start(server);
  await generator.openWindow();
  process.kill(generator.pid, 'SIGINT');
  process.kill(generator.pid, 'SIGTERM');
  await enough.done;
  const work = await generator.closeWindow(10);
  assert.equal(work.completed, work.intended);
});

test('a generator that is held up counts every arrival of that time as late, not the first few alone', async () => {
  const enough = counted(150);
  await using server = await serve((_request, response) => {
    enough.reached();
    response.end();
  });
  const spec = httpSpec({ connections: 1 });
  const request = { seed: 1, cpuset: undefined };
  await using generator = await startGenerator(
    spec,
    { ...request, address: server.address },
    new AbortController().signal,
  );
  await generator.begin();
  await generator.openWindow();
  process.kill(generator.pid, 'SIGSTOP');
  await sleep(1000);
  process.kill(generator.pid, 'SIGCONT');
  await enough.done;
  const work = await generator.closeWindow(20);
  assert.equal(work.completed, work.intended);
  // 200 arrivals fell due while it was stopped. It finds the connection free for the first of them alone, which is less
  // than one in a hundred.
  assert.ok(work.lateness.p99Seconds > 0.5, `lateness ${work.lateness.p99Seconds}`);
  assert.ok((work.latency?.p50Seconds ?? 0) >= 0.2, `latency ${work.latency?.p50Seconds}`);
});

test('the generator runs on the CPUs it is given', linux, async () => {
  await using server = await serve((_request, response) => response.end());
  const allowed = /^Cpus_allowed_list:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  assert.ok(allowed !== undefined);
  await using generator = await start(server, undefined, allowed);
  assert.match(
    readFileSync(`/proc/${generator.pid}/status`, 'utf8'),
    new RegExp(`^Cpus_allowed_list:\\s*${allowed}$`, 'm'),
  );
});

test('CPUs that are not there are a fault of the machine, and its words are passed on', linux, async () => {
  await using server = await serve((_request, response) => response.end());
  await assert.rejects(start(server, undefined, '8000'), (error) => {
    assert.ok(error instanceof EnvironmentError);
    assert.match(error.details.join('\n'), /taskset/);
    return true;
  });
});

test('a window that was never opened cannot be closed', async () => {
  await using server = await serve((_request, response) => response.end());
  await using generator = await start(server);
  await assert.rejects(generator.closeWindow(1), (error) => {
    assert.ok(error instanceof EnvironmentError);
    assert.match(error.details.join('\n'), /before it was opened/);
    return true;
  });
});

async function start(
  server: Serving,
  signal: AbortSignal = new AbortController().signal,
  cpuset?: string,
): Promise<Generator> {
  const generator = await startGenerator(httpSpec(), { address: server.address, seed: 1, cpuset }, signal);
  await generator.begin();
  return generator;
}
