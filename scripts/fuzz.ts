// Gives every reader of what others wrote damaged and hostile inputs, and holds it to its promise: it reads them or says what is
// wrong, within its time. npm run fuzz [-- inputs first-seed reader …]. Exit 1 where one is broken.
import { fuzzReader, fuzzTable, type FuzzRow } from '../test/fuzz/fuzz.ts';
import { READERS } from '../test/fuzz/readers.ts';

const [inputs = '1000', seed = '1', ...wanted] = process.argv.slice(2);
const range = { first: Number(seed), count: Number(inputs) };
const names = Object.keys(READERS).filter((name) => wanted.length === 0 || wanted.some((one) => name.includes(one)));
const rows = new Map<string, FuzzRow>();
const waiting = [...names];
const one = async (): Promise<void> => {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const row = await fuzzReader(name, range);
    rows.set(name, row);
    process.stderr.write(`${name}: ${row.inputs} inputs\n`);
    for (const fault of row.faults.slice(0, 5)) process.stderr.write(`${fault}\n`);
  }
};
await Promise.all([one(), one()]);
const done = names.flatMap((name) => rows.get(name) ?? []);
process.stdout.write(`${fuzzTable(done)}\nseeds ${range.first} to ${range.first + range.count - 1}\n`);
process.exitCode = done.every(({ crashes, hangs }) => crashes + hangs === 0) ? 0 : 1;
