import type { Factor } from '../factors.ts';
import { factorsOf, matrixOf } from '../file-matrix.ts';
import { combinationCount, selectorProblem } from '../plan/cell-selector.ts';
import { makeCells } from '../plan/make-plan.ts';
import { holdsSecret, withoutVariables } from '../secrets/secrets.ts';
import { isSimulated, usedWorkloads, type ReadSections } from '../sections.ts';
import { runsToItsEnd } from '../workloads/kinds.ts';
import { nearest } from '../../text/nearest.ts';
import { quote } from '../../units/units.ts';
import { baselineLevels, MOST_TRIALS } from './check-matrix.ts';
import type { Problem } from './diagnose.ts';
import type { YamlSource } from './yaml-source.ts';

/** Levels that mean nothing, or that the experiment sets otherwise, and a fraction that leaves nothing to compare. */
export function checkFactors(file: ReadSections, source: YamlSource): Problem[] {
  const factors = factorsOf(file);
  const problems = [
    ...duplicates(factors),
    ...baselines(factors, file),
    ...versions(file),
    ...canaries(factors, file),
    ...toolchains(file),
    ...setElsewhere(file, source),
    ...variables(file),
    ...flags(factors, file),
  ];
  return problems.length > 0 ? problems : fraction(factors, file);
}

function duplicates(factors: readonly Factor[]): Problem[] {
  return factors.flatMap(({ name, levels }) =>
    levels.flatMap((level, index) => {
      if (levels.indexOf(level) === index) return [];
      const message = `${level} is listed twice`;
      return [{ code: 'duplicate-level', path: ['matrix', name, index], message, hint: 'remove one of the two' }];
    }),
  );
}

function baselines(factors: readonly Factor[], { matrix, baseline: given, target }: ReadSections): Problem[] {
  if (matrix === undefined || given === undefined) return [];
  const missing = factors
    .filter(({ levels, baseline }) => !levels.includes(baseline))
    .map(({ name, levels, baseline }) => ({
      code: 'baseline-not-in-matrix',
      path: ['baseline', name],
      message: `the baseline ${name}=${baseline} is not one of matrix.${name}: ${levels.join(', ')}`,
      hint: `add ${baseline} to matrix.${name}, or write baseline: {${name}: ${levels[0]}}`,
    }));
  const { free, gogc: _, gomemlimit: __, ...named } = given;
  // Versions of a target that could not be read are a factor too.
  const known = new Set([...factors.map(({ name }) => name), ...(target === undefined ? ['version'] : [])]);
  const idle = Object.entries({ ...named, ...free })
    .filter(([name, level]) => level !== undefined && !known.has(name))
    .map(([name]) => ({
      code: 'unknown-factor',
      path: ['baseline', name],
      atKey: true,
      message: `matrix has no ${name}`,
      hint: `list its levels under matrix.${name}, or remove it here`,
    }));
  return [...missing, ...idle];
}

function canaries(factors: readonly Factor[], { canary, target, matrix }: ReadSections): Problem[] {
  if (canary === undefined || target === undefined || matrix === undefined) return [];
  const levels = factors.find(({ name }) => name === 'version')?.levels ?? [];
  const path = ['canary'];
  if (!levels.includes(canary)) {
    const message = `no cell runs a version ${quote(canary)}`;
    const meant = nearest(canary, levels);
    const hint =
      levels.length === 0
        ? 'list it under target.versions, together with the version that is watched'
        : meant === undefined
          ? `these versions run: ${levels.join(', ')}`
          : `did you mean ${meant}?`;
    return [{ code: 'unknown-version', path, message, hint }];
  }
  if (levels.length > 1) return [];
  const message = `${quote(canary)} is the only version: there is nothing to hold to it`;
  return [{ code: 'only-canary', path, message, hint: 'add the version that is watched to target.versions' }];
}

function versions({ matrix, target }: ReadSections): Problem[] {
  if (matrix?.version === undefined || target === undefined) return [];
  const names = Object.keys(target.versions ?? {});
  if (names.length === 0) {
    const message = 'the target has no versions';
    const hint = 'write the programs under target.versions, by name: {old: {module: …}, new: {module: …}}';
    return [{ code: 'unknown-version', path: ['matrix', 'version'], atKey: true, message, hint }];
  }
  return matrix.version.flatMap((level, index) => {
    if (names.includes(level)) return [];
    const meant = nearest(level, names);
    const hint = meant === undefined ? `known versions: ${names.join(', ')}` : `did you mean ${meant}?`;
    const message = `there is no version ${quote(level)}`;
    return [{ code: 'unknown-version', path: ['matrix', 'version', index], message, hint }];
  });
}

/** Only what gctune builds has a toolchain that can be chosen. */
function toolchains({ matrix, target }: ReadSections): Problem[] {
  if (matrix?.toolchain === undefined || target === undefined) return [];
  const sources = target.versions === undefined ? [target] : Object.values(target.versions);
  if (sources.every((one) => one.package !== undefined || one.module !== undefined)) return [];
  const message = 'only a package or a module is built here, so that nothing else has a Go toolchain to choose';
  const hint =
    'give the target as package or module; or build one program with each and list them under target.versions';
  return [{ code: 'wrong-target', path: ['matrix', 'toolchain'], atKey: true, message, hint }];
}

/** What is a factor is said for each cell, and cannot be said for all of them as well. */
function setElsewhere({ matrix }: ReadSections, { value }: YamlSource): Problem[] {
  if (matrix === undefined) return [];
  const at = (path: readonly string[]): unknown =>
    path.reduce<unknown>((inside, key) => (inside as Record<string, unknown> | null | undefined)?.[key], value);
  const places: readonly (readonly [string, readonly string[]])[] = [
    ...(matrix.gomaxprocs === undefined ? [] : [['gomaxprocs', ['gomaxprocs']] as const]),
    ...(matrix.cpus === undefined ? [] : [['cpus', ['limits', 'cpus']] as const]),
    ...(matrix.memory === undefined ? [] : [['memory', ['limits', 'memory']] as const]),
    ...Object.keys(matrix.free)
      .filter((name) => name.startsWith('env.'))
      .map((name) => [name, ['target', 'env', name.slice(4)]] as const),
  ];
  return places.flatMap(([name, path]) => {
    if (at(path) === undefined) return [];
    const message = `matrix.${name} sets it for each cell`;
    return [{ code: 'set-twice', path, atKey: true, message, hint: 'keep one of the two' }];
  });
}

const OWN_VARIABLES: ReadonlyMap<string, string> = new Map([
  ['env.GOGC', 'list its values under matrix.gogc'],
  ['env.GOMEMLIMIT', 'list its values under matrix.gomemlimit'],
  ['env.GOMAXPROCS', 'list its values under matrix.gomaxprocs'],
]);

function variables({ matrix, target }: ReadSections): Problem[] {
  if (matrix === undefined) return [];
  return Object.entries(matrix.free).flatMap(([name, levels]): Problem[] => {
    const path = ['matrix', name];
    const own = OWN_VARIABLES.get(name);
    if (own !== undefined)
      return [{ code: 'reserved-variable', path, atKey: true, message: 'the experiment sets it', hint: own }];
    if (target !== undefined && isSimulated(target)) {
      const message = `${name} needs a program, and there is none for a simulated target`;
      return [{ code: 'not-simulated', path, atKey: true, message, hint: 'remove it' }];
    }
    if (!levels.some((level) => holdsSecret(name.replace(/^(?:env|args)\./, ''), level))) return [];
    const message = 'a level looks like a secret, and levels are shown in every report';
    return [{ code: 'secret-level', path, atKey: true, message, hint: 'compare versions of the target, or rename it' }];
  });
}

/** Placeholders of flags that are no factor, and flags that no place is left for. */
function flags(factors: readonly Factor[], { target, ...file }: ReadSections): Problem[] {
  if (target === undefined) return [];
  const places = [
    ...target.args.map((text, index) => ({ text, path: ['target', 'args', index] })),
    ...Object.entries(target.env).map(([name, value]) => ({
      text: withoutVariables(value),
      path: ['target', 'env', name],
    })),
  ];
  const used = places.flatMap(({ text, path }) =>
    [...text.matchAll(/\{(args\.[^{}]*)\}/g)].map(([, name = '']) => ({ name, path })),
  );
  const known = new Set(factors.map(({ name }) => name));
  const unknown = used
    .filter(({ name }) => !known.has(name))
    .map(({ name, path }) => ({
      code: 'unknown-factor',
      path,
      message: `the matrix has no ${name}`,
      hint: `list its levels: matrix: {${name}: [a, b]}`,
    }));
  const batch = usedWorkloads({ target, ...file }).some((name) => runsToItsEnd(file.workloads?.[name]));
  const appended = factors
    .filter(({ name }) => batch && name.startsWith('args.') && !used.some((one) => one.name === name))
    .map(({ name }) => ({
      code: 'no-place-for-flag',
      path: ['matrix', name],
      atKey: true,
      message: 'it would stand before the arguments of the batch command',
      hint: `write {${name}} in target.args where it belongs`,
    }));
  return [...unknown, ...appended];
}

/** `include` and `exclude`: of factors that there are, and with a baseline left in every stratum. */
function fraction(factors: readonly Factor[], file: ReadSections): Problem[] {
  const { matrix, blocks, target } = file;
  if (matrix === undefined || file.baseline === undefined || blocks === undefined || target === undefined) return [];
  const { include, exclude } = matrix;
  if (include === undefined && exclude === undefined) return [];
  const whole = matrixOf({ ...file, matrix });
  const unknown = (['include', 'exclude'] as const).flatMap((list) =>
    (matrix[list] ?? []).flatMap((selector, index) => {
      const wrong = selectorProblem(selector, whole);
      return wrong === undefined
        ? []
        : [{ code: 'no-such-cell', path: ['matrix', list, index], message: wrong.problem, hint: wrong.hint }];
    }),
  );
  if (unknown.length > 0 || combinationCount(whole) > MOST_TRIALS) return unknown;
  const baseline = baselineLevels({ matrix, baseline: file.baseline });
  const cells = makeCells({ matrix: whole, baseline });
  const place = { path: ['matrix', include === undefined ? 'exclude' : 'include'], atKey: true };
  if (cells.length === 0)
    return [{ code: 'no-cells', ...place, message: 'no combination is left', hint: 'leave at least the baseline' }];
  const strata = Map.groupBy(cells, ({ levels }) => JSON.stringify([levels.workload, levels.factors]));
  const lacking = [...strata.values()].find((own) => !own.some((cell) => cell.baseline))?.[0];
  if (lacking === undefined) return [];
  const message = `the baseline of ${lacking.id} is left out, so that there is nothing to compare it with`;
  const hint = `keep gogc=${baseline.gogc} (and gomemlimit=${baseline.gomemlimit}) wherever other settings are kept`;
  return [{ code: 'no-baseline', ...place, message, hint }];
}
