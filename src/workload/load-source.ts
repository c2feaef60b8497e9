import type { RequestKind, RequestWorkload } from '../experiment/workloads/kinds.ts';
import type { Command } from './control.ts';
import { openKuboSource } from './kubo/kubo-source.ts';
import type { RequestSource } from './outgoing-request.ts';
import { requestRenderer } from './render.ts';
import { openReplaySource } from './replay/replay-source.ts';
import type { PreloadDone } from './workload.ts';

/** A source of requests that may have to fill the target first. */
export interface LoadSource extends RequestSource {
  /** Fills the target; rejects with EnvironmentError `preload-failed`. */
  readonly preload?: () => Promise<PreloadDone>;
}

type Start = Command & { type: 'start' };
type Nodes = Omit<Start, 'type' | 'spec' | 'seed'>;
type Opener<K extends RequestKind> = (
  spec: Extract<RequestWorkload, { readonly kind: K }>,
  nodes: Nodes,
  seed: number,
) => LoadSource | Promise<LoadSource>;

/** What makes the requests of each kind of workload that sends some. */
const SOURCES: { readonly [K in RequestKind]: Opener<K> } = {
  http: ({ requests }) => ({ draw: requestRenderer(requests) }),
  kubo: openKuboSource,
  replay: (spec, { timing }) => openReplaySource(spec, timing),
};

/** Makes what the workload asks for; rejects with EnvironmentError where the target or a service is not fit for it. */
export async function openSource({ spec, seed, ...nodes }: Start): Promise<LoadSource> {
  return (SOURCES[spec.kind] as Opener<RequestKind>)(spec, nodes, seed);
}
