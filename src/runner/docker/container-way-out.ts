import { access } from 'node:fs/promises';
import type Docker from 'dockerode';
import { execa } from 'execa';
import { findProgram } from '../find-program.ts';
import type { Check } from '../runner.ts';

/** How long the rules may take; they need some 20 ms. */
const RULES_MILLISECONDS = 5000;

/**
 * Closes the way from a container to services of this machine, which its network's gateway is an address of: connections
 * that the container opens are refused, those that come to it are not touched. The rules stand in the container's own network
 * namespace and so are gone with it, however gctune ends; an engine's options cannot do it, because whatever address this
 * machine has on the network answers in both directions. What the program opens in the first moment, before the rules are
 * there, stays open. False where it could not be done: without root, without nsenter and iptables, with the engine elsewhere.
 */
export async function closeWayOut(
  details: Docker.ContainerInspectInfo,
  what: 'everything' | { readonly address: string },
): Promise<boolean> {
  const namespace = details.NetworkSettings.SandboxKey;
  const programs = await wayOutPrograms();
  if (programs === undefined || !namespace.includes('/docker/netns/')) return false;
  const here = await access(namespace).then(
    () => true,
    () => false,
  );
  if (!here) return false;
  const to = what === 'everything' ? '' : ` -d ${what.address}`;
  const rules = [
    '*filter',
    `-A OUTPUT ! -o lo${to} -p tcp --syn -j REJECT --reject-with tcp-reset`,
    `-A OUTPUT ! -o lo${to} -p udp -j REJECT`,
    'COMMIT\n',
  ].join('\n');
  const { nsenter, restore } = programs;
  const result = await execa(nsenter, [`--net=${namespace}`, restore, '--noflush', '--wait=2'], {
    input: rules,
    reject: false,
    timeout: RULES_MILLISECONDS,
  });
  return result.exitCode === 0;
}

/** What the rules are made with; undefined where this user or this machine cannot make any. */
async function wayOutPrograms(): Promise<{ readonly nsenter: string; readonly restore: string } | undefined> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined;
  const [nsenter, restore] = await Promise.all([findProgram('nsenter'), findProgram('iptables-restore')]);
  return nsenter === undefined || restore === undefined ? undefined : { nsenter, restore };
}

/** For `doctor`: whether a target in a container can be kept from the services of this machine. */
export async function wayOutCheck(): Promise<Check> {
  const id = 'container-way-out';
  return (await wayOutPrograms()) === undefined
    ? {
        id,
        status: 'warn',
        message: 'a target in a container can reach services of this machine that listen on all addresses (0.0.0.0)',
        remedy: 'Run gctune as root with nsenter and iptables installed, or let those services listen on 127.0.0.1',
      }
    : {
        id,
        status: 'ok',
        message: 'a target in a container is blocked from services of this machine (nsenter, iptables)',
      };
}
