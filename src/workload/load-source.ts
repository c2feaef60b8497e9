import type { Command } from './control.ts';
import { openKuboSource } from './kubo/kubo-source.ts';
import type { RequestSource } from './outgoing-request.ts';
import { requestRenderer } from './render.ts';
import type { PreloadDone } from './workload.ts';

/** A source of requests that may have to fill the target first. */
export interface LoadSource extends RequestSource {
  /** Fills the target; rejects with EnvironmentError `preload-failed`. */
  readonly preload?: () => Promise<PreloadDone>;
}

/** Makes what the workload asks for; rejects with EnvironmentError where the target or its companion is not fit for it. */
export async function openSource({ spec, seed, ...nodes }: Command & { type: 'start' }): Promise<LoadSource> {
  switch (spec.kind) {
    case 'http':
      return { draw: requestRenderer(spec.requests) };
    case 'kubo':
      return openKuboSource(spec, nodes, seed);
  }
}
