import type { Problem } from './diagnose.ts';
import type { Gogc, Gomemlimit } from '../experiment.ts';
import { gogcInGo, gomemlimitInGo } from '../../go/settings.ts';
import { writeLevel } from '../plan/cell-selector.ts';
import { nearest } from '../../text/nearest.ts';
import { factorsOf } from '../file-matrix.ts';
import { usedWorkloads, type ReadSections } from '../sections.ts';
import { runsToItsEnd } from '../workloads/kinds.ts';
import { quote } from '../../units/units.ts';
import type { YamlSource } from './yaml-source.ts';

/** More trials than a machine runs in weeks; the plan is held in memory. */
export const MOST_TRIALS = 100_000;

/** The levels and the baseline: each one once, of something that exists, and none that endangers the machine. */
export function checkMatrix(file: ReadSections, source: YamlSource): Problem[] {
  return [
    ...levels(file, source),
    ...baseline(file),
    ...unboundedHeap(file),
    ...adaptiveBlocks(file),
    ...pilotLevels(file),
  ];
}

/** The levels that contrasts are against: as said, else Go's default, else the only one. */
export function baselineLevels({ matrix, baseline }: Required<Pick<ReadSections, 'matrix' | 'baseline'>>): {
  readonly gogc: Gogc;
  readonly gomemlimit: Gomemlimit;
} {
  const only = <T>(list: readonly T[] | undefined): T | undefined => (list?.length === 1 ? list[0] : undefined);
  return {
    gogc: baseline?.gogc ?? only(matrix?.gogc) ?? 100,
    gomemlimit: baseline?.gomemlimit ?? only(matrix?.gomemlimit) ?? 'off',
  };
}

function levels({ matrix, blocks, ...file }: ReadSections, source: YamlSource): Problem[] {
  if (matrix === undefined) return [];
  const names = Object.keys((source.value['workloads'] as object | null | undefined) ?? {});
  const problems: Problem[] = [];
  for (const factor of ['gogc', 'gomemlimit', 'workload'] as const) {
    const list: readonly (string | number)[] = matrix[factor] ?? [];
    for (const [index, level] of list.entries()) {
      const path = ['matrix', factor, index];
      if (list.indexOf(level) < index) {
        const shown = factor === 'workload' ? level : writeLevel(level as Gogc, factor);
        problems.push({
          code: 'duplicate-level',
          path,
          message: `${shown} is listed twice`,
          hint: 'remove one of the two',
        });
      }
      if (factor !== 'workload') problems.push(...oddlyWritten(path, source, factor));
      if (factor === 'workload' && file.workloads !== undefined && !names.includes(String(level))) {
        const meant = nearest(String(level), names);
        const hint = meant === undefined ? `known workloads: ${names.join(', ')}` : `did you mean ${meant}?`;
        problems.push({ code: 'unknown-workload', path, message: `there is no workload ${quote(level)}`, hint });
      }
    }
  }
  for (const factor of ['gogc', 'gomemlimit'] as const)
    problems.push(...oddlyWritten(['baseline', factor], source, factor));
  const trials =
    (matrix.gogc.length * matrix.gomemlimit.length + 1) *
    usedWorkloads({ matrix, ...file }).length *
    factorsOf({ matrix, ...file }).reduce((product, { levels: own }) => product * own.length, 1) *
    (typeof blocks === 'number' ? blocks : (blocks?.max ?? 1));
  if (trials > MOST_TRIALS) {
    const message = `the plan would have ${trials} trials`;
    problems.push({
      code: 'plan-too-large',
      path: ['matrix'],
      atKey: true,
      message,
      hint: `keep it under ${MOST_TRIALS}: fewer levels or blocks`,
    });
  }
  return problems;
}

/** YAML reads 1e2 and 0x64 as numbers; who writes them for GOGC or GOMEMLIMIT should know that Go does not. */
function oddlyWritten(path: (string | number)[], source: YamlSource, factor: 'gogc' | 'gomemlimit'): Problem[] {
  const written = source.writtenAt(path);
  if (written === undefined || written === '' || !Number.isInteger(Number(written))) return [];
  const readable = factor === 'gogc' ? gogcInGo(written).readable : gomemlimitInGo(written) !== undefined;
  if (readable) return [];
  const [name, consequence] =
    factor === 'gogc'
      ? ['GOGC', 'Go would silently use 100 for it']
      : ['GOMEMLIMIT', 'the Go program would crash at start'];
  const message = `${name} ${written} is not written in plain digits${Number(written) > 2 ** 53 ? ' of 64 bits' : ''}: ${consequence}`;
  const hint = Number(written) > 2 ** 53 ? 'write off' : `write ${Number(written)}`;
  return [{ code: `bad-${factor}`, path, message, hint }];
}

function baseline({ matrix, baseline: given }: ReadSections): Problem[] {
  if (matrix === undefined || given === undefined) return [];
  const wanted = baselineLevels({ matrix, baseline: given });
  const check = (factor: 'gogc' | 'gomemlimit', list: readonly (Gogc | Gomemlimit)[]): Problem[] => {
    if (list.includes(wanted[factor])) return [];
    const shown = writeLevel(wanted[factor], factor);
    const first = list[0] === undefined ? 'off' : writeLevel(list[0], factor);
    const said = given[factor] !== undefined;
    return [
      {
        code: 'baseline-not-in-matrix',
        path: said ? ['baseline', factor] : ['matrix', factor],
        atKey: !said,
        message: `the baseline ${factor}=${shown}${said ? '' : ' (the default)'} is not one of matrix.${factor}: ${list.map((level) => writeLevel(level, factor)).join(', ')}`,
        hint: `add ${shown} to matrix.${factor}, or write baseline: {${factor}: ${first}}`,
      },
    ];
  };
  return [...check('gogc', matrix.gogc), ...check('gomemlimit', matrix.gomemlimit)];
}

/** A cost model needs two levels of GOGC; `off` has no place on it. */
function pilotLevels({ matrix }: ReadSections): Problem[] {
  if (matrix?.levels !== 'auto' || matrix.gogc.filter((level) => level !== 'off').length >= 2) return [];
  return [
    {
      code: 'too-few-levels',
      path: ['matrix', 'levels'],
      message: 'levels: auto needs at least two numbers in matrix.gogc, at which its pilot runs',
      hint: 'write gogc: [25, 100, 400]',
    },
  ];
}

/** A run cannot have more blocks at least than at most. */
function adaptiveBlocks({ blocks }: ReadSections): Problem[] {
  if (typeof blocks !== 'object' || blocks.min <= blocks.max) return [];
  return [
    {
      code: 'bad-blocks',
      path: ['blocks', 'min'],
      message: `blocks.min (${blocks.min}) is larger than blocks.max (${blocks.max})`,
      hint: 'make blocks.max at least as large as blocks.min',
    },
  ];
}

/** Without any limit a daemon that never collects takes all memory of the machine; a batch command ends before. */
function unboundedHeap(file: ReadSections): Problem[] {
  const { matrix, limits } = file;
  if (matrix === undefined || limits === undefined || limits.memoryBytes !== undefined || matrix.memory !== undefined)
    return [];
  const index = matrix.gogc.indexOf('off');
  const daemon = usedWorkloads(file).some((name) => {
    const spec = file.workloads?.[name];
    return spec !== undefined && !runsToItsEnd(spec);
  });
  if (index < 0 || !daemon || !matrix.gomemlimit.includes('off')) return [];
  const message =
    'with GOGC off and neither a GOMEMLIMIT nor a memory limit the heap grows until the machine has no memory left';
  return [{ code: 'unbounded-heap', path: ['matrix', 'gogc', index], message, hint: 'add limits: {memory: 512MiB}' }];
}
