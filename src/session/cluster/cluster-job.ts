import { UserError, type Diagnostic } from '../../errors.ts';
import type { Experiment } from '../../experiment/experiment.ts';
import { expectedSeconds, waitSeconds } from '../../experiment/plan/estimate-time.ts';
import { makePlan } from '../../experiment/plan/make-plan.ts';
import type { Plan } from '../../experiment/plan/plan.ts';
import { unfitForPods } from '../../kubernetes/fit-for-pod.ts';
import type { ClusterSettings, JobRequest } from '../../kubernetes/manifest.ts';
import { toolVersion } from '../../cli/tool-version.ts';
import { TARGET_PATH } from '../../runner/docker/scratch-image.ts';
import { quote } from '../../units/units.ts';
import type { LoadedExperiment } from '../load-experiment.ts';

/** Flags of a run in a cluster. */
export interface ClusterValues {
  readonly on: 'kubernetes' | undefined;
  readonly namespace: string | undefined;
  readonly context: string | undefined;
  readonly nodes: number;
  readonly 'node-names': boolean;
  readonly 'node-selector': readonly string[] | undefined;
  readonly toleration: readonly string[] | undefined;
  readonly queue: string | undefined;
  readonly secret: string | undefined;
  readonly 'harness-image': string | undefined;
  readonly 'harness-cpus': number;
  readonly 'target-image': string | undefined;
  readonly load: string | undefined;
  readonly filter: readonly string[] | undefined;
}

/** Launch, readiness and stop of a trial beside its phases, and what a pod takes from its creation to its first trial. */
const TRIAL_SECONDS = 1;
const POD_SECONDS = 8;
/** A Job whose driver is gone for good ends: after thrice what one node would take, and this long for what it waits for. */
const SLACK_SECONDS = 4 * 3600;
/** What a pod prints is kept whole by a kubelet of the default settings (10 MiB) up to here. */
const KEPT_LOG_BYTES = 8 * 2 ** 20;
const HOLD_SECONDS = 120;

/** What a run in a cluster is to do, known before the cluster is asked anything. */
export interface ClusterJob {
  readonly plan: Plan;
  readonly request: (of: {
    readonly runId: string;
    readonly owner: string;
    readonly number: number;
    readonly blocks: readonly number[];
    readonly targetImage: string;
  }) => JobRequest;
  /** How long so many blocks are expected to take. */
  readonly seconds: (blocks: number) => number;
}

/** The image of the target, where it is known without building anything. */
export function targetImageOf(
  { target: { source } }: Experiment,
  values: Pick<ClusterValues, 'target-image'>,
): string | undefined {
  return source.kind === 'image' ? source.reference : values['target-image'];
}

/** Checks that an experiment can be run in pods, and says what its Job is. Throws UserError with everything that speaks against it. */
export function clusterJob(
  loaded: Pick<LoadedExperiment, 'text' | 'values' | 'secrets'>,
  experiment: Experiment,
  seed: number,
  values: ClusterValues,
): ClusterJob {
  const { settings, problems } = settingsOf(values);
  const unfit = unfitForPods({ experiment, file: loaded.values, secrets: loaded.secrets, secret: values.secret });
  if (problems.length + unfit.length > 0) throw new UserError([...problems, ...unfit]);
  const plan = makePlan(experiment, seed);
  const whole =
    experiment.target.source.kind === 'simulated'
      ? waitSeconds(experiment, plan, TRIAL_SECONDS)
      : expectedSeconds(experiment, plan, TRIAL_SECONDS);
  const ofBlock = whole / plan.blocks + POD_SECONDS;
  const seconds = (blocks: number): number => ofBlock * Math.ceil(blocks / Math.min(settings.nodes, blocks));
  const { source } = experiment.target;
  const { cpus, memoryBytes } = experiment.limits;
  return {
    plan,
    seconds,
    request: ({ runId, owner, number, blocks, targetImage }) => ({
      runId,
      owner,
      number,
      settings,
      target:
        source.kind === 'simulated' || cpus === undefined || memoryBytes === undefined
          ? undefined
          : { image: targetImage, cpus, memoryBytes },
      order: {
        text: loaded.text,
        seed,
        of: plan.blocks,
        blocks: [...blocks],
        filter: [...(values.filter ?? [])],
        ...(source.kind === 'image' || source.kind === 'simulated'
          ? {}
          : { target: { image: targetImage, program: TARGET_PATH } }),
        cpus: { harness: settings.harnessCpus, ...(cpus === undefined ? {} : { target: Math.ceil(cpus) }) },
        nodeNames: values['node-names'],
        hold: { seconds: HOLD_SECONDS, aboveBytes: KEPT_LOG_BYTES },
      },
      // The nodes that were asked for may never be there together: as if one took all blocks.
      deadlineSeconds: Math.ceil(SLACK_SECONDS + 3 * ofBlock * blocks.length),
    }),
  };
}

function settingsOf(values: ClusterValues): {
  readonly settings: ClusterSettings;
  readonly problems: readonly Diagnostic[];
} {
  const problems: Diagnostic[] = [];
  const nodeSelector = Object.fromEntries(
    (values['node-selector'] ?? []).map((text) => {
      const [, key = '', value = ''] = /^([^=]+)=(.*)$/.exec(text) ?? [];
      if (key === '')
        problems.push({
          code: 'bad-value',
          at: '--node-selector',
          message: `${quote(text)} is not a label with its value`,
          hint: 'e.g. node.kubernetes.io/instance-type=c7i.2xlarge',
        });
      return [key, value] as const;
    }),
  );
  const tolerations = (values.toleration ?? []).map((text) => {
    const [, key, value, effect] =
      /^([^=:]+)(?:=([^:]*))?(?::(NoSchedule|PreferNoSchedule|NoExecute))?$/.exec(text) ?? [];
    if (key === undefined)
      problems.push({
        code: 'bad-value',
        at: '--toleration',
        message: `${quote(text)} is not a taint`,
        hint: 'e.g. dedicated=bench:NoSchedule',
      });
    return {
      ...(key === undefined ? {} : { key }),
      ...(value === undefined ? { operator: 'Exists' } : { operator: 'Equal', value }),
      ...(effect === undefined ? {} : { effect }),
    };
  });
  return {
    problems,
    settings: {
      nodes: values.nodes,
      harnessImage: values['harness-image'] ?? `gctune:${toolVersion()}`,
      harnessCpus: values['harness-cpus'],
      nodeSelector,
      tolerations,
      ...(values.queue === undefined ? {} : { queue: values.queue }),
      ...(values.secret === undefined ? {} : { secret: values.secret }),
    },
  };
}
