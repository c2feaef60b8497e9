import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parsePs, psProbe } from '../../src/probe/ps.ts';
import { assertSound, textsLike } from './sound.ts';

const never = new AbortController().signal;

describe('ps', () => {
  test('no text makes it throw, or give what is no figure', () => {
    fc.assert(fc.property(textsLike('1024 2-01:02:03.45\n'), (text) => assertSound(parsePs(text))));
  });

  test('the ps of this system tells of a process, and of none that has ended', async (t) => {
    await using probe = psProbe(process.pid);
    const figures = await probe.read(never).catch((error: unknown) => error);
    if (figures instanceof Error && 'code' in figures && figures.code === 'ENOENT') return t.skip('needs ps');
    const { rssBytes, cpuSeconds } = figures as { rssBytes: number; cpuSeconds: number };
    assert.ok(rssBytes > 10 * 2 ** 20 && rssBytes < process.memoryUsage.rss() * 4, `${rssBytes} B`);
    const { user, system } = process.cpuUsage();
    assert.ok(cpuSeconds <= (user + system) / 1e6 + 0.02, `${cpuSeconds} s`);
    await using gone = psProbe(2 ** 22 + 1);
    assert.equal(await gone.read(never), undefined);
    await assert.rejects(probe.read(AbortSignal.abort()), { name: 'AbortError' });
  });
});
