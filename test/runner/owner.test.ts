import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { execa } from 'execa';
import { ownerMark, ownerState } from '../../src/runner/owner.ts';
import { requirement } from '../requirements.ts';
import { temporaryFolder } from './target-binary.ts';

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

test(
  'a machine id that every machine of an image has proves nobody dead',
  existsSync('/etc/machine-id') ? requirement('root') : { skip: 'no /etc/machine-id' },
  async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'machine-id');
    const script = `
      import { ownerMark, ownerState } from ${JSON.stringify(new URL('../../src/runner/owner.ts', import.meta.url))};
      const mark = await ownerMark();
      const [pid, start, , ...rest] = mark.split(':');
      console.log(rest[1], await ownerState(mark), await ownerState([pid, start, '00000000', ...rest].join(':')));
    `;
    for (const [id, expected] of [
      ['', /^- alive unknown$/],
      ['uninitialized\n', /^- alive unknown$/],
      [`${'0a'.repeat(16)}\n`, /^[0-9a-f]{8} alive dead$/],
    ] as const) {
      await writeFile(file, id);
      const shell = 'mount --bind "$1" /etc/machine-id && exec "$2" --input-type=module --eval "$3"';
      const { stdout } = await execa('unshare', ['-m', 'sh', '-c', shell, 'sh', file, process.execPath, script]);
      assert.match(stdout, expected, JSON.stringify(id));
    }
  },
);
