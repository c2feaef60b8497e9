import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { whileImage } from './bounded-calls.ts';

/** What the engine writes about a pull, a build or an import, as far as it is read. */
export interface EngineProgress {
  readonly stream?: string;
  readonly status?: string;
  readonly aux?: { readonly ID?: string };
  readonly error?: string;
}

/**
 * Follows what the engine writes to its end, or until the engine is silent or takes too long. The engine has answered 200 by then, so
 * that a failure is one of the messages: it is thrown.
 */
export async function followEngine(
  docker: Docker,
  stream: NodeJS.ReadableStream,
  onEvent: (event: EngineProgress) => void = () => undefined,
): Promise<void> {
  let failure: string | undefined;
  const done = new AbortController();
  const followed = new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(
      stream,
      (error) => (error === null ? resolve() : reject(error)),
      (event: EngineProgress) => {
        failure ??= event.error;
        onEvent(event);
      },
    );
  });
  try {
    await Promise.race([followed, whileImage(docker, done.signal)]);
  } finally {
    done.abort();
    followed.catch(() => undefined);
    (stream as Readable).destroy();
  }
  if (failure !== undefined) throw new Error(failure.trim());
}
