import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { execa } from 'execa';
import { cgroupMounts, parseCgroupMounts } from '../../src/runner/cgroup-mounts.ts';
import { findGroups, makeCgroup, readCgroupFigures, readGroupPids } from '../../src/runner/cgroup.ts';
import { joinArgv } from '../../src/runner/process/trial-cgroup.ts';
import { requirement } from '../requirements.ts';
import { temporaryFolder } from './target-binary.ts';

const NONE = { cpus: undefined, memoryBytes: undefined, pids: undefined };
const mountinfo = existsSync('/proc/self/mountinfo') ? readFileSync('/proc/self/mountinfo', 'utf8') : '';
/** The version 2 hierarchy, which hybrid machines mount beside version 1; there it holds no controllers. */
const version2 = parseCgroupMounts(mountinfo, '0::/\n');
const version2Skip = version2 === undefined || requirement('root').skip ? 'needs a cgroup2 mount and root' : false;

describe('cgroups', () => {
  test(
    'version 2: a process joins before it becomes the program, and is killed with the group',
    { skip: version2Skip },
    async () => {
      assert.ok(version2?.version === 2);
      const name = `gctune-test-${process.pid}`;
      const group = await makeCgroup(name, NONE, version2);
      const [file, ...args] = joinArgv(group, ['cat', '/proc/self/cgroup', '-'], { PATH: process.env['PATH'] ?? '' });
      const child = execa(file, args, { reject: false, stdin: 'pipe' });
      child.stdout.once('data', (chunk: Buffer) => assert.match(chunk.toString(), new RegExp(`^0::.*/${name}$`, 'm')));
      await new Promise((resolve) => child.stdout.once('data', resolve));
      assert.deepEqual(await readGroupPids(group.paths?.memory ?? ''), [child.pid]);
      assert.deepEqual(await findGroups(name, version2), [group.paths?.memory]);
      assert.ok(((await group.figures()).cpuSeconds ?? 0) > 0);
      await mkdir(join(group.paths?.memory ?? '', 'below'));
      await group.remove();
      assert.equal((await child).signal, 'SIGKILL');
      assert.deepEqual(await findGroups(name, version2), []);
      await group.remove();
    },
  );

  test('a group that cannot have its limits is not left behind', requirement('root'), async () => {
    const mounts = (await cgroupMounts()) ?? assert.fail('no control groups');
    const name = `gctune-test-refused-${process.pid}`;
    // A quota of no time at all is refused by the kernel.
    await assert.rejects(makeCgroup(name, { ...NONE, cpus: 0 }, mounts), /EINVAL/);
    assert.deepEqual(await findGroups(name, mounts), []);
  });

  test('figures of both versions are in base units; what a kernel does not tell is left out', async () => {
    await using folder = await temporaryFolder();
    const at = { memory: folder.path, cpu: folder.path, cpuacct: folder.path };
    assert.deepEqual(await readCgroupFigures({ version: 1, ...at }), {});
    assert.deepEqual(await readCgroupFigures({ version: 2, ...at }), {});
    const put = (file: string, text: string): Promise<void> => writeFile(join(folder.path, file), text);
    await put('cpuacct.usage', '1500000000\n');
    await put('memory.max_usage_in_bytes', '4096\n');
    await put('memory.oom_control', 'oom_kill_disable 0\nunder_oom 0\noom_kill 2\n');
    await put('cpu.stat', 'usage_usec 2500000\nuser_usec 1\n');
    await put('memory.peak', '8192\n');
    await put('memory.events', 'low 0\noom 1\noom_kill 3\noom_group_kill 0\n');
    assert.deepEqual(await readCgroupFigures({ version: 1, ...at }), { cpuSeconds: 1.5, peakBytes: 4096, oomKills: 2 });
    assert.deepEqual(await readCgroupFigures({ version: 2, ...at }), { cpuSeconds: 2.5, peakBytes: 8192, oomKills: 3 });
  });
});
