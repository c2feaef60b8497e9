import type { Problem } from './diagnose.ts';
import { runnerMisfit } from './runner-misfit.ts';
import { usedWorkloads, type ReadSections } from '../sections.ts';
import { factsOfKind } from '../workloads/kinds.ts';
import { parseSize, writeDuration, writeSize } from '../../units/units.ts';
import type { YamlSource } from './yaml-source.ts';

/** What only a program could use; a model has none of it. */
const OF_PROGRAMS = ['args', 'env', 'port', 'ready', 'prepare', 'flags', 'replace', 'context', 'files'] as const;

/** A simulated target goes with the simulated runner alone, and with what a model can be asked. */
export function checkSimulated(file: ReadSections, source: YamlSource): Problem[] {
  const { target, runner } = file;
  if (target === undefined) return [];
  const least = withLeast(file);
  const misfit = runner === undefined ? undefined : runnerMisfit(target.simulated !== undefined, runner);
  return [
    ...(misfit === undefined ? [] : [{ ...misfit, path: ['runner'] }]),
    ...(target.simulated === undefined ? [] : [...unusable(file, source), ...overload(least), ...tooSmallLimit(least)]),
  ];
}

/** Parts of the file that would do nothing. */
function unusable(file: ReadSections, { value }: YamlSource): Problem[] {
  const target = value['target'] ?? {};
  const unused = (path: (string | number)[], what: string): Problem => ({
    code: 'not-simulated',
    path,
    atKey: true,
    message: `${what} for a simulated target`,
    hint: `remove ${String(path.at(-1))}`,
  });
  return [
    ...OF_PROGRAMS.filter((key) => Object.hasOwn(target, key)).map((key) =>
      unused(['target', key], `${key} needs a program, and there is none`),
    ),
    ...(Object.keys(file.services ?? {}).length === 0 ? [] : [unused(['services'], 'no program is started')]),
    ...(['heap', 'allocs'] as const)
      .filter((kind) => file.profiles?.[kind] === true)
      .map((kind) => unused(['profiles', kind], 'there is no profile')),
    ...usedWorkloads(file).flatMap((name): Problem[] => {
      const kind = file.workloads?.[name]?.kind;
      if (kind === undefined || factsOfKind(kind).simulated) return [];
      const message = `a simulated target does not support ${kind} workloads`;
      const hint = 'write an http workload, or idle';
      return [{ code: 'not-simulated', path: ['workloads', name, kind], atKey: true, message, hint }];
    }),
  ];
}

/** With the least of what is a factor in the place of what holds for all cells. */
function withLeast(file: ReadSections): ReadSections {
  const { matrix, limits } = file;
  if (matrix === undefined || limits === undefined) return file;
  const least = (levels: readonly string[] | undefined, read: (level: string) => number): number | undefined =>
    levels && Math.min(...levels.map(read));
  const bytes = (level: string): number => {
    const size = parseSize(level);
    return 'value' in size ? size.value : Infinity;
  };
  return {
    ...file,
    gomaxprocs: least(matrix.gomaxprocs, Number) ?? file.gomaxprocs,
    limits: {
      ...limits,
      cpus: least(matrix.cpus, Number) ?? limits.cpus,
      memoryBytes: least(matrix.memory, bytes) ?? limits.memoryBytes,
    },
  };
}

/** CPUs that the model has: what limits and GOMAXPROCS allow, else one; never what this machine has. */
export function simulatedCpus(gomaxprocs: number | undefined, cpus: number | undefined): number {
  return gomaxprocs ?? Math.ceil(cpus ?? 1);
}

/** A load that its requests alone would fill the CPUs with could never be served. */
function overload(file: ReadSections): Problem[] {
  const { target, limits, workloads } = file;
  const cost = target?.simulated?.cpuPerRequestSeconds;
  if (cost === undefined || limits === undefined || workloads === undefined) return [];
  const cpus = simulatedCpus(file.gomaxprocs, limits.cpus);
  return usedWorkloads(file).flatMap((name): Problem[] => {
    const spec = workloads[name];
    const most = spec === undefined ? undefined : factsOfKind(spec.kind).peakPerSecond?.(spec);
    if (spec === undefined || most === undefined) return [];
    if (most * cost < cpus) return [];
    const needed = Number((most * cost).toPrecision(3));
    const message = `${most}/s at ${writeDuration(cost)} of CPU each need ${needed} CPUs, and the simulated target has ${cpus}`;
    const hint = 'lower the rate or target.simulated.cpu_per_request, or raise limits.cpus';
    return [{ code: 'simulated-overload', path: ['workloads', name, spec.kind, 'rate'], message, hint }];
  });
}

/** Under a limit that does not even hold what is always there no cell could live. */
function tooSmallLimit({ target, limits }: ReadSections): Problem[] {
  const model = target?.simulated;
  if (model === undefined || limits?.memoryBytes === undefined) return [];
  const least = Math.ceil(model.liveBytes * (1 + model.fragmentation) + model.offHeapBytes);
  if (limits.memoryBytes > least) return [];
  const message = `the simulated target holds ${writeSize(Math.ceil(least / 2 ** 20) * 2 ** 20)} before it allocates anything, and the limit is ${writeSize(limits.memoryBytes)}`;
  return [
    { code: 'simulated-limit', path: ['limits', 'memory'], message, hint: 'raise it, or lower target.simulated.live' },
  ];
}
