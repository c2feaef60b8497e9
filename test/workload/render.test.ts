import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestTemplate } from '../../src/experiment/experiment.ts';
import { seededStream } from '../../src/statistics/random.ts';
import type { OutgoingRequest } from '../../src/workload/outgoing-request.ts';
import { requestRenderer } from '../../src/workload/render.ts';

const get: RequestTemplate = { method: 'GET', path: '/', headers: {}, body: undefined, weight: 1 };

test('text goes out as it stands', () => {
  const request = { ...get, method: 'PUT', path: '/a?b=%20', headers: { 'X-One': 'two' }, body: '{"a":1}' };
  assert.deepEqual(draw([request], 1), [
    { method: 'PUT', path: '/a?b=%20', headers: ['X-One', 'two'], body: '{"a":1}' },
  ]);
});

test('a request without a body has none, an empty template is an empty body', () => {
  assert.equal(draw([get], 1)[0]?.body, null);
  assert.equal(draw([{ ...get, body: '' }], 1)[0]?.body, '');
});

test('placeholders are filled in path, headers and body', () => {
  const [request] = draw([{ ...get, path: '/{seq}', headers: { 'X-Id': 'n{seq}' }, body: '<{seq}>' }], 1);
  assert.deepEqual(request, { method: 'GET', path: '/1', headers: ['X-Id', 'n1'], body: '<1>' });
});

test('int reaches both its ends and nothing beyond', () => {
  const seen = new Set(draw([{ ...get, path: '/{int:-2..2}' }], 500).map((request) => request.path));
  assert.deepEqual([...seen].sort(), ['/-1', '/-2', '/0', '/1', '/2']);
});

test('hex has as many digits as asked, all 16 of them at every place', () => {
  for (const digits of [1, 11, 12, 13, 64]) {
    const paths = draw([{ ...get, path: `{hex:${digits}}` }], 400).map((request) => request.path);
    for (const path of paths) assert.match(path, new RegExp(`^[0-9a-f]{${digits}}$`));
    for (let place = 0; place < digits; place++) assert.equal(new Set(paths.map((path) => path[place])).size, 16);
  }
});

test('uuid is of version 4 and never the same', () => {
  const paths = draw([{ ...get, path: '{uuid}' }], 300).map((request) => request.path);
  for (const path of paths) assert.match(path, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(new Set(paths).size, 300);
});

test('choice takes every option', () => {
  const seen = new Set(draw([{ ...get, path: '/{choice:a|b|c}' }], 100).map((request) => request.path));
  assert.deepEqual([...seen].sort(), ['/a', '/b', '/c']);
});

test('requests come in the proportion of their weights', () => {
  const requests = draw(
    [
      { ...get, path: '/often', weight: 9 },
      { ...get, path: '/never', weight: 0 },
      { ...get, path: '/rare', weight: 1 },
    ],
    10_000,
  );
  const count = (path: string): number => requests.filter((request) => request.path === path).length;
  assert.equal(count('/never'), 0);
  // Five standard deviations of a binomial: √(10000 × 0.1 × 0.9) = 30.
  assert.ok(Math.abs(count('/rare') - 1000) < 150, `${count('/rare')} rare requests`);
});

test('the same seed draws the same requests, another seed others', () => {
  const template = { ...get, path: '/{uuid}/{int:1..1000000}' };
  assert.deepEqual(draw([template], 50, 3), draw([template], 50, 3));
  assert.notDeepEqual(draw([template], 50, 3), draw([template], 50, 4));
});

function draw(templates: readonly RequestTemplate[], count: number, seed = 1): OutgoingRequest[] {
  const next = requestRenderer(templates);
  const random = seededStream(seed, 'requests');
  return Array.from({ length: count }, (_, index) => next(random, index + 1));
}
