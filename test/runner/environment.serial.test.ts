import assert from 'node:assert/strict';
import { hostname, userInfo } from 'node:os';
import { test } from 'node:test';
import { machineChecks } from '../../src/runner/checks.ts';
import { dockerRunner } from '../../src/runner/docker/docker-runner.ts';
import { captureEnvironment, meminfoBytes } from '../../src/runner/environment.ts';
import { requirement } from '../requirements.ts';

test('the environment tells what bends figures, and no names of host or user', async () => {
  const environment = await captureEnvironment();
  for (const key of [
    'kernel',
    'cpuModel',
    'transparentHugePages',
    'cgroupVersion',
    'swapBytes',
    'clocksource',
    'virtualised',
  ]) {
    assert.ok(key in environment, key);
  }
  assert.equal(environment['nodeVersion'], process.version);
  assert.ok(Number(environment['cpuCount']) >= 1 && Number(environment['memoryBytes']) > 0);
  const words = JSON.stringify(Object.values(environment)).split(/[^\w.-]+/);
  assert.ok(!words.includes(hostname()) && !words.includes(userInfo().username));
});

test('with an engine, its version and cgroup driver are told too', requirement('docker'), async () => {
  const environment = await dockerRunner().environment();
  assert.match(String(environment['dockerVersion']), /^\d+\./);
  assert.ok(['cgroupfs', 'systemd'].includes(String(environment['dockerCgroupDriver'])));
});

test('every check has an id of its own, and what is not ok says what to do', async () => {
  const checks = await machineChecks();
  const ids = checks.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const id of [
    'cpus',
    'load',
    'cpu-governor',
    'huge-pages',
    'swap',
    'disk',
    'cgroup',
    'process-limits',
    'taskset',
    'go',
    'docker-engine',
  ]) {
    assert.ok(ids.includes(id), id);
  }
  for (const { id, status, remedy } of checks)
    assert.ok((status !== 'warn' && status !== 'fail') || remedy !== undefined, id);
});

test('a folder that is not there: its free space is unknown', async () => {
  const disk = (await machineChecks({ folder: '/nonexistent' })).find(({ id }) => id === 'disk');
  assert.equal(disk?.status, 'unknown');
});

test('fields of meminfo are KiB', () => {
  const text = 'MemTotal:       24684192 kB\nSwapTotal:             8 kB\n';
  assert.equal(meminfoBytes(text, 'SwapTotal'), 8192);
  assert.equal(meminfoBytes(text, 'SwapFree'), null);
  assert.equal(meminfoBytes(undefined, 'SwapFree'), null);
});
