import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownerMark, ownerState } from '../../src/runner/owner.ts';

const change = (mark: string, field: number, value: string): string => mark.split(':').with(field, value).join(':');

test('an owner lives as long as its process, and a reused pid does not fool it', async () => {
  const mark = await ownerMark();
  assert.match(mark, new RegExp(`^${process.pid}:`));
  assert.equal(await ownerState(mark), 'alive');
  assert.equal(await ownerState(change(mark, 1, '1')), 'dead', 'same pid, other start');
  assert.equal(await ownerState(change(mark, 0, '99999999')), 'dead', 'no such pid');
});

test(
  'a boot ago is dead, another machine or container cannot be judged',
  { skip: process.platform !== 'linux' },
  async () => {
    const mark = await ownerMark();
    assert.equal(await ownerState(change(mark, 2, '00000000')), 'dead');
    assert.equal(await ownerState(change(mark, 3, '1')), 'unknown');
    assert.equal(await ownerState(change(mark, 4, '00000000')), 'unknown');
    for (const nonsense of ['', ':', '-1:2:3:4:5', 'x']) assert.equal(await ownerState(nonsense), 'unknown');
  },
);
