import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { isExactVersion, wrapperModule } from '../../src/target/wrapper-module.ts';

const target = { Path: 'example.com/daemon', Version: 'v1.2.3' };

suite('wrapperModule', () => {
  test('requires the target under its own Go version', () => {
    assert.deepEqual(wrapperModule(target, { Go: '1.26.4', Exclude: null, Replace: null }, []), {
      text: 'module gctune.invalid/build\ngo 1.26.4\nrequire "example.com/daemon" "v1.2.3"\n',
      warnings: [],
    });
    assert.match(wrapperModule(target, {}, []).text, /^go 1\.16$/m);
  });

  test('lets the replaces of the user win over those of the target, whatever their version', () => {
    const replace = (path: string, version: string | undefined, to: string, toVersion?: string) => ({
      Old: { Path: path, ...(version !== undefined && { Version: version }) },
      New: { Path: to, ...(toVersion !== undefined && { Version: toVersion }) },
    });
    const own = {
      Go: '1.23',
      GoDebug: [{ Key: 'panicnil', Value: '1' }],
      Exclude: [{ Path: 'a.org/x', Version: 'v1.0.0' }],
      Replace: [
        replace('a.org/x', 'v1.1.0', 'b.org/x', 'v2.0.0'),
        replace('a.org/y', undefined, 'b.org/y', 'v1.0.0'),
        replace('a.org/z', undefined, '../z'),
      ],
    };
    const { text, warnings } = wrapperModule(target, own, [
      { from: 'a.org/x', to: '/home/me/my "x"' },
      { from: 'a.org/w@v1.0.0', to: 'b.org/w@v1.0.1' },
    ]);
    assert.deepEqual(text.split('\n').slice(2, -1), [
      'godebug panicnil=1',
      'require "example.com/daemon" "v1.2.3"',
      'exclude "a.org/x" "v1.0.0"',
      'replace "a.org/y" => "b.org/y" "v1.0.0"',
      'replace "a.org/x" => "/home/me/my \\"x\\""',
      'replace "a.org/w" "v1.0.0" => "b.org/w" "v1.0.1"',
    ]);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /example\.com\/daemon replaces a\.org\/z with its folder \.\.\/z/);
  });
});

test('an exact version names one state for ever', () => {
  for (const exact of ['v0.42.0', 'v1.2.3-rc.1', 'v0.0.0-20250915201037-7f05d217867b', 'v3.0.0+incompatible']) {
    assert.ok(isExactVersion(exact), exact);
  }
  for (const query of ['latest', 'main', 'v1', 'v1.2', '<v1.3.0', 'v1.2.3/x', '969853d', 'upgrade']) {
    assert.ok(!isExactVersion(query), query);
  }
});
