import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { readBuildInfo } from '../../src/executable/build-info.ts';
import { parseProcStat } from '../../src/linux/proc-stat.ts';
import { parseExpvar } from '../../src/probe/expvar.ts';
import { parsePrometheus } from '../../src/probe/prometheus.ts';
import { disagreementOf } from '../../src/runtime-memory/agreement.ts';
import { attachRuntime } from '../../src/runtime-memory/attach.ts';
import { RuntimeRefused, type RefusedCode } from '../../src/runtime-memory/refused.ts';
import { buildHeapd, startHeapd, type Heapd } from '../probe/heapd.ts';
import { requirement } from '../requirements.ts';

const linux = process.platform === 'linux';
const HEAPD = join(import.meta.dirname, '../../experiments/targets/heapd');
/** Replaces itself with another program when it is told to. */
const REPLACES_ITSELF = `package main

import (
	"os"
	"runtime"
	"syscall"
)

func main() {
	runtime.GC()
	os.Stdout.WriteString("ready\\n")
	os.Stdin.Read(make([]byte, 1))
	syscall.Exec(os.Args[0], []string{os.Args[0], "again"}, os.Environ())
}
`;
let folder = '';
let plain = '';
let bare = '';

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gctune-memory-'));
  if (!linux || requirement('go').skip !== false) return;
  plain = await buildHeapd(folder);
  bare = join(folder, 'bare');
  await execa('go', ['build', '-trimpath', '-buildmode=pie', '-ldflags=-s -w', '-o', bare, '.'], {
    cwd: HEAPD,
    env: { GOTOOLCHAIN: 'local', CGO_ENABLED: '0', GOFLAGS: '' },
  });
});
after(() => rm(folder, { recursive: true, force: true }));

async function refusedWith(code: RefusedCode, pid: number): Promise<RuntimeRefused> {
  try {
    (await attachRuntime(pid)).close();
  } catch (error) {
    assert.ok(error instanceof RuntimeRefused, String(error));
    assert.equal(error.code, code, error.message);
    return error;
  }
  return assert.fail(`it was not refused`);
}

/** Every cycle by itself: the figures that both sources have, over enough pairs that none is left out for a cycle in between. */
async function assertAgrees(heapd: Heapd): Promise<void> {
  using reader = await attachRuntime(heapd.pid);
  for (const [path, parse] of [
    ['/debug/vars', parseExpvar],
    ['/metrics', parsePrometheus],
  ] as const) {
    for (let pair = 0; pair < 5; pair += 1) {
      const first = reader.read()?.figures;
      const told = parse(await heapd.get(path));
      const second = reader.read()?.figures;
      assert.ok(first !== undefined && second !== undefined);
      assert.equal(disagreementOf(first, told, second), undefined);
    }
  }
}

describe('the runtime of a living process', { skip: requirement('go').skip || (linux ? false : 'needs /proc') }, () => {
  for (const [name, program] of [
    ['as it is built', () => plain],
    ['stripped, and placed at random', () => bare],
  ] as const) {
    test(`${name}, idle: what it tells is what its memory says`, async () => {
      await using heapd = await startHeapd(program(), [], { GOGC: '75', GOMEMLIMIT: '512MiB' });
      await assertAgrees(heapd);
      using reader = await attachRuntime(heapd.pid);
      const reading = reader.read();
      assert.equal(reading?.figures.gogcPercent, 75);
      assert.equal(reading?.figures.gomemlimitBytes, 512 * 2 ** 20);
      assert.ok((reading?.limitGoalBytes ?? NaN) > (reading?.gogcGoalBytes ?? NaN));
    });

    test(`${name}, at work under a memory limit that binds`, async () => {
      await using heapd = await startHeapd(program(), ['--garbage=1MiB'], { GOGC: 'off', GOMEMLIMIT: '24MiB' });
      // Enough for some cycles.
      for (let i = 0; i < 60; i += 1) await heapd.get(`/work?session=${i}`);
      const working = Promise.all(Array.from({ length: 200 }, (_, i) => heapd.get(`/work?session=${i}&garbage=65536`)));
      await assertAgrees(heapd);
      await working;
      using reader = await attachRuntime(heapd.pid);
      const reading = reader.read();
      assert.ok((reading?.figures.numGc ?? 0) > 2);
      assert.equal(reading?.gogcGoalBytes, Infinity);
      assert.equal(reading?.figures.nextGcBytes, reading?.limitGoalBytes);
    });
  }

  test('reading costs the process nothing: no fault, no tick, no page of the untouched 32 MiB of a Go that links crypto', async () => {
    await using heapd = await startHeapd(plain, [], {});
    const cost = (): string => {
      const stat = readFileSync(`/proc/${heapd.pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const tables = /^VmPTE:.*$/m.exec(readFileSync(`/proc/${heapd.pid}/status`, 'utf8'))?.[0];
      return JSON.stringify({ minorFaults: fields[7], ticks: parseProcStat(stat)?.cpuTicks, tables });
    };
    // Its runtime tidies up for some moments after the start.
    await sleep(500);
    const before = cost();
    using reader = await attachRuntime(heapd.pid);
    for (let i = 0; i < 200; i += 1) reader.read();
    assert.equal(cost(), before);
  });

  test('the end of the process is noticed, and so is another program in its place', async () => {
    await writeFile(join(folder, 'main.go'), REPLACES_ITSELF);
    const program = join(folder, 'replaces-itself');
    await execa('go', ['build', '-o', program, 'main.go'], {
      cwd: folder,
      env: { GOTOOLCHAIN: 'local', CGO_ENABLED: '0', GOFLAGS: '', GO111MODULE: 'off' },
    });
    const child: ChildProcess = spawn(program, { stdio: ['pipe', 'pipe', 'ignore'] });
    try {
      await once(child.stdout!, 'data');
      using reader = await attachRuntime(child.pid ?? 0);
      assert.equal(reader.read()?.figures.numGc, 1);
      child.stdin!.write('x');
      await once(child.stdout!, 'data');
      assert.equal(reader.read(), undefined, 'it has replaced itself, by the same program under the same number');
      using again = await attachRuntime(child.pid ?? 0);
      assert.equal(again.read()?.figures.numGc, 1);
      child.kill('SIGKILL');
      await once(child, 'exit');
      assert.equal(again.read(), undefined, 'it has ended');
      again.close();
      again.close();
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('before the first cycle all but CPU time and live heap is known, and after it everything', async () => {
    await using heapd = await startHeapd(plain, ['--live=64KiB'], { GOGC: 'off' });
    using reader = await attachRuntime(heapd.pid);
    const young = reader.read()?.figures;
    assert.equal(young?.numGc, 0);
    assert.equal(young?.gogcPercent, -1);
    assert.equal(young?.gcCpuSeconds, 0);
    assert.equal(young?.liveHeapBytes, undefined);
    assert.ok((young?.heapAllocBytes ?? 0) > 0);
    await heapd.get('/debug/pprof/heap?gc=1');
    const old = reader.read()?.figures;
    assert.equal(old?.numGc, 1);
    assert.ok((old?.gcCpuSeconds ?? 0) > 0 && (old?.liveHeapBytes ?? 0) > 64 * 1024);
  });

  test('a Go that nobody has looked at is refused, and so is one that is not what it says', async () => {
    const version = (await readBuildInfo(plain))?.goVersion ?? '';
    for (const [claimed, code] of [
      [version.replace(/^go1\.\d\d/, 'go1.99'), 'unknown-version'],
      [version.replace(/^go1\.\d\d/, 'go1.19'), 'does-not-fit'],
    ] as const) {
      const forged = join(folder, code);
      await copyFile(bare, forged);
      const bytes = await readFile(forged);
      for (let at = bytes.indexOf(version); at >= 0; at = bytes.indexOf(version, at + 1)) bytes.write(claimed, at);
      await writeFile(forged, bytes);
      assert.equal((await readBuildInfo(forged))?.goVersion, claimed);
      await using heapd = await startHeapd(forged, [], {});
      await refusedWith(code, heapd.pid);
    }
  });

  test('what is no Go program, is not there or belongs to another is refused with the reason', async (t) => {
    await refusedWith('not-go', process.pid);
    await refusedWith('no-such-process', 999_999_999);
    const denied = requirement('setpriv', 'root').skip;
    if (denied !== false) return t.skip(denied);
    await using heapd = await startHeapd(plain, [], {});
    const script = `import { attachRuntime } from ${JSON.stringify(new URL('../../src/runtime-memory/attach.ts', import.meta.url).href)};
      try { await attachRuntime(${heapd.pid}); } catch (error) { console.log(JSON.stringify({ code: error.code, message: error.message, hint: error.hint })); }`;
    const as = [
      '--reuid=65534',
      '--regid=65534',
      '--clear-groups',
      process.execPath,
      '--input-type=module',
      '-e',
      script,
    ];
    const { stdout } = await execa('setpriv', as);
    const said = JSON.parse(stdout) as { code: string; message: string; hint: string };
    assert.equal(said.code, 'not-permitted');
    assert.match(said.message, /belongs to another user \(0\)/);
    assert.equal(said.hint, 'try as root');
  });
});
