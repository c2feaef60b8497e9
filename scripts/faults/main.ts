// Plays faults on this machine, with real processes and a real engine, and looks at what is lost, resumed and left.
// npm run faults [-- --list] [--filter PATTERN] [--jobs N] [--markdown FILE]
// npm run faults -- --kills N [--runner simulated|process|docker] [--seed N] [--jobs N]
// Exit 1 where a case failed.
import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { cases } from './cases.ts';
import { absentOf, buildTarget } from './machine.ts';
import { tryKills } from './kills.ts';
import type { CaseRunner } from './scene.ts';
import { caseName, tryCase, type FaultCase, type Verdict } from './try-case.ts';

const { values } = parseArgs({
  options: {
    filter: { type: 'string', multiple: true, default: [] },
    list: { type: 'boolean', default: false },
    markdown: { type: 'string' },
    jobs: { type: 'string', default: '2' },
    kills: { type: 'string' },
    runner: { type: 'string', default: 'simulated' },
    seed: { type: 'string' },
  },
});

const wanted = cases.filter((each) => values.filter.every((pattern) => new RegExp(pattern).test(caseName(each))));
if (values.list) {
  for (const each of wanted) process.stdout.write(`${caseName(each)}\n`);
} else if (values.kills === undefined) await direct();
else await kill(Number(values.kills), values.runner as CaseRunner);

async function kill(wanted: number, runner: CaseRunner): Promise<void> {
  const seed = values.seed === undefined ? randomInt(1e9) : Number(values.seed);
  await using target = await buildTarget();
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  say(`${wanted} kills, ${runner}, seed ${seed}`);
  const tally = await tryKills(wanted, runner, { seed, binary: target.binary, jobs: Number(values.jobs), say });
  for (const problem of tally.problems) say(problem);
  say(
    `${tally.kills} kills of a sweep (${tally.before} more came before its folder, ${tally.after} after its end), seed ${seed}: ${tally.lost} lost, ${tally.problems.length} problems`,
  );
  process.exitCode = tally.problems.length === 0 ? 0 : 1;
}

async function direct(): Promise<void> {
  await using target = await buildTarget();
  const began = performance.now();
  const skipped: string[] = [];
  const verdicts = new Map<FaultCase, Verdict>();
  const due = wanted.filter((each) => {
    const absent = absentOf(each);
    if (absent.length > 0) skipped.push(`${caseName(each)}: needs ${absent.join(', ')}`);
    return absent.length === 0;
  });
  const queue = [...due];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const at = performance.now();
      const verdict = await tryCase(next, target.binary);
      verdicts.set(next, verdict);
      const seconds = ((performance.now() - at) / 1000).toFixed(1);
      const mark = verdict.problems.length === 0 ? 'ok  ' : 'FAIL';
      process.stdout.write(`${mark} ${caseName(next)} (${seconds} s): ${verdict.outcome}\n`);
      for (const problem of verdict.problems) process.stdout.write(`       ${problem}\n`);
    }
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, worker));
  const all = due.flatMap((each) => verdicts.get(each) ?? []);
  const failed = all.filter(({ problems }) => problems.length > 0).length;
  const table = markdownOf(all);
  process.stdout.write(`\n${table}\n`);
  for (const line of skipped) process.stdout.write(`skipped ${line}\n`);
  const docker = all.filter((verdict) => verdict.case.runner === 'docker').length;
  const minutes = ((performance.now() - began) / 60_000).toFixed(1);
  const summary = `${all.length - failed} passed, ${failed} failed, ${skipped.length} skipped; ${docker} with Docker; longest ${longest(all).toFixed(1)} s over what is stated; ${minutes} min`;
  process.stdout.write(`${summary}\n`);
  if (values.markdown !== undefined) writeFileSync(values.markdown, `${table}\n${summary}\n`);
  process.exitCode = failed === 0 && all.length > 0 ? 0 : 1;
}

function longest(all: readonly Verdict[]): number {
  return Math.max(0, ...all.map(({ over }) => over));
}

function markdownOf(all: readonly Verdict[]): string {
  const head = ['fault', 'phase', 'runner', 'outcome', 'lost', 'resumed', 'left', 'over [s]'];
  const rows = all.map(({ case: of, outcome, lost, resumed, left, over, problems }) => [
    of.fault,
    of.phase,
    of.runner,
    problems.length === 0 ? outcome : `**failed**: ${outcome}`,
    String(lost),
    resumed,
    String(left),
    over.toFixed(1),
  ]);
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
