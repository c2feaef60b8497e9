import { EnvironmentError, UserError } from '../errors.ts';
import { plainText } from '../text/plain-text.ts';

/** The HTTP status of what an API server refused; undefined of other errors. */
export function statusOf(error: unknown): number | undefined {
  const { code } = error as { readonly code?: unknown };
  return error instanceof Error && typeof code === 'number' ? code : undefined;
}

/** What the API server says in the body of a refusal. */
function messageOf(error: unknown): string {
  const { body } = error as { readonly body?: unknown };
  try {
    const said: unknown = typeof body === 'string' ? JSON.parse(body) : body;
    const { message } = said as { readonly message?: unknown };
    if (typeof message === 'string') return plainText(message);
  } catch {
    // Not what an API server says.
  }
  return plainText(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
}

/** The innermost reason, where an error wraps another: `fetch failed` says nothing. */
export function reasonOf(error: unknown): string {
  const { cause, code, message } = error as { readonly [name in 'cause' | 'code' | 'message']?: unknown };
  if (cause instanceof AggregateError) return reasonOf(cause.errors[0]);
  if (cause instanceof Error) return reasonOf(cause);
  return typeof message === 'string' && message !== '' ? plainText(message) : String(code ?? error);
}

/** What a refused or unanswered call is to whoever reads it. What is an error of ours stays one. */
export function clusterError(
  error: unknown,
  { what, server, namespace }: { readonly what: string; readonly server: string; readonly namespace: string },
): unknown {
  if (error instanceof EnvironmentError || error instanceof UserError) return error;
  const status = statusOf(error);
  const cause = { cause: error };
  if (status === undefined) {
    return new EnvironmentError(
      'cluster-unreachable',
      `the cluster at ${plainText(server)} cannot be reached: ${reasonOf(error)}`,
      {
        hint: 'kubectl cluster-info shows whether it can be reached from here; --context chooses another one',
        ...cause,
      },
    );
  }
  const said = messageOf(error);
  switch (status) {
    case 401:
      return new EnvironmentError(
        'cluster-unauthorized',
        `the cluster at ${plainText(server)} does not know this user (${what}): ${said}`,
        {
          hint: 'log in again, or choose another --context',
          ...cause,
        },
      );
    case 403:
      return new EnvironmentError(
        'cluster-forbidden',
        `the cluster refuses to ${what} in namespace ${plainText(namespace)}: ${said}`,
        {
          hint: 'docs/kubernetes.md has the Role that is needed',
          ...cause,
        },
      );
    case 404:
      return new EnvironmentError('cluster-not-found', `the cluster has no such thing (${what}): ${said}`, {
        hint: `is there a namespace ${plainText(namespace)}? kubectl get namespaces shows them`,
        ...cause,
      });
    default:
      return new EnvironmentError('cluster-refused', `the cluster did not ${what} (${status}): ${said}`, cause);
  }
}

/** A cluster, or a node of it, that cannot be reached for a while ends nothing: the pods go on. */
export function isAway(error: unknown): error is EnvironmentError {
  return (
    error instanceof EnvironmentError &&
    ['cluster-unreachable', 'cluster-silent', 'cluster-refused'].includes(error.code)
  );
}
