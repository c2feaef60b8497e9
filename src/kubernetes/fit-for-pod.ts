import type { Diagnostic } from '../errors.ts';
import type { Experiment } from '../experiment/experiment.ts';
import type { Secrets } from '../experiment/secrets/secrets.ts';
import { listed } from '../text/words.ts';

/** What an experiment is asked for before it is sent into pods. */
export interface PodDemands {
  readonly experiment: Experiment;
  /** What the file says, as plain values. */
  readonly file: Readonly<Record<string, unknown>>;
  readonly secrets: Secrets;
  /** The Secret that fills in `${NAME}`. */
  readonly secret: string | undefined;
}

/** Everything for which an experiment cannot be run in pods as it is, each with what to do. */
export function unfitForPods({ experiment, file, secrets, secret }: PodDemands): readonly Diagnostic[] {
  const at = '--on kubernetes';
  const problems: Diagnostic[] = [];
  const refuse = (code: string, message: string, hint: string): void => void problems.push({ code, message, at, hint });
  const { target, services, matrix, workloads, adaptive, limits } = experiment;
  if (adaptive !== undefined)
    refuse(
      'adaptive-shard',
      'the number of blocks is adaptive, and no pod knows how precise all of them are together',
      'give --blocks',
    );
  if (matrix.auto === true)
    refuse(
      'pilot-shard',
      'levels: auto chooses levels by a pilot, which would choose others in every pod',
      'run it once on one machine, and write the levels that it chose in the file',
    );
  if (secrets.literals.length > 0)
    refuse(
      'secret-in-manifest',
      'the file holds secret values, and the manifest of a Job can be read by many',
      'write ${NAME} in the file, and give the name of a Secret that has this key with --secret',
    );
  const names = [...new Set(secrets.variables.map(({ name }) => name))];
  if (names.length > 0 && secret === undefined)
    refuse(
      'secret-not-in-pod',
      `the experiment needs ${listed(names.map((name) => `\${${name}}`))}, and the environment of this shell does not get into a pod`,
      'give the name of a Secret that has these keys with --secret',
    );
  // A model needs nothing but the harness.
  if (target.source.kind === 'simulated') return problems;
  const beside = Object.keys(services);
  if (beside.length > 0)
    refuse(
      'services-in-pod',
      `services (${listed(beside)}) are not started in pods`,
      'run it with --shard on the machines, or without them',
    );
  if (file['target'] !== undefined && Object.hasOwn(file['target'] as object, 'compose'))
    refuse(
      'compose-in-pod',
      'target.compose names a file that a pod does not have',
      'write image: with the image of the service, and its args and env',
    );
  if (target.source.kind === 'image' && target.source.container?.entrypoint === undefined)
    refuse(
      'entrypoint-unknown',
      "what the image starts cannot be told in a pod, because gctune's agent is started in its place",
      'give the program under target.container.entrypoint; docker inspect shows it',
    );
  if (target.source.kind === 'dockerfile')
    refuse(
      'dockerfile-in-pod',
      'a cluster builds no Dockerfile',
      'build the image, bring it to the nodes, and write image:',
    );
  if (target.files.length > 0)
    refuse(
      'files-in-pod',
      'target.files names files that a pod does not have',
      'put them into the image of the target',
    );
  for (const name of matrix.workload) {
    const kind = workloads[name]?.kind;
    if (kind === 'command' || kind === 'replay')
      refuse(
        'workload-in-pod',
        `workload ${name} needs ${kind === 'command' ? 'a program' : 'an access log'} that a pod does not have`,
        'use a workload of another kind, or run it with --shard on the machines',
      );
  }
  const fixed = (matrix.factors ?? []).filter(({ name, levels }) => CONTAINER_FACTORS.has(name) && levels.length > 1);
  for (const { name } of fixed)
    refuse(
      'factor-in-pod',
      `${name} differs from cell to cell, and what a container is made of is the same for all cells of a pod`,
      'run one experiment for each level',
    );
  if (limits.cpus === undefined || !Number.isInteger(limits.cpus))
    refuse(
      'cpus-not-whole',
      `limits.cpus is ${limits.cpus === undefined ? 'not set' : String(limits.cpus)}: only whole CPUs can belong to a container alone`,
      'write a whole number, e.g. limits: { cpus: 2, memory: 1GiB }',
    );
  if (limits.memoryBytes === undefined)
    refuse(
      'memory-not-limited',
      'limits.memory is not set: a container gets CPUs of its own only where its memory is limited too',
      'write what the target may use, e.g. limits: { cpus: 2, memory: 1GiB }',
    );
  return problems;
}

/** Factors whose levels are of the container, not of the process in it. */
const CONTAINER_FACTORS: ReadonlySet<string> = new Set(['version', 'toolchain', 'cpus', 'memory']);
