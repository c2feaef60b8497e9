import type { ContainerRow } from '../../analysis/explain/container-memory.ts';
import type { InForce, Told } from '../../analysis/explain/in-force.ts';
import type { ProcessView } from '../../analysis/explain/process-view.ts';
import type { CgroupMemory } from '../../linux/cgroup-memory.ts';
import type { MappingSum, Smaps } from '../../linux/smaps.ts';
import { formatBytes, formatCount } from '../../units/format-units.ts';
import { mebibyteScale } from '../../units/mebibytes.ts';
import type { Block, Document, Row, Text } from '../document/document.ts';
import { signed } from './explain-words.ts';

/** What is in force, where RSS is by mappings, and how the container's figures go together. */
export function viewBlocks({ inForce, smaps, container, cgroup }: ProcessView): Document {
  return [
    ...inForceBlocks(inForce),
    ...(smaps === undefined ? [] : smapsBlocks(smaps)),
    ...containerBlocks(container, cgroup),
  ];
}

function inForceBlocks(of: InForce): Document {
  const { environment, gogc, gomemlimit, gomaxprocs, effectiveGogc, limiter } = of;
  const row = <T>(
    name: 'GOGC' | 'GOMEMLIMIT' | 'GOMAXPROCS' | 'GODEBUG',
    value: Told<T> | undefined,
    text: (value: T) => string,
  ): Row => ({
    cells: [
      name,
      environment === undefined ? 'unknown' : (environment[name] ?? 'not set'),
      value === undefined ? (name === 'GODEBUG' ? '' : 'unknown') : text(value.value),
      value === undefined ? '' : value.by === 'runtime' ? 'the runtime' : 'the environment',
    ],
  });
  if (environment === undefined && gogc === undefined && gomemlimit === undefined) return [];
  const size = (bytes: number | 'off'): string => (bytes === 'off' ? 'off' : formatBytes(bytes));
  return [
    { kind: 'heading', level: 2, text: 'What is in force' },
    {
      kind: 'table',
      name: 'Settings of the Go runtime',
      columns: [
        { head: 'setting' },
        { head: 'environment', shrink: true },
        { head: 'in force' },
        { head: 'according to' },
      ],
      rows: [
        row('GOGC', gogc, String),
        row('GOMEMLIMIT', gomemlimit, size),
        row('GOMAXPROCS', gomaxprocs, formatCount),
        row('GODEBUG', undefined, String),
      ],
    },
    ...([gogc, gomemlimit].some((one) => one?.by === 'environment')
      ? ([
          { kind: 'note', text: 'What the environment says holds unless the program has set it otherwise since.' },
        ] as const)
      : []),
    {
      kind: 'list',
      items: [
        limitText(of),
        ...(effectiveGogc === undefined || of.limit === 'thrashes' || of.limit === 'binds'
          ? []
          : [
              `The heap goal (${formatBytes(of.goalBytes ?? 0)}) is ${effectivePhrase(effectiveGogc)} of the live heap (${formatBytes(of.liveBytes ?? 0)}).`,
            ]),
        ...(limiter === undefined
          ? []
          : [
              limiter.lastCycle === 0
                ? 'The collector’s CPU limiter was never on.'
                : `The collector’s CPU limiter, which keeps it from taking more than half of the CPU, was last on in GC cycle ${formatCount(limiter.lastCycle)}${limiter.cycle === undefined ? '' : ` of ${formatCount(limiter.cycle)}`}.`,
            ]),
      ].filter((text) => text !== ''),
    },
  ];
}

function effectivePhrase(gogc: number): string {
  return `what GOGC=${Math.round(gogc)} makes`;
}

/** Whether the limit binds, has room, or thrashes. */
export function limitText(of: InForce): string {
  const { limit, gomemlimit, gogc, goBytes, goalBytes, limitGoalBytes, liveBytes, effectiveGogc, roomyLimitBytes } = of;
  if (limit === 'none') return 'There is no GOMEMLIMIT: the heap may grow as GOGC lets it.';
  if (gomemlimit === undefined || gomemlimit.value === 'off') return '';
  const bytes = formatBytes(gomemlimit.value);
  const holds = goBytes === undefined ? '' : `Go holds ${formatBytes(goBytes)}. `;
  switch (limit) {
    case 'room':
      return `GOMEMLIMIT (${bytes}) has room: ${holds}GOGC sets the heap goal (${formatBytes(goalBytes ?? 0)}); the limit would set it at ${formatBytes(limitGoalBytes ?? 0)}.`;
    case 'binds':
      return `GOMEMLIMIT (${bytes}) binds: ${holds}The limit sets the heap goal (${formatBytes(goalBytes ?? 0)})${gogc?.value === 'off' ? ', as GOGC=off leaves it to' : ' instead of GOGC'}${effectiveGogc === undefined ? '' : `, so the collector runs as with GOGC=${Math.round(effectiveGogc)}`}.`;
    case 'thrashes':
      return `GOMEMLIMIT (${bytes}) thrashes: ${holds}${liveBytes === undefined ? 'What is alive' : `The live heap (${formatBytes(liveBytes)})`} and what is not heap leave the collector almost no room: it starts another cycle after a MiB or so of allocations, at a cost that grows with the load. Raise the limit${roomyLimitBytes === undefined ? '' : ` (GOGC would set the goal from ${formatBytes(roomyLimitBytes)} on)`}, or make the live heap smaller.`;
    case 'unknown':
      return `GOMEMLIMIT is ${bytes}; whether it binds is unknown without the heap goal and HeapReleased.`;
  }
}

const KIND_NAMES: Readonly<Record<MappingSum['kind'], string>> = {
  go: 'Go',
  anonymous: 'anonymous, unnamed',
  named: 'anonymous, named',
  'c-heap': 'heap of C (brk)',
  stack: 'first stack',
  program: 'the program',
  file: 'mapped files',
  shared: 'shared memory',
  kernel: 'of the kernel (vdso)',
  reserved: 'reserved',
};

function smapsBlocks({ sums, largestFile }: Smaps): Document {
  const all = (key: 'rssBytes' | 'sizeBytes' | 'lazyFreeBytes' | 'hugeBytes' | 'swapBytes'): number =>
    sums.reduce((sum, one) => sum + one[key], 0);
  const shown = sums
    .filter(({ rssBytes, swapBytes }) => rssBytes + swapBytes > 0)
    .toSorted((a, b) => b.rssBytes - a.rssBytes);
  const scale = mebibyteScale(all('rssBytes'));
  const extra = (
    [
      ['huge pages', 'hugeBytes'],
      ['returned lazily', 'lazyFreeBytes'],
      ['swapped', 'swapBytes'],
    ] as const
  ).filter(([, key]) => all(key) > 0);
  const reserved = sums
    .filter(({ rssBytes, swapBytes }) => rssBytes + swapBytes === 0)
    .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const row = (
    name: Text,
    of: (key: 'rssBytes' | 'hugeBytes' | 'lazyFreeBytes' | 'swapBytes' | 'sizeBytes') => number,
  ): Row => ({
    cells: [
      name,
      scale.number(of('rssBytes')),
      ...extra.map(([, key]) => scale.number(of(key))),
      scale.number(of('sizeBytes')),
    ],
  });
  const named = sums.some(({ kind }) => kind === 'go');
  return [
    { kind: 'heading', level: 2, text: 'Where RSS is' },
    {
      kind: 'table',
      name: 'Resident memory by mapping, in MiB',
      columns: [
        { head: 'mapping' },
        { head: 'resident', unit: 'MiB', align: 'right' },
        ...extra.map(([head]) => ({ head, unit: 'MiB', align: 'right' }) as const),
        { head: 'mapped', unit: 'MiB', align: 'right' },
      ],
      rows: [
        ...shown.map((sum) =>
          row(sum.kind === 'go' ? `Go: ${sum.name ?? ''}` : KIND_NAMES[sum.kind], (key) => sum[key]),
        ),
        row([{ text: '= resident', as: 'strong' }], (key) => all(key) - (key === 'sizeBytes' ? reserved : 0)),
      ],
    },
    {
      kind: 'note',
      text: `From /proc/PID/smaps, a moment after the counters.${reserved > 0 ? ` ${formatBytes(reserved)} of address space more has no memory at all.` : ''}${
        named
          ? ''
          : ' Go’s heap is among the unnamed mappings: their names need Go 1.25 and a kernel with CONFIG_ANON_VMA_NAME.'
      }${largestFile === undefined ? '' : ` Of the mapped files, ${largestFile.path} has most: ${formatBytes(largestFile.rssBytes)}.`}`,
    },
  ];
}

const CONTAINER_NAMES: Readonly<Record<ContainerRow['key'], readonly [name: string, who: string]>> = {
  go: ['Go’s own', 'Sys − HeapReleased'],
  outside: ['outside Go', 'above, part by part'],
  rss: ['RSS', 'ps'],
  'file-pages': ['its file pages', 'below as page cache'],
  'other-anon': ['other anonymous memory', 'other processes, movement'],
  'active-file': ['page cache in use', 'active_file'],
  shmem: ['tmpfs, shared memory', 'shmem'],
  kernel: ['kernel memory', 'page tables, sockets'],
  rest: ['the rest', 'charged in advance'],
  'working-set': ['working set', 'kubectl top, docker stats'],
  'inactive-file': ['page cache not in use', 'inactive_file'],
  usage: ['counts against the limit', 'memory.current'],
  limit: ['limit', 'of the cgroup or above it'],
  'mapped-file': ['of the cache, mapped files', 'file_mapped, mapped_file'],
};

function containerBlocks(rows: readonly ContainerRow[], cgroup: CgroupMemory | undefined): Document {
  if (rows.length === 0 || cgroup === undefined) return [];
  const scale = mebibyteScale(cgroup.usageBytes);
  const name = ({ key, kind }: ContainerRow): Text => {
    const [text] = CONTAINER_NAMES[key];
    return kind === 'total' ? [{ text: `= ${text}`, as: 'strong' }] : text;
  };
  return [
    { kind: 'heading', level: 2, text: 'The cgroup (container, pod)' },
    {
      kind: 'table',
      name: 'From MemStats to what counts against the limit',
      columns: [
        { head: 'part' },
        { head: 'MiB', align: 'right' },
        { head: 'bytes', align: 'right' },
        { head: 'shown by', shrink: true },
      ],
      rows: rows.map((row) => ({
        cells: [name(row), signed(scale.number(row.bytes)), signed(formatCount(row.bytes)), shownBy(row, cgroup)],
      })),
    },
    {
      kind: 'note',
      text: `The kernel reclaims page cache before it kills, the inactive first; what is left counts. ${processesText(cgroup)}The kernel’s own figures move while they are read.`,
    },
    ...limitNote(cgroup),
  ];
}

function shownBy({ key }: ContainerRow, { version }: CgroupMemory): string {
  if (key === 'usage' && version === 1) return 'memory.usage_in_bytes';
  return CONTAINER_NAMES[key][1];
}

function processesText({ processes }: CgroupMemory): string {
  return processes === undefined || processes < 2 ? '' : `${formatCount(processes)} processes are in this cgroup. `;
}

function limitNote({ limitBytes }: CgroupMemory): readonly Block[] {
  return limitBytes === undefined ? [{ kind: 'note', text: 'The cgroup has no memory limit.' }] : [];
}
