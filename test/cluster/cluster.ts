import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const script = fileURLToPath(new URL('cluster.sh', import.meta.url));

/** What the API server has answered. */
export interface Answer {
  readonly status: number;
  /** Parsed where it is JSON, else the text. */
  readonly body: unknown;
}

/** A Kubernetes of this machine, for tests. */
export interface Cluster extends AsyncDisposable {
  readonly kubeconfig: string;
  /** Brings images, as `docker save` writes them, to every node. */
  load(...archives: readonly string[]): Promise<void>;
  /** Asks the API server as its administrator. */
  api(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<Answer>;
  /** Makes a namespace in which only what the `restricted` pod security standard allows may run. */
  restricted(namespace: string): Promise<void>;
}

/**
 * Brings a cluster up in some seconds, which goes with the object, or with the next one where this process is killed. The folder
 * of one that is up already may be given in GCTUNE_TEST_CLUSTER; it stays.
 */
export async function startCluster({
  nodes = 1,
  images = [],
  kubelet = '',
}: {
  readonly nodes?: number;
  readonly images?: readonly string[];
  /** Further lines of the kubelets' configuration. */
  readonly kubelet?: string;
} = {}): Promise<Cluster> {
  const there = process.env['GCTUNE_TEST_CLUSTER'];
  const folder = there ?? (await up(nodes, images, kubelet));
  const cluster = clusterIn(folder, there === undefined);
  if (there !== undefined && images.length > 0) await cluster.load(...images);
  return cluster;
}

async function up(nodes: number, images: readonly string[], kubelet: string): Promise<string> {
  const { stdout } = await execa(script, ['up', ...images], {
    env: { NODES: String(nodes), OWNER: String(process.pid), KUBELET_CONFIG: kubelet },
    // Where the binary is being compiled, that is waited for.
    timeout: 900_000,
  });
  return stdout.trim().split('\n').at(-1) ?? '';
}

function clusterIn(folder: string, ours: boolean): Cluster {
  const kubeconfig = join(folder, 'etc/kubeconfig');
  const server = /server: "([^"]+)"/.exec(readFileSync(kubeconfig, 'utf8'))?.[1] ?? '';
  const ca = readFileSync(join(folder, 'etc/apiserver.crt'));
  const token = readFileSync(join(folder, 'etc/admin.token'), 'utf8').trim();
  const api: Cluster['api'] = async (method, path, body) => {
    const asked = request(`${server}${path}`, {
      method,
      ca,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    });
    const answered = new Promise<Answer>((resolve, reject) => {
      asked.once('error', reject);
      asked.once('response', (response) => {
        const isJson = response.headers['content-type']?.startsWith('application/json') === true;
        text(response).then(
          (said) => resolve({ status: response.statusCode ?? 0, body: isJson ? (JSON.parse(said) as unknown) : said }),
          reject,
        );
      });
    });
    asked.end(body === undefined ? undefined : JSON.stringify(body));
    return answered;
  };
  return {
    kubeconfig,
    load: async (...archives) => void (await execa(script, ['load', folder, ...archives])),
    api,
    restricted: async (namespace) => {
      const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
      await api('POST', '/api/v1/namespaces', { metadata: { name: namespace, labels } });
      // A pod is refused until the controller has made its service account.
      const account = `/api/v1/namespaces/${namespace}/serviceaccounts/default`;
      while ((await api('GET', account)).status !== 200) await sleep(50);
    },
    [Symbol.asyncDispose]: async () => {
      if (ours) await execa(script, ['down', folder], { timeout: 120_000 });
    },
  };
}
