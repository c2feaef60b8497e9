import type { AssertedBound, Assertion, AssertionLevel } from './assertion.ts';
import { readBound, type ReadBound } from './bound.ts';
import { fitsSelector, selectorProblem, writeLevel } from '../plan/cell-selector.ts';
import type { Experiment, Matrix } from '../experiment.ts';
import { makeCells } from '../plan/make-plan.ts';
import { METRICS, type MetricId } from '../../metrics/metrics.ts';
import { kindsWith, type WorkloadKind } from '../workloads/kinds.ts';
import { quote } from '../../units/units.ts';

/** An assertion as it is written, its metric known already. */
export interface WrittenAssertion {
  readonly metric: MetricId;
  readonly cell?: string | undefined;
  readonly against?: 'baseline' | undefined;
  readonly min?: string | undefined;
  readonly max?: string | undefined;
  readonly level: AssertionLevel;
}

/** The cells that assertions may be about. */
export interface AssertionScope {
  readonly matrix: Matrix;
  readonly baseline: Experiment['baseline'];
  readonly kinds: Readonly<Record<string, WorkloadKind | undefined>>;
}

/** What is wrong with an assertion, and with which of its keys; undefined: with the whole of it. */
export interface AssertionProblem {
  readonly code: string;
  readonly key: keyof WrittenAssertion | undefined;
  readonly message: string;
  readonly hint: string;
}

/** The scope of an experiment that has been read. */
export function scopeOf({
  matrix,
  baseline,
  workloads,
}: Pick<Experiment, 'matrix' | 'baseline' | 'workloads'>): AssertionScope {
  return {
    matrix,
    baseline,
    kinds: Object.fromEntries(Object.entries(workloads).map(([name, { kind }]) => [name, kind])),
  };
}

/** What an assertion means, or everything that is wrong with it. Without a scope its cells are not looked at. */
export function readAssertion(
  written: WrittenAssertion,
  scope: AssertionScope | undefined,
): { readonly assertion: Assertion } | { readonly problems: readonly AssertionProblem[] } {
  const { metric, cell, against, level } = written;
  const problems: AssertionProblem[] = [];
  const bound = (key: 'min' | 'max'): (ReadBound & AssertedBound) | undefined => {
    const text = written[key];
    if (text === undefined) return undefined;
    const parsed = readBound(text, metric, against);
    if ('value' in parsed) return { ...parsed.value, written: text };
    problems.push({ code: 'bad-bound', key, message: parsed.problem, hint: parsed.hint });
    return undefined;
  };
  const [min, max] = [bound('min'), bound('max')];
  problems.push(...boundProblems(written, min, max));
  if (scope !== undefined) problems.push(...cellProblems(written, scope));
  if (problems.length > 0) return { problems };
  const asserted = (one: AssertedBound | undefined): AssertedBound | undefined =>
    one && { value: one.value, written: one.written };
  const kind = (max ?? min)?.kind ?? 'level';
  return { assertion: { metric, cell, kind, min: asserted(min), max: asserted(max), level } };
}

function boundProblems(
  written: WrittenAssertion,
  min: (ReadBound & AssertedBound) | undefined,
  max: (ReadBound & AssertedBound) | undefined,
): AssertionProblem[] {
  if (written.min === undefined && written.max === undefined) {
    const message = 'one of the keys min or max is missing';
    return [{ code: 'missing-key', key: undefined, message, hint: 'add one of them, or both' }];
  }
  if (min === undefined || max === undefined) return [];
  if (min.kind !== max.kind) {
    const message = `${quote(max.written)} and ${quote(min.written)} cannot be combined: one is relative`;
    return [{ code: 'bad-bound', key: 'max', message, hint: 'give both as percentages, or neither' }];
  }
  if (min.value <= max.value) return [];
  const message = `at least ${min.written} and at most ${max.written} contradict each other`;
  return [{ code: 'bad-bound', key: 'min', message, hint: 'make max at least as large as min' }];
}

function cellProblems({ metric, cell, against }: WrittenAssertion, scope: AssertionScope): AssertionProblem[] {
  const { matrix, baseline, kinds } = scope;
  const wrong = cell === undefined ? undefined : selectorProblem(cell, matrix);
  if (wrong !== undefined) return [{ code: 'no-such-cell', key: 'cell', message: wrong.problem, hint: wrong.hint }];
  const cells = makeCells({ matrix, baseline })
    .filter(({ role }) => role === 'level')
    .map(({ levels }) => levels)
    .filter((levels) => cell === undefined || fitsSelector(levels, cell));
  const others = cells.filter((one) => one.gogc !== baseline.gogc || one.gomemlimit !== baseline.gomemlimit);
  if (against !== undefined && others.length === 0) {
    const base = writeLevel(baseline.gogc, 'gogc');
    const message = `this selects only the baseline, gogc=${base}, which cannot be compared with itself`;
    return [{ code: 'no-such-cell', key: 'against', message, hint: 'name another cell, or remove against' }];
  }
  const known = kindsWith(metric);
  const lacking = [...new Set(cells.map(({ workload }) => workload))].filter((name) => {
    const kind = kinds[name];
    return kind !== undefined && !known.includes(kind);
  });
  if (lacking.length === 0) return [];
  const measured = matrix.workload.filter((name) => !lacking.includes(name));
  return [
    {
      code: 'metric-not-measured',
      key: 'metric',
      message: `${metric} (${METRICS[metric].label}) is not measured for ${kinds[lacking[0] ?? '']} workloads such as ${lacking[0]}`,
      hint:
        measured.length === 0
          ? 'choose another metric; gctune help metrics lists them'
          : `name cells of other workloads, e.g. cell: workload=${measured[0]}`,
    },
  ];
}
