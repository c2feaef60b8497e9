import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test, type TestContext } from 'node:test';
import { EnvironmentError } from '../../src/errors.ts';
import { USUAL_PATHS } from '../../src/experiment/probe-ids.ts';
import type { Sampling } from '../../src/experiment/experiment.ts';
import { readBuildInfo } from '../../src/executable/build-info.ts';
import { detectProbes } from '../../src/probe/detect.ts';
import { inferGogc, verifyGogc } from '../../src/go/effective-gogc.ts';
import { expvarProbe } from '../../src/probe/expvar.ts';
import type { Detection, Probe } from '../../src/probe/probe.ts';
import { procProbe } from '../../src/probe/proc.ts';
import type { Address, Daemon } from '../../src/runner/runner.ts';
import { requirement } from '../requirements.ts';
import { figure } from './fixtures.ts';
import { buildHeapd, startHeapd, type Heapd } from './heapd.ts';

const signal = (): AbortSignal => AbortSignal.timeout(20_000);
const linux = { skip: process.platform === 'linux' ? false : 'needs /proc' };

/** How an experiment says what to sample, with the paths of heapd. */
function sampling(inside: Sampling['inside'], memoryHz: Sampling['memoryHz'] = 'off'): Sampling {
  const paths = { ...USUAL_PATHS, pprof: '/debug/pprof/' };
  return { outsideHz: 10, insideHz: 1, memoryHz, inside, paths, gctrace: false };
}

/** What detection needs to know of a running program. */
function daemonOf({ address, pid }: { readonly address: Address | undefined; readonly pid: number }): Daemon {
  return {
    address,
    addresses: {},
    pid,
    inside: undefined,
    cgroup: undefined,
    engineStats: undefined,
    startUnixSeconds: undefined,
    output: (async function* () {})(),
    exited: Promise.withResolvers<never>().promise,
    fault: () => Promise.resolve(undefined),
    stop: () => assert.fail('detection stops nothing'),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** A detection that is closed when the test ends. */
async function detect(t: TestContext, ...args: Parameters<typeof detectProbes>): Promise<Detection> {
  const detection = await detectProbes(...args);
  t.after(async () => {
    for (const probe of [...detection.probes, ...(detection.edges ?? [])]) await probe[Symbol.asyncDispose]();
  });
  return detection;
}

const ids = (probes: readonly Probe[] | undefined): readonly string[] => (probes ?? []).map(({ id }) => id);
const byId = (probes: readonly Probe[] | undefined, id: string): Probe =>
  probes?.find((probe) => probe.id === id) ?? assert.fail(`no ${id}`);

/** Our own open files that belong to a process. */
async function openFilesOf(pid: number): Promise<readonly string[]> {
  const files = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  );
  return files.filter((file) => file.startsWith(`/proc/${pid}/`));
}

suite('probes of a real daemon', { ...requirement('go'), ...(linux.skip === false ? {} : linux) }, () => {
  let folder = '';
  let program = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gctune-test-'));
    program = await buildHeapd(folder);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** A heapd that is gone when the test has ended. */
  const start = async (t: TestContext, args: readonly string[], gogc = '100'): Promise<Heapd> => {
    const daemon = await startHeapd(program, args, { GOGC: gogc, GOMAXPROCS: '2' });
    t.after(() => daemon.stop());
    return daemon;
  };

  test('expvar is sampled, and Prometheus read at the edges for what MemStats lack', async (t) => {
    const daemon = await start(t, ['--live=8MiB', '--gogc-override=33']);
    const { probes, edges, tried } = await detect(t, daemonOf(daemon), sampling('auto'), signal());
    assert.deepEqual([ids(probes), ids(edges)], [['proc', 'expvar'], ['prometheus']]);
    assert.deepEqual([...new Set(tried.map(({ ok }) => ok))], [true]);

    const inside = await byId(probes, 'expvar').read(signal());
    assert.ok(figure(inside, 'heapAllocBytes') > 8 * 2 ** 20);
    assert.ok(figure(inside, 'readSeconds') > 0);
    const edge = await byId(edges, 'prometheus').read(signal());
    assert.deepEqual([edge?.gogcPercent, edge?.gomaxprocs], [33, 2]);
    const verdict = verifyGogc(100, inferGogc([{ v: edge ?? {} }]));
    assert.deepEqual(verdict, { ok: false, message: 'the target overrides GOGC: requested 100, effective 33' });
  });

  test('memory comes first, and what the target itself tells is compared with it and read at the edges', async (t) => {
    const daemon = await start(t, ['--live=8MiB', '--gogc-override=33']);
    const { probes, edges, disagreement } = await detect(t, daemonOf(daemon), sampling('auto', 100), signal());
    assert.deepEqual([ids(probes), ids(edges), disagreement], [['proc', 'memory'], ['expvar'], undefined]);
    const figures = await byId(probes, 'memory').read(signal());
    assert.deepEqual([figures?.gogcPercent, figures?.gomaxprocs], [33, 2]);
  });

  test('of a daemon that serves nothing, memory has each cycle', async (t) => {
    const daemon = await start(t, ['--live=8MiB', '--endpoints=none']);
    const { probes, edges } = await detect(t, daemonOf(daemon), sampling('auto', 100), signal());
    assert.deepEqual([ids(probes), ids(edges)], [['proc', 'memory'], []]);
    const memory = byId(probes, 'memory');
    const before = (await memory.read(signal())) ?? {};
    assert.equal(memory.cycle?.(), undefined, 'no cycle has ended since');
    let ended: ReturnType<NonNullable<Probe['cycle']>>;
    for (let request = 0; request < 400 && ended === undefined; request += 1) {
      await daemon.get('/work?garbage=1048576');
      ended = memory.cycle?.();
    }
    assert.equal(figure(ended, 'numGc'), figure(before, 'numGc') + 1);
    assert.ok(figure(ended, 'gcCpuSeconds') > figure(before, 'gcCpuSeconds'));
    assert.ok(figure(ended, 'lastGcUnixSeconds') > figure(before, 'lastGcUnixSeconds'));
    assert.ok(figure(ended, 'liveHeapBytes') > 8 * 2 ** 20);
    assert.equal(ended?.heapAllocBytes, undefined, 'only what a cycle changes');
    assert.equal(memory.cycle?.(), undefined, 'it is told once');
    await daemon.stop();
    assert.equal(memory.cycle?.(), undefined);
    assert.equal(await memory.read(signal()), undefined);
  });

  test('memory that differs from what the target tells is not read, and that is said', async (t) => {
    const daemon = await start(t, ['--live=8MiB', '--endpoints=none']);
    const other = await start(t, ['--live=64MiB'], '50');
    const mixed = daemonOf({ address: other.address, pid: daemon.pid });
    const { probes, edges, disagreement } = await detect(t, mixed, sampling('auto', 100), signal());
    assert.deepEqual([ids(probes), ids(edges)], [['proc', 'expvar'], ['prometheus']]);
    assert.match(disagreement ?? '', /^\S.* is \S+ by its own account, and \S+ in its memory$/);
    assert.deepEqual(
      await openFilesOf(daemon.pid).then((files) => files.filter((file) => /mem|pagemap/.test(file))),
      [],
    );
  });

  test('a Go release that nobody has looked at is read over HTTP as before', async (t) => {
    const version = (await readBuildInfo(program))?.goVersion ?? '';
    const forged = join(folder, 'forged');
    const bytes = await readFile(program);
    const claimed = version.replace(/^go1\.\d\d/, 'go1.99');
    for (let at = bytes.indexOf(version); at >= 0; at = bytes.indexOf(version, at + 1)) bytes.write(claimed, at);
    await writeFile(forged, bytes, { mode: 0o755 });
    const daemon = await startHeapd(forged, ['--live=1MiB'], {});
    t.after(() => daemon.stop());
    const { probes, tried, disagreement } = await detect(t, daemonOf(daemon), sampling('auto', 100), signal());
    assert.deepEqual([ids(probes), disagreement], [['proc', 'expvar'], undefined]);
    assert.match(
      tried.find(({ probe }) => probe === 'memory')?.message ?? '',
      /^where go1\.99.* is unknown; Go 1\.19 to/,
    );
    await assert.rejects(detectProbes(daemonOf(daemon), sampling('memory', 100), signal()), {
      code: 'probe-silent',
      message: /^the experiment sets the source memory, but it does not answer: where go1\.99/,
    });
  });

  for (const [endpoints, main, edge] of [
    ['metrics,pprof', 'prometheus', []],
    ['vars,pprof', 'expvar', []],
    ['pprof', 'pprof', []],
  ] as const) {
    test(`of a daemon with ${endpoints} alone, ${main} is sampled`, async (t) => {
      const daemon = await start(t, ['--live=1MiB', `--endpoints=${endpoints}`]);
      const { probes, edges } = await detect(t, daemonOf(daemon), sampling('auto'), signal());
      assert.deepEqual([ids(probes), ids(edges)], [['proc', main], edge]);
      assert.ok(figure(await byId(probes, main).read(signal()), 'heapSysBytes') > 2 ** 20);
    });
  }

  test('of a daemon that shows nothing, what was tried is told', async (t) => {
    const daemon = await start(t, ['--live=1MiB', '--endpoints=none']);
    const { probes, edges, tried } = await detect(t, daemonOf(daemon), sampling('auto'), signal());
    assert.deepEqual([ids(probes), ids(edges)], [['proc'], []]);
    assert.deepEqual(tried.slice(1), [
      { probe: 'expvar', ok: false, message: 'GET /debug/vars answered 404' },
      { probe: 'prometheus', ok: false, message: 'GET /metrics answered 404' },
      { probe: 'pprof', ok: false, message: 'GET /debug/pprof/heap?debug=1 answered 404' },
    ]);
  });

  test('a pinned source is the only one that is asked; `none` asks nothing', async (t) => {
    const daemon = await start(t, ['--live=1MiB']);
    for (const source of ['expvar', 'prometheus', 'pprof'] as const) {
      const { probes, edges, tried } = await detect(t, daemonOf(daemon), sampling(source), signal());
      assert.deepEqual([ids(probes), ids(edges), tried.length], [['proc', source], [], 2]);
    }
    const { probes, tried } = await detect(t, daemonOf(daemon), sampling('none'), signal());
    assert.deepEqual([ids(probes), tried.length], [['proc'], 1]);
  });

  test('a pinned source that does not answer is an error, and leaves no file open', async (t) => {
    const daemon = await start(t, ['--live=1MiB', '--endpoints=vars']);
    await assert.rejects(detectProbes(daemonOf(daemon), sampling('pprof'), signal()), (error) => {
      assert.ok(error instanceof EnvironmentError);
      assert.equal(error.code, 'probe-silent');
      assert.match(error.message, /sets the source pprof at \/debug\/pprof\/, .*answered 404/);
      assert.notEqual(error.hint, undefined);
      return true;
    });
    assert.deepEqual(await openFilesOf(daemon.pid), []);
  });

  test('an abort is no silence', async (t) => {
    const daemon = await start(t, ['--live=1MiB']);
    const aborted = AbortSignal.abort(new Error('interrupted'));
    await assert.rejects(detectProbes(daemonOf(daemon), sampling('pprof'), aborted), /^Error: interrupted$/);
    assert.deepEqual(await openFilesOf(daemon.pid), []);
  });

  test('a process that has ended has nothing more to say', async (t) => {
    const daemon = await start(t, ['--live=1MiB']);
    const { probes } = await detect(t, daemonOf(daemon), sampling('expvar'), signal());
    await daemon.stop();
    assert.equal(await byId(probes, 'proc').read(signal()), undefined);
    await assert.rejects(byId(probes, 'expvar').read(signal()));

    const late = await detect(t, daemonOf(daemon), sampling('auto'), signal());
    assert.deepEqual(late.probes, []);
    assert.ok(late.tried.every(({ ok, message }) => !ok && message !== ''));
  });

  test('a probe that was disposed of reads no other file in its place', async (t) => {
    const daemon = await start(t, ['--live=1MiB']);
    const probe = procProbe(daemon.pid);
    await probe[Symbol.asyncDispose]();
    await probe[Symbol.asyncDispose]();
    // The system gives the numbers of closed files to the next ones.
    await using other = procProbe(process.pid);
    assert.notEqual(await other.read(signal()), undefined);
    assert.equal(await probe.read(signal()).catch(() => undefined), undefined);
    assert.deepEqual(await openFilesOf(daemon.pid), []);
  });
});

test('the engine is asked only where neither process nor cgroup can be read', async (t) => {
  const engineStats = async (): Promise<unknown> => ({ memory_stats: { usage: 5, stats: { anon: 3 } } });
  const container = { ...daemonOf({ address: undefined, pid: process.pid }), engineStats };
  const seen = await detect(t, container, sampling('auto'), signal());
  assert.ok(!ids(seen.probes).includes('docker-stats'));
  const hidden = await detect(t, { ...container, pid: undefined }, sampling('auto'), signal());
  assert.deepEqual(ids(hidden.probes), ['docker-stats']);
  assert.deepEqual(await hidden.probes[0]?.read(signal()), { cgroupUsageBytes: 5, cgroupAnonBytes: 3 });
  await assert.rejects(detectProbes(container, sampling('expvar'), signal()), { code: 'probe-silent' });
});

suite('answers that cannot be used', () => {
  /** A server on loopback. */
  async function serve(t: TestContext, listener: RequestListener): Promise<Address> {
    const server = createServer(listener).listen(0, '127.0.0.1');
    await new Promise((listening) => server.once('listening', listening));
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    const address = server.address();
    return { host: '127.0.0.1', port: typeof address === 'object' ? (address?.port ?? 0) : 0 };
  }

  const read = async (address: Address, within = signal()): Promise<unknown> => {
    await using probe = expvarProbe(address, '/debug/vars');
    return await probe.read(within);
  };

  test('nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((listening) => server.once('listening', listening));
    const address = server.address();
    await new Promise((closed) => server.close(closed));
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    await assert.rejects(read({ host: '127.0.0.1', port }), /ECONNREFUSED/);
  });

  test('a body without end, announced or not', async (t) => {
    const piece = Buffer.alloc(2 ** 20, ' ');
    for (const headers of [{}, { 'content-length': String(2 ** 30) }]) {
      let sent = 0;
      const address = await serve(t, (_request, response) => {
        response.writeHead(200, headers);
        const more = (): void => {
          if (response.destroyed || sent >= 64) return;
          sent += 1;
          response.write(piece, more);
        };
        more();
      });
      await assert.rejects(read(address), /size|ResponseExceeded|exceeded/i);
      assert.ok(sent < 64, `${sent} MiB were taken`);
    }
  });

  test('an error page, a redirection, a body that is something else', async (t) => {
    for (const [status, body, reason] of [
      [503, 'starting', /^Error: GET \/debug\/vars answered 503$/],
      [302, '', /answered 302/],
      [204, '', /answered 204/],
      [200, '<html>', /not JSON/],
    ] as const) {
      const address = await serve(t, (_request, response) =>
        response.writeHead(status, { location: 'http://127.0.0.1:9/' }).end(body),
      );
      await assert.rejects(read(address), reason);
    }
  });

  test('no answer at all, until the signal', async (t) => {
    let asked = 0;
    const stop = new AbortController();
    const address = await serve(t, () => {
      asked += 1;
      stop.abort(new Error('waited long enough'));
    });
    await assert.rejects(read(address, stop.signal), /waited long enough/);
    assert.equal(asked, 1);
  });
});
