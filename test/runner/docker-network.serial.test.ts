import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import Docker from 'dockerode';
import { networkTogether } from '../../src/runner/docker/network.ts';
import { dockerRunner } from '../../src/runner/docker/docker-runner.ts';
import { ownerMark } from '../../src/runner/owner.ts';
import type { Daemon } from '../../src/runner/runner.ts';
import type { Artifact } from '../../src/target/artifact.ts';
import { requirement } from '../requirements.ts';
import { buildProgram, follow, requestFor, temporaryFolder, texts, type Folder } from './target-binary.ts';

const signal = AbortSignal.timeout(150_000);
const runId = `test-network-${process.pid}`;

describe('targets together on a network', requirement('docker', 'go'), () => {
  const docker = new Docker();
  const runner = dockerRunner();
  let folder: Folder;
  let target: Artifact;
  let prepared: AsyncDisposable;
  before(async () => {
    folder = await temporaryFolder();
    target = await buildProgram('target', folder);
    prepared = await runner.prepare(target, runId, signal);
  });
  after(async () => {
    await prepared[Symbol.asyncDispose]();
    const filters = { label: [`gctune.run=${runId}`] };
    assert.deepEqual(await docker.listNetworks({ filters }), [], 'no network is left behind');
    await folder[Symbol.asyncDispose]();
  });
  const serve = async (together: boolean): Promise<Daemon> => {
    const request = requestFor(target, ['serve', '{host}:{port}'], { runId, port: 'auto', together });
    const daemon = await runner.launch(request, signal);
    await follow(daemon).until('listening');
    return daemon;
  };
  /** What a target says that tries to reach an address. */
  const dial = async (address: string, where: { together: boolean; port?: 'auto' }, after = 0): Promise<string> => {
    const args = ['dial', address, String(after)];
    await using daemon = await runner.launch(requestFor(target, args, { runId, ...where }), signal);
    return texts(await follow(daemon).rest(), 'stdout').join('\n');
  };

  test('each is reached by the others at its inside host and by this machine, and by nobody else', async () => {
    await using companion = await serve(true);
    const { inside: seen, address } = companion;
    assert.ok(seen !== undefined && address !== undefined);
    assert.equal(await (await fetch(`http://${address.host}:${address.port}/`)).text(), 'hello');
    const inside = `${seen.host}:8080`;
    assert.equal(await dial(inside, { together: true }), 'dial: <nil>');
    assert.notEqual(await dial(inside, { together: false }), 'dial: <nil>', 'a target without a network');
    assert.notEqual(await dial(inside, { together: false, port: 'auto' }), 'dial: <nil>', 'a target that is alone');
  });

  test('there is no way out: not to a container on another network, and the engine drops the rest', async () => {
    await using alone = await serve(false);
    assert.equal(alone.inside, undefined);
    const [container] = await docker.listContainers({ filters: { label: [`gctune.run=${runId}`] } });
    const outside = Object.values(container?.NetworkSettings.Networks ?? {})[0]?.IPAddress;
    assert.ok(outside !== undefined && outside !== '');
    assert.match(await dial(`${outside}:8080`, { together: true }), /timeout|unreachable/);
    await using companion = await serve(true);
    const seen = await docker.listContainers({ filters: { label: [`gctune.run=${runId}`] } });
    const names = seen.flatMap((each) => Object.keys(each.NetworkSettings.Networks));
    const together = names.find((name) => name.endsWith('-together')) ?? assert.fail(names.join());
    // Where this machine sees the network's bridge, which is where it sees the target as a process too.
    if (companion.pid !== undefined) {
      assert.equal(((await docker.getNetwork(together).inspect()) as { Internal: boolean }).Internal, true);
      assert.deepEqual(seen.find(({ NetworkSettings }) => together in NetworkSettings.Networks)?.Ports, []);
    }
  });

  test('services of this machine that listen on all addresses are out of reach', requirement('root'), async () => {
    const server = createServer((socket) => socket.end('a service of this machine')).listen(0, '0.0.0.0');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      for (const where of [{ together: true }, { together: false, port: 'auto' as const }]) {
        // The network is there once something is on it.
        await using other = await serve(where.together);
        assert.ok(other.address !== undefined);
        const networks = await docker.listNetworks({ filters: { label: [`gctune.run=${runId}`] } });
        const network = networks.find(({ Name }) => Name.endsWith('-together') === where.together);
        const gateway = network?.IPAM?.Config?.[0]?.Gateway ?? assert.fail('no gateway');
        assert.match(await dial(`${gateway}:${port}`, where, 1500), /refused/, JSON.stringify(where));
        if (where.together) assert.equal(await dial(`${other.inside?.host}:8080`, where, 1500), 'dial: <nil>');
      }
    } finally {
      server.close();
    }
  });

  test('where the bridge is not on this machine, ports can be published and nothing is masqueraded', async () => {
    const other = `${runId}-elsewhere`;
    const name = await networkTogether(docker, other, await ownerMark(), () => Promise.resolve(false));
    try {
      const details = (await docker.getNetwork(name).inspect()) as {
        readonly Internal: boolean;
        readonly Options: Readonly<Record<string, string>>;
        readonly Labels: Readonly<Record<string, string>>;
      };
      assert.equal(details.Internal, false);
      assert.equal(details.Options['com.docker.network.bridge.enable_ip_masquerade'], 'false');
      assert.equal(details.Options['com.docker.network.bridge.host_binding_ipv4'], '127.0.0.1');
      assert.notEqual(details.Options['com.docker.network.bridge.enable_icc'], 'false');
      assert.equal(details.Labels['gctune.run'], other);
      assert.equal(await networkTogether(docker, other, await ownerMark()), name, 'one that is there is taken');
      assert.equal((await docker.listNetworks({ filters: { name: [name] } })).length, 1);
    } finally {
      await docker.getNetwork(name).remove();
    }
  });
});
