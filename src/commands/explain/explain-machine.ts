import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { EnvironmentError } from '../../errors.ts';
import { readBuildInfo } from '../../executable/build-info.ts';
import { procProbe } from '../../probe/proc.ts';
import type { Figures } from '../../probe/probe.ts';
import { UNLIMITED_BYTES } from '../../go/pacer.ts';
import { listPids, readExe } from '../../runner/proc.ts';
import { attachRuntime } from '../../runtime-memory/attach.ts';
import { RuntimeRefused } from '../../runtime-memory/refused.ts';
import type { CpuStats } from '../../runtime-memory/variables.ts';
import type { Answer } from '../../session/print-answer.ts';
import type { Document } from '../../report/document/document.ts';
import { formatBytes, formatFraction, formatSeconds } from '../../units/format-units.ts';
import { mebibyteScale } from '../../units/mebibytes.ts';

/** A Go process of this machine, and what its memory says. Texts in it are untrusted. */
interface ListedProcess {
  readonly pid: number;
  /** The file name of its program. */
  readonly program: string;
  readonly goVersion: string;
  readonly figures: Figures;
  /** The collector's share of the CPU time that the process did not leave idle, by the runtime's own clock. */
  readonly gcCpuShare?: number | undefined;
  /** Why its memory cannot be read, and what would help. */
  readonly refused?: { readonly code: string; readonly message: string; readonly hint?: string | undefined };
}

/** Lists the Go processes of this machine with what their memory says. Reads each once; none of them takes part in it. */
export async function explainMachine(): Promise<Answer> {
  if (process.platform !== 'linux')
    throw new EnvironmentError('not-linux', 'Only Linux lets processes be read from outside', {
      hint: 'name a run, or give --url, --container or --memstats; see gctune explain --help',
    });
  const { processes, hidden } = await goProcesses();
  return {
    title: 'Go processes',
    document: documentOf(processes, hidden),
    json: { formatVersion: 1, processes, hidden },
  };
}

async function goProcesses(): Promise<{ readonly processes: readonly ListedProcess[]; readonly hidden: number }> {
  const processes: ListedProcess[] = [];
  /** Programs by the file that they are; many processes run the same. */
  const versions = new Map<string, string | undefined>();
  let hidden = 0;
  for (const pid of await listPids()) {
    const exe = await readExe(pid);
    const file = await stat(`/proc/${pid}/exe`).catch(() => undefined);
    if (exe === undefined || file === undefined) {
      // A kernel thread has no program, and no arguments either.
      if ((await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')) !== '') hidden += 1;
      continue;
    }
    const key = `${file.dev}:${file.ino}`;
    if (!versions.has(key)) versions.set(key, await goVersionOf(pid));
    const goVersion = versions.get(key);
    if (goVersion !== undefined) processes.push(await listed(pid, exe, goVersion));
  }
  return { processes: processes.toSorted((a, b) => (b.figures.rssBytes ?? 0) - (a.figures.rssBytes ?? 0)), hidden };
}

async function goVersionOf(pid: number): Promise<string | undefined> {
  return (await readBuildInfo(`/proc/${pid}/exe`).catch(() => undefined))?.goVersion;
}

async function listed(pid: number, exe: string, goVersion: string): Promise<ListedProcess> {
  const known = { pid, program: basename(exe.replace(/ \(deleted\)$/, '')), goVersion };
  const outside = await kernelFigures(pid);
  try {
    using reader = await attachRuntime(pid);
    const reading = reader.read();
    return { ...known, figures: { ...outside, ...reading?.figures }, gcCpuShare: shareOf(reading?.cpu) };
  } catch (error) {
    if (!(error instanceof RuntimeRefused)) throw error;
    return { ...known, figures: outside, refused: { code: error.code, message: error.message, hint: error.hint } };
  }
}

async function kernelFigures(pid: number): Promise<Figures> {
  try {
    await using probe = procProbe(pid);
    return (await probe.read(AbortSignal.timeout(1000))) ?? {};
  } catch {
    // It has ended meanwhile.
    return {};
  }
}

function documentOf(processes: readonly ListedProcess[], hidden: number): Document {
  const scale = mebibyteScale(Math.max(0, ...processes.map(({ figures }) => figures.rssBytes ?? 0)));
  const size = (bytes: number | undefined): string => (bytes === undefined ? '' : scale.number(bytes));
  return [
    {
      kind: 'table',
      name: 'Go processes',
      columns: [
        { head: 'pid', align: 'right' },
        { head: 'program', shrink: true },
        { head: 'Go' },
        { head: 'RSS', unit: 'MiB', align: 'right' },
        { head: 'heap', unit: 'MiB', align: 'right' },
        { head: 'GOGC', align: 'right' },
        { head: 'GOMEMLIMIT', align: 'right' },
        { head: 'GC CPU', align: 'right' },
        { head: 'of busy', align: 'right' },
      ],
      rows: processes.map(({ pid, program, goVersion, figures, gcCpuShare }) => ({
        cells: [
          String(pid),
          program,
          goVersion.replace(/^go/, ''),
          size(figures.rssBytes),
          size(figures.heapAllocBytes),
          gogcText(figures),
          limitText(figures),
          figures.gcCpuSeconds === undefined ? '' : formatSeconds(figures.gcCpuSeconds),
          gcCpuShare === undefined ? '' : formatFraction(gcCpuShare),
        ],
      })),
    },
    ...(processes.length === 0
      ? ([
          {
            kind: 'prose',
            text: `No Go process was found${hidden === 0 ? ' on this machine' : ' among those that could be looked at'}.`,
          },
        ] as const)
      : ([
          {
            kind: 'note',
            text: 'heap: HeapAlloc, objects that can be reached or are not swept yet. GC CPU: what the collector took from the start to the end of the last cycle, without idle marking, and its share of the time that the program’s Ps were busy. gctune explain --pid <pid> says where the memory of one is.',
          },
        ] as const)),
    {
      kind: 'warnings',
      warnings: [
        ...processes.flatMap(({ pid, program, refused }) =>
          refused === undefined
            ? []
            : [
                `${pid} ${program}: ${refused.message}${refused.hint === undefined ? '' : `; ${refused.hint.replaceAll('--url', '--pid with --url')}`}`,
              ],
        ),
        ...(hidden === 0
          ? []
          : [
              `${hidden} ${hidden === 1 ? 'process' : 'processes'} could not be looked at${process.getuid?.() === 0 ? '' : '; root can'}`,
            ]),
      ],
    },
  ];
}

function gogcText({ gogcPercent }: Figures): string {
  if (gogcPercent === undefined) return '';
  return gogcPercent < 0 ? 'off' : String(gogcPercent);
}

function limitText({ gomemlimitBytes }: Figures): string {
  if (gomemlimitBytes === undefined) return '';
  return gomemlimitBytes >= UNLIMITED_BYTES ? 'off' : formatBytes(gomemlimitBytes);
}

function shareOf(cpu: CpuStats | undefined): number | undefined {
  if (cpu === undefined) return undefined;
  const busy = cpu.total - cpu.idle - cpu.idleMark;
  return busy > 0 ? (cpu.gcTotal - cpu.idleMark) / busy : undefined;
}
