// Run as a program by the test of the scratch folder: prepares a data folder, copies it, says where, and waits to be killed.
import type { ProgramSpec } from '../../src/experiment/experiment.ts';
import { processRunner } from '../../src/runner/process/process-runner.ts';
import { prepareProgram } from '../../src/sweep/prepare-program.ts';
import type { Artifact } from '../../src/target/artifact.ts';
import { NO_LIMITS } from '../runner/target-binary.ts';

const [, , runId = ''] = process.argv;
const write = "require('fs').writeFileSync(process.argv[1] + '/file', '')";
const prepared = await prepareProgram({
  runId,
  spec: {
    files: [],
    prepare: [{ run: ['{node}', '-e', write, '{data}'], withinSeconds: 30 }],
    data: true,
  } as unknown as ProgramSpec,
  owner: 'target',
  runner: processRunner(),
  artifact: { kind: 'binary', reference: '/nonexistent' } as unknown as Artifact,
  env: {},
  variables: {},
  limits: NO_LIMITS,
  experimentDirectory: import.meta.dirname,
  signal: AbortSignal.timeout(600_000),
  onProgress: () => undefined,
});
const copy = await prepared.freshData();
console.log(copy?.directory);
setInterval(() => undefined, 60_000);
