import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { program } from '../../src/program.ts';
import { HEAD_BYTES, recogniseFile, type FileKind } from '../../src/session/file-kind.ts';
import { root, scratch } from '../e2e/gctune.ts';
import { fixtureDump } from '../heapdump/dump-bytes.ts';
import { oldElf } from '../executable/old-elf.ts';
import { fakeIo } from './fake-io.ts';

const MARK = '0123456789abcdef';
const page = (generator: string): Buffer =>
  Buffer.from(`<!doctype html><html><head><meta name="generator" content="${generator}" />`);

/** A file of each kind under a name that a shell has to have quoted, and a command that reads it as it is to be pasted. */
async function files(t: TestContext): Promise<{ folder: string; kinds: Readonly<Record<string, RegExp | undefined>> }> {
  const folder = await scratch(t);
  const from = (name: string, to: string): Promise<void> => cp(join(root, name), join(folder, to), { recursive: true });
  await writeFile(join(folder, 'my dump'), fixtureDump('go1.26.dump'));
  await from('test/fixtures/heapdump/go1.26.dump.gz', "it's.gz");
  await from('test/fixtures/profile/kubo-heap.pb.gz', 'heap.pb.gz');
  await from('test/fixtures/profile/text-forms/goroutine.txt', 'goroutine.txt');
  await from('test/fixtures/probe/go1.26.8-gogc-50.stderr.txt', 'gc trace.log');
  await from('test/fixtures/explain/seed-memstats.txt', 'memstats.txt');
  await from('test/fixtures/probe/go1.26.8-gogc-50.prometheus.txt', '-metrics');
  await from('experiments/demo.yaml', 'demo.yaml');
  await writeFile(join(folder, 'analysis.json'), `{"analysisVersion":1,"run":${'1'.repeat(HEAD_BYTES)}`);
  await writeFile(join(folder, 'report.html'), page('gctune 0.1.0'));
  await writeFile(join(folder, 'prog'), oldElf(true, true, 'go1.16.6', `${MARK}path\tx\nmod\tx\t(devel)\t\n${MARK}`));
  await from('test/fixtures/kubo-0.42.0', 'run');
  return {
    folder,
    kinds: {
      'my dump': /^my dump is a heap dump.*\n {2}read it with: gctune heapdump 'my dump'$/,
      "it's.gz":
        /^it's\.gz is a heap dump.*, compressed by gzip.*\n {2}unpack it, then: gunzip -c 'it'\\''s\.gz' >FILE && gctune heapdump FILE$/,
      'heap.pb.gz': /^heap\.pb\.gz is a pprof profile, not .*\n {2}read it with: gctune profile heap\.pb\.gz$/,
      'goroutine.txt':
        /^goroutine\.txt is a pprof profile in text form.*\n {2}read it with: gctune profile goroutine\.txt$/,
      'gc trace.log':
        /^gc trace\.log is a log with lines of GODEBUG=gctrace=1.*\n {2}read it with: gctune gctrace 'gc trace\.log'$/,
      'memstats.txt': /^memstats\.txt is counters.*\n {2}read it with: gctune explain --memstats memstats\.txt$/,
      './-metrics': /^\.\/-metrics is counters.*\n {2}read it with: gctune explain --memstats \.\/-metrics$/,
      'demo.yaml':
        /^demo\.yaml is an experiment file.*\n {2}read it with: gctune validate demo\.yaml, or: gctune run demo\.yaml$/,
      'analysis.json':
        /^analysis\.json is a file of a run of gctune, not .*\n {2}a run is read as a whole: gctune report \.$/,
      'report.html': /^report\.html is a page that gctune has written.*\n {2}open it in a browser$/,
      prog: /^prog is a program, not .*\n {2}read it with: gctune heapdump DUMP --binary prog$/,
      run: /^run is the folder of a run, not .*\n {2}read it with: gctune report run, or:/,
    },
  };
}

/** The commands that read files, and which of the files above each of them reads. */
const COMMANDS: readonly (readonly [words: readonly string[], own: readonly string[]])[] = [
  [
    ['explain', '--memstats'],
    ['memstats.txt', './-metrics'],
  ],
  [['profile'], ['heap.pb.gz', 'goroutine.txt', 'run']],
  [['heapdump'], ['my dump']],
  [['heapdump', 'my dump', '--binary'], ['prog']],
  [['gctrace'], ['gc trace.log']],
  [['validate'], ['demo.yaml']],
  [['plan'], ['demo.yaml']],
  [['run'], ['demo.yaml']],
  [['report'], ['run']],
  [['show'], ['run']],
  [['recommend'], ['run']],
  [['assert'], ['run']],
  [['resume'], ['run']],
  [['compare', 'run'], ['run']],
];

test('each command names the one that reads a file of another kind, ready to be pasted', async (t) => {
  const { folder, kinds } = await files(t);
  for (const [words, own] of COMMANDS) {
    for (const [file, said] of Object.entries(kinds)) {
      if (said === undefined || own.includes(file)) continue;
      const io = fakeIo({ cwd: folder });
      const code = await program([...words, file], io);
      const shown = (words[0] === 'validate' ? io.written.stdout : io.written.stderr).trim();
      assert.equal(code, 2, `${words.join(' ')} ${file}: ${shown}`);
      assert.match(shown.replace(/^(?:--[a-z]+|<[a-z]+>): /, ''), said, `${words.join(' ')} ${file}`);
    }
  }
});

test('a name is one word of the shell, whatever it holds', async (t) => {
  const folder = await scratch(t);
  for (const name of ["a$'; id #", 'x $& y', '$`', '"; id; "']) {
    await writeFile(join(folder, name), fixtureDump('go1.26.dump').subarray(0, 100));
    await writeFile(join(folder, `${name}.trace`), 'go 1.22 trace\0\0\0');
    for (const file of [name, `${name}.trace`]) {
      const io = fakeIo({ cwd: folder });
      assert.equal(await program(['profile', file], io), 2);
      const line = io.written.stderr.split('\n')[1] ?? '';
      const words = execFileSync('sh', ['-c', `printf '%s\\n' ${line.slice(line.indexOf(': ') + 2)}`], {
        encoding: 'utf8',
      });
      assert.equal(words.trimEnd().split('\n').at(-1), file);
    }
  }
});

test('a file beyond the limit of a command is told by what it is', async (t) => {
  const folder = await scratch(t);
  await writeFile(join(folder, 'dump'), Buffer.concat([fixtureDump('go1.26.dump'), Buffer.alloc(17 * 2 ** 20)]));
  const io = fakeIo({ cwd: folder });
  assert.equal(await program(['explain', '--memstats', 'dump'], io), 2);
  assert.match(io.written.stderr, /dump is a heap dump/);
});

test('a file in the folder of a run leads to the folder', async (t) => {
  const { folder } = await files(t);
  const io = fakeIo({ cwd: folder });
  assert.equal(await program(['report', 'run/analysis.json'], io), 2);
  assert.match(
    io.written.stderr,
    /run\/analysis\.json is a file of a run, not its folder.*\n {2}name the folder: gctune report run\n/,
  );
});

describe('kinds by the first bytes', () => {
  const cases: readonly (readonly [what: string, bytes: Buffer, kind: FileKind | undefined])[] = [
    ['an execution trace', Buffer.from('go 1.22 trace\0\0\0'), 'trace'],
    [
      'a core dump',
      Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01'), Buffer.alloc(9), Buffer.from([4, 0, 62, 0])]),
      'core',
    ],
    ['a program of macOS', Buffer.from([0xcf, 0xfa, 0xed, 0xfe, 0, 0]), 'program'],
    ['a tar', Buffer.concat([Buffer.alloc(257, 'x'), Buffer.from('ustar\0')]), 'archive'],
    ['a compressed tar', gzipSync(Buffer.concat([Buffer.alloc(257, 'x'), Buffer.from('ustar\0')])), 'archive'],
    ['a zip', Buffer.from('PK\x03\x04....'), 'archive'],
    ['what is compressed and nothing known', gzipSync('hello'), 'archive'],
    ['what grows without end', gzipSync(Buffer.alloc(2 ** 26)), 'archive'],
    ['a page of somebody else', page('hugo'), 'html'],
    [
      'a gctrace line behind other lines',
      Buffer.from(`${'log line\n'.repeat(5000)}app gc 12 @3.1s 2%: 0.03+1\n`),
      'gctrace',
    ],
    [
      'an experiment with a trace in a comment',
      Buffer.from('# gc 12 @3.1s 2%: x\nname: x\ntarget:\n  binary: y\n'),
      'experiment',
    ],
    ['goroutines', Buffer.from('goroutine 1 [running]:\nmain.main()\n'), 'text-profile'],
    ['prose', Buffer.from('hello there'), undefined],
    ['nothing', Buffer.alloc(0), undefined],
  ];
  for (const [what, bytes, kind] of cases) test(what, () => assert.equal(recogniseFile(bytes)?.kind, kind));
});
