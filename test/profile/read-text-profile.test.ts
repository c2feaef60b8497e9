import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ProfileFault } from '../../src/profile/profile-fault.ts';
import { sampleTypeIndex, type Profile } from '../../src/profile/profile.ts';
import { readProfile } from '../../src/profile/read-profile.ts';
import { stacksOf } from '../../src/profile/stacks.ts';
import { topOf, type Top } from '../../src/profile/top.ts';
import { FOLDER } from './kubo-profiles.ts';

/** A file of one process at one moment; see its make.sh. */
const file = (name: string): Buffer => readFileSync(join(FOLDER, 'text-forms', name));
const text = (...lines: readonly string[]): Profile => readProfile(Buffer.from(`${lines.join('\n')}\n`));
const top = (profile: Profile, type?: string): Top =>
  topOf(stacksOf(profile, sampleTypeIndex(profile, type)), { count: 0, by: 'flat' });

describe('values are those of go tool pprof -raw of the same text, sample by sample', () => {
  for (const name of ['heap', 'goroutine', 'threadcreate', 'block', 'mutex', 'mutex-5']) {
    test(name, () => {
      const raw = file(`${name}.raw`).toString().trim().split('\n');
      const read = readProfile(file(`${name}.txt`)).samples.map(({ values }) => values.join(' '));
      assert.deepEqual(
        read,
        raw.map((line) => line.trim().replace(/ +/g, ' ')),
      );
    });
  }
});

describe('functions, values and what is inlined are those of the protobuf of the same moment', () => {
  for (const name of ['heap', 'threadcreate', 'block', 'mutex']) {
    const [read, other] = [readProfile(file(`${name}.txt`)), readProfile(file(`${name}.pb.gz`))];
    assert.deepEqual(read.sampleTypes, other.sampleTypes);
    for (const { type } of read.sampleTypes) {
      test(`${name}, ${type}`, () => {
        const [mine, theirs] = [top(read, type), top(other, type)];
        // The text does not tell the types that a generic function was made for.
        const named = ({ lines }: Top): Top['lines'] =>
          lines.map((line) => ({ ...line, name: line.name.replace(/\[go\.shape[^\]]*\]/, '[...]') }));
        assert.deepEqual(named(mine), named(theirs));
        assert.equal(mine.total, theirs.total);
      });
    }
  }

  test('goroutines, whose text leaves out what the runtime does inside a call', () => {
    const cumulative = (profile: Profile): readonly (readonly [string, number])[] =>
      top(profile)
        .lines.filter(({ name }) => name.startsWith('main.'))
        .map(({ name, cum }) => [name, cum] as const)
        .toSorted((a, b) => (a[0] < b[0] ? -1 : 1));
    const expected = cumulative(readProfile(file('goroutine.pb.gz')));
    assert.ok(expected.length > 3);
    assert.deepEqual(cumulative(readProfile(file('goroutine.txt'))), expected);
    assert.deepEqual(cumulative(readProfile(file('goroutine-2.txt'))), expected);
    assert.equal(top(readProfile(file('goroutine-2.txt'))).total, 6);
  });
});

describe('what the text itself gives reason to doubt', () => {
  test('it is cut short', () => {
    const whole = file('heap.txt').toString();
    assert.deepEqual(readProfile(file('heap.txt')).doubts, []);
    const cut = whole.slice(0, whole.indexOf('\n\n', whole.length / 3) + 2);
    assert.match(readProfile(Buffer.from(cut)).doubts.join(), /^it is cut short .* \d+ of the \d+ sampled bytes/);
    assert.match(text('goroutine profile: total 5', '3 @ 0x1').doubts.join(), /2 of the 5 .* are missing/);
  });

  test('a sampled mutex profile, which Go 1.26 and pprof multiply both', () => {
    const [read, other] = [readProfile(file('mutex-5.txt')), readProfile(file('mutex-5.pb.gz'))];
    assert.equal(top(read, 'contentions').total, 5 * top(other, 'contentions').total);
    assert.match(read.doubts.join(), /one contention in 5 was sampled.*5 times too large/);
    assert.deepEqual(readProfile(file('mutex.txt')).doubts, []);
  });
});

describe('forms', () => {
  test('sampled values stand for more, the more the smaller the objects are (pprof, scaleHeapSample)', () => {
    const { samples, period, sampleTypes } = text(
      'heap profile: 2: 1024 [3: 1200] @ heap/1048576',
      '1: 1008 [2: 1184] @ 0x2 0x1',
      '1: 16 [1: 16] @ 0x3',
    );
    assert.equal(period, 524288);
    assert.deepEqual(
      sampleTypes.map(({ type }) => type),
      ['alloc_objects', 'alloc_space', 'inuse_objects', 'inuse_space'],
    );
    // 1 ÷ (1 − e^(−16 ÷ 524288)) = 32768.50…
    assert.deepEqual(samples[1]?.values, [32768, 524296, 32768, 524296]);
    assert.deepEqual(samples[0]?.values, [1772, 1049168, 520, 524792]);
  });

  test('with a rate of 1 nothing is scaled', () => {
    const { samples } = text('heap profile: 1: 16 [2: 32] @ heap/2', '1: 16 [2: 32] @ 0x1');
    assert.deepEqual(samples[0]?.values, [2, 32, 1, 16]);
  });

  test('where nothing was freed there are two columns, and inuse_space finds its own', () => {
    const profile = text('heap profile: 1: 600000 [1: 600000] @ heap/2', '1: 600000 [1: 600000] @ 0x1');
    assert.equal(sampleTypeIndex(profile, 'inuse_space'), 1);
    assert.equal(sampleTypeIndex(profile, 'alloc_space'), -1);
  });

  test('blanks in place of tabs, CRLF, a byte order mark and gzip are read', () => {
    const plain = text(
      'heap profile: 1: 16 [2: 32] @ heap/2',
      '1: 16 [2: 32] @ 0x2 0x1',
      '#\t0x1\tmain.f+0x1\t/x.go:1',
    );
    const lines = ['heap profile: 1: 16 [2: 32] @ heap/2', '1: 16 [2: 32] @ 0x2 0x1', '#   0x1   main.f+0x1   /x.go:1'];
    for (const bytes of [
      Buffer.from(lines.join('\r\n')),
      Buffer.from(`\ufeff${lines.join('\n')}`),
      gzipSync(lines.join('\n')),
    ])
      assert.deepEqual(readProfile(bytes), plain);
    assert.deepEqual(plain.names, ['main.f']);
  });

  test('without names there is one function, as in pprof', () => {
    const { lines } = top(text('goroutine profile: total 2', '2 @ 0x1 0x2'));
    assert.deepEqual(lines, [{ name: '<unknown>', flat: 2, cum: 2, inlined: 'no' }]);
  });

  test('delays are cycles of the clock that the text names', () => {
    const { samples } = text('--- contention:', 'cycles/second=2000000000', '3000 2 @ 0x1');
    assert.deepEqual(samples[0]?.values, [2, 1500]);
  });

  test('traces: names with receivers and type parameters, inlined calls, who started it', () => {
    const { lines } = top(
      text(
        'goroutine 18 gp=0xc000102700 m=nil [select, 5 minutes, locked to thread]:',
        'net/http.(*conn).serve(0xc0000b2000, {0x7a1b48, 0xc000096f30})',
        '\t/usr/lib/go/src/net/http/server.go:2092 +0x5d0',
        'main.Map[...](...)',
        '\tC:/my files/main.go:12',
        'main.main.func1()',
        '\t/x/main.go:9 +0x1d',
        'created by main.main in goroutine 1',
        '\t/x/main.go:8 +0x1d',
        '',
        'goroutine 19 [syscall labels:{"a]": "b"}]:',
        'non-Go function',
        '\tpc=0x7f1122334455',
        'c_function',
        '\t/x/c.c:3 pc=0x7f1122334455',
        '_cgo_gotypes.go:4 +0x3',
        'goroutine 20 [running]:',
        '\tgoroutine running on other thread; stack unavailable',
      ),
    );
    assert.deepEqual(
      lines.map(({ name, flat, cum, inlined }) => [name, flat, cum, inlined]),
      [
        ['<unknown>', 1, 1, 'no'],
        ['c_function', 1, 1, 'no'],
        ['net/http.(*conn).serve', 1, 1, 'no'],
        ['main.Map[...]', 0, 1, 'yes'],
        ['main.main.func1', 0, 1, 'no'],
      ],
    );
  });
});

describe('what is wrong is said with its line', () => {
  const head = 'heap profile: 1: 16 [2: 32] @ heap/2';
  const cases: readonly (readonly [what: string, lines: readonly string[], message: RegExp])[] = [
    ['a sample cut through', [head, '1: 16 [2'], /^line 2 is neither a sample nor a comment$/],
    ['bytes without objects', [head, '0: 16 [2: 32] @ 0x1'], /^line 2: it has no objects and 16 bytes$/],
    ['a number beyond all measure', [head, `1: 9${'0'.repeat(17)} [2: 32] @ 0x1`], /^line 2: a number is greater/],
    ['a line that never ends', [head, `# ${'x'.repeat(70_000)}`], /^line 2 is longer than 65536 characters$/],
    ['another kind of sample', ['goroutine profile: total 1', '1: 16 [2: 32] @ 0x1'], /^line 2 is neither/],
    ['prose in a trace', ['goroutine 1 [running]:', 'hello there'], /^line 2 is neither a call nor the place of one$/],
  ];
  for (const [what, lines, message] of cases)
    test(what, () =>
      assert.throws(
        () => text(...lines),
        (error) => error instanceof ProfileFault && message.test(error.message),
      ),
    );
});
