import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBuildInfoFrom } from '../../src/executable/build-info.ts';
import { byteSourceOf } from './bytes-in-memory.ts';
import { smallMachO } from './small-mach-o.ts';

test('the build info of a Mach-O program is read', async () => {
  const info = await readBuildInfoFrom(byteSourceOf(smallMachO('go1.26.8', '')));
  assert.equal(info?.goVersion, 'go1.26.8');
});
