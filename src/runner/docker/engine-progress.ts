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

/** As `readProgress`, until the engine no longer answers or takes longer than an image may. */
export async function followEngine(
  docker: Docker,
  stream: NodeJS.ReadableStream,
  onEvent?: (event: EngineProgress) => void,
): Promise<void> {
  const done = new AbortController();
  const followed = readProgress(stream, onEvent);
  try {
    await Promise.race([followed, whileImage(docker, done.signal)]);
  } finally {
    done.abort();
    followed.catch(() => undefined);
    (stream as Readable).destroy();
  }
}

/**
 * Follows what the engine writes to its end. The engine has answered 200 by then, so that a failure is one of the messages: it is
 * thrown. So is a line that is no message, as one that is cut short where the engine dies: docker-modem would throw it at nobody.
 */
export async function readProgress(
  stream: NodeJS.ReadableStream,
  onEvent: (event: EngineProgress) => void = () => undefined,
): Promise<void> {
  let failure: string | undefined;
  const take = (line: string): void => {
    if (line.trim() === '') return;
    const event = eventOf(line);
    if (typeof event.error === 'string') failure ??= event.error;
    onEvent(event);
  };
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(take);
  }
  take(rest);
  if (failure !== undefined) throw new Error(failure.trim());
}

function eventOf(line: string): EngineProgress {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    value = undefined;
  }
  if (typeof value !== 'object' || value === null) throw new Error('the engine broke off in the middle of a message');
  return value;
}
