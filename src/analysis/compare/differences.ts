import type { RunManifest, Variant } from '../../results/format.ts';

/** One thing in which two runs differ, as text that a person reads. */
export interface Difference {
  /** Where it stands: `Go version`, `host: kernel`, `workloads.add.rate.perSecond`. */
  readonly what: string;
  readonly base: string;
  readonly new: string;
  /** `expected`: what is compared, or makes no difference to the figures; `drift`: what should have been equal. */
  readonly kind: 'expected' | 'drift';
}

/** Facts of the machine that bend what is measured. Its load and the versions of what does not touch the target are not among them. */
export const HOST = [
  'platform',
  'architecture',
  'kernel',
  'cpuModel',
  'cpuCount',
  'cpuUsable',
  'cpuGovernor',
  'turboDisabled',
  'virtualised',
  'transparentHugePages',
  'cgroupVersion',
  'dockerVersion',
] as const;
/** How a binary was built, as far as it changes how it runs. */
const BUILD = ['GOARCH', 'GOOS', 'GOAMD64', 'CGO_ENABLED', '-race', '-gcflags', 'GOEXPERIMENT'] as const;
/** Machines of one kind report memory that differs by what the firmware keeps. */
const SAME_MEMORY = 0.01;

/** Everything in which two runs differ that bears on whether they can be compared. */
export function differencesOf(base: RunManifest, other: RunManifest): readonly Difference[] {
  return [
    ...differing('expected', 'artifact', base.artifact.description, other.artifact.description),
    ...differing('expected', 'artifact digest', base.artifact.digest, other.artifact.digest),
    ...versionDifferences(base, other),
    ...differing('expected', 'gctune version', base.toolVersion, other.toolVersion),
    ...differing('drift', 'Go version', base.artifact.buildInfo.goVersion, other.artifact.buildInfo.goVersion),
    ...BUILD.flatMap((name) =>
      differing(
        'drift',
        `build: ${name}`,
        base.artifact.buildInfo.settings[name],
        other.artifact.buildInfo.settings[name],
      ),
    ),
    ...leafDifferences('services', base.services, other.services),
    ...leafDifferences('loads', base.loads, other.loads),
    ...differing('drift', 'runner', base.runner, other.runner),
    ...differing('drift', 'GOMAXPROCS', base.gomaxprocs, other.gomaxprocs),
    ...HOST.flatMap((name) => differing('drift', `host: ${name}`, base.environment[name], other.environment[name])),
    ...memory(base.environment['memoryBytes'], other.environment['memoryBytes']),
    ...leafDifferences('placement', base.placement, other.placement),
    ...settings(base, other),
  ];
}

/** Runs with further factors have several programs, each of which is compared with the same one of the other run. */
function versionDifferences(base: RunManifest, other: RunManifest): readonly Difference[] {
  const name = ({ factors }: Variant): string =>
    Object.entries(factors)
      .map((one) => one.join('='))
      .join(' ');
  return (base.variants ?? []).flatMap((variant) => {
    const twin = other.variants?.find((one) => name(one) === name(variant));
    if (twin === undefined) return [];
    const at = name(variant);
    return [
      ...(variant.artifact.digest === base.artifact.digest && twin.artifact.digest === other.artifact.digest
        ? []
        : differing('expected', `artifact digest (${at})`, variant.artifact.digest, twin.artifact.digest)),
      ...(variant.artifact.buildInfo.goVersion === base.artifact.buildInfo.goVersion
        ? []
        : differing(
            'drift',
            `Go version (${at})`,
            variant.artifact.buildInfo.goVersion,
            twin.artifact.buildInfo.goVersion,
          )),
      ...(variant.gomaxprocs === base.gomaxprocs
        ? []
        : differing('drift', `GOMAXPROCS (${at})`, variant.gomaxprocs, twin.gomaxprocs)),
    ];
  });
}

function settings(base: RunManifest, other: RunManifest): readonly Difference[] {
  const [one, two] = [base.experiment, other.experiment];
  const shared = Object.keys(one.workloads).filter((name) => Object.hasOwn(two.workloads, name));
  return [
    ...(['limits', 'phases', 'sampling', 'services'] as const).flatMap((name) =>
      leafDifferences(name, one[name], two[name]),
    ),
    ...leafDifferences('target.args', one.target.args, two.target.args),
    ...leafDifferences('target.env', one.target.env, two.target.env),
    ...shared.flatMap((name) => leafDifferences(`workloads.${name}`, one.workloads[name], two.workloads[name])),
  ];
}

/** Memory that differs by more than machines of one kind do. */
function memory(base: unknown, other: unknown): readonly Difference[] {
  const near =
    typeof base === 'number' &&
    typeof other === 'number' &&
    Math.abs(base - other) <= SAME_MEMORY * Math.max(base, other);
  return near ? [] : differing('drift', 'host: memoryBytes', base, other);
}

/** The leaves of two values of one shape that are not equal, each with its path. */
export function leafDifferences(path: string, base: unknown, other: unknown): readonly Difference[] {
  const isTree = (value: unknown): value is Readonly<Record<string, unknown>> =>
    typeof value === 'object' && value !== null;
  if (!isTree(base) && !isTree(other)) return differing('drift', path, base, other);
  const [one, two] = [isTree(base) ? base : {}, isTree(other) ? other : {}];
  const keys = new Set([...Object.keys(one), ...Object.keys(two)]);
  return [...keys].flatMap((key) => leafDifferences(`${path}.${key}`, one[key], two[key]));
}

function differing(kind: Difference['kind'], what: string, base: unknown, other: unknown): readonly Difference[] {
  const [one, two] = [written(base), written(other)];
  return one === two ? [] : [{ what, base: one, new: two, kind }];
}

function written(value: unknown): string {
  if (value === undefined || value === null) return 'not set';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
