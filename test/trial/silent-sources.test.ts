import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sampling } from '../../src/experiment/experiment.ts';
import { USUAL_PATHS } from '../../src/experiment/probe-ids.ts';
import type { TriedSource } from '../../src/results/format.ts';
import { silentSources } from '../../src/trial/silent-sources.ts';

const sampling: Sampling = {
  outsideHz: 10,
  insideHz: 1,
  memoryHz: 100,
  inside: 'auto',
  paths: USUAL_PATHS,
  gctrace: false,
};
const answered = (probe: TriedSource['probe']): TriedSource => ({ probe, ok: true, message: '12 figures' });
const silent = (probe: TriedSource['probe'], message: string): TriedSource => ({ probe, ok: false, message });

test('a target that answers one of the usual sources gives no warning of the others', () => {
  const tried = [answered('proc'), answered('expvar'), silent('prometheus', 'GET /metrics answered 404')];
  assert.deepEqual(silentSources(tried, sampling), []);
});

test('where no source inside answers, one warning says what each of them said', () => {
  const tried = [
    answered('proc'),
    silent('expvar', 'GET /debug/vars answered 404'),
    silent('prometheus', 'GET /metrics answered 401'),
    silent('pprof', 'no answer within 3 s'),
  ];
  assert.deepEqual(silentSources(tried, sampling), [
    {
      code: 'no-inside-source',
      message:
        'nothing reports the counters of the target’s runtime (expvar: GET /debug/vars answered 404; prometheus: GET /metrics answered 401; pprof: no answer within 3 s); see sampling.paths',
    },
  ]);
});

test('a path that the experiment names itself is expected to answer', () => {
  const tried = [answered('expvar'), silent('prometheus', 'GET /debug/metrics answered 404')];
  const named = { ...sampling, paths: { ...USUAL_PATHS, prometheus: '/debug/metrics' } };
  assert.deepEqual(silentSources(tried, named), [
    { code: 'source-silent', message: 'the source prometheus does not answer: GET /debug/metrics answered 404' },
  ]);
});

test('a source outside the target is always expected to answer', () => {
  assert.deepEqual(silentSources([silent('cgroup', 'EACCES'), answered('proc')], sampling), [
    { code: 'source-silent', message: 'the source cgroup does not answer: EACCES' },
  ]);
});

test('a batch command, which is asked nothing, gives no warning', () => {
  assert.deepEqual(silentSources([answered('proc')], sampling), []);
});
