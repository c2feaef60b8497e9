import { createHash } from 'node:crypto';
import { access } from 'node:fs/promises';
import type Docker from 'dockerode';
import { ignoreGone } from './container-daemon.ts';
import { ownLabels } from './owned.ts';

/** Nothing is masqueraded: packets to other networks carry an address that no answer finds back to. */
const NO_WAY_BACK = {
  'com.docker.network.bridge.enable_ip_masquerade': 'false',
  'com.docker.network.bridge.host_binding_ipv4': '127.0.0.1',
} as const;

/** The name of a run's network; bridges have short names, so the run's id is digested. */
export function networkName(runId: string): string {
  return `gctune-${createHash('sha256').update(runId).digest('hex').slice(0, 12)}`;
}

/**
 * The run's own bridge, made when first needed, on which each container is alone: published ports work (on an `internal` network they
 * do not), containers do not reach each other, and no answer comes back from other networks. Gives its name.
 */
export async function networkAlone(docker: Docker, runId: string, owner: string): Promise<string> {
  const name = networkName(runId);
  if (await exists(docker, name)) return name;
  await create(docker, name, runId, owner, {
    Options: { ...NO_WAY_BACK, 'com.docker.network.bridge.enable_icc': 'false' },
  });
  return name;
}

/**
 * The run's network on which its containers reach each other and nothing else. An `internal` one, whose packets to other networks the
 * engine drops, where `sees` says that this machine sees its bridge and so needs no published ports; else, with the engine in a
 * virtual machine or elsewhere, a bridge on which ports can be published and nothing is masqueraded. Gives its name.
 */
export async function networkTogether(
  docker: Docker,
  runId: string,
  owner: string,
  sees: (networkId: string) => Promise<boolean> = seesBridge,
): Promise<string> {
  const name = `${networkName(runId)}-together`;
  if (await exists(docker, name)) return name;
  const made = await create(docker, name, runId, owner, { Internal: true });
  // Somebody else was faster, and looks at it himself.
  if (made === undefined || (await sees(made))) return name;
  await docker.getNetwork(made).remove().catch(ignoreGone);
  await create(docker, name, runId, owner, { Options: { ...NO_WAY_BACK } });
  return name;
}

/** The address of the engine's machine on a network; undefined where it has none. */
export async function gatewayOf(docker: Docker, network: string): Promise<string | undefined> {
  const { IPAM } = await docker.getNetwork(network).inspect();
  const { Config = [] } = (IPAM ?? {}) as { readonly Config?: readonly { readonly Gateway?: string }[] };
  return Config[0]?.Gateway;
}

/** Whether a network's bridge is an interface of this machine; the engine names it after the network's id. */
async function seesBridge(networkId: string): Promise<boolean> {
  return access(`/sys/class/net/br-${networkId.slice(0, 12)}`).then(
    () => true,
    () => false,
  );
}

async function exists(docker: Docker, name: string): Promise<boolean> {
  return docker
    .getNetwork(name)
    .inspect()
    .then(
      () => true,
      (error: { statusCode?: number }) => {
        if (error.statusCode === 404) return false;
        throw error;
      },
    );
}

/** The id of the new network; undefined where there is one of that name already. */
async function create(
  docker: Docker,
  name: string,
  runId: string,
  owner: string,
  kind: Pick<Docker.NetworkCreateOptions, 'Internal' | 'Options'>,
): Promise<string | undefined> {
  try {
    const network = await docker.createNetwork({
      Name: name,
      CheckDuplicate: true,
      Driver: 'bridge',
      Labels: ownLabels(name, runId, owner),
      ...kind,
    });
    return network.id;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode !== 409) throw error;
    return undefined;
  }
}
