/** The memory of a cgroup, in bytes; what this kernel does not tell is undefined. */
export interface CgroupMemory {
  readonly version: 1 | 2;
  /** memory.current, or memory.usage_in_bytes: what counts against the limit. */
  readonly usageBytes: number;
  /** The least limit of it and the groups above it; undefined without one. */
  readonly limitBytes?: number | undefined;
  readonly anonBytes?: number | undefined;
  readonly activeFileBytes?: number | undefined;
  readonly inactiveFileBytes?: number | undefined;
  readonly mappedFileBytes?: number | undefined;
  /** tmpfs and shared memory. */
  readonly shmemBytes?: number | undefined;
  readonly kernelBytes?: number | undefined;
  readonly processes?: number | undefined;
}
