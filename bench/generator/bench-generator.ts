import { availableParallelism, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import type { HttpWorkload } from '../../src/experiment/experiment.ts';
import type { WorkDone } from '../../src/results/format.ts';
import { startGenerator } from '../../src/workload/generator.ts';
import type { BenchRow } from '../row.ts';
import { startTrivialServer, type TrivialServer } from './trivial-server.ts';

const connections = 32;
const fastPerSecond = 10_000;
const slowPerSecond = 200;

/**
 * What the load generator reaches from one CPU against a server that does next to nothing on another: its rate, how
 * late it sends, and what it uses of its CPU; beside it wrk, which is closed-loop and so shows what the server can bear.
 */
export async function benchGenerator(): Promise<BenchRow[]> {
  const cpus =
    availableParallelism() > 1 ? { server: '0', generator: '1' } : { server: undefined, generator: undefined };
  const before = loadavg()[0] ?? 0;
  await using server = await startTrivialServer(taskset(cpus.server));
  const fast = await generate(server, fastPerSecond, cpus.generator, 10);
  const slow = await generate(server, slowPerSecond, cpus.generator, 5);
  const where = `${server.language} server, ${connections} connections; the machine's load was ${before.toFixed(1)} before`;
  return [
    atLeast('generator: answered of 10,000/s', fast.completed / fast.intended, 0.99, percent, where),
    atMost(
      'generator: p99 lateness at 10,000/s',
      fast.lateness.p99Seconds,
      0.002,
      milliseconds,
      `max ${milliseconds(fast.lateness.maxSeconds)}`,
    ),
    shown('generator: latency at 10,000/s', latencyOf(fast)),
    shown('generator: its CPU at 10,000/s', percent(cpuShare(fast))),
    shown(
      'generator: p99 lateness at 200/s',
      milliseconds(slow.lateness.p99Seconds),
      `a bare sleep of 4.5 ms overshoots by p99 ${milliseconds(sleepOvershoot())} here and now`,
    ),
    atMost('generator: its CPU at 200/s', cpuShare(slow), 0.3, percent, 'of one CPU'),
    await wrk(server, cpus.generator),
  ];
}

async function generate(
  { address }: TrivialServer,
  perSecond: number,
  cpuset: string | undefined,
  seconds: number,
): Promise<WorkDone> {
  const spec: HttpWorkload = {
    kind: 'http',
    requests: [{ method: 'GET', path: '/?n={int:1..1000000}', headers: {}, body: undefined, weight: 1 }],
    rate: { kind: 'constant', perSecond },
    arrivals: 'poisson',
    timeoutSeconds: 10,
    connections,
  };
  await using generator = await startGenerator(spec, { address, seed: 1, cpuset }, new AbortController().signal);
  await generator.begin();
  // The warm-up that every trial has: the generator's code is compiled and its connections are opened in it.
  await sleep(2000);
  await generator.openWindow();
  await sleep(seconds * 1000);
  return await generator.closeWindow(5);
}

async function wrk({ address }: TrivialServer, cpuset: string | undefined): Promise<BenchRow> {
  const url = `http://${address.host}:${address.port}/`;
  const argv = [...taskset(cpuset), 'wrk', '-t1', `-c${connections}`, '-d5s', '--latency', url];
  const { stdout, failed } = await execa(argv[0] ?? '', argv.slice(1), { reject: false, stdin: 'ignore' });
  if (failed) return shown('wrk, closed loop', 'not installed');
  const figure = (pattern: RegExp): string => pattern.exec(stdout)?.[1] ?? '?';
  const latency = `p50 ${figure(/^\s*50%\s+(\S+)/m)}, p99 ${figure(/^\s*99%\s+(\S+)/m)}`;
  return shown('wrk, closed loop', `${figure(/^Requests\/sec:\s+(\S+)/m)}/s`, latency);
}

/** How late the kernel itself wakes a sleeper on this machine: what lateness at a low rate is to be compared with. */
function sleepOvershoot(): number {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const overshoots = Array.from({ length: 500 }, () => {
    const start = performance.now();
    Atomics.wait(cell, 0, 0, 4.5);
    return (performance.now() - start - 4.5) / 1000;
  });
  return overshoots.sort((a, b) => a - b)[494] ?? Number.NaN;
}

function taskset(cpuset: string | undefined): readonly string[] {
  return cpuset === undefined ? [] : ['taskset', '-c', cpuset];
}

function cpuShare(work: WorkDone): number {
  return (work.generatorCpuSeconds ?? Number.NaN) / work.windowSeconds;
}

function latencyOf({ latency }: WorkDone): string {
  if (latency === undefined) return 'none';
  const { p50Seconds = NaN, p99Seconds = NaN, p999Seconds = NaN } = latency;
  return `p50 ${milliseconds(p50Seconds)}, p99 ${milliseconds(p99Seconds)}, p99.9 ${milliseconds(p999Seconds)}`;
}

type Format = (value: number) => string;

function atMost(name: string, value: number, most: number, format: Format, detail: string): BenchRow {
  return { name, value: format(value), limit: `≤ ${format(most)}`, ok: value <= most, detail };
}

function atLeast(name: string, value: number, least: number, format: Format, detail: string): BenchRow {
  return { name, value: format(value), limit: `≥ ${format(least)}`, ok: value >= least, detail };
}

function shown(name: string, value: string, detail?: string): BenchRow {
  return { name, value, limit: '', ok: true, ...(detail === undefined ? {} : { detail }) };
}

function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(1)} %`;
}

function milliseconds(seconds: number): string {
  return `${(seconds * 1000).toFixed(2)} ms`;
}
