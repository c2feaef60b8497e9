import type { Matrix } from './experiment.ts';
import { NAMED_FACTORS, type Factor } from './factors.ts';
import { usedWorkloads, type ReadSections } from './sections.ts';

/** The factors beside GOGC, GOMEMLIMIT and the workload: those with a name of their own first, then in the order of the file. Versions are a factor wherever there are any. */
export function factorsOf({ matrix, baseline, target }: ReadSections): readonly Factor[] {
  if (matrix === undefined) return [];
  const versions = target?.versions && Object.keys(target.versions);
  const lists: readonly (readonly [string, readonly string[] | undefined])[] = [
    ...NAMED_FACTORS.map((name) => [name, matrix[name] ?? (name === 'version' ? versions : undefined)] as const),
    ...Object.entries(matrix.free),
  ];
  const { free, ...named } = baseline ?? { free: {} };
  const baselines: Readonly<Record<string, string | number | undefined>> = { ...named, ...free };
  return lists.flatMap(([name, levels]) => {
    const first = levels?.[0];
    if (levels === undefined || first === undefined) return [];
    return [{ name, levels, baseline: String(baselines[name] ?? first) }];
  });
}

/** The matrix of a file. */
export function matrixOf(file: ReadSections & { readonly matrix: NonNullable<ReadSections['matrix']> }): Matrix {
  const { gogc, gomemlimit, levels, include, exclude } = file.matrix;
  const factors = factorsOf(file);
  return {
    gogc,
    gomemlimit,
    workload: usedWorkloads(file),
    ...(factors.length === 0 ? {} : { factors }),
    ...(include === undefined ? {} : { include }),
    ...(exclude === undefined ? {} : { exclude }),
    ...(levels === 'auto' ? { auto: true } : {}),
  };
}
