import { checkFactors } from './check-factors.ts';
import { checkMatrix } from './check-matrix.ts';
import { checkPhases } from './check-phases.ts';
import { checkServices } from './check-services.ts';
import { checkTarget } from './check-target.ts';
import { checkWorkloads } from './check-workloads.ts';
import type { Problem } from './diagnose.ts';
import type { ReadSections } from '../sections.ts';
import type { YamlSource } from './yaml-source.ts';

/** Everything that is well written and still cannot be meant: names of nothing, levels twice, parts that do not fit together. */
export function checkMeaning(file: ReadSections, source: YamlSource): Problem[] {
  return [
    ...checkTarget(file, source),
    ...checkServices(file),
    ...checkMatrix(file, source),
    ...checkFactors(file, source),
    ...checkWorkloads(file),
    ...checkPhases(file, source),
  ];
}
