import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExplanationDocument } from '../../analysis/explain/explanation-document.ts';
import { EnvironmentError } from '../../errors.ts';
import { parseFlatKeyed } from '../../probe/cgroup.ts';
import { findContainer, type FoundContainer } from '../../runner/docker/find-container.ts';
import { documentFrom } from './explain-document.ts';
import { candidatesOf, doubtsOf, lookAt, partsOf, samplingOf, USUAL_PAGES } from './explain-process.ts';
import type { GivenSizes } from './explain-sizes.ts';
import type { Io } from '../../cli/io.ts';

/** Explains the Go process of a running container. Reads only: one read of its counters, its memory, and files of the kernel. */
export async function explainContainer(
  name: string,
  url: string | undefined,
  given: GivenSizes,
  io: Io,
): Promise<ExplanationDocument> {
  const container = await findContainer(name, io.signal);
  const urls = url === undefined ? usualPlaces(container) : candidatesOf(url);
  const look = await lookAt(urls, container.pid, io, given.instance);
  const { counters } = look;
  return documentFrom({
    ...partsOf(look, container.pid),
    source: {
      kind: 'container',
      name: container.name,
      url: counters.url,
      pid: container.pid,
      goVersion: look.goVersion,
      commandLine: counters.commandLine,
      sampling: samplingOf(look),
    },
    given,
    dockerStatsBytes: await dockerStatsBytes(container),
    warnings: [
      ...look.warnings,
      ...(container.pid === undefined
        ? ['the processes of the container are not visible from this machine, so its RSS is unknown']
        : []),
      ...(await doubtsOf(counters, container.pid)),
    ],
  });
}

/** Every port at `/debug/vars` before any at the next path: the first path tells most. None where its memory can tell instead. */
function usualPlaces({ addresses, hiddenPorts, name, pid }: FoundContainer): readonly URL[] {
  if (addresses.length > 0 || pid !== undefined) {
    return USUAL_PAGES.flatMap((path) => addresses.map(({ host, port }) => new URL(path, `http://${host}:${port}`)));
  }
  const hidden = hiddenPorts.length === 0 ? '' : `; ${hiddenPorts.join(', ')} listen only on its own loopback`;
  throw new EnvironmentError('no-counters', `No port of ${name} can be reached from here${hidden}`, {
    hint: 'give --url, or let the program listen on 0.0.0.0 and publish the port on 127.0.0.1',
  });
}

/** What `docker stats` prints as memory: usage less inactive file pages (docker/cli, container/stats_helpers.go). */
async function dockerStatsBytes({ cgroup }: FoundContainer): Promise<number | undefined> {
  if (cgroup === undefined) return undefined;
  const [usageFile, inactive] =
    cgroup.version === 1 ? ['memory.usage_in_bytes', 'total_inactive_file'] : ['memory.current', 'inactive_file'];
  try {
    const usage = Number(await readFile(join(cgroup.memory, usageFile), 'utf8'));
    const cached = parseFlatKeyed(await readFile(join(cgroup.memory, 'memory.stat'), 'utf8')).get(inactive);
    return cached === undefined || !Number.isFinite(usage) ? undefined : Math.max(0, usage - cached);
  } catch {
    return undefined;
  }
}
