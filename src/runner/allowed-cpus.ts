import { readFileSync } from 'node:fs';
import { parseCpuList } from '../linux/cpu-list.ts';

/** The CPUs that this process may use now; undefined where the system does not tell. */
export function allowedCpus(): readonly number[] | undefined {
  try {
    const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return list === undefined ? undefined : parseCpuList(list);
  } catch {
    return undefined;
  }
}
