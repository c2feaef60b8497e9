import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { confine } from '../../src/runner/process/confine.ts';
import { formatCpuList, parseCpuList } from '../../src/linux/cpu-list.ts';

const limits = { cpus: undefined, memoryBytes: undefined, pids: 100, pin: true, required: true };

describe('confine', () => {
  test('whole CPUs are places, the last of those allowed; a fraction is a quota', () => {
    assert.deepEqual(confine({ ...limits, cpus: 2 }, undefined, [0, 1, 2, 5]), {
      affinity: '2,5',
      group: { cpus: undefined, memoryBytes: undefined, pids: 100 },
      impossible: undefined,
    });
    assert.deepEqual(confine({ ...limits, cpus: 1.5 }, '0-1', [0, 1, 2]), {
      affinity: '0-1',
      group: { cpus: 1.5, memoryBytes: undefined, pids: 100 },
      impossible: undefined,
    });
    assert.equal(confine(limits, undefined, [0, 1]).affinity, undefined);
    assert.equal(
      confine({ ...limits, cpus: 2 }, '1', [0, 1]).affinity,
      '1',
      'a narrower cpuset holds the limit already',
    );
  });

  test('where affinity cannot be set, whole CPUs are a quota too', () => {
    const { group, impossible } = confine({ ...limits, cpus: 1 }, undefined, undefined);
    assert.deepEqual([group.cpus, impossible], [1, undefined]);
    assert.match(confine(limits, '0', undefined).impossible ?? '', /affinity/);
  });

  test('what the machine does not have is said with its value', () => {
    assert.match(confine({ ...limits, cpus: 3 }, undefined, [0, 1]).impossible ?? '', /3 CPUs .* there are 2/);
    assert.match(confine(limits, '1-3', [0, 1]).impossible ?? '', /CPU 2-3 .*0-1/);
    assert.match(confine(limits, 'zero', [0, 1]).impossible ?? '', /`zero`/);
  });
});

describe('CPU lists', () => {
  test('are read and written as taskset does', () => {
    assert.deepEqual(parseCpuList('0-1,3'), [0, 1, 3]);
    assert.equal(formatCpuList([3, 1, 0, 1]), '0-1,3');
    for (const wrong of ['', 'a', '1-', '-1', '3-1', '0,,1', '0;1', '999999'])
      assert.equal(parseCpuList(wrong), undefined, wrong);
  });

  test('come back as they went', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(300), { minLength: 1 }), (cpus) => {
        assert.deepEqual(
          parseCpuList(formatCpuList(cpus)),
          cpus.toSorted((a, b) => a - b),
        );
      }),
    );
  });
});
