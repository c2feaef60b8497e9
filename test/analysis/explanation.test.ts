import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainMemory, type ExplainedFacts, type ExplainedPoint } from '../../src/analysis/explain/explanation.ts';
import { reconcile } from '../../src/analysis/explain/reconcile.ts';

const MIB = 2 ** 20;

/** A process of 100 MiB, 10 of them given back, in round figures. */
function facts(more: Partial<ExplainedFacts> = {}, counters: ExplainedFacts['counters'] = {}): ExplainedFacts {
  return {
    rssBytes: 120 * MIB,
    ...more,
    counters: {
      heapAllocBytes: 40 * MIB,
      heapInuseBytes: 60 * MIB,
      heapIdleBytes: 30 * MIB,
      heapReleasedBytes: 10 * MIB,
      heapSysBytes: 90 * MIB,
      stackSysBytes: 12 * MIB,
      mspanSysBytes: 1 * MIB,
      mcacheSysBytes: 1 * MIB,
      buckHashSysBytes: 1 * MIB,
      gcSysBytes: 4 * MIB,
      otherSysBytes: 1 * MIB,
      sysBytes: 110 * MIB,
      ...counters,
    },
  };
}

function said(of: ExplainedFacts): ReadonlyMap<ExplainedPoint['topic'], string> {
  return new Map(explainMemory(reconcile(of), of).map(({ topic, text }) => [topic, text]));
}

test('ps and pprof are reconciled in one sentence whose terms are the parts', () => {
  const text = said(facts({ live: { bytes: 30 * MIB, source: 'pprof' }, written: { pprof: '30MB' } })).get(
    'rss-and-pprof',
  );
  assert.match(text ?? '', /ps says 120\.0 MiB, pprof says 30\.0 MiB, and both are right/);
  assert.match(
    text ?? '',
    /10\.0 garbage or allocated since.*20\.0 unused.*20\.0 retained idle heap.*12\.0 stacks, 8\.0 runtime metadata, 20\.0 outside Go\.$/,
  );
});

test('idle heap is never called hoarded, and what was given back is taken off', () => {
  assert.match(
    said(facts()).get('idle') ?? '',
    /HeapIdle \(30\.0 MiB\) is not wasted.*10\.0 MiB of it was returned.*Only 20\.0 MiB is retained/,
  );
  const nothing = said(facts({}, { heapReleasedBytes: 0 }));
  assert.match(nothing.get('idle') ?? '', /All of HeapIdle .* none of it has been returned to the system yet/);
  assert.equal(nothing.has('heap-sys'), false, 'where nothing was given back, HeapSys misleads nobody');
});

test('units are explained only where figures were given in them', () => {
  assert.equal(said(facts()).has('units'), false);
  const live = { bytes: Math.round(87.51 * MIB), source: 'pprof' } as const;
  const both = said(facts({ rssBytes: 316252 * 1024, live, written: { rss: '316252KiB', pprof: '87.51MB' } }));
  assert.match(
    both.get('units') ?? '',
    /pprof’s MB is MiB: its 87\.51MB are 91\.8 MB.*316252KiB are 308\.8 MiB, or 323\.8 MB/,
  );
  const ps = said(facts({ written: { rss: '122880KiB' } })).get('units');
  assert.ok(ps?.includes('120.0 MiB') && !ps.includes('pprof'));
});

test('GCCPUFraction is called a lifetime mean, and not mentioned before the first collection', () => {
  assert.match(said(facts({}, { gcCpuFraction: 0.0015, numGc: 328 })).get('gc-cpu') ?? '', /0\.15 %.*whole life/);
  assert.equal(said(facts({}, { gcCpuFraction: 0, numGc: 0 })).has('gc-cpu'), false);
});

test('a negative rest is called mapped and not resident, with and without RssFile', () => {
  const unsplit = said(facts({ rssBytes: 90 * MIB }));
  assert.match(unsplit.get('rss') ?? '', /90\.0 MiB is resident.*which is 10\.0 MiB more: .*never touched/);
  const split = said(facts({ rssBytes: 120 * MIB, rssFileBytes: 45 * MIB }));
  assert.match(
    split.get('rss') ?? '',
    /45\.0 MiB of file pages and 75\.0 MiB of anonymous.*at least 25\.0 MiB .*not resident/,
  );
  assert.match(split.get('rss-and-pprof') ?? '', /45\.0 file pages\. 25\.0 of Go’s part is not resident/);
});

test('what is not known is said to be so', () => {
  assert.match(said(facts({ rssBytes: undefined })).get('rss') ?? '', /RSS is unknown/);
  assert.match(said(facts({}, { heapReleasedBytes: undefined as never })).get('rss') ?? '', /at most 110\.0 MiB/);
  assert.match(said({ counters: {} }).get('rss') ?? '', /is unknown/);
  const old = said(facts({ live: { bytes: 41 * MIB, source: 'pprof' } }));
  assert.match(old.get('objects') ?? '', /larger than HeapAlloc/);
});

test('swap, a limit and docker stats are mentioned where there are any', () => {
  const plain = said(facts({ swapBytes: 0 }, { gomemlimitBytes: 2 ** 63 }));
  for (const topic of ['swap', 'limit', 'docker-stats'] as const) assert.equal(plain.has(topic), false, topic);
  const all = said(facts({ swapBytes: MIB, dockerStatsBytes: 130 * MIB }, { gomemlimitBytes: 256 * MIB }));
  assert.match(all.get('swap') ?? '', /1\.0 MiB is swapped out/);
  assert.match(all.get('limit') ?? '', /GOMEMLIMIT is 256\.0 MiB.*\(100\.0 MiB\), not RSS/);
  assert.match(all.get('docker-stats') ?? '', /130\.0 MiB/);
});
