import { leafDifferences } from '../../analysis/compare/differences.ts';
import { UserError, type Diagnostic } from '../../errors.ts';
import { shardName } from '../../experiment/plan/shard.ts';
import type { RunManifest, RunShard, TrialRecord } from '../../results/format.ts';
import { openRun, type RunFolder } from '../../results/run-folder.ts';
import { counted, listed } from '../../text/words.ts';
import { quote } from '../../units/units.ts';

/** A part of a plan, with the attempts that have ended. */
export interface Part {
  readonly run: RunFolder;
  /** As the user named it. */
  readonly name: string;
  readonly shard: RunShard;
  readonly records: readonly TrialRecord[];
}

/** A folder with the attempts that ended in it; one that a signal aborted is none. */
export async function openPart(path: string, name: string): Promise<Omit<Part, 'shard'>> {
  const run = await openRun(path);
  const known = new Set([...run.manifest.plan.trials, ...run.manifest.plan.profiling].map(({ id }) => id));
  const records = [];
  for await (const { record } of run.trials())
    if (record.outcome.kind !== 'aborted' && known.has(record.id)) records.push(record);
  return { run, name, records };
}

/** Opened folders that are to be parts. Throws UserError with each that is none, and each that was changed on the way. */
export function partsOf(runs: readonly Omit<Part, 'shard'>[]): readonly Part[] {
  const problems: Diagnostic[] = [];
  const parts = runs.flatMap((one): readonly Part[] => {
    const { shard } = one.run.manifest;
    if (shard === undefined) {
      const joined = one.run.manifest.nodes !== undefined;
      problems.push({
        code: 'not-a-part',
        at: one.name,
        message: joined ? 'it was joined of parts already' : 'it is a whole run, not a part of one',
        hint: joined ? 'give all parts to one gctune merge' : 'parts are run with gctune run --shard',
      });
      return [];
    }
    const changed = one.run.journal().find((event) => event.type === 'run-resumed' && event.drift.length > 0);
    if (changed?.type === 'run-resumed') {
      const what = changed.drift.map(({ what: name, was, is }) => `${name} (${quote(was)}, then ${quote(is)})`);
      problems.push({
        code: 'part-changed',
        at: one.name,
        message: `part ${shardName(shard)} was resumed after something had changed: ${listed(what)}`,
        hint: `run it again from its beginning: gctune run <file> --shard ${shardName(shard)}`,
      });
    }
    return [{ ...one, shard }];
  });
  if (problems.length > 0) throw new UserError(problems);
  return parts;
}

/** Refuses parts that are not of one plan. Throws UserError with every difference, both values, and every block that two have. */
export function refuseUnlike(parts: readonly Part[]): void {
  const [first, ...others] = parts;
  if (first === undefined) return;
  const problems = [...others.flatMap((other) => differencesOf(first, other)), ...doubled(parts)];
  if (problems.length === 0) return;
  throw new UserError(problems);
}

/** What must be equal, and is not. */
function differencesOf(first: Part, other: Part): readonly Diagnostic[] {
  const [one, two] = [first.run.manifest, other.run.manifest];
  const differences = [
    ...leafDifferences('number of parts', first.shard.of, other.shard.of),
    ...leafDifferences('gctune version', one.toolVersion, two.toolVersion),
    ...leafDifferences('seed', one.plan.seed, two.plan.seed),
    ...leafDifferences('artifact digest', one.artifact.digest, two.artifact.digest),
    ...leafDifferences('artifact digest', digestsOf(one), digestsOf(two)),
    ...leafDifferences('services', one.services, two.services),
    ...leafDifferences('loads', one.loads, two.loads),
    ...leafDifferences('runner', one.runner, two.runner),
    ...leafDifferences('GOMAXPROCS', one.gomaxprocs, two.gomaxprocs),
    ...leafDifferences('experiment', one.experiment, two.experiment).filter(
      ({ what, base, new: is }) => !isPlace(what, base, is) && what !== 'experiment.seed',
    ),
  ];
  // The plan follows from all of these, of one version of gctune; a folder that somebody has changed has another.
  const all =
    differences.length > 0 || JSON.stringify(one.plan) === JSON.stringify(two.plan)
      ? differences
      : leafDifferences('plan', one.plan, two.plan).slice(0, 1);
  return all.map(({ what, base, new: is }, i) => ({
    code: what.startsWith('artifact digest') ? 'artifact-differs' : 'parts-differ',
    at: other.name,
    message: `it is of another plan than ${first.name}: ${what} is ${quote(is)}, and there ${quote(base)}`,
    ...(i === all.length - 1 ? { hint: hintFor(what) } : {}),
  }));
}

function hintFor(what: string): string {
  if (what.startsWith('artifact digest'))
    return 'build once and give every machine the same binary: or image:, or the same Go version and source';
  if (what === 'GOMAXPROCS') return 'write gomaxprocs in the experiment file, so that it does not follow the machine';
  return 'run all parts with the same file, flags and gctune';
}

/** The programs of the versions of a target. */
function digestsOf({ variants = [] }: RunManifest): Readonly<Record<string, string>> {
  return Object.fromEntries(
    variants.map(({ factors, artifact }) => [
      Object.entries(factors)
        .map((one) => one.join('='))
        .join(' '),
      artifact.digest,
    ]),
  );
}

/** Where a file lies may differ from machine to machine; what is in it is compared by digest. */
function isPlace(what: string, one: string, two: string): boolean {
  const key = what.slice(what.lastIndexOf('.') + 1);
  const name = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
  return (
    ['directory', 'path', 'from', 'file'].includes(key) &&
    one.startsWith('/') &&
    two.startsWith('/') &&
    name(one) === name(two)
  );
}

/** Blocks that two parts have a trial of. */
function doubled(parts: readonly Part[]): readonly Diagnostic[] {
  const owners = new Map<number, Part>();
  const shared = new Map<string, { readonly first: Part; readonly other: Part; readonly blocks: number[] }>();
  for (const other of parts) {
    for (const block of new Set(other.records.map((record) => record.block))) {
      const first = owners.get(block) ?? other;
      owners.set(block, first);
      if (first === other) continue;
      const key = JSON.stringify([first.name, other.name]);
      const pair = shared.get(key) ?? { first, other, blocks: [] };
      pair.blocks.push(block);
      shared.set(key, pair);
    }
  }
  return [...shared.values()].map(({ first, other, blocks }) => ({
    code: 'doubled-blocks',
    at: other.name,
    message: `${blocksText(blocks)} ${blocks.length === 1 ? 'is' : 'are'} in ${first.name} too: they are parts ${shardName(other.shard)} and ${shardName(first.shard)}`,
    hint: 'leave one of the two out; which of them counts must not depend on what they show',
  }));
}

/** `block 3`, `blocks 2, 7 and 12`; of many the first and how many. */
export function blocksText(blocks: readonly number[]): string {
  const sorted = blocks.toSorted((a, b) => a - b);
  if (sorted.length > 8) return `${counted(sorted.length, 'block')} (${sorted.slice(0, 8).join(', ')} …)`;
  return `${sorted.length === 1 ? 'block' : 'blocks'} ${listed(sorted.map(String))}`;
}
