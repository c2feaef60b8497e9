import { resolve } from 'node:path';
import type { Analysis } from '../../analysis/analysis.ts';
import { hasErrors, type AssertionReport } from '../../analysis/assert/assertion-report.ts';
import { evaluateAssertions } from '../../analysis/assert/evaluate-assertions.ts';
import { ExitCode, UserError } from '../../errors.ts';
import type { Assertion } from '../../experiment/assert/assertion.ts';
import type { Experiment } from '../../experiment/experiment.ts';
import { parseAssertions } from '../../experiment/assert/parse-assertions.ts';
import { scopeOf } from '../../experiment/assert/read-assertion.ts';
import { assertionBrief, blocksToAssert } from '../../report/assert/assert-brief.ts';
import type { BriefFoot } from '../../report/brief/brief.ts';
import { runAgain } from '../../report/words.ts';
import { shellWord } from '../../text/quoted.ts';
import { assertionJson } from '../../report/assert/assert-json.ts';
import { assertionDocument } from '../../report/assert/assert-document.ts';
import { assertionGithub } from '../../report/assert/assert-github.ts';
import { assertionJunit } from '../../report/assert/assert-junit.ts';
import { assertionsThat } from './assert-that.ts';
import { BadExperiment } from '../../experiment/bad-experiment.ts';
import type { Io } from '../../cli/io.ts';
import { namedRun, otherKind } from '../../session/file-kind.ts';
import { readInputFile } from '../../session/input-file.ts';
import { LIMIT_BYTES, shownPath } from '../../session/load-experiment.ts';
import { printGithub } from '../../session/print-github.ts';
import { analyseRun } from '../../session/report-run.ts';
import { formOf, writtenBrief, writtenDocument, type DocumentFormat } from '../../session/written-document.ts';

/** What `gctune assert` is called with. */
export interface AssertValues {
  readonly run: string;
  readonly that: readonly string[] | undefined;
  readonly file: string | undefined;
  readonly strict: boolean;
  readonly format: DocumentFormat | 'brief' | 'json' | 'junit' | 'github';
  readonly verbose: boolean;
  readonly json: boolean;
}

/** Holds a run to its experiment's assertions, or to those of the flags; ends with `assertion` where one of them is not kept. */
export async function assertRun(values: AssertValues, io: Io): Promise<ExitCode> {
  const { run, workloads } = await analyseRun(namedRun(values.run, io.cwd, 'assert', '<run>'));
  const report = evaluateAssertions(await assertionsOf(run.experiment, values, io), workloads, {
    strict: values.strict,
    confidence: run.experiment.confidence,
  });
  await print(run, report, values, io);
  return hasErrors(report) ? ExitCode.assertion : ExitCode.ok;
}

async function assertionsOf(experiment: Experiment, values: AssertValues, io: Io): Promise<readonly Assertion[]> {
  const { that = [], file } = values;
  const scope = scopeOf(experiment);
  if (that.length === 0 && file === undefined) {
    if (experiment.assert !== undefined) return experiment.assert;
    throw new UserError({
      code: 'nothing-asserted',
      message: `the experiment of ${values.run} asserts nothing`,
      hint: 'give --file with a list assert, or --that "memory.anon <= 40MiB"',
    });
  }
  const given = assertionsThat(that, scope);
  if (file === undefined) return given;
  const bytes = await readInputFile(file, { limitBytes: LIMIT_BYTES, expected: 'assertions', at: '--file' }, io);
  const text = bytes.toString('utf8');
  const parsed = parseAssertions(text, shownPath(resolve(io.cwd, file), io.cwd), scope);
  if ('diagnostics' in parsed)
    throw otherKind(bytes, file, 'assertions', '--file') ?? new BadExperiment(parsed.diagnostics, text);
  return [...parsed.assertions, ...given];
}

async function print(asserted: Analysis['run'], report: AssertionReport, values: AssertValues, io: Io): Promise<void> {
  const { id } = asserted;
  const format = formOf(values);
  switch (format) {
    case 'json':
      return io.stdout.write(assertionJson(id, report));
    case 'junit':
      return io.stdout.write(assertionJunit(asserted, report));
    case 'github':
      return printGithub(assertionGithub(asserted, report), io);
    case 'brief':
      return io.stdout.write(writtenBrief(assertionBrief(report), footOf(asserted, report, values), 'never', io));
    default:
      return io.stdout.write(
        writtenDocument(assertionDocument(asserted, report), { format, title: `Assertions of ${id}` }, io),
      );
  }
}

function footOf(
  { experimentFile }: Analysis['run'],
  report: AssertionReport,
  { run }: AssertValues,
): readonly BriefFoot[] {
  const blocks = blocksToAssert(report);
  const holds = report.results.every(({ severity }) => severity === 'ok');
  return [
    ...(blocks === undefined ? [] : [{ name: 'To decide', text: runAgain(experimentFile, blocks) }]),
    ...(holds ? [] : [{ name: 'Next', text: `gctune report ${shellWord(run)}` }]),
  ];
}
