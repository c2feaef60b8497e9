import { experimentAt, type FactorLevels } from '../experiment/factors.ts';
import type { Experiment, Levels } from '../experiment/experiment.ts';
import { makeCells } from '../experiment/plan/make-plan.ts';
import type { Warning } from '../metrics/warning.ts';
import type { RunManifest } from '../results/format.ts';
import type { ObtainContext, Runner } from '../runner/runner.ts';
import type { Artifact } from '../target/artifact.ts';
import { place, placeInPod, type Placement } from './placement.ts';

/** What the cells of one combination of levels of the further factors run, and where; without such factors there is one. */
export interface TargetVariant {
  readonly factors: FactorLevels;
  /** As it is for these cells. */
  readonly experiment: Experiment;
  readonly artifact: Artifact;
  readonly placement: Placement;
}

/** The variants of an experiment, that of the baseline first. */
export interface TargetVariants {
  readonly all: readonly [TargetVariant, ...TargetVariant[]];
  readonly warnings: readonly Warning[];
  /** The variant that a cell runs. */
  of(levels: Levels): TargetVariant;
}

/** Builds or finds every program that the cells need, each once, and places them. Throws UserError and EnvironmentError. */
export async function makeVariants(
  experiment: Experiment,
  allowed: readonly number[],
  runner: Runner,
  context: ObtainContext,
): Promise<TargetVariants> {
  const obtained = new Map<string, Artifact>();
  const warnings = new Map<string, Warning>();
  const found = new Map<string, TargetVariant>();
  const { factors = [] } = experiment.matrix;
  const base: FactorLevels = Object.fromEntries(factors.map(({ name, baseline }) => [name, baseline]));
  const cells = makeCells(experiment).map(({ levels }) => levels.factors ?? {});
  for (const levels of [base, ...cells]) {
    const key = keyOf(levels);
    if (found.has(key)) continue;
    const own = experimentAt(experiment, { factors: levels });
    const placement = runner.name === 'sidecar' ? placeInPod(own) : place(own, allowed);
    for (const warning of [...placement.warnings, ...(await runner.admit(own.limits, placement.cpus.target))])
      warnings.set(JSON.stringify([warning.code, warning.message]), warning);
    const { source, toolchain } = own.target;
    if (source.kind === 'simulated') throw new Error('a version of a real target is a model');
    const program = JSON.stringify([source, toolchain]);
    const artifact = obtained.get(program) ?? (await runner.obtain(source, { ...context, toolchain }));
    obtained.set(program, artifact);
    found.set(key, { factors: levels, experiment: own, artifact, placement });
  }
  const of = ({ factors: levels = {} }: Pick<Levels, 'factors'>): TargetVariant => {
    const variant = found.get(keyOf(levels));
    if (variant === undefined) throw new Error(`no variant was made for ${keyOf(levels)}`);
    return variant;
  };
  const [, ...others] = found.values();
  return { all: [of({ factors: base }), ...others], warnings: [...warnings.values()], of };
}

/** What a manifest says of the variants; nothing where the matrix has no further factor. */
export function variantFacts({ matrix }: Experiment, { all }: TargetVariants): Pick<RunManifest, 'variants'> {
  if (matrix.factors === undefined) return {};
  return {
    variants: all.map(({ factors, artifact, placement }) => ({
      factors,
      artifact: { digest: artifact.digest, description: artifact.description, buildInfo: artifact.buildInfo },
      placement: placement.cpus,
      gomaxprocs: placement.gomaxprocs,
    })),
  };
}

function keyOf(levels: FactorLevels): string {
  return Object.entries(levels)
    .map((one) => one.join('='))
    .join(' ');
}
