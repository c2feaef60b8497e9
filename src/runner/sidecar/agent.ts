import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { EnvironmentError } from '../../errors.ts';
import { lineSplitter } from '../output-lines.ts';
import { parseMessage, PROTOCOL, type AgentMessage, type AgentRequest, type Looked } from './agent-messages.ts';

/** How often an agent that is not there is asked again. */
const RETRY_MILLISECONDS = 100;
/** How long an agent may take for an answer that needs nothing but itself. */
const ANSWER_SECONDS = 10;
/** More than any line of an agent: 32 KiB of output as base64 in a message. */
const LINE_LENGTH = 1 << 20;

/** What a socket says that is not there, that nobody listens on, whose listener is being killed, or that has too many waiting (unix(7), connect(2)). */
const AWAY = new Set(['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'EAGAIN']);

/** A connection to the agent. What was started on it ends with it. */
export interface AgentConnection extends Disposable {
  send(request: AgentRequest): void;
  /** What it says, as it comes; ends when the connection does, whoever ended it. One consumer only. */
  readonly messages: AsyncIterator<AgentMessage, undefined>;
}

/**
 * Connects to the agent; one that is not there yet, or not again, is waited for. Throws EnvironmentError `agent-missing`
 * and `agent-forbidden`.
 */
export async function connectAgent(path: string, waitSeconds: number, signal: AbortSignal): Promise<AgentConnection> {
  for (const end = performance.now() + waitSeconds * 1000; ; await sleep(RETRY_MILLISECONDS, undefined, { signal })) {
    signal.throwIfAborted();
    try {
      return connectionOn(await open(path));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EACCES' || code === 'EPERM') {
        throw new EnvironmentError(
          'agent-forbidden',
          `The agent of the target’s container may not be asked at ${path}`,
          {
            hint: 'both containers of the pod must run as the same user: set runAsUser for the pod, not for a container',
            cause: error,
          },
        );
      }
      if (!AWAY.has(code ?? '')) throw error;
      if (performance.now() >= end) {
        throw new EnvironmentError(
          'agent-missing',
          `The agent of the target’s container does not answer at ${path}${waitSeconds > 1 ? `, for ${Math.round(waitSeconds)} s` : ''}`,
          { hint: 'see why the container `target` does not run: kubectl describe pod', cause: error },
        );
      }
    }
  }
}

/** Asks the agent what it is. Throws EnvironmentError `agent-missing`, `agent-forbidden`, `agent-version` and `agent-silent`. */
export async function lookAtAgent(path: string, waitSeconds: number, signal: AbortSignal): Promise<Looked> {
  const answer = await askToLook(path, waitSeconds, signal);
  if (!('looked' in answer)) throw unexpected(answer);
  const { looked } = answer;
  if (looked.protocol === PROTOCOL) return looked;
  throw new EnvironmentError(
    'agent-version',
    `The agent of the target’s container speaks protocol ${looked.protocol}, and this gctune ${PROTOCOL}`,
    { hint: 'take the image of gctune and the agent from one `gctune image`' },
  );
}

/** An agent that is being killed still takes connections for a moment, and ends them without a word: then the next one is waited for. */
async function askToLook(path: string, waitSeconds: number, signal: AbortSignal): Promise<AgentMessage> {
  for (const end = performance.now() + waitSeconds * 1000; ; await sleep(RETRY_MILLISECONDS, undefined, { signal })) {
    using connection = await connectAgent(path, Math.max(0, (end - performance.now()) / 1000), signal);
    connection.send({ do: 'look' });
    try {
      return await answerOf(connection);
    } catch (error) {
      const hasEnded = error instanceof EnvironmentError && error.code === 'agent-ended';
      if (!hasEnded || performance.now() >= end) throw error;
    }
  }
}

/** The next message. Throws EnvironmentError `agent-silent` and `agent-ended`. */
export async function answerOf({ messages }: AgentConnection): Promise<AgentMessage> {
  const cancel = new AbortController();
  try {
    const late = sleep(ANSWER_SECONDS * 1000, undefined, { signal: cancel.signal }).catch(() => undefined);
    const next = await Promise.race([messages.next(), late]);
    if (next?.done === false) return next.value;
    if (next === undefined) {
      throw new EnvironmentError(
        'agent-silent',
        `The agent of the target’s container did not answer within ${ANSWER_SECONDS} s`,
      );
    }
    throw new EnvironmentError('agent-ended', 'The agent of the target’s container has ended', {
      hint: 'see why it was restarted: kubectl describe pod',
    });
  } finally {
    cancel.abort();
  }
}

/** What is thrown for an answer that does not fit. */
export function unexpected(answer: AgentMessage): EnvironmentError {
  const said = 'error' in answer ? answer.error.message : `unexpectedly ${Object.keys(answer).join()}`;
  const code = 'error' in answer ? answer.error.code : 'unexpected';
  return new EnvironmentError(`agent-${code}`, `The agent of the target’s container said: ${said}`);
}

function open(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

function connectionOn(socket: Socket): AgentConnection {
  const waiting: AgentMessage[] = [];
  let wake: (() => void) | undefined;
  const lines = lineSplitter(LINE_LENGTH, (line) => {
    const message = parseMessage(line);
    // Of what says nothing that is known nothing can be believed.
    if (message === undefined) socket.destroy();
    else waiting.push(message);
  });
  socket.on('data', (chunk) => {
    lines.push(Buffer.from(chunk));
    wake?.();
  });
  // An error is followed by the close: the agent is gone.
  socket.on('error', () => undefined);
  socket.once('close', () => wake?.());
  return {
    send: (request) => {
      if (!socket.destroyed) socket.write(`${JSON.stringify(request)}\n`);
    },
    messages: {
      next: async () => {
        while (waiting.length === 0 && !socket.closed) await new Promise<void>((resolve) => (wake = resolve));
        const value = waiting.shift();
        return value === undefined ? { done: true, value } : { done: false, value };
      },
    },
    [Symbol.dispose]: () => void socket.destroy(),
  };
}
