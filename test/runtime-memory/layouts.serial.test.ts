import assert from 'node:assert/strict';
import { test } from 'node:test';
import { execa } from 'execa';
import { layoutOf } from '../../src/runtime-memory/layout.ts';
import { layoutsOf } from '../../scripts/layouts/layouts-of.ts';
import { requirement } from '../requirements.ts';

test(
  'the installed Go has the layout of the table; where it is newer, npm run layouts makes its row',
  requirement('go'),
  async () => {
    const { stdout: version } = await execa('go', ['env', 'GOVERSION'], { env: { GOTOOLCHAIN: 'local' } });
    const { controller, stats, work, limiter } = layoutOf(version);
    for (const arch of ['amd64', 'arm64']) {
      const own = await layoutsOf(undefined, arch);
      assert.deepEqual(
        own,
        { gcController: controller, memstats: stats, work, gcCPULimiter: limiter },
        `${version} ${arch}`,
      );
    }
  },
);
