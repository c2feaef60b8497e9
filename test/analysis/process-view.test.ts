import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { containerRows } from '../../src/analysis/explain/container-memory.ts';
import { EXPLANATION_VERSION, type ExplanationDocument } from '../../src/analysis/explain/explanation-document.ts';
import { settingsInForce } from '../../src/analysis/explain/in-force.ts';
import { withProcessView } from '../../src/analysis/explain/process-view.ts';
import { reconcile } from '../../src/analysis/explain/reconcile.ts';
import { parseGoEnvironment } from '../../src/go/environment.ts';
import { SmapsReader } from '../../src/linux/smaps.ts';
import { cgroupMemory } from '../../src/probe/cgroup.ts';
import { writeText } from '../../src/report/document/write-text.ts';
import { explainRows } from '../../src/report/explain/explain-rows.ts';
import { limitText, viewBlocks } from '../../src/report/explain/view-blocks.ts';

const MIB = 2 ** 20;
const KIB = 1024;

/** Figures of one read as Go's pacer makes them, in MiB: `other` is what is mapped and no heap. */
function figures(of: {
  live: number;
  objects: number;
  idle: number;
  other: number;
  goal: number;
  cycle?: number;
  limiter?: number;
}) {
  const released = 10;
  return {
    liveHeapBytes: of.live * MIB,
    heapAllocBytes: of.objects * MIB,
    heapIdleBytes: (of.idle + released) * MIB,
    heapReleasedBytes: released * MIB,
    sysBytes: (of.objects + of.idle + of.other + released) * MIB,
    nextGcBytes: of.goal * MIB,
    numGc: of.cycle ?? 100,
    limiterLastCycle: of.limiter ?? 0,
    gogcPercent: 100,
  };
}

test('a limit has room where GOGC sets a lower goal', () => {
  const of = settingsInForce(
    { ...figures({ live: 50, objects: 70, idle: 20, other: 10, goal: 100 }), gomemlimitBytes: 512 * MIB },
    {},
  );
  assert.equal(of.limit, 'room');
  // 512 − 10 less 3 % headroom.
  assert.equal(of.limitGoalBytes, 502 * MIB - 0.03 * 502 * MIB);
  assert.match(
    limitText(of),
    /GOMEMLIMIT \(512 MiB\) has room: Go holds 100 MiB\. GOGC sets the heap goal \(100 MiB\)/,
  );
});

test('a limit binds where the goal is its own, and says as which GOGC that is', () => {
  const of = settingsInForce(
    { ...figures({ live: 50, objects: 60, idle: 7.6, other: 10, goal: 77.6 }), gomemlimitBytes: 90 * MIB },
    {},
  );
  assert.equal(of.limit, 'binds');
  assert.equal(Math.round(of.effectiveGogc ?? 0), 55);
  assert.match(limitText(of), /binds: .*instead of GOGC, so the collector runs as with GOGC=55/);
  // GOGC=100 wants 100 MiB of heap: with 3 % headroom and 10 MiB of other memory that is a limit of 113.1 MiB.
  assert.equal(Math.round((of.roomyLimitBytes ?? 0) / MIB), 113);
});

test('a limit thrashes where the goal is at the live heap, and where the limiter was on of late', () => {
  const cliff = figures({ live: 64, objects: 65, idle: 0, other: 6, goal: 64.5 });
  const of = settingsInForce({ ...cliff, gomemlimitBytes: 66 * MIB }, {});
  assert.equal(of.limit, 'thrashes');
  assert.match(limitText(of), /thrashes: .*Raise the limit \(GOGC would set the goal from 13\d MiB on\)/);
  const roomy = figures({ live: 50, objects: 70, idle: 20, other: 10, goal: 100, cycle: 61, limiter: 54 });
  assert.equal(settingsInForce({ ...roomy, gomemlimitBytes: 512 * MIB }, {}).limit, 'thrashes');
  assert.equal(settingsInForce({ ...roomy, numGc: 900, gomemlimitBytes: 512 * MIB }, {}).limit, 'room');
});

test('the environment stands in for what the runtime does not say, and 2⁶³−1 is no limit', () => {
  const environment = parseGoEnvironment('PATH=/bin\0GOGC=50\0GOMEMLIMIT=1GiB\0GOGC=400\0GODEBUG=a=1\0SECRET=x\0');
  assert.deepEqual(environment, { GOGC: '50', GOMEMLIMIT: '1GiB', GODEBUG: 'a=1' });
  const of = settingsInForce({}, environment);
  assert.deepEqual(of.gogc, { value: 50, by: 'environment' });
  assert.deepEqual(of.gomemlimit, { value: 2 ** 30, by: 'environment' });
  assert.equal(of.limit, 'unknown');
  const none = settingsInForce({ gomemlimitBytes: 2 ** 63, gogcPercent: -1 }, environment);
  assert.deepEqual(none.gogc, { value: 'off', by: 'runtime' });
  assert.equal(none.limit, 'none');
  assert.equal(settingsInForce({}, undefined).gogc, undefined);
});

test('cgroup v1 and v2: what their files say, in one form', () => {
  const there = new Set(['memory.stat', 'memory.usage_in_bytes']);
  const v1 = cgroupMemory(1, (file) =>
    there.has(file) ? readFileSync(new URL(`../fixtures/probe/cgroup1/${file}`, import.meta.url), 'utf8') : undefined,
  );
  const stat = readFileSync(new URL('../fixtures/probe/cgroup1/memory.stat', import.meta.url), 'utf8');
  const of = (name: string): number => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(stat)?.[1]);
  assert.equal(v1?.anonBytes, of('total_rss'));
  assert.equal(v1?.inactiveFileBytes, of('total_inactive_file'));
  assert.equal(v1?.limitBytes, 128 * MIB);
  const files: Readonly<Record<string, string>> = {
    'memory.current': '104857600\n',
    'memory.max': 'max\n',
    'memory.stat':
      'anon 52428800\nfile 41943040\nkernel 2097152\nkernel_stack 65536\nshmem 1048576\nfile_mapped 8388608\ninactive_file 31457280\nactive_file 9437184\n',
  };
  assert.deepEqual(
    cgroupMemory(2, (file) => files[file]),
    {
      version: 2,
      usageBytes: 100 * MIB,
      limitBytes: undefined,
      anonBytes: 50 * MIB,
      activeFileBytes: 9 * MIB,
      inactiveFileBytes: 30 * MIB,
      mappedFileBytes: 8 * MIB,
      shmemBytes: MIB,
      kernelBytes: 2 * MIB,
    },
  );
  assert.equal(
    cgroupMemory(2, () => undefined),
    undefined,
  );
  assert.equal(
    cgroupMemory(1, (file) => (file === 'memory.stat' ? 'hierarchical_memory_limit 9223372036854771712\n' : '4096\n'))
      ?.limitBytes,
    undefined,
  );
});

test('the rows lead from MemStats over RSS to the working set and the usage, byte by byte', () => {
  const bytes = fc.option(fc.integer({ min: 0, max: 2 ** 40 }), { nil: undefined });
  fc.assert(
    fc.property(
      fc.record({
        usageBytes: fc.integer({ min: 0, max: 2 ** 40 }),
        anonBytes: bytes,
        activeFileBytes: bytes,
        inactiveFileBytes: bytes,
        shmemBytes: bytes,
        kernelBytes: bytes,
      }),
      fc.record({ goBytes: bytes, rssBytes: bytes, rssFileBytes: bytes }),
      (cgroup, process) => {
        let sum = 0;
        for (const [i, row] of containerRows({ version: 2, ...cgroup }, process).entries()) {
          if (row.kind === 'apart') continue;
          if (row.kind === 'total' && i > 0) assert.equal(sum, row.bytes, row.key);
          sum = row.kind === 'total' ? row.bytes : sum + row.bytes;
        }
      },
    ),
  );
});

/** An explanation of heapd as it was when its smaps were recorded. */
function documentOfHeapd(): ExplanationDocument {
  const kib = (value: number): number => value * KIB;
  const counters = {
    heapAllocBytes: kib(16_900),
    heapInuseBytes: 17_776_640,
    heapIdleBytes: 2_703_360,
    heapReleasedBytes: 2_637_824,
    heapSysBytes: 20_480_000,
    stackInuseBytes: 491_520,
    stackSysBytes: 491_520,
    mspanSysBytes: 342_720,
    mcacheSysBytes: 16_072,
    buckHashSysBytes: 1_444_532,
    gcSysBytes: 2_405_616,
    otherSysBytes: 614_364,
    sysBytes: 25_794_824,
  };
  const facts = { counters, rssBytes: kib(25_024), rssFileBytes: kib(6020) };
  return {
    formatVersion: EXPLANATION_VERSION,
    source: { kind: 'process', name: 'heapd', form: 'expvar' },
    figures: facts,
    reconciliation: reconcile(facts),
    points: [],
    warnings: [],
  };
}

function smapsOf(name: string) {
  const reader = new SmapsReader('/heapd');
  for (const line of readFileSync(new URL(`../fixtures/linux/${name}`, import.meta.url), 'utf8').split('\n'))
    reader.line(line);
  return reader.result();
}

test('where mappings have names, heap that was never touched is a row of its own, and all rows add up to RSS', () => {
  const { reconciliation: of, view } = withProcessView(documentOfHeapd(), {
    smaps: smapsOf('go1.26-heapd-named.smaps'),
  });
  const heap = view?.smaps?.sums.find(({ name }) => name === 'heap');
  // Spans in use and idle and not released, and the stacks in them, less what is resident.
  const held = 17_776_640 + (2_703_360 - 2_637_824) + 491_520;
  assert.equal(of.outside?.untouchedBytes, held - (heap?.rssBytes ?? NaN));
  const rows = explainRows(of);
  assert.equal(rows.find(({ name }) => name === 'heap never touched')?.kind, 'missing');
  const sum = rows
    .filter(({ kind }) => kind === 'part' || kind === 'missing')
    .reduce((all, { bytes }) => all + bytes, 0);
  assert.equal(sum, of.rssBytes);
  const unnamed = withProcessView(documentOfHeapd(), { smaps: smapsOf('go1.26-heapd.smaps') });
  assert.equal(unnamed.reconciliation.outside?.untouchedBytes, undefined);
});

test('the blocks of a view are in 80 columns, name Go’s mappings, and names from outside do nothing', () => {
  const smaps = smapsOf('go1.26-heapd-named.smaps');
  const { view } = withProcessView(documentOfHeapd(), {
    smaps: smaps && { ...smaps, largestFile: { path: '/x\u001b[31m', rssBytes: MIB } },
    environment: { GODEBUG: `gctrace=1,${'x'.repeat(300)}\u001b[2J` },
    cgroup: {
      version: 2,
      usageBytes: 60 * MIB,
      anonBytes: 20 * MIB,
      activeFileBytes: 5 * MIB,
      inactiveFileBytes: 30 * MIB,
      limitBytes: 64 * MIB,
    },
  });
  const text = writeText(view === undefined ? [] : viewBlocks(view), { width: 80 });
  assert.match(text, /^Go: heap +\d/m);
  assert.match(text, /^= working set +30\.0 +31,457,280 +kubectl top, docker stats/m);
  assert.match(text, /^limit +64\.0/m);
  assert.ok(!text.includes('\u001b'));
  for (const line of text.split('\n')) assert.ok(line.length <= 80, line);
});
