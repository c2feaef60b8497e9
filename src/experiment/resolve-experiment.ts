import { dirname, isAbsolute, join, normalize } from 'node:path';
import type { MetricId } from '../metrics/metrics.ts';
import type { Assertion } from './assert/assertion.ts';
import { baselineLevels } from './check/check-matrix.ts';
import type {
  Experiment,
  Matrix,
  ProgramSpec,
  Readiness,
  RealTargetSource,
  ServiceSource,
  ServiceSpec,
  TargetSource,
  WorkloadSpec,
} from './experiment.ts';
import { matrixOf } from './file-matrix.ts';
import type { ExperimentFile } from './schema/schema.ts';
import { withoutVariables } from './secrets/secrets.ts';
import { usedWorkloads } from './sections.ts';

type TargetSection = ExperimentFile['target'];
type SourceSection = Pick<
  TargetSection,
  'package' | 'flags' | 'module' | 'replace' | 'image' | 'dockerfile' | 'context' | 'binary' | 'container'
> & { readonly simulated?: TargetSection['simulated'] };
type ProgramSection = Pick<
  TargetSection,
  'args' | 'env' | 'port' | 'ports' | 'ready' | 'prepare' | 'files' | 'container'
>;

/**
 * An experiment file that was found free of problems as an experiment: paths made absolute, defaults that depend on other
 * sections filled in. What a section comes to by itself its schema says.
 */
export function resolveExperiment(
  file: ExperimentFile,
  directory: string,
  assertions: readonly Assertion[] | undefined,
): Experiment {
  const matrix = matrixOf(file);
  const { assert: _, ...sections } = file;
  return {
    ...sections,
    target: {
      ...sourcesOf(file.target, matrix, directory),
      ...programOf(file.target),
      ...(file.target.unix === undefined ? {} : { unix: file.target.unix }),
    },
    workloads: Object.fromEntries(
      Object.entries(file.workloads).map(([name, spec]) => [name, absoluteLoad(spec, directory)]),
    ),
    services: resolveServices(file.services, directory),
    matrix,
    baseline: baselineLevels(file),
    ...blocksOf(file.blocks),
    primaries: file.primaries ?? defaultPrimaries(file),
    ...(assertions === undefined ? {} : { assert: assertions }),
  };
}

/** The program of the baseline, and where there are versions all of them. */
function sourcesOf(
  target: TargetSection,
  { factors = [] }: Matrix,
  directory: string,
): Pick<Experiment['target'], 'source' | 'versions'> {
  if (target.versions === undefined) return { source: targetSource(target, directory) };
  const versions = Object.fromEntries(
    Object.entries(target.versions).map(([name, section]) => [name, targetSource(section, directory)]),
  );
  const source = versions[factors.find(({ name }) => name === 'version')?.baseline ?? ''];
  if (source === undefined) throw new Error('an experiment without a version was found free of problems');
  return { source, versions };
}

function blocksOf(blocks: ExperimentFile['blocks']): Pick<Experiment, 'blocks' | 'adaptive'> {
  if (typeof blocks === 'number') return { blocks, adaptive: undefined };
  const { max, ...adaptive } = blocks;
  return { blocks: max, adaptive };
}

function absoluteIn(directory: string): (path: string) => string {
  return (path) => (isAbsolute(path) ? normalize(path) : join(directory, path));
}

/** A workload with the paths of its log and its load program absolute; a name without a slash is looked up on PATH. */
function absoluteLoad(spec: WorkloadSpec, directory: string): WorkloadSpec {
  const absolute = absoluteIn(directory);
  if (spec.kind === 'replay') return { ...spec, log: absolute(spec.log) };
  if (spec.kind !== 'command') return spec;
  const { source } = spec;
  if (source.kind === 'package') return { ...spec, source: { ...source, directory: absolute(source.directory) } };
  if (source.kind !== 'program' || !source.path.includes('/')) return spec;
  return { ...spec, source: { ...source, path: absolute(source.path) } };
}

/** Where a program comes from, with its paths made absolute. */
function targetSource(target: SourceSection, directory: string): TargetSource {
  const absolute = absoluteIn(directory);
  if (target.package !== undefined)
    return { kind: 'package', directory: absolute(target.package), flags: target.flags };
  if (target.module !== undefined) {
    const at = target.module.lastIndexOf('@');
    return {
      kind: 'module',
      package: target.module.slice(0, at),
      version: target.module.slice(at + 1),
      replaces: Object.entries(target.replace).map(([from, to]) => ({
        from,
        to: /^\.{0,2}\//.test(to) ? absolute(to) : to,
      })),
      flags: target.flags,
    };
  }
  if (target.simulated !== undefined) return { kind: 'simulated', model: target.simulated };
  const container = target.container === undefined ? {} : { container: target.container };
  if (target.image !== undefined) return { kind: 'image', reference: target.image, ...container };
  if (target.dockerfile !== undefined) {
    const file = absolute(target.dockerfile);
    return {
      kind: 'dockerfile',
      file,
      context: target.context === undefined ? dirname(file) : absolute(target.context),
      ...container,
    };
  }
  const path = target.binary ?? '';
  return { kind: 'binary', path: path.startsWith('npm:') ? path : absolute(path) };
}

function programOf(section: ProgramSection): ProgramSpec {
  const { args, env, port, ports, ready, prepare, files } = section;
  return { args, env, port, ports, ready, prepare, files, data: hasData(section) };
}

function resolveServices(sections: ExperimentFile['services'], directory: string): Experiment['services'] {
  return Object.fromEntries(
    Object.entries(sections).map(([name, section]): [string, ServiceSpec] => {
      const { command, start, user, ...rest } = section;
      const source: ServiceSource =
        command === undefined
          ? (targetSource(rest, directory) as RealTargetSource)
          : { kind: 'command', program: command };
      const program = programOf(rest);
      const ready: Readiness | undefined =
        program.ready ?? (program.port === undefined ? undefined : { kind: 'tcp', port: true, withinSeconds: 20 });
      return [name, { source, ...program, ready, start, user }];
    }),
  );
}

/** Whether a program is told where its data folder is, or something fills one. */
function hasData({ args, env, prepare, files, container }: ProgramSection): boolean {
  if (Object.keys(container?.mounts ?? {}).length > 0) return true;
  const values = Object.values(env).map(withoutVariables);
  const words = [...args, ...values, ...prepare.flatMap(({ run }) => run)];
  return files.length > 0 || words.some((word) => word.includes('{data}'));
}

function defaultPrimaries(file: ExperimentFile): readonly MetricId[] {
  const idle = usedWorkloads(file).every((name) => file.workloads[name]?.kind === 'idle');
  return ['memory.anon', idle ? 'cpu.used' : 'cpu.per_request'];
}
