import type { HttpWorkload, RequestTemplate } from '../../../src/experiment/experiment.ts';

/** An HTTP workload of 200 requests a second over 4 connections, but for what is given. */
export function httpSpec(
  differing: Partial<Omit<HttpWorkload, 'requests'>> & { readonly request?: Partial<RequestTemplate> } = {},
): HttpWorkload {
  const { request, ...rest } = differing;
  return {
    kind: 'http',
    requests: [{ method: 'GET', path: '/', headers: {}, body: undefined, weight: 1, ...request }],
    rate: { kind: 'constant', perSecond: 200 },
    arrivals: 'uniform',
    timeoutSeconds: 10,
    connections: 4,
    ...rest,
  };
}
