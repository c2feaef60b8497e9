import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { requirement } from '../requirements.ts';
import { main, root, scratch } from './gctune.ts';
import { gctuneWords, onTerminal } from './pty.ts';

function gctune(...args: readonly string[]): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    timeout: 30_000,
    killSignal: 'SIGKILL',
  });
  return { status, said: stdout + stderr };
}

test('a pipe without a writer, a device and a file beyond its limit are refused before they are read', async (t) => {
  const folder = await scratch(t);
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const large = join(folder, 'large');
  writeFileSync(large, '');
  truncateSync(large, 3 * 2 ** 30);
  const profile = join(root, 'test/fixtures/profile/kubo-heap.pb.gz');
  const published = join(root, 'test/fixtures/kubo-0.42.0');
  for (const command of [
    ['validate'],
    ['plan'],
    ['run'],
    ['explain', '--memstats'],
    ['profile'],
    ['profile', profile, '--diff'],
    ['assert', published, '--file'],
  ]) {
    for (const file of [pipe, '/dev/zero', large]) {
      const { status, said } = gctune(...command, file);
      assert.equal(status, 2, `${command.join(' ')} ${file}: ${said}`);
      assert.match(said, file === large ? /is larger than \d+ MiB/ : /is not a regular file/);
    }
  }
});

test('a pipe and a device are no dump, no program and no run, and nothing waits for them', async (t) => {
  const folder = await scratch(t);
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const cases: readonly (readonly [args: readonly string[], code: number, said: RegExp])[] = [
    [['heapdump', pipe], 2, /it is not a regular file/],
    [['heapdump', join(root, 'package.json'), '--binary', '/dev/zero'], 2, /it is not a regular file/],
    [['report', pipe], 2, /a pipe or a device, not the folder of a run/],
    [['show', '/dev/zero'], 2, /a pipe or a device, not the folder of a run/],
  ];
  for (const [args, code, said] of cases) {
    const ended = gctune(...args);
    assert.equal(ended.status, code, `${args.join(' ')}: ${ended.said}`);
    assert.match(ended.said, said);
  }
});

test('stdin that delivers nothing is waited for until Ctrl-C or a signal', requirement('python3'), async () => {
  const commands = [
    ['validate'],
    ['plan'],
    ['run'],
    ['explain', '--memstats'],
    ['profile'],
    ['profile', '-', '--diff'],
  ];
  await Promise.all(
    commands.map(async (command) => {
      const terminal = onTerminal(gctuneWords(...command, '-'));
      await terminal.shows(/reading from the terminal: paste, then press Ctrl-D/);
      terminal.send('\u0003');
      assert.equal(await terminal.ended, 'exit 130', command.join(' '));
    }),
  );
  const child = spawn(process.execPath, [main, 'profile', '-'], { stdio: ['pipe', 'ignore', 'ignore'] });
  setTimeout(() => child.kill('SIGTERM'), 3000).unref();
  assert.equal(await new Promise((resolve) => child.on('close', resolve)), 143);
});

test('what a terminal is typed until Ctrl-D is read', requirement('python3'), async () => {
  const terminal = onTerminal(gctuneWords('profile', '-'));
  await terminal.shows(/reading from the terminal/);
  terminal.send('goroutine profile: total 2\n2 @ 0x2 0x1\n#\t0x1\tmain.waits+0x1\t/x.go:1\n\u0004');
  await terminal.shows(/100% +main\.waits/);
  assert.equal(await terminal.ended, 'exit 0');
});

test('what comes on stdin is told by what it is', () => {
  const counters = readFileSync(join(root, 'test/fixtures/explain/seed-memstats.txt'));
  const dump = readFileSync(join(root, 'test/fixtures/heapdump/go1.26.dump.gz'));
  for (const [command, input, said] of [
    [['profile'], counters, /stdin is counters .*, not a profile.*\n {2}pipe it to: gctune explain --memstats -\n/],
    [['explain', '--memstats'], dump, /stdin is a heap dump .*\n {2}save it to a file, then: gctune heapdump FILE\n/],
  ] as const) {
    const { status, stderr } = spawnSync(process.execPath, [main, ...command, '-'], { input, encoding: 'utf8' });
    assert.equal(status, 2);
    assert.match(stderr, said);
  }
});

test('what a shell gives as <(…) is read', requirement('bash'), () => {
  const line = `"$0" "$1" validate <(cat "$2")`;
  const demo = join(root, 'experiments/demo.yaml');
  assert.equal(spawnSync('bash', ['-c', line, process.execPath, main, demo]).status, 0);
});

test('gctrace refuses a pipe without a writer and a device, and shows at Ctrl-C what stdin has brought', async (t) => {
  const pipe = join(await scratch(t), 'pipe');
  execFileSync('mkfifo', [pipe]);
  for (const file of [pipe, '/dev/zero']) {
    const { status, said } = gctune('gctrace', file);
    assert.equal(status, 2, said);
    assert.match(said, /is not a regular file/);
  }
  const child = spawn(process.execPath, [main, 'gctrace', '-'], { stdio: ['pipe', 'pipe', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  // Until it reads there is nobody to hear the signal: more than a pipe holds is taken by its reader alone.
  const line =
    'gc 1 @0.100s 1%: 0.1+1+0.1 ms clock, 0.2+0/1/0+0.2 ms cpu, 40->40->20 MB, 40 MB goal, 2 P\n' + 'x'.repeat(200_000);
  await new Promise((resolve) => child.stdin.write(line, resolve));
  child.kill('SIGINT');
  const [code] = (await once(child, 'close', { signal: AbortSignal.timeout(30_000) })) as [number | null];
  assert.equal(code, 130);
  assert.match(said, /stdin: 1 cycles? of one process[\s\S]*warning: interrupted: the log was not read to its end/);
});
