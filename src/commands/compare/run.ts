import { basename, resolve } from 'node:path';
import type { Analysis } from '../../analysis/analysis.ts';
import { compareRuns } from '../../analysis/compare/compare-runs.ts';
import type { RunComparison } from '../../analysis/compare/run-comparison.ts';
import { ExitCode, UserError } from '../../errors.ts';
import { nearest } from '../../text/nearest.ts';
import { quote, SHARE_SYNTAX } from '../../units/units.ts';
import { shellWord } from '../../text/quoted.ts';
import { comparisonBrief } from '../../report/compare/compare-brief.ts';
import { comparisonCsv } from '../../report/compare/compare-csv.ts';
import { comparisonJson, factorJson } from '../../report/compare/compare-json.ts';
import { comparisonDocument } from '../../report/compare/compare-document.ts';
import { comparisonGithub } from '../../report/compare/compare-github.ts';
import { comparisonJunit } from '../../report/compare/compare-junit.ts';
import { listRuns } from '../../results/run-folder.ts';
import { compareFactor } from './by-factor.ts';
import type { Io } from '../../cli/io.ts';
import { namedRun } from '../../session/file-kind.ts';
import { printGithub } from '../../session/print-github.ts';
import { analyseRun } from '../../session/report-run.ts';
import { formOf, writtenBrief, writtenDocument, type DocumentFormat } from '../../session/written-document.ts';

/** What `gctune compare` is called with. */
export interface CompareValues {
  readonly run: readonly string[];
  readonly baseline: string | undefined;
  readonly results: string;
  readonly by: string | undefined;
  readonly margin: string;
  readonly 'accept-drift': boolean;
  readonly 'fail-on': 'never' | 'regression';
  readonly format: DocumentFormat | 'brief' | 'csv' | 'json' | 'junit' | 'github';
  readonly verbose: boolean;
  readonly all: boolean;
  readonly json: boolean;
}

/** Prints two runs side by side; where asked to, a primary metric that became worse ends with `assertion`. */
export async function compareTwoRuns(values: CompareValues, io: Io): Promise<ExitCode> {
  const margin = SHARE_SYNTAX.parse(values.margin);
  if ('problem' in margin) {
    throw new UserError({ code: 'bad-value', message: margin.problem, at: '--margin', hint: margin.hint });
  }
  if (values.by !== undefined) return compareLevels(values, values.by, margin.value, io);
  const { base, other } = await foldersOf(values, io);
  const analyses = [await analyseRun(base), await analyseRun(other)] as const;
  refuseMixture(...analyses);
  const comparison = compareRuns(...analyses, { margin: margin.value });
  if (!values['accept-drift']) refuseDrift(comparison);
  await print([comparison], comparisonJson(comparison), values, io);
  return codeOf([comparison], values);
}

/** Prints what `--by` asks for of one run. */
async function compareLevels(values: CompareValues, by: string, margin: number, io: Io): Promise<ExitCode> {
  const [run, ...others] = values.run;
  if (run === undefined || others.length > 0 || values.baseline !== undefined) {
    throw new UserError({
      code: 'bad-combination',
      message: '--by compares the levels of a factor of one run',
      at: '--by',
      hint: 'give one run, and no --baseline',
    });
  }
  const found = compareFactor(await analyseRun(namedRun(run, io.cwd, 'report', '<run>')), by, margin);
  await print(found.comparisons, factorJson(found), values, io);
  return codeOf(found.comparisons, values);
}

function codeOf(comparisons: readonly RunComparison[], values: CompareValues): ExitCode {
  const primaries = comparisons.flatMap(({ cells }) =>
    cells.flatMap(({ metrics }) => metrics.filter(({ family }) => family === 'primary')),
  );
  if (primaries.every(({ verdict }) => verdict === 'not-comparable')) return ExitCode.noUsableResult;
  const worse = primaries.some(({ verdict }) => verdict === 'worse');
  return values['fail-on'] === 'regression' && worse ? ExitCode.assertion : ExitCode.ok;
}

async function print(
  comparisons: readonly RunComparison[],
  asJson: string,
  values: CompareValues,
  io: Io,
): Promise<void> {
  const format = formOf(values);
  switch (format) {
    case 'brief':
      return io.stdout.write(
        writtenBrief(comparisonBrief(comparisons), [{ name: 'Next', text: wholeCommand(values) }], 'never', io),
      );
    case 'json':
      return io.stdout.write(asJson);
    case 'csv':
      return io.stdout.write(comparisonCsv(comparisons));
    case 'junit':
      return io.stdout.write(comparisonJunit(comparisons));
    case 'github':
      return printGithub(comparisonGithub(comparisons), io);
    default: {
      const document = comparisons.flatMap((comparison) => comparisonDocument(comparison, values.all));
      return io.stdout.write(writtenDocument(document, { format, title: 'Comparison' }, io));
    }
  }
}

/** The command that prints all of the answer. */
function wholeCommand({ run, baseline, results, by, margin, 'accept-drift': drift }: CompareValues): string {
  const flags = [
    ...(baseline === undefined ? [] : ['--baseline', baseline]),
    ...(results === 'results' ? [] : ['--results', results]),
    ...(by === undefined ? [] : ['--by', by]),
    ...(margin === '0%' ? [] : ['--margin', margin]),
    ...(drift ? ['--accept-drift'] : []),
  ].map((word) => (word.startsWith('--') ? word : shellWord(word)));
  return ['gctune compare', ...run.map(shellWord), ...flags, '--verbose'].join(' ');
}

/** What was measured and what was made up are never set side by side, whatever is accepted. */
function refuseMixture(base: Analysis, other: Analysis): void {
  const simulated = [base, other].filter(({ run }) => run.runner === 'simulated');
  if (simulated.length !== 1) return;
  throw new UserError({
    code: 'simulated-and-real',
    message: `${simulated[0]?.run.id} is simulated and the other run is not: their values cannot be compared`,
    hint: 'compare two simulated runs, or two real ones',
  });
}

/** What should have been equal and is not: every one of them at once. */
function refuseDrift({ differences }: RunComparison): void {
  const drift = differences.filter(({ kind }) => kind === 'drift');
  if (drift.length === 0) return;
  throw new UserError(
    drift.map(({ what, base, new: other }, i) => ({
      code: 'drift',
      message: `the runs differ in more than the daemon: ${what} is ${quote(base)} in the base and ${quote(other)} in the new run`,
      ...(i === drift.length - 1
        ? { hint: 'repeat one of them under the same conditions, or give --accept-drift' }
        : {}),
    })),
  );
}

async function foldersOf(
  { run, baseline, results }: CompareValues,
  io: Io,
): Promise<{ readonly base: string; readonly other: string }> {
  const expected = baseline === undefined ? 2 : 1;
  if (run.length !== expected) {
    throw new UserError({
      code: 'bad-combination',
      message: `${run.length} ${run.length === 1 ? 'folder was' : 'folders were'} given`,
      hint:
        baseline === undefined
          ? 'give the base and the new run, or the new one and --baseline NAME'
          : 'with --baseline give only the new run',
    });
  }
  const folders = run.map((path) => namedRun(path, io.cwd, 'report', '<run>'));
  const other = folders.at(-1) ?? '';
  const base =
    baseline === undefined ? (folders[0] ?? '') : await namedBaseline(baseline, resolve(io.cwd, results), other);
  if (base === other) {
    throw new UserError({
      code: 'same-run',
      message: `${quote(run.at(-1) ?? '')} cannot be compared with itself`,
      hint: 'the A/A cell in gctune report shows its own noise',
    });
  }
  return { base, other };
}

/** The run of this folder name, else the newest other one of the experiment of this name. */
async function namedBaseline(name: string, root: string, other: string): Promise<string> {
  const runs = (await listRuns(root)).filter(({ folder }) => resolve(folder) !== other);
  const byFolder = runs.find(({ folder }) => basename(folder) === name);
  if (byFolder !== undefined) return byFolder.folder;
  const experiments = runs.map(({ run }) => run?.manifest.experiment.name);
  const newest = runs[experiments.lastIndexOf(name)];
  if (newest !== undefined) return newest.folder;
  const known = [
    ...new Set([...experiments.filter((one) => one !== undefined), ...runs.map((run) => basename(run.folder))]),
  ];
  const meant = nearest(name, known);
  throw new UserError({
    code: 'no-such-baseline',
    message: `no other run or experiment is named ${quote(name)}`,
    at: '--baseline',
    hint: meant === undefined ? 'gctune list shows the runs; --results says where they are' : `did you mean ${meant}?`,
  });
}
