import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultCacheDirectory } from '../../src/target/cache-directory.ts';
import { nodeNamesOf, platformOfNode, runsOn } from '../../src/executable/platform.ts';

test('platforms are translated between Node.js and Go, there and back', () => {
  assert.deepEqual(platformOfNode('linux', 'x64'), { os: 'linux', arch: 'amd64' });
  assert.deepEqual(platformOfNode('win32', 'ia32'), { os: 'windows', arch: '386' });
  assert.deepEqual(platformOfNode('darwin', 'arm64'), { os: 'darwin', arch: 'arm64' });
  for (const platform of ['linux', 'darwin', 'win32', 'freebsd', 'sunos']) {
    for (const architecture of ['x64', 'ia32', 'arm', 'arm64', 'riscv64', 's390x', 'ppc64', 'loong64']) {
      assert.deepEqual(nodeNamesOf(platformOfNode(platform, architecture)), { platform, architecture });
    }
  }
});

test('a program runs on its own platform, and where the system translates', () => {
  const cases: [string, string, boolean][] = [
    ['linux/amd64', 'linux/amd64', true],
    ['linux/arm64', 'linux/amd64', false],
    ['linux/386', 'linux/amd64', true],
    ['linux/amd64', 'linux/386', false],
    ['windows/amd64', 'linux/amd64', false],
    ['darwin/amd64', 'darwin/arm64', true],
    ['linux/amd64', 'linux/arm64', false],
  ];
  const platform = (text: string) => ({ os: text.split('/')[0] ?? '', arch: text.split('/')[1] ?? '' });
  for (const [program, machine, expected] of cases) {
    assert.equal(runsOn(platform(program), platform(machine)), expected, `${program} on ${machine}`);
  }
});

test('the cache folder is where the platform keeps such things', () => {
  assert.equal(defaultCacheDirectory({}, 'linux', '/home/u'), '/home/u/.cache/gctune');
  assert.equal(defaultCacheDirectory({ XDG_CACHE_HOME: '/c' }, 'linux', '/home/u'), '/c/gctune');
  assert.equal(defaultCacheDirectory({ XDG_CACHE_HOME: 'relative' }, 'linux', '/home/u'), '/home/u/.cache/gctune');
  assert.equal(defaultCacheDirectory({}, 'darwin', '/Users/u'), '/Users/u/Library/Caches/gctune');
  assert.equal(defaultCacheDirectory({ LOCALAPPDATA: 'C:\\L' }, 'win32', 'C:\\u'), 'C:\\L\\gctune\\Cache');
  assert.equal(defaultCacheDirectory({ GCTUNE_CACHE: '/mine' }, 'linux', '/home/u'), '/mine');
});
