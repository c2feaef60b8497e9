// Damages run folders at random and holds every command that reads them to its promise: no bug, no hang, nothing that a
// terminal would act on. npm run fuzz [-- folders first-seed processes]. Exit 1 where one is broken.
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makePatients, tryMutation, type Outcome } from '../test/results/mutated-run.ts';

/** A command that takes longer than this on so small a run hangs. */
const PATIENCE_SECONDS = 60;
const OPTIONS = { commands: 1, slowShare: 0.01 };

type Message = { readonly begins: number } | { readonly outcomes: readonly Outcome[]; readonly seed: number } | 'done';

const worker = process.env['GCTUNE_FUZZ_WORKER'];
if (worker === undefined) await direct();
else await work(worker);

async function work(seeds: string): Promise<void> {
  const [from = 0, to = 0, step = 1] = seeds.split(' ').map(Number);
  const root = mkdtempSync(join(tmpdir(), 'gctune-fuzz-'));
  const say = (message: Message): boolean => process.send?.(message) ?? false;
  try {
    const patients = await makePatients(root);
    for (let seed = from; seed < to; seed += step) {
      say({ begins: seed });
      say({ seed, outcomes: await tryMutation(patients, seed, OPTIONS) });
    }
    say('done');
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  process.disconnect();
}

async function direct(): Promise<void> {
  const [folders = 1000, first = 1, processes = 2] = process.argv.slice(2).map(Number);
  const codes = new Map<string, number>();
  const count = (what: string): void => void codes.set(what, (codes.get(what) ?? 0) + 1);
  const faults: string[] = [];
  const fault = (text: string): void => {
    faults.push(text);
    if (faults.length <= 20) process.stdout.write(`${text}\n`);
  };
  let done = 0;
  const part = (from: number): Promise<void> =>
    new Promise((resolve) => {
      const env = { ...process.env, GCTUNE_FUZZ_WORKER: `${from} ${first + folders} ${processes}` };
      const child = fork(import.meta.filename, { env });
      let seed = from;
      let hung = false;
      let ended = false;
      let timer: NodeJS.Timeout | undefined;
      child.on('message', (message: Message) => {
        clearTimeout(timer);
        if (message === 'done') ended = true;
        else if ('begins' in message) {
          seed = message.begins;
          timer = setTimeout(() => {
            hung = true;
            child.kill('SIGKILL');
          }, PATIENCE_SECONDS * 1000);
        } else {
          done++;
          for (const outcome of message.outcomes) {
            count(`exit ${outcome.code}`);
            if (outcome.fault !== undefined)
              fault(`seed ${seed}: ${outcome.mutation}\n  gctune ${outcome.argv.join(' ')}\n  ${outcome.fault}`);
          }
        }
      });
      child.on('exit', () => {
        clearTimeout(timer);
        if (ended) return resolve();
        fault(`seed ${seed}: ${hung ? `no end after ${PATIENCE_SECONDS} s` : 'the process ended'}`);
        resolve(part(seed + processes));
      });
    });
  await Promise.all(Array.from({ length: processes }, (_, index) => part(first + index)));
  const tally = [...codes].map(([what, times]) => `${what}: ${times}`).toSorted((a, b) => a.localeCompare(b, 'en'));
  process.stdout.write(`${done} damaged folders from seed ${first}; ${tally.join(', ')}; ${faults.length} faults\n`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
