import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { analyse } from '../../src/analysis/analyse.ts';
import type { Experiment } from '../../src/experiment/experiment.ts';
import { renderReport } from '../../src/report/formats.ts';
import { createRun } from '../../src/results/run-writer.ts';
import { openRun } from '../../src/results/run-folder.ts';
import { seededStream, type RandomStream } from '../../src/statistics/random.ts';
import { program } from '../../src/program.ts';
import { fakeIo } from '../cli/fake-io.ts';
import { syntheticRun } from '../fixtures/analysis/synthetic-run.ts';

/** Two small sound runs below a folder, which are damaged and mended again and again. */
export interface Patients {
  /** Holds both, so that `gctune list` finds them. */
  readonly root: string;
  /** With its trials. */
  readonly whole: string;
  /** As a run is published: without trials, with its analysis. */
  readonly published: string;
  /** Another run of the same experiment, to compare with; never damaged. */
  readonly other: string;
}

/** What one damaged folder did to one command. */
export interface Outcome {
  readonly mutation: string;
  readonly argv: readonly string[];
  readonly code: number;
  /** What is wrong with it; undefined where the command behaved. */
  readonly fault: string | undefined;
}

/** Writes the runs. */
export async function makePatients(root: string): Promise<Patients> {
  const made = async (name: string, seed: number): Promise<string> => {
    const synthetic = syntheticRun({
      name,
      seed,
      gogc: [50, 100, 200],
      blocks: 6,
      measureSeconds: 4,
      outsideHz: 2,
      insideHz: 2,
      noise: 0.02,
      gctrace: true,
    });
    const { manifest } = synthetic;
    const experiment: Experiment = { ...manifest.experiment, description: 'one\ntwo', assert: ASSERTIONS };
    const at = manifest.startedAt;
    await using run = await createRun(join(root, 'results'), { ...manifest, id: name, experiment }, 'name: x\n');
    await run.log({ at, type: 'run-started', pid: 1 });
    for (const { record, readings } of synthetic.trials()) {
      await using writer = await run.beginTrial(record.id, record.attempt);
      for await (const reading of readings) writer.reading(reading);
      if (record.block === 1) await writer.profile('heap', HEAP_PROFILE);
      await writer.finish(record);
      await run.log({ at, type: 'trial-ended', trial: record.id, attempt: 1, outcome: record.outcome.kind });
    }
    await run.log({ at, type: 'run-ended', why: 'plan-done', blocks: 6 });
    return run.folder;
  };
  const whole = await made('whole', 1);
  const other = await made('other', 2);
  const published = await made('published', 3);
  const run = await openRun(published);
  const analysis = await analyse({ manifest: run.manifest, trials: run.trials(), ended: await run.ended() });
  await run.writeDerived('analysis.json', await renderReport(analysis, 'json'));
  rmSync(join(published, 'trials'), { recursive: true });
  return { root: join(root, 'results'), whole, published, other };
}

const HEAP_PROFILE = readFileSync(new URL('../fixtures/profile/kubo-heap.pb.gz', import.meta.url));
const ASSERTIONS: Experiment['assert'] = [
  {
    metric: 'memory.anon',
    cell: 'gogc=50',
    kind: 'level',
    min: undefined,
    max: { value: 40 * 2 ** 20, written: '40MiB' },
    level: 'error',
  },
];

/** Of every command that prints a document. */
const FORMS = ['text', 'md', 'html', 'json'] as const;

/** Every command that reads a run folder, in every format that it has. */
export function commandsOn(folder: string, { root, other, published }: Patients): readonly (readonly string[])[] {
  return [
    ...['md', 'text', 'csv', 'json', 'benchfmt'].map((format) => ['report', folder, '--format', format]),
    ...FORMS.map((format) => ['show', folder, '--format', format]),
    ...FORMS.map((format) => ['list', '--results', root, '--format', format]),
    ['recommend', folder],
    ['recommend', folder, '--json'],
    ['recommend', folder, '--max-cpu', '+10%', '--max-rss', '300MiB'],
    ['recommend', folder, '--price-gib-month', '1', '--price-core-month', '3'],
    ...['text', 'md', 'csv', 'json'].map((format) => ['compare', other, folder, '--format', format, '--all']),
    ['compare', folder, other, '--accept-drift'],
    ['compare', published, '--baseline', 'whole', '--results', root],
    ...['text', 'md', 'json'].map((format) => ['assert', folder, '--format', format]),
    ['assert', folder, '--that', 'cpu.per_request[gogc=50] <= +20%'],
    ...['text', 'md', 'json'].map((format) => ['explain', folder, '--format', format]),
    ...(folder === published
      ? []
      : [
          ...FORMS.map((format) => ['show', folder, TRIAL, '--format', format]),
          ...FORMS.map((format) => ['profile', folder, '--format', format]),
          ['profile', folder, '--cell', 'gogc=50', '--diff', 'gogc=200'],
        ]),
  ];
}

/** The slow ones: a page takes a second to draw. */
export function slowCommandsOn(folder: string): readonly (readonly string[])[] {
  return [
    ['report', folder],
    ['report', folder, '--format', 'html'],
    ['explain', folder, '--output', '/dev/null'],
  ];
}

/** Damages a run in the way of a seed, runs some of the commands on it and mends it. */
export async function tryMutation(
  patients: Patients,
  seed: number,
  options: { readonly commands: number; readonly slowShare: number },
): Promise<readonly Outcome[]> {
  const random = seededStream(seed, 'mutated run');
  const published = random.next() < 0.4;
  const folder = published ? patients.published : patients.whole;
  const file = pick(random, published ? PUBLISHED_FILES : WHOLE_FILES).replace('*', trialOf(random));
  const path = join(folder, file);
  const before = readFileSync(path);
  const mutation = `${file}: ${damage(path, before, random)}`;
  const analysis = published ? undefined : join(folder, 'analysis.json');
  try {
    const all = commandsOn(folder, patients);
    const chosen = Array.from({ length: options.commands }, () => pick(random, all));
    if (random.next() < options.slowShare) chosen.push(pick(random, slowCommandsOn(folder)));
    const outcomes: Outcome[] = [];
    for (const argv of chosen) outcomes.push(await outcomeOf(argv, mutation, patients.root));
    return outcomes;
  } finally {
    rmSync(path, { recursive: true, force: true });
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, before);
    if (analysis !== undefined) rmSync(analysis, { force: true });
  }
}

/** Runs a command and tells a bug, a code that is none of the documented ones, and text that a terminal would act on. */
export async function outcomeOf(argv: readonly string[], mutation: string, cwd: string): Promise<Outcome> {
  const io = fakeIo({ cwd, env: {} });
  const code = await program(argv, io);
  const said = `${io.written.stdout}\n${io.written.stderr}`;
  const fault =
    code === 1 || /bug in gctune/.test(io.written.stderr)
      ? io.written.stderr
      : ![0, 2, 3, 4, 5, 6, 7].includes(code)
        ? `exit code ${code}`
        : HARMFUL.test(said)
          ? `harmful text: ${JSON.stringify(said.slice(Math.max(0, said.search(HARMFUL) - 80)).slice(0, 160))}`
          : undefined;
  return { mutation, argv, code, fault };
}

/** What moves a cursor, colours or reorders: all control characters but line feed, and carriage return before it (CSV). */
const HARMFUL =
  // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|\r(?!\n)/;

const WHOLE_FILES = [
  ...Array<string>(4).fill('run.json'),
  ...Array<string>(3).fill('trials/*/trial.json'),
  ...Array<string>(3).fill('trials/*/readings.ndjson'),
  'journal.ndjson',
];
const PUBLISHED_FILES = ['run.json', 'analysis.json', 'analysis.json', 'analysis.json'];

function trialOf(random: RandomStream): string {
  const block = 1 + Math.floor(random.next() * 6);
  const { manifest } = BASE;
  const own = manifest.plan.trials.filter((trial) => trial.block === block);
  return pick(random, own).id;
}
const BASE = syntheticRun({ name: 'whole', seed: 1, gogc: [50, 100, 200], blocks: 6 });
const TRIAL = BASE.manifest.plan.trials[0]?.id ?? '';

function pick<T>(random: RandomStream, list: readonly T[]): T {
  return list[Math.floor(random.next() * list.length)] as T;
}

/** Damages a file and says how. */
function damage(path: string, before: Buffer, random: RandomStream): string {
  const way = random.next();
  if (way < 0.03) return replaceFile(path, random);
  if (way < 0.2) {
    const [bytes, how] = damagedBytes(before, random);
    writeFileSync(path, bytes);
    return how;
  }
  const text = before.toString('utf8');
  if (!path.endsWith('.ndjson')) {
    const [value, how] = damagedValue(JSON.parse(text), random);
    writeFileSync(path, written(value));
    return how;
  }
  const lines = text.trimEnd().split('\n');
  const hows: string[] = [];
  for (let i = 0; i < 1 + Math.floor(random.next() * 5); i++) {
    const index = Math.floor(random.next() * lines.length);
    const [value, how] = damagedValue(parsed(lines[index] ?? ''), random);
    lines[index] = written(value);
    hows.push(`line ${index + 1} ${how}`);
  }
  writeFileSync(path, `${lines.join('\n')}\n`);
  return hows.join('; ');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function replaceFile(path: string, random: RandomStream): string {
  const how = pick(random, ['missing', 'a folder', 'a link', 'empty', 'null', '[]', '{}']);
  rmSync(path);
  if (how === 'a folder') mkdirSync(path);
  else if (how === 'a link') symlinkSync('/etc/passwd', path);
  else if (how !== 'missing') writeFileSync(path, how === 'empty' ? '' : how);
  return how;
}

function damagedBytes(before: Buffer, random: RandomStream): readonly [Buffer, string] {
  const at = Math.floor(random.next() * before.length);
  const length = Math.floor(random.next() * 64);
  const head = before.subarray(0, at);
  switch (pick(random, ['flip', 'cut out', 'insert', 'truncate', 'repeat'])) {
    case 'flip': {
      const copy = Buffer.from(before);
      copy[at] = (copy[at] ?? 0) ^ (1 << Math.floor(random.next() * 8));
      return [copy, `bit of byte ${at} flipped`];
    }
    case 'cut out':
      return [Buffer.concat([head, before.subarray(at + length)]), `${length} bytes at ${at} cut out`];
    case 'insert': {
      const bytes = Buffer.from(Array.from({ length }, () => Math.floor(random.next() * 256)));
      return [Buffer.concat([head, bytes, before.subarray(at)]), `${length} bytes at ${at} inserted`];
    }
    case 'truncate':
      return [head, `truncated at ${at}`];
    default:
      return [
        Buffer.concat([head, before.subarray(at, at + length), before.subarray(at)]),
        `${length} bytes at ${at} repeated`,
      ];
  }
}

type Parent = Record<string, unknown> | unknown[];

function damagedValue(value: unknown, random: RandomStream): readonly [unknown, string] {
  const holder = { value };
  const hows: string[] = [];
  for (let i = 0; i < 1 + Math.floor(random.next() ** 3 * 4); i++) {
    const place = placeIn(holder, random);
    if (place !== undefined) hows.push(change(place.parent, place.key, random, place.path));
  }
  return [holder.value, hows.join(', ')];
}

/** Goes down from the top; ends at any depth. */
function placeIn(
  top: Parent,
  random: RandomStream,
): { readonly parent: Parent; readonly key: string; readonly path: string } | undefined {
  let parent: Parent = top;
  let key = 'value';
  const path: string[] = [];
  for (;;) {
    const child: unknown = (parent as Record<string, unknown>)[key];
    const keys = typeof child === 'object' && child !== null ? Object.keys(child) : [];
    if (keys.length === 0 || random.next() < 0.12)
      return path.length === 0 && random.next() < 0.9 && keys.length > 0
        ? placeIn(top, random)
        : { parent, key, path: path.join('.') };
    parent = child as Parent;
    key = pick(random, keys);
    path.push(key);
  }
}

function change(parent: Parent, key: string, random: RandomStream, path: string): string {
  const holder = parent as Record<string, unknown>;
  const old = holder[key];
  const how = pick(random, ['delete', 'value', 'value', 'value', 'number', 'number', 'text', 'list', 'key', 'copy']);
  const set = (value: unknown): string => {
    // A copy: what stands in two places would be damaged in both, or hold itself.
    const to: unknown = structuredClone(value);
    holder[key] = to;
    return `${path} = ${JSON.stringify(to)?.slice(0, 60)}`;
  };
  switch (how) {
    case 'delete':
      if (Array.isArray(parent)) parent.splice(Number(key), 1);
      else delete holder[key];
      return `${path} deleted`;
    case 'number':
      return set(
        typeof old === 'number'
          ? pick(random, [-old, old * 1e12, old + 0.5, old * 1e-9, old + 1, -1, 0])
          : pick(random, NUMBERS),
      );
    case 'text':
      return set(
        typeof old === 'string'
          ? pick(random, [`${old}${EVIL}`, EVIL + old, old.toUpperCase(), old.slice(1), ''])
          : EVIL,
      );
    case 'list':
      if (!Array.isArray(old)) return set([old]);
      return set(pick(random, [[], old.concat(old), old.slice(1), old.toReversed(), [old], [null]]));
    case 'key':
      if (typeof old === 'object' && old !== null && !Array.isArray(old))
        (old as Record<string, unknown>)[pick(random, ['x', '', '0', EVIL, 'constructor'])] = structuredClone(
          old[pick(random, Object.keys(old)) as keyof typeof old],
        );
      return `${path} has a key more`;
    case 'copy': {
      const siblings = Object.keys(parent);
      return set(holder[pick(random, siblings)]);
    }
    default:
      return set(pick(random, VALUES));
  }
}

const EVIL = '\u001b[31m\u001b]0;t\u0007\u202e\u009b2J\r\n=1+1\u0000<b>`$(id)';
const NUMBERS: readonly unknown[] = [-1, 0, 1, 0.5, -0.5, 1e9, 1e18, 1e300, -1e300, 2 ** 53, 5e-324, '@1e999@', 1e5];
const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  '',
  'x',
  EVIL,
  'x'.repeat(5000),
  [],
  {},
  [[]],
  [null],
  [{}],
  [1, 2, 3],
  { x: 1 },
  '0',
  'NaN',
  'off',
  -1,
  0,
  ...NUMBERS,
];

/** `@1e999@` stands for a number that only JSON can write: it is read as Infinity. */
function written(value: unknown): string {
  return (JSON.stringify(value) ?? 'null').replaceAll('"@1e999@"', '1e999');
}
