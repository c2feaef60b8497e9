import type { ExplanationDocument } from '../../analysis/explain/explanation-document.ts';
import { EnvironmentError } from '../../errors.ts';
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
