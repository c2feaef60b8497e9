// Runs every test, or those that are named (files or folders); with --fast only those that may run beside each other.
// Tests that launch targets, measure or use Docker need the machine to themselves: their files are named *.serial.test.ts
// and run one at a time, after all others. Both parts end in one summary.
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { parseArgs } from 'node:util';
import { writePageScript } from './page-script.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/** The first file that needs kubo builds it, which takes some minutes. */
const fileTimeoutSeconds = 1200;

type TestEvents = ReturnType<typeof run>;

/** What is read of the runner's events; the rest passes through to the reporter. */
interface TestEvent {
  readonly type: string;
  readonly data: { readonly nesting?: number; readonly message?: string; readonly file?: string };
}

/** Test files below what is named, as paths with forward slashes from the root; all of them where nothing is named. */
function testFiles(named: readonly string[]): readonly string[] {
  const all = globSync('test/**/*.test.ts', { cwd: root }).map((file) => file.split(sep).join('/'));
  const wanted = named.map((path) => relative(root, resolve(path)).split(sep).join('/'));
  const absent = wanted.filter((path) => !all.some((file) => isBelow(file, path)));
  if (absent.length > 0) throw new Error(`there is no test in ${absent.join(', ')}`);
  return all.filter((file) => wanted.length === 0 || wanted.some((path) => isBelow(file, path))).toSorted();
}

function isBelow(file: string, path: string): boolean {
  return path === '' || file === path || file.startsWith(`${path}/`);
}

function start(files: readonly string[], concurrency: number): TestEvents {
  return run({
    files: files.map((file) => resolve(root, file)),
    concurrency,
    timeout: fileTimeoutSeconds * 1000,
    cwd: root,
  });
}

/** The events of several runs as those of one: the closing counts of each are added up and come once, at the end. */
async function* together(parts: readonly (() => TestEvents)[]): AsyncGenerator {
  const totals = new Map<string, number>();
  for (const part of parts) {
    for await (const event of part() as AsyncIterable<TestEvent>) {
      const closing = event.type === 'test:diagnostic' && event.data.nesting === 0 && (event.data.file ?? '') === '';
      const count = closing ? /^(\w+) ([\d.]+)$/.exec(event.data.message ?? '') : null;
      if (count?.[1] === undefined) yield event;
      else totals.set(count[1], (totals.get(count[1]) ?? 0) + Number(count[2]));
    }
  }
  for (const [name, total] of totals) {
    yield { type: 'test:diagnostic', data: { nesting: 0, message: `${name} ${total}`, level: 'info' } };
  }
  process.exitCode =
    (totals.get('fail') ?? 0) + (totals.get('cancelled') ?? 0) > 0 || (totals.get('tests') ?? 0) === 0 ? 1 : 0;
}

// Pages are tested with the script that is in the sources, not with that of the last build.
await writePageScript();
const { values, positionals } = parseArgs({ options: { fast: { type: 'boolean' } }, allowPositionals: true });
const files = testFiles(positionals);
const isSerial = (file: string): boolean => file.endsWith('.serial.test.ts');
const parts = [
  { files: files.filter((file) => !isSerial(file)), concurrency: availableParallelism() },
  { files: values.fast === true ? [] : files.filter(isSerial), concurrency: 1 },
].filter((part) => part.files.length > 0);
const reporter = new spec();
reporter.pipe(process.stdout);
for await (const event of together(parts.map((part) => () => start(part.files, part.concurrency))))
  reporter.write(event);
reporter.end();
