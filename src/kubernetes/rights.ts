import { EnvironmentError } from '../errors.ts';
import { plainText } from '../text/plain-text.ts';
import type { Cluster } from './cluster.ts';

/** What a driver does, each as RBAC has it. */
const NEEDED: readonly Right[] = [
  ...['create', 'get', 'list', 'delete'].map((verb): Right => ({ verb, resource: 'jobs', group: 'batch' })),
  { verb: 'list', resource: 'pods', group: '' },
  { verb: 'get', resource: 'pods', group: '', subresource: 'log' },
];
/** For results that a log has lost: it is a GET that becomes a WebSocket, of which Kubernetes 1.35 and newer ask for `create` as well. */
const EXEC = ['get', 'create'].map((verb): Right => ({ verb, resource: 'pods', group: '', subresource: 'exec' }));

interface Right {
  readonly verb: string;
  readonly resource: string;
  readonly group: string;
  readonly subresource?: string;
}

/**
 * Asks for everything a run needs, before anything is created. Tells whether programs may be run in pods, which is only needed
 * where a log has lost something. Throws EnvironmentError `rights-missing` with all that is missing.
 */
export async function checkRights(cluster: Cluster): Promise<{ readonly exec: boolean }> {
  const may = ({ verb, resource, group, subresource }: Right): Promise<boolean> =>
    cluster.may(verb, resource, group, subresource);
  const [exec, allowed] = await Promise.all([EXEC, NEEDED].map((rights) => Promise.all(rights.map(may))));
  const missing = NEEDED.filter((_, index) => allowed?.[index] !== true);
  if (missing.length === 0) return { exec: exec?.every(Boolean) === true };
  const byResource = Map.groupBy(missing, ({ resource, group, subresource }) =>
    [[resource, subresource].filter(Boolean).join('/'), group].filter(Boolean).join('.'),
  );
  const list = [...byResource].map(([name, rights]) => `${rights.map(({ verb }) => verb).join(', ')} ${name}`);
  throw new EnvironmentError(
    'rights-missing',
    `this user may not do everything that is needed in namespace ${plainText(cluster.namespace)}; missing: ${list.join('; ')}`,
    { hint: 'docs/kubernetes.md has the Role that is needed; --namespace and --context choose another place' },
  );
}
