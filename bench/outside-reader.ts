// Attaches to a process, reads it so often for so long, and prints what both cost: node outside-reader.ts PID READS_PER_SECOND
// SECONDS [timer | trial], where `timer` lets the clock tick and reads nothing, and `trial` does as a trial does: it looks so
// often for the end of a cycle, and reads everything ten times a second.
import { setTimeout as sleep } from 'node:timers/promises';
import { memoryProbe } from '../src/probe/memory.ts';
import { attachRuntime } from '../src/runtime-memory/attach.ts';

const [pid = '', rate = '', seconds = '', mode] = process.argv.slice(2);
const FULL_READS_PER_SECOND = 10;
const WARM_UP_READS = 6000;
const began = performance.now();
using reader = await attachRuntime(Number(pid));
const attachMilliseconds = performance.now() - began;
// The state that a minute of reading leads to: the compiler has done its work.
for (let i = 0; i < WARM_UP_READS; i += 1) reader.read();
await using probe = await memoryProbe(Number(pid));
const tick = {
  read: () => void reader.read(),
  timer: () => undefined,
  trial: () => void probe.cycle?.(),
}[mode ?? 'read'];
await probe.read(AbortSignal.timeout(1000));
const before = process.cpuUsage();
const start = performance.now();
const ticking = setInterval(() => tick?.(), 1000 / Number(rate));
const full = setInterval(() => {
  if (mode === 'trial') void probe.read(AbortSignal.timeout(1000));
}, 1000 / FULL_READS_PER_SECOND);
await sleep(Number(seconds) * 1000);
clearInterval(ticking);
clearInterval(full);
const used = process.cpuUsage(before);
const share = (used.user + used.system) / 1000 / (performance.now() - start);
process.stdout.write(JSON.stringify({ attachMilliseconds, share }));
