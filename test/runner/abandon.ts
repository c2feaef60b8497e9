// Run as a program by the test of reap: launches a target with the given runner, says so, and waits to be killed.
import { setTimeout as sleep } from 'node:timers/promises';
import { dockerRunner } from '../../src/runner/docker/docker-runner.ts';
import { processRunner } from '../../src/runner/process/process-runner.ts';
import type { Artifact } from '../../src/target/artifact.ts';
import { follow, requestFor } from './target-binary.ts';

const [, , name, runId = '', artifactText = '', ...args] = process.argv;
const artifact = JSON.parse(artifactText) as Artifact;
const runner =
  name === 'docker' ? dockerRunner() : processRunner(name === 'process' ? {} : { setpriv: 'none', cgroups: 'none' });
const signal = AbortSignal.timeout(600_000);
await runner.prepare(artifact, runId, signal);
const argv = args.length > 0 ? args : ['serve', '{host}:{port}'];
const daemon = await runner.launch(requestFor(artifact, argv, { runId, port: 'auto' }), signal);
// A target that first prints when its reader has been killed dies of SIGPIPE, and then there is nothing to reap.
const said = await follow(daemon).until(args.length > 0 ? 'child' : 'ready');
await sleep(500);
console.log(JSON.stringify({ pid: daemon.pid, cgroup: daemon.cgroup?.memory, child: Number(said.split(' ')[1]) }));
setInterval(() => undefined, 60_000);
