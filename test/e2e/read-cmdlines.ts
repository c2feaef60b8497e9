// Run as a program, as another user: reads every process's command line again and again until it is ended, and then says
// which of the texts it was given it has seen, and how often it looked. The texts come on stdin: in its argv it would see itself.
import { readdirSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';

const wanted = (await text(process.stdin)).split('\n');
const seen = new Set<string>();
let rounds = 0;
const end = new AbortController();
process.on('SIGTERM', () => end.abort());
while (!end.signal.aborted) {
  rounds += 1;
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    let line = '';
    try {
      line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    } catch {
      continue;
    }
    for (const each of wanted) if (line.includes(each)) seen.add(each);
  }
  await new Promise((resolve) => setImmediate(resolve));
}
console.log(JSON.stringify({ rounds, seen: [...seen] }));
