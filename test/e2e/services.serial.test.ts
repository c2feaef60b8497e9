import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome } from '../../src/results/format.ts';
import { postgresFolder, requirement } from '../requirements.ts';
import { gctune, leftovers, root, scratch, trialFolders } from './gctune.ts';

const heapd = join(root, 'experiments/targets/heapd');

/** An experiment of heapd with some services, whose trials count however noisy the machine is. */
const experiment = (services: string, more = ''): string => `name: services
target:
  package: ${heapd}
  args: [--listen, "{host}:{port}", --live, 2MiB]
  port: auto
  ready: { http: /healthz, within: 20s }
  ${more}
services:
${services}
matrix: { gogc: [100] }
workloads: { steady: { http: { path: /work, rate: 50/s } } }
phases: { warmup: 200ms, measure: 1s }
validity: { drift: 100%, achieved_rate: 1%, lateness: 5s, error_rate: 100%, retries: 0 }
blocks: 1
`;

const postgres = (bin: string, user: string): string => `name: notes
services:
  db:
    command: ${bin}/postgres
    args: [-D, '{data}', -h, '{host}', -p, '{port}', -c, unix_socket_directories=, -c, fsync=off]
    port: auto
    ${user}
    prepare: [{ run: [${bin}/initdb, -D, '{data}', --auth=trust, --username=notes, --no-sync] }]
    ready: { output: ready to accept connections, within: 30s }
target:
  package: ${join(root, 'experiments/targets/notesd')}
  args: [--listen, '{host}:{port}', --database, 'postgres://notes@{service:db}/postgres?sslmode=disable']
  port: auto
  ready: { http: /healthz, within: 20s }
runner: process
matrix: { gogc: [50, 100] }
workloads: { read: { http: { path: '/notes/{int:1..100}', rate: 100/s } } }
phases: { warmup: 300ms, measure: 1s }
validity: { drift: 100%, achieved_rate: 50%, lateness: 5s, error_rate: 0% }
blocks: 1
`;

/** Every trial was served to its end; that this machine stalled in one is no fault of a service. */
async function assertServed(results: string): Promise<void> {
  for (const trial of await trialFolders(results)) {
    const { outcome } = JSON.parse(await readFile(join(trial, 'trial.json'), 'utf8')) as { outcome: Outcome };
    const stalled = outcome.kind === 'invalid' && outcome.apparatus && outcome.reason !== 'service-ended';
    if (!stalled) assert.deepEqual(outcome, { kind: 'completed' });
  }
}

interface Running {
  readonly trial: string;
  readonly cpus: string;
  readonly cgroup: string;
  readonly command: string;
}

/** The programs of a gctune that run now. */
function programsOf(owner: number): readonly Running[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const read = (file: string): string => readFileSync(`/proc/${pid}/${file}`, 'utf8');
      const environment = read('environ');
      if (!new RegExp(`(?:^|\0)GCTUNE_OWNER=${owner}:`).test(environment)) return [];
      const trial = /(?:^|\0)GCTUNE_TRIAL=([^\0]*)/.exec(environment)?.[1] ?? '';
      const cpus = /^Cpus_allowed_list:\s*(.*)$/m.exec(read('status'))?.[1] ?? '';
      return [{ trial, cpus, cgroup: read('cgroup'), command: read('comm').trim() }];
    } catch {
      return [];
    }
  });
}

test(
  'an API over PostgreSQL: the database is fresh for each trial, on other CPUs, in another account; what a kill -9 leaves, resume removes',
  requirement('go', 'postgres', 'setpriv'),
  async (t) => {
    const folder = await scratch(t);
    const file = join(folder, 'notes.yaml');
    await writeFile(file, postgres(postgresFolder() ?? '', 'user: postgres'));
    const results = join(folder, 'results');
    // That a trial counts says that its database was empty: notesd refuses one that has its table.
    const run = await gctune(['run', file, '--output', results]);
    assert.ok(run.code === 0 || run.code === 4, run.stderr);
    await assertServed(results);
    assert.deepEqual(await leftovers(), []);

    const killed = join(folder, 'killed');
    let pid = 0;
    const ended = gctune(['run', file, '--output', killed], { onSpawn: (spawned) => (pid = spawned) });
    let over = false;
    void ended.then(() => (over = true));
    let seen: readonly Running[] = [];
    while (!seen.some(({ command }) => command === 'postgres') || !seen.some(({ command }) => command === 'notesd')) {
      assert.ok(!over, 'gctune ended before it could be killed');
      await sleep(20);
      seen = programsOf(pid);
    }
    process.kill(pid, 'SIGKILL');
    await ended;
    const target = seen.find(({ command }) => command === 'notesd') ?? assert.fail();
    for (const service of seen.filter(({ command }) => command === 'postgres')) {
      assert.equal(service.trial, `${target.trial}-db`);
      assert.notEqual(service.cpus, target.cpus);
      if (process.getuid?.() === 0) assert.notEqual(service.cgroup, target.cgroup);
    }
    assert.notDeepEqual(await leftovers(), []);
    const [killedRun = ''] = await readdir(killed);
    const resumed = await gctune(['resume', join(killed, killedRun)]);
    assert.ok(resumed.code === 0 || resumed.code === 4, resumed.stderr);
    assert.ok((await trialFolders(killed)).length >= 3);
    assert.deepEqual(await leftovers(), []);
  },
);

test(
  'a service that does not become ready is named with its last lines',
  requirement('go', 'postgres', 'root'),
  async (t) => {
    const folder = await scratch(t);
    const file = join(folder, 'notes.yaml');
    // PostgreSQL refuses to run as root.
    const text = postgres(postgresFolder() ?? '', '').replace(/^ +prepare:.*\n/m, '');
    await writeFile(file, text);
    const run = await gctune(['run', file, '--output', join(folder, 'results')]);
    assert.equal(run.code, 3, run.stderr);
    assert.match(run.stderr, /the service db did not become ready \(it has 30 s\): it ended with code 1/);
    assert.match(run.stderr, /"root" execution of the PostgreSQL server is not permitted/);
    assert.deepEqual(await leftovers(), []);
  },
);

for (const runner of ['process', 'docker'] as const) {
  test(
    `services with the ${runner} runner: by placeholder, for a trial and for the run; nothing is left`,
    requirement('go', ...(runner === 'docker' ? (['docker'] as const) : [])),
    async (t) => {
      const folder = await scratch(t);
      const file = join(folder, 'services.yaml');
      const service = `{ package: ${heapd}, args: [--listen, "{host}:{port}"], port: auto, ready: { http: /healthz }`;
      await writeFile(
        file,
        `runner: ${runner}\n${experiment(`  whole: ${service}, start: run }\n  part: ${service}, env: { WHOLE: "{service:whole}" } }`, 'env: { PART: "{service:part}", WHOLE: "{service_host:whole}" }')}`,
      );
      const results = join(folder, 'results');
      const run = await gctune(['run', file, '--output', results]);
      assert.ok(run.code === 0 || run.code === 4, run.stderr);
      await assertServed(results);
      assert.deepEqual(await leftovers(), []);
    },
  );
}

test('a service that ends in the window makes the trial invalid', requirement('go'), async (t) => {
  const folder = await scratch(t);
  const file = join(folder, 'services.yaml');
  await writeFile(file, `runner: process\n${experiment('  brief: { command: sleep, args: ["0.9"] }')}`);
  const results = join(folder, 'results');
  await gctune(['run', file, '--output', results]);
  for (const trial of await trialFolders(results)) {
    const { outcome } = JSON.parse(await readFile(join(trial, 'trial.json'), 'utf8')) as { outcome: object };
    assert.deepEqual(outcome, {
      kind: 'invalid',
      reason: 'service-ended',
      message: 'the service brief ended with code 0; the last that it printed: nothing',
      apparatus: true,
    });
  }
  assert.deepEqual(await leftovers(), []);
});

test('files of the experiment reach a data folder, with ports filled into templates; a unix socket says that it is ready', async (t) => {
  const folder = await scratch(t);
  await mkdir(join(folder, 'site/pages'), { recursive: true });
  await writeFile(join(folder, 'site/pages/one.txt'), 'a page');
  await writeFile(
    join(folder, 'conf.json'),
    '{"port": {port}, "socket": "{data}/api.sock", "page": "{data}/site/pages/one.txt"}',
  );
  await writeFile(
    join(folder, 'server.mjs'),
    `import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
const { port, socket, page } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const text = readFileSync(page, 'utf8');
createServer((_, response) => response.end(text)).listen(port, '127.0.0.1');
createServer((_, response) => response.end(text)).listen(socket);
`,
  );
  const service = (from: string): string => `
  api:
    command: ${process.execPath}
    args: ['{data}/server.mjs', '{data}/conf.json']
    port: auto
    files:
      - { from: ${from}, to: server.mjs }
      - { from: conf.json, to: conf.json, template: true }
      - { from: site, to: site }
    ready: { unix: '{data}/api.sock', within: 10s }`;
  const file = join(folder, 'services.yaml');
  await writeFile(file, `runner: process\n${experiment(service('server.mjs'))}`);
  const results = join(folder, 'results');
  const run = await gctune(['run', file, '--output', results]);
  assert.ok(run.code === 0 || run.code === 4, run.stderr);
  assert.deepEqual(await leftovers(), []);

  await writeFile(file, `runner: process\n${experiment(service('../server.mjs'))}`);
  const outside = await gctune(['validate', file]);
  assert.equal(outside.code, 2);
  assert.match(
    outside.stderr + outside.stdout,
    /services\.api\.files\[0\]\.from: "\.\.\/server\.mjs" is not a file or folder inside/,
  );
  await symlink('/etc/hostname', join(folder, 'link'));
  await writeFile(file, `runner: process\n${experiment(service('link'))}`);
  const linked = await gctune(['run', file, '--output', results]);
  assert.match(linked.stderr, /services\.api\.files: link is a link, or lies behind one/);
  assert.equal((await readdir(results)).length, 1, 'a run of which nothing was measured is not kept');
});
