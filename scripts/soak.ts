// Runs several hundred short trials in one gctune and asks of everything that it holds whether it grows.
// npm run soak [-- --runner process|docker] [--trials N] [--warm-up N] [--samples FILE]. Exit 1 where something grows or shrinks.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { slopeEstimate } from '../src/statistics/theil-sen.ts';
import { buildTarget } from './faults/machine.ts';
import { main, names, readText, Scene } from './faults/scene.ts';

const { values } = parseArgs({
  options: {
    runner: { type: 'string', default: 'process' },
    trials: { type: 'string', default: '500' },
    // The optimising compiler, caches of connections and the first growth of the heap settle in about a minute.
    'warm-up': { type: 'string', default: '100' },
    samples: { type: 'string' },
  },
});

/** A block has three trials: two cells, and the baseline again. */
const PER_BLOCK = 3;
const TRIALS_PER_SAMPLE = 5;
/** A collection that is forced moves what lies in the heap, and takes pages that a run of its own would not: seldom, therefore. */
const SAMPLES_PER_COLLECTION = 5;
/**
 * V8 optimises a function when it has been called often, and what a trial calls once it optimises after hundreds of trials:
 * memory that grows with the number of functions, not of trials, but hides whatever does. So all of them stay as they begin.
 */
const UNOPTIMISED = [
  '--no-opt',
  '--no-maglev',
  '--no-sparkplug',
  '--no-lazy-feedback-allocation',
  '--no-flush-bytecode',
];
const CONFIDENCE = 0.95;

type Sample = Readonly<Record<string, number>>;

const runner = values.runner === 'docker' ? 'docker' : 'process';
const trials = Number(values.trials);
await using target = await buildTarget();
await using scene = new Scene(runner);
scene.write(target.binary, {
  more: {
    blocks: Math.ceil(trials / PER_BLOCK),
    phases: { warmup: '50ms', measure: '250ms', drain: '50ms' },
    sampling: { inside: '4/s' },
  },
});
const probe = new URL('soak-probe.mjs', import.meta.url).href;
const began = performance.now();
const child = spawn(
  process.execPath,
  ['--expose-gc', ...UNOPTIMISED, '--import', probe, main, 'run', scene.file, '--json', '--output', scene.results],
  {
    cwd: scene.folder,
    env: { ...process.env, ...scene.env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  },
);
const ended = once(child, 'exit');
let stderr = '';
child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr = `${stderr}${text}`.slice(-2000)));
const samples: Sample[] = [];
let rest = '';
let asked = 0;
child.on('message', (memory: Sample) => void sampleNow(memory));
child.stdout?.setEncoding('utf8').on('data', (text: string) => {
  const lines = `${rest}${text}`.split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) {
    if (!line.startsWith('{"type":"trial-ended"')) continue;
    asked++;
    if (asked % 50 === 0)
      process.stdout.write(`${asked} trials, ${((performance.now() - began) / 1000).toFixed(0)} s\n`);
    if (asked % TRIALS_PER_SAMPLE !== 0) continue;
    // The next trial begins meanwhile; its target is one more process in every sample alike.
    if (asked % (TRIALS_PER_SAMPLE * SAMPLES_PER_COLLECTION) === 0) child.send('now', () => undefined);
    else void sampleNow();
  }
});
const [code] = (await ended) as [number | null];

/** What gctune and the machine hold of the run, at the end of a trial. */
async function sampleNow(memory?: Sample): Promise<void> {
  const { pid } = child as ChildProcess & { pid: number };
  const threads = Number(/^Threads:\s+(\d+)/m.exec(readText(`/proc/${pid}/status`))?.[1]);
  const files = names(`/proc/${pid}/fd`).length;
  const children = names('/proc').filter((name) => parentOf(name) === pid).length;
  const partial: Record<string, number> = {
    'RSS [KiB]': Number(/^VmRSS:\s+(\d+)/m.exec(readText(`/proc/${pid}/status`))?.[1]),
    ...(memory === undefined
      ? {}
      : {
          'heap after a collection [KiB]': (memory['heapUsed'] ?? 0) / 1024,
          'external memory [KiB]': (memory['external'] ?? 0) / 1024,
          'handles of Node': memory['handles'] ?? 0,
        }),
    threads,
    'open files': files,
    'child processes': children,
    'entries in TMPDIR': names(scene.env['TMPDIR'] ?? '').length,
    'entries in the scratch folder': names(`${scene.env['GCTUNE_CACHE']}/scratch`).reduce(
      (sum, name) => sum + 1 + names(`${scene.env['GCTUNE_CACHE']}/scratch/${name}`).length,
      0,
    ),
    cgroups: scene.cgroups().length,
  };
  samples.push(partial);
  if (values.samples !== undefined) appendFileSync(values.samples, `${JSON.stringify(partial)}\n`);
  // Slower than a trial, so not at each.
  if (runner !== 'docker') return;
  const counts = await Promise.all((['container', 'network', 'image'] as const).map((kind) => scene.owned(kind)));
  for (const [index, kind] of ['containers', 'networks', 'images'].entries())
    partial[kind] = counts[index]?.length ?? 0;
}

function parentOf(pid: string): number | undefined {
  if (!/^\d+$/.test(pid)) return undefined;
  return Number(/^PPid:\s+(\d+)/m.exec(readText(`/proc/${pid}/status`))?.[1]);
}

if (code !== 0 && code !== 4) throw new Error(`gctune ended ${code}: ${stderr}`);
const seconds = (performance.now() - began) / 1000;
const counted = samples.slice(Number(values['warm-up']) / TRIALS_PER_SAMPLE);
const columns = [...new Set(counted.flatMap((sample) => Object.keys(sample)))];
let grows = 0;
process.stdout.write(
  `\n${asked} trials with the ${runner} runner in ${seconds.toFixed(0)} s; slopes of ${counted.length} samples, one every ${TRIALS_PER_SAMPLE} trials (the first ${values['warm-up']} trials are warm-up), for each 100 trials, 95 % interval (Theil–Sen)\n\n| what | n | first | last | slope | interval | flat |\n| --- | --- | --- | --- | --- | --- | --- |\n`,
);
for (const name of columns) {
  const points = counted.flatMap((sample, index) =>
    sample[name] === undefined ? [] : [[(index * TRIALS_PER_SAMPLE) / 100, sample[name]] as const],
  );
  const slope = slopeEstimate(
    points.map(([x]) => x),
    points.map(([, y]) => y),
    CONFIDENCE,
  );
  const flat = slope.low !== null && slope.high !== null && slope.low <= 0 && slope.high >= 0;
  if (!flat) grows++;
  const cells = [points[0]?.[1], points.at(-1)?.[1], slope.value].map((value) => digits(value ?? Number.NaN));
  const interval = `${digits(slope.low ?? Number.NaN)} to ${digits(slope.high ?? Number.NaN)}`;
  process.stdout.write(`| ${[name, points.length, ...cells, interval, flat ? 'yes' : '**no**'].join(' | ')} |\n`);
}
const left = await scene.leftovers();
process.stdout.write(`\nleft afterwards: ${left.length === 0 ? 'nothing' : left.join('; ')}\n`);
process.exitCode = grows === 0 && left.length === 0 ? 0 : 1;

function digits(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(2);
}
