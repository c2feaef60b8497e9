import { stringify } from 'yaml';
import type { V1Job } from '@kubernetes/client-node';

/** A manifest as `kubectl apply -f -` takes it. */
export function manifestText(manifest: V1Job): string {
  return stringify(manifest, { aliasDuplicateObjects: false, lineWidth: 0 });
}
