// Attaches to a process, reads it so often for so long, and prints what both cost: node outside-reader.ts PID READS_PER_SECOND
// SECONDS [timer], where `timer` lets the clock tick and reads nothing.
import { setTimeout as sleep } from 'node:timers/promises';
import { attachRuntime } from '../src/runtime-memory/attach.ts';

const [pid = '', rate = '', seconds = '', timer] = process.argv.slice(2);
const WARM_UP_READS = 6000;
const began = performance.now();
using reader = await attachRuntime(Number(pid));
const attachMilliseconds = performance.now() - began;
// The state that a minute of reading leads to: the compiler has done its work.
for (let i = 0; i < WARM_UP_READS; i += 1) reader.read();
const before = process.cpuUsage();
const start = performance.now();
const ticking = setInterval(() => void (timer === undefined ? reader.read() : undefined), 1000 / Number(rate));
await sleep(Number(seconds) * 1000);
clearInterval(ticking);
const used = process.cpuUsage(before);
const share = (used.user + used.system) / 1000 / (performance.now() - start);
process.stdout.write(JSON.stringify({ attachMilliseconds, share }));
