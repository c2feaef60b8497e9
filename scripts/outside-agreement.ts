// Compares what is read of a Go process from outside with what it tells itself, field by field: heapd built by each Go
// release in three ways, idle, under load and under a memory limit. Prints Markdown. npm run agreement
// [-- 1.26 1.27], or for a process that runs already: npm run agreement -- --pid 1234 --url http://127.0.0.1:8080/metrics
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { findCounters } from '../src/probe/memstats-text.ts';
import { attachRuntime, type RuntimeReader } from '../src/runtime-memory/attach.ts';
import { startHeapd, type Heapd } from '../test/probe/heapd.ts';
import { goReleases } from './layouts/releases.ts';

const BUILDS = {
  default: [],
  '-s -w': ['-ldflags=-s -w'],
  'PIE, -s -w': ['-buildmode=pie', '-ldflags=-s -w'],
} as const;
const PAIRS = 8;
const LOADED_PAIRS = 20;
const CONNECTIONS = 4;
const PAUSE_MILLISECONDS = 8;

type Figures = Readonly<Partial<Record<string, number>>>;

/** How one field fared. */
interface Tally {
  equal: number;
  pairs: number;
  /** Largest distance from the nearer of the two looks, as a share. */
  largest: number;
}

type Tallies = Map<string, Tally>;

/** Takes one answer between two looks from outside. False where a cycle ended between them, which says nothing. */
async function pair(reader: RuntimeReader, ask: () => Promise<Figures>, into: Tallies): Promise<boolean> {
  const before = reader.read()?.figures as Figures | undefined;
  const told = await ask();
  const after = reader.read()?.figures as Figures | undefined;
  if (before === undefined || after === undefined) throw new Error('the process has ended');
  if (before.numGc !== after.numGc) return false;
  for (const [key, value] of Object.entries(told)) {
    const [low, high] = [before[key], after[key]];
    if (value === undefined || low === undefined || high === undefined) continue;
    const tally = into.get(key) ?? { equal: 0, pairs: 0, largest: 0 };
    into.set(key, tally);
    tally.pairs += 1;
    // A text of a Prometheus page may be rounded to what a number of that size can hold.
    const off = Math.min(...[low, high].map((each) => Math.abs(value - each) / Math.max(Math.abs(each), 1e-300)));
    if (off < 1e-14 || value === low || value === high) tally.equal += 1;
    else tally.largest = Math.max(tally.largest, off);
  }
  return true;
}

async function pairs(reader: RuntimeReader, asks: readonly (() => Promise<Figures>)[], count: number, into: Tallies) {
  let left = 0;
  for (const ask of asks) {
    for (let i = 0; i < count; i += 1) {
      if (!(await pair(reader, ask, into))) left += 1;
      await sleep(30);
    }
  }
  return left;
}

function asked(fetchText: () => Promise<string>): () => Promise<Figures> {
  return async () => {
    const counters = findCounters(await fetchText());
    if (counters === undefined) throw new Error('the answer has no counters');
    return counters.figures;
  };
}

/** Keeps some connections busy until the returned function is called. */
function load(heapd: Heapd): () => Promise<void> {
  const end = new AbortController();
  const worker = async (first: number): Promise<void> => {
    for (let sent = first; !end.signal.aborted; sent += CONNECTIONS) {
      await heapd.get(`/work?session=${sent % 1000}`);
      await sleep(PAUSE_MILLISECONDS);
    }
  };
  const workers = Promise.all(Array.from({ length: CONNECTIONS }, (_, i) => worker(i)));
  return async () => {
    end.abort();
    await workers;
  };
}

/** One row of the table of builds. */
interface Built {
  readonly version: string;
  readonly build: string;
  readonly attachMilliseconds: number;
  readonly pairs: number;
  readonly left: number;
}

const CONDITIONS = ['idle', 'loaded', 'under a limit'] as const;

async function measureBuild(
  program: string,
  byCondition: ReadonlyMap<string, Tallies>,
): Promise<Omit<Built, 'version' | 'build'>> {
  let attachMilliseconds = 0;
  let left = 0;
  let all = 0;
  for (const condition of CONDITIONS) {
    await using heapd = await startHeapd(program, [], condition === 'under a limit' ? { GOMEMLIMIT: '18MiB' } : {});
    const began = performance.now();
    using reader = await attachRuntime(heapd.pid);
    attachMilliseconds = Math.max(attachMilliseconds, performance.now() - began);
    const asks = ['/debug/vars', '/metrics'].map((path) => asked(() => heapd.get(path)));
    const stop = condition === 'idle' ? async () => undefined : load(heapd);
    const count = condition === 'idle' ? PAIRS : LOADED_PAIRS;
    await sleep(condition === 'idle' ? 0 : 500);
    left += await pairs(reader, asks, count, byCondition.get(`${condition}: `) ?? new Map());
    all += 2 * count;
    await stop();
  }
  return { attachMilliseconds, pairs: all, left };
}

function percent(share: number): string {
  return share === 0 ? '–' : share < 0.0001 ? '< 0.01 %' : `${(share * 100).toFixed(2)} %`;
}

function tallyTable(byCondition: ReadonlyMap<string, Tallies>): string {
  const keys = [...new Set([...byCondition.values()].flatMap((tallies) => [...tallies.keys()]))];
  const heads = [...byCondition.keys()].flatMap((condition) => [`${condition}equal`, 'farthest']);
  return [
    `| field | ${heads.join(' | ')} |`,
    `| --- | ${heads.map(() => '---').join(' | ')} |`,
    ...keys.map((key) => {
      const cells = [...byCondition.values()].flatMap((tallies) => {
        const tally = tallies.get(key);
        return tally === undefined ? ['', ''] : [`${tally.equal}/${tally.pairs}`, percent(tally.largest)];
      });
      return `| ${key} | ${cells.join(' | ')} |`;
    }),
  ].join('\n');
}

async function compareRunning(pid: number, url: string): Promise<void> {
  const began = performance.now();
  using reader = await attachRuntime(pid);
  const milliseconds = performance.now() - began;
  const tallies: Tallies = new Map();
  const left = await pairs(reader, [asked(async () => (await fetch(url)).text())], PAIRS, tallies);
  process.stdout.write(
    `${reader.buildInfo.path}, ${reader.buildInfo.goVersion}, ${url}: attached in ${milliseconds.toFixed(0)} ms, ${PAIRS} pairs, ${left} with a cycle in between\n\n${tallyTable(new Map([['', tallies]]))}\n`,
  );
}

async function compareReleases(wanted: readonly string[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'gctune-outside-'));
  const byCondition = new Map<string, Tallies>(CONDITIONS.map((condition) => [`${condition}: `, new Map()]));
  const rows: Built[] = [];
  try {
    for (const [minor, patches] of await goReleases()) {
      if (wanted.length > 0 && !wanted.includes(`1.${minor}`)) continue;
      const version = patches.at(-1) ?? '';
      for (const [build, flags] of Object.entries(BUILDS)) {
        const program = join(folder, 'heapd');
        await execa('go', ['build', '-trimpath', ...flags, '-o', program, 'gctune.dev/heapd'], {
          cwd: join(import.meta.dirname, '../experiments/targets/heapd'),
          env: { GOTOOLCHAIN: `go${version}`, CGO_ENABLED: '0', GOFLAGS: '' },
        });
        const row = { version, build, ...(await measureBuild(program, byCondition)) };
        process.stderr.write(`${JSON.stringify(row)}\n`);
        rows.push(row);
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  process.stdout.write(
    `${[
      '| Go | build | attached in, ms | pairs | a cycle in between |',
      '| --- | --- | --- | --- | --- |',
      ...rows.map(
        (row) =>
          `| ${row.version} | ${row.build} | ${row.attachMilliseconds.toFixed(0)} | ${row.pairs} | ${row.left} |`,
      ),
    ].join('\n')}\n\n${tallyTable(byCondition)}\n`,
  );
}

const args = process.argv.slice(2);
const after = (name: string): string => args[args.indexOf(name) + 1] ?? '';
if (args.includes('--pid')) await compareRunning(Number(after('--pid')), after('--url'));
else await compareReleases(args);
