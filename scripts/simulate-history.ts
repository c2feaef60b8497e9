// How often gctune gate alarms over nights without a change, and finds those with one, at the noise of the published run of
// kubo: node scripts/simulate-history.ts [histories] [seed] > results/reference/simulated-nights.txt
import { foundWithin, kuboNoise, quietNights, type NightChange } from '../test/history/simulated-history.ts';

const [histories = 200, seed = 1] = process.argv.slice(2).map(Number);
const noise = kuboNoise();
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const share = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} % (${part} of ${whole})`;

say(`node scripts/simulate-history.ts ${histories} ${seed}`);
say('10 cells and their canaries, 10 blocks a night, 3 metrics, 30 nights of history before the first that is judged');
say('');
for (const [name, own] of [
  ['first thousand', seed],
  ['second thousand', seed + 1],
] as const) {
  const quiet = quietNights(noise, { nights: 1000, seed: own });
  say(
    `1,000 nights without a change, ${name}: alarms ${share(quiet.alarms, 1000)}, confirmation runs ${share(quiet.suspected, 1000)}, unusable ${share(quiet.unusable, 1000)}`,
  );
}
const rows: readonly (readonly [string, NightChange, number])[] = [
  ['memory +5 % for good, within 2 nights', { daemon: { 'memory.anon': 1.05 } }, 2],
  ['CPU per request +10 % for good, within 3 nights', { daemon: { 'cpu.per_request': 1.1 } }, 3],
  ['allocation per request +2 % for good, within 1 night', { daemon: { 'alloc.per_request': 1.02 } }, 1],
  ['machine 10 % slower for 3 nights: an alarm in any of them', { machine: { 'cpu.per_request': 1.1 } }, 3],
  ['machine 30 % slower for 3 nights: an alarm in any of them', { machine: { 'cpu.per_request': 1.3 } }, 3],
];
for (const [name, change, within] of rows)
  say(`${name}: ${share(foundWithin(noise, change, { histories, within, seed }), histories)}`);
