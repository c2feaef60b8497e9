// Run as a program by the test of reap: launches a target with the given runner, says so, and waits to be killed.
import { dockerRunner } from '../../src/runner/docker/docker-runner.ts';
import { processRunner } from '../../src/runner/process/process-runner.ts';
import type { Artifact } from '../../src/target/artifact.ts';
import { follow, requestFor } from './target-binary.ts';

const [, , name, runId = '', artifactText = ''] = process.argv;
const artifact = JSON.parse(artifactText) as Artifact;
const runner = name === 'docker' ? dockerRunner() : processRunner();
const signal = AbortSignal.timeout(600_000);
await runner.prepare(artifact, runId, signal);
const daemon = await runner.launch(requestFor(artifact, ['serve', '{host}:{port}'], { runId, port: 'auto' }), signal);
// A target that first prints when its reader has been killed dies of SIGPIPE, and then there is nothing to reap.
await follow(daemon).until('ready');
console.log(JSON.stringify({ pid: daemon.pid, cgroup: daemon.cgroup?.memory }));
setInterval(() => undefined, 60_000);
