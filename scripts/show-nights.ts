// Five nights of the default sweep on this machine, shortened, each recorded and passed through the gate: in the third heapd allocates
// a twentieth more, and in the fourth a busy loop runs beside it on every CPU.
//
//   node scripts/show-nights.ts FOLDER [--before 7] [--blocks 6] [--simulated]
//
// Before them are so many quiet nights, since a gate holds a night to seven at least; 0: only to the night before, in the same blocks.
// FOLDER then has the history, its page and what the gate said of each night.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parseDocument } from 'yaml';
import type { GateReport } from '../src/history/gate.ts';
import { gateSentence } from '../src/report/history/gate-words.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    before: { type: 'string', default: '7' },
    blocks: { type: 'string', default: '6' },
    simulated: { type: 'boolean', default: false },
  },
});
const root = resolve(import.meta.dirname, '..');
const folder = resolve(positionals[0] ?? 'nights');
const heapd = join(root, 'experiments/targets/heapd');

/** A night: what is done to the daemon and to the machine. */
interface Night {
  readonly name: string;
  readonly planted?: boolean;
  readonly loaded?: boolean;
}
const NIGHTS: readonly Night[] = [
  ...Array.from({ length: Number(values.before) }, () => ({ name: 'before' })),
  { name: 'first' },
  { name: 'second' },
  { name: 'third, +5 % allocation', planted: true },
  { name: 'fourth, machine under load', loaded: true },
  { name: 'fifth' },
];

mkdirSync(folder, { recursive: true });
let last = false;
let failed = 0;
for (const [index, night] of NIGHTS.entries()) {
  const { planted = false, loaded = false } = night;
  writeFileSync(join(folder, 'sweep.yaml'), experiment({ last, tonight: planted, canary: false }, loaded));
  const load = loaded && !values.simulated ? Array.from({ length: availableParallelism() }, busy) : [];
  const runs = `night-${String(index + 1).padStart(2, '0')}`;
  const ran = gctune('run', 'sweep.yaml', '--seed', String(index + 1), '--quiet', '--output', runs);
  const run = join(runs, readdirSync(join(folder, runs))[0] ?? '');
  // Its second run, where it makes one, has the same machine.
  const judged = gctune('gate', run, '--quiet', '--json', '--junit', `${runs}.xml`);
  for (const each of load) each.kill('SIGKILL');
  gctune('record', run, '--quiet', '--commit', `${planted ? 'bad' : 'aaa'}${String(index).padStart(37, '0')}`);
  const said = judged.stdout === '' ? judged.stderr : gateSentence(JSON.parse(judged.stdout) as GateReport);
  process.stdout.write(
    `${runs} (${night.name}): run ends with ${ran.code}, gate with ${judged.code}. ${said.trim()}\n`,
  );
  writeFileSync(join(folder, `${runs}.json`), judged.stdout);
  if (judged.code === 6) failed++;
  last = planted;
}
process.stdout.write(`${failed} of ${NIGHTS.length} nights failed\n\n`);
process.stdout.write(gctune('history', 'history', '--output', 'history.html').stdout);

/** The default sweep, shortened, with three versions in the place of its target, of which some allocate a twentieth more. */
function experiment(planted: Readonly<Record<'last' | 'tonight' | 'canary', boolean>>, loaded: boolean): string {
  const document = parseDocument(readFileSync(join(root, 'experiments/gogc-sweep.yaml'), 'utf8'));
  const versions = Object.entries(planted).map(([name, more]) => [
    name,
    values.simulated ? model(more, loaded) : source(name, more),
  ]);
  for (const key of values.simulated ? ['package', 'args', 'port', 'ready'] : ['package'])
    document.deleteIn(['target', key]);
  document.setIn(['target', 'versions'], Object.fromEntries(versions));
  document.set('matrix', {
    gogc: [50, 100],
    exclude: [{ version: 'canary', gogc: 50 }],
  });
  document.deleteIn(['workloads', 'bursty']);
  document.set('baseline', { gogc: 100, version: 'last' });
  document.set('canary', 'canary');
  document.set('phases', { warmup: '1s', measure: '2s', drain: '300ms' });
  document.set('blocks', Number(values.blocks));
  document.set('runner', values.simulated ? 'simulated' : 'process');
  document.delete('seed');
  return String(document);
}

function model(more: boolean, loaded: boolean): object {
  return {
    simulated: {
      live: '4MiB',
      alloc_per_request: more ? '672KiB' : '640KiB',
      cpu_per_request: loaded ? '650us' : '500us',
      start_up: { excess: '0%', fades: '1s' },
    },
  };
}

/** A copy of heapd's source. */
function source(name: string, more: boolean): object {
  const place = join(folder, name);
  cpSync(heapd, place, { recursive: true });
  const file = join(place, 'main.go');
  const text = readFileSync(file, 'utf8');
  const changed = text.replace('int64(s.config.garbage)', 'int64(s.config.garbage) * 21 / 20');
  if (changed === text) throw new Error(`${file} does not say any more what a request allocates`);
  if (more) writeFileSync(file, changed);
  return { package: `./${name}` };
}

function busy(): ChildProcess {
  return spawn(process.execPath, ['--eval', 'for (;;);'], { stdio: 'ignore' });
}

function gctune(...args: readonly string[]): {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
} {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'src/main.ts'), ...args], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  return { code: status, stdout, stderr };
}
