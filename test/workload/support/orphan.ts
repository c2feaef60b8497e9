// Starts a load and prints the pid of its generator; the test then kills this process.
import { startGenerator } from '../../../src/workload/generator.ts';
import { httpSpec } from './http-spec.ts';

const port = Number(process.argv[2]);
const generator = await startGenerator(
  httpSpec(),
  { address: { host: '127.0.0.1', port }, seed: 1, cpuset: undefined },
  new AbortController().signal,
);
await generator.begin();
process.stdout.write(`${generator.pid}\n`);
setInterval(() => undefined, 60_000);
