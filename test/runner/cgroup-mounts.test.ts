import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseCgroupMounts } from '../../src/runner/cgroup-mounts.ts';

const line = (root: string, point: string, type: string, options: string): string =>
  `36 35 0:33 ${root} ${point} rw,nosuid shared:9 - ${type} ${type} ${options}`;

describe('control group mounts', () => {
  test('version 1, cpu and cpuacct on one mount, beside an empty version 2', () => {
    const mounts = [
      line('/', '/sys/fs/cgroup/memory', 'cgroup', 'rw,memory'),
      line('/', '/sys/fs/cgroup/cpu,cpuacct', 'cgroup', 'rw,cpu,cpuacct'),
      line('/', '/sys/fs/cgroup/unified', 'cgroup2', 'rw,nsdelegate'),
    ].join('\n');
    const own = '4:memory:/user.slice\n3:cpu,cpuacct:/a:b\n1:name=systemd:/x\n0::/user.slice\n';
    const cpu = { root: '/sys/fs/cgroup/cpu,cpuacct', own: '/sys/fs/cgroup/cpu,cpuacct/a:b' };
    assert.deepEqual(parseCgroupMounts(mounts, own), {
      version: 1,
      controllers: {
        memory: { root: '/sys/fs/cgroup/memory', own: '/sys/fs/cgroup/memory/user.slice' },
        cpu,
        cpuacct: cpu,
      },
    });
  });

  test('version 2 under systemd', () => {
    const mounts = line('/', '/sys/fs/cgroup', 'cgroup2', 'rw,nsdelegate,memory_recursiveprot');
    assert.deepEqual(parseCgroupMounts(mounts, '0::/user.slice/user-1000.slice/app.scope\n'), {
      version: 2,
      unified: { root: '/sys/fs/cgroup', own: '/sys/fs/cgroup/user.slice/user-1000.slice/app.scope' },
    });
  });

  test('inside a container, where the mount shows a part of the hierarchy', () => {
    const mounts = line('/docker/abc', '/sys/fs/cgroup/memory', 'cgroup', 'ro,memory');
    const place = (group: string): unknown => {
      const parsed = parseCgroupMounts(mounts, `4:memory:${group}\n`);
      return parsed?.version === 1 ? parsed.controllers['memory']?.own : undefined;
    };
    assert.equal(place('/docker/abc'), '/sys/fs/cgroup/memory');
    assert.equal(place('/docker/abc/inner'), '/sys/fs/cgroup/memory/inner');
    assert.equal(place('/docker/other'), '/sys/fs/cgroup/memory', 'outside of what is shown');
  });

  test('a mount point with a blank, and a system without control groups', () => {
    const parsed = parseCgroupMounts(line('/', '/mnt/control\\040groups', 'cgroup2', 'rw'), '0::/x\n');
    assert.deepEqual(parsed, { version: 2, unified: { root: '/mnt/control groups', own: '/mnt/control groups/x' } });
    assert.equal(parseCgroupMounts('22 1 8:1 / / rw - ext4 /dev/sda1 rw\n', '0::/\n'), undefined);
  });
});
