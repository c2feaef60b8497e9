import type { EventEmitter } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { PassThrough } from 'node:stream';
import type { CoreV1Event, V1Job, V1Node, V1Pod } from '@kubernetes/client-node';
import { EnvironmentError, UserError } from '../errors.ts';
import { MARKS } from '../runner/owner.ts';
import { within } from '../runner/within.ts';
import { plainText } from '../text/plain-text.ts';
import { MANAGED_BY } from './manifest.ts';
import { clusterError, reasonOf, statusOf } from './cluster-error.ts';

/** What is done in a cluster, as one namespace of it sees it. Every call throws EnvironmentError where the cluster refuses it or does not answer. */
export interface Cluster {
  readonly context: string;
  readonly namespace: string;
  createJob(job: V1Job): Promise<V1Job>;
  /** Undefined where there is none of this name. */
  job(name: string): Promise<V1Job | undefined>;
  /** All of ours. */
  jobs(): Promise<readonly V1Job[]>;
  /** Says that another gctune drives a Job now. Does nothing where that is not allowed. */
  adoptJob(name: string, owner: string): Promise<void>;
  /** Removes a Job with its pods; one that has gone already is no error. */
  deleteJob(name: string): Promise<void>;
  pods(job: string): Promise<readonly V1Pod[]>;
  /** What a container printed, or only what it printed in the last seconds; empty where it has not begun. */
  log(pod: string, container: string, sinceSeconds?: number): Promise<string>;
  /** Runs a program in a container and gives what it printed. */
  exec(pod: string, container: string, command: readonly string[]): Promise<string>;
  /** Undefined where they may not be seen. */
  events(): Promise<readonly CoreV1Event[] | undefined>;
  /** Undefined where they may not be seen. */
  nodes(): Promise<readonly V1Node[] | undefined>;
  /** Whether something may be done here. */
  may(verb: string, resource: string, group: string, subresource?: string): Promise<boolean>;
}

/** A call that takes longer has no answer. */
const CALL_SECONDS = 30;

/**
 * Opens the cluster that the kubeconfig names, and loads the client only now. Asks nothing yet. Throws UserError where there is no
 * such context.
 */
export async function openCluster(given: {
  readonly context: string | undefined;
  readonly namespace: string | undefined;
}): Promise<Cluster> {
  const { BatchV1Api, CoreV1Api, AuthorizationV1Api, Exec, KubeConfig, PatchStrategy, setHeaderOptions } =
    await import('@kubernetes/client-node');
  const config = new KubeConfig();
  try {
    config.loadFromDefault();
  } catch (error) {
    throw new UserError({
      code: 'bad-kubeconfig',
      message: `the kubeconfig cannot be read: ${plainText((error as Error).message)}`,
      hint: 'KUBECONFIG names it, and ~/.kube/config is the usual one; kubectl config view shows what is in it',
    });
  }
  if (given.context !== undefined) {
    const names = config.getContexts().map(({ name }) => name);
    if (!names.includes(given.context))
      throw new UserError({
        code: 'unknown-context',
        at: '--context',
        message: `the kubeconfig has no context ${JSON.stringify(given.context)}`,
        hint: `it has ${names.map(plainText).join(', ') || 'none'}`,
      });
    config.setCurrentContext(given.context);
  }
  const server = config.getCurrentCluster()?.server ?? '';
  const context = config.getCurrentContext();
  const namespace = given.namespace ?? config.getContextObject(context)?.namespace ?? 'default';
  const [batch, core, authorization] = [
    config.makeApiClient(BatchV1Api),
    config.makeApiClient(CoreV1Api),
    config.makeApiClient(AuthorizationV1Api),
  ];
  const asked = async <T>(what: string, call: () => Promise<T>): Promise<T> => {
    try {
      const answer = await within(
        call().then((value) => ({ value })),
        CALL_SECONDS,
      );
      if (answer !== undefined) return answer.value;
    } catch (error) {
      throw clusterError(error, { what, server, namespace });
    }
    throw new EnvironmentError(
      'cluster-silent',
      `the cluster at ${server} did not answer within ${CALL_SECONDS} s: ${what}`,
    );
  };
  const ifThere = async <T>(what: string, call: () => Promise<T>): Promise<T | undefined> =>
    asked(what, async () => {
      try {
        return await call();
      } catch (error) {
        if (statusOf(error) === 404) return undefined;
        throw error;
      }
    });
  const ifAllowed = async <T>(what: string, call: () => Promise<T>): Promise<T | undefined> =>
    asked(what, async () => {
      try {
        return await call();
      } catch (error) {
        if (statusOf(error) === 403) return undefined;
        throw error;
      }
    });
  return {
    context,
    namespace,
    createJob: (body) => asked('create a Job', () => batch.createNamespacedJob({ namespace, body })),
    job: (name) => ifThere('read a Job', () => batch.readNamespacedJob({ namespace, name })),
    jobs: async () => {
      const labelSelector = Object.entries(MANAGED_BY)
        .map((pair) => pair.join('='))
        .join(',');
      return (await asked('list Jobs', () => batch.listNamespacedJob({ namespace, labelSelector }))).items;
    },
    adoptJob: async (name, owner) => {
      const body = { metadata: { annotations: { [MARKS.label.owner]: owner } } };
      const merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
      await ifAllowed('mark a Job', () => batch.patchNamespacedJob({ namespace, name, body }, merge));
    },
    deleteJob: async (name) => {
      await ifThere('delete a Job', () =>
        batch.deleteNamespacedJob({ namespace, name, propagationPolicy: 'Background' }),
      );
    },
    pods: async (job) => {
      const labelSelector = `batch.kubernetes.io/job-name=${job}`;
      return (await asked('list pods', () => core.listNamespacedPod({ namespace, labelSelector }))).items;
    },
    log: async (name, container, sinceSeconds) => {
      const text = await asked('read the log of a pod', async () => {
        try {
          const since = sinceSeconds === undefined ? {} : { sinceSeconds: Math.max(1, Math.ceil(sinceSeconds)) };
          return await core.readNamespacedPodLog({ namespace, name, container, ...since });
        } catch (error) {
          // A container that waits for its beginning, and a pod that has just gone.
          if (statusOf(error) === 400 || statusOf(error) === 404) return '';
          throw error;
        }
      });
      // The client gives what looks like JSON or is empty as something else than text.
      return typeof text === 'string' ? text : '';
    },
    exec: (pod, container, command) =>
      asked('run a program in a pod', async () => {
        const [stdout, stderr] = [new PassThrough(), new PassThrough()];
        const [out, err] = [buffer(stdout), buffer(stderr)];
        const status = await new Promise<{ readonly status?: string; readonly message?: string }>((resolve, reject) => {
          // What a WebSocket gives as an error, a refusal of the server among others, is none.
          const fail = (reason: unknown): void =>
            reject(new EnvironmentError('exec-failed', `no program can be run in the pod: ${reasonOf(reason)}`));
          new Exec(config)
            .exec(namespace, pod, container, [...command], stdout, stderr, null, false, resolve)
            .then((opened: unknown) => {
              // The types of the package that has it are not installed.
              const socket = opened as EventEmitter;
              socket.on('error', fail);
              socket.on('close', () => fail(new Error('the connection was closed before the program had ended')));
            }, fail);
        });
        stdout.end();
        stderr.end();
        if (status.status === 'Success') return (await out).toString('utf8');
        const said = (await err).toString('utf8').trim();
        throw new EnvironmentError('exec-failed', `${status.message ?? 'it failed'}${said === '' ? '' : `: ${said}`}`);
      }),
    events: async () => (await ifAllowed('list events', () => core.listNamespacedEvent({ namespace })))?.items,
    nodes: async () => (await ifAllowed('list nodes', () => core.listNode()))?.items,
    may: async (verb, resource, group, subresource) => {
      const resourceAttributes = {
        namespace,
        verb,
        resource,
        group,
        ...(subresource === undefined ? {} : { subresource }),
      };
      const body = { spec: { resourceAttributes } };
      const review = await asked('ask what is allowed', () => authorization.createSelfSubjectAccessReview({ body }));
      return review.status?.allowed === true;
    },
  };
}
