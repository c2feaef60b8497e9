import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { cases } from '../../scripts/faults/cases.ts';
import { tryKills } from '../../scripts/faults/kills.ts';
import { absentOf, buildTarget } from '../../scripts/faults/machine.ts';
import { caseName, tryCase } from '../../scripts/faults/try-case.ts';
import { requirement } from '../requirements.ts';

let binary = '';
let gone: AsyncDisposable | undefined;
const go = requirement('go');
before(async () => {
  if (go.skip !== false) return;
  const target = await buildTarget();
  ({ binary } = target);
  gone = target;
});
after(async () => gone?.[Symbol.asyncDispose]());

/** Of the table that `npm run faults` plays: what takes seconds, of every kind. */
const QUICK = [
  'SIGKILL / between / simulated',
  'SIGKILL / measure / process',
  'SIGKILL / measure / docker',
  'SIGINT / launch / docker',
  'SIGINT ×2 / measure / process',
  'SIGHUP / measure / process',
  'disk full for 1.5 s / between / simulated',
  'run folder renamed for good / between / simulated',
  'journal replaced by a folder for 1.5 s / between / simulated',
  'target panics / measure / process',
  'container removed / measure / docker',
  'image pruned / between / docker',
];

for (const name of QUICK) {
  const of = cases.find((each) => caseName(each) === name);
  if (of === undefined) throw new Error(`the table has no case ${name}`);
  const needs = of.runner === 'docker' ? (['go', 'docker'] as const) : (['go'] as const);
  const { skip } = of.runner === 'simulated' ? { skip: false as const } : requirement(...needs);
  const absent = absentOf(of).filter((need) => need !== 'docker');
  test(name, { skip: absent.length > 0 ? `needs ${absent.join(', ')}` : skip }, async () => {
    const { problems, over } = await tryCase(of, binary);
    assert.deepEqual(problems, []);
    assert.ok(over <= 30, `${over} s over what is stated`);
  });
}

test('ten kills of simulated sweeps, each gone on with, change nothing in the analysis', async () => {
  const said: string[] = [];
  const say = (line: string): void => void said.push(line);
  const tally = await tryKills(10, 'simulated', { seed: 12, binary, jobs: 2, say });
  assert.deepEqual(tally.problems, [], said.join('\n'));
  assert.equal(tally.kills, 10);
});
