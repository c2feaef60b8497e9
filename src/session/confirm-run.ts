import { dirname, join } from 'node:path';
import type { Analysis } from '../analysis/analysis.ts';
import { confirmationOfRun, triedIn, type Confirmation } from '../analysis/recommend/confirmation.ts';
import { cellsOfSetting, memoryLimitOf, type MemoryLimitQuestion } from '../analysis/recommend/memory-limit.ts';
import { limitsBehind, recommend } from '../analysis/recommend/recommend.ts';
import type { ChosenSetting, Recommendation } from '../analysis/recommend/recommendation.ts';
import { ExitCode, UserError } from '../errors.ts';
import {
  confirmationOf,
  secretsOfConfirmation,
  spikesOf,
  type ConfirmationQuestion,
} from '../experiment/confirmation.ts';
import type { Experiment, Gogc } from '../experiment/experiment.ts';
import { changeValues } from '../experiment/secrets/redact-experiment.ts';
import { variablesOf, type Secrets } from '../experiment/secrets/secrets.ts';
import { choiceLike } from '../experiment/runner-names.ts';
import { confirmationSentences } from '../report/recommend/confirmation-words.ts';
import { confirmationBlocks } from '../report/recommend/recommend-document.ts';
import { writtenDocument } from './written-document.ts';
import { plainText } from '../text/plain-text.ts';
import { confirmationFolders, linkConfirmation } from '../results/confirmations.ts';
import type { RunManifest } from '../results/format.ts';
import { openRun } from '../results/run-folder.ts';
import { interruptionCode } from '../cli/failure.ts';
import type { Io } from '../cli/io.ts';
import { driftBetween, refusedDrift } from './drift.ts';
import { shownPath } from './load-experiment.ts';
import { jsonLines, sweepOnce, type SweepValues } from './sweep-once.ts';

/** What the confirmation of a run is made of. */
export interface ConfirmRequest {
  /** The run whose recommendation is confirmed. */
  readonly folder: string;
  readonly values: SweepValues & { readonly 'confirm-blocks': number };
  /** Of the experiment file, where there is one; else only variables of the environment can be filled in. */
  readonly secrets?: Secrets;
  /** The experiment file: its folder is where steps of the preparation run. */
  readonly file?: string;
}

/** Confirms what the default rule recommends of a run that has just ended, and prints what that showed. */
export async function confirmRun(request: ConfirmRequest, io: Io): Promise<ExitCode> {
  const { analyseRun } = await import('./report-run.ts');
  const analysis = await analyseRun(request.folder);
  const recommendation = recommend(analysis);
  const { chosen } = recommendation;
  const question = chosen && questionOf(chosen, request.values['confirm-blocks'], analysis);
  if (question === undefined) {
    if (!request.values.quiet)
      io.stderr.write('nothing to confirm: no change of setting is recommended, and no memory limit is advised\n');
    return ExitCode.ok;
  }
  const ended = await confirmed(request, { analysis, recommendation, question }, io);
  if ('exitCode' in ended) return ended.exitCode;
  const json = jsonLines(request.values, io);
  if (json === undefined) {
    const document = confirmationBlocks(ended.confirmation);
    io.stdout.write(`\n${writtenDocument(document, { format: 'text', title: 'Confirmation' }, io)}`);
  } else json({ type: 'confirmation', ...ended.confirmation, sentences: confirmationSentences(ended.confirmation) });
  return confirmationCode(ended.confirmation);
}

/** What a confirmation says with the exit code of its command. */
export function confirmationCode({ verdict }: Confirmation): ExitCode {
  return { confirmed: ExitCode.ok, refused: ExitCode.assertion, open: ExitCode.noUsableResult }[verdict];
}

/** What is to be confirmed of a setting: its limit where one is asked for or advised, else the setting itself; undefined where nothing is. */
export function questionOf(
  { gogc, gomemlimit, memoryLimit }: Pick<ChosenSetting, 'gogc' | 'gomemlimit' | 'memoryLimit'>,
  blocks: number,
  { run }: Pick<Analysis, 'run'>,
  askedBytes?: number,
): ConfirmationQuestion | undefined {
  const { baseline } = run.experiment;
  // A limit that binds, or of which no reading tells, is tried only where somebody asks for just that one.
  const advised =
    memoryLimit.kind === 'advice' && memoryLimit.verdict !== 'binds' ? memoryLimit.gomemlimitBytes : undefined;
  const gomemlimitBytes = askedBytes ?? advised;
  if (gomemlimitBytes !== undefined && gomemlimitBytes !== gomemlimit)
    return { gogc, gomemlimit, gomemlimitBytes, blocks };
  if (gogc === baseline.gogc && gomemlimit === baseline.gomemlimit) return undefined;
  return { gogc, gomemlimit, gomemlimitBytes: undefined, blocks };
}

/** A measured level of GOGC as something to confirm, with the advice on its memory limit. Throws UserError where it was not measured. */
export function measuredSetting(
  { run, workloads }: Analysis,
  gogc: Gogc,
  limit: MemoryLimitQuestion,
): Pick<ChosenSetting, 'gogc' | 'gomemlimit' | 'memoryLimit'> {
  const { gomemlimit } = run.experiment.baseline;
  const cells = cellsOfSetting({ gogc, gomemlimit }, workloads);
  if (cells.length === 0) {
    throw new UserError({
      code: 'no-such-level',
      message: `the run has no level GOGC=${gogc}`,
      at: '--gogc',
      hint: `it has ${run.experiment.matrix.gogc.join(', ')}`,
    });
  }
  return { gogc, gomemlimit, memoryLimit: memoryLimitOf(cells, run.experiment.limits.memoryBytes, limit) };
}

/** Runs the confirmation, links it to the run, and judges it. Throws UserError where it cannot be made of this run, here. */
export async function confirmed(
  request: ConfirmRequest,
  {
    analysis,
    recommendation,
    question,
  }: {
    readonly analysis: Analysis;
    readonly recommendation: Recommendation;
    readonly question: ConfirmationQuestion;
  },
  io: Io,
): Promise<{ readonly confirmation: Confirmation } | { readonly exitCode: ExitCode }> {
  const base = analysis.run;
  const workload = analysis.workloads.map((one) => one.workload);
  const original: Experiment = { ...base.experiment, matrix: { ...base.experiment.matrix, workload } };
  const experiment = { ...confirmationOf(original, question), runner: choiceLike(base.runner) };
  const result = await runAgain(
    request,
    {
      base,
      experiment,
      why: `to confirm the recommendation of ${base.id}`,
      secrets: secretsOfConfirmation(request.secrets ?? variablesIn(original), spikesOf(original)),
      confirms: true,
    },
    io,
  );
  if ('exitCode' in result) return result;
  const { reportRun } = await import('./report-run.ts');
  const report = await reportRun(result.folder);
  await linkConfirmation(await openRun(request.folder), result.folder);
  const tried = triedIn(experiment);
  const confirmation = confirmationOfRun(report.analysis, tried, limitsBehind(recommendation, tried));
  if (confirmation === undefined) throw new Error('a confirmation run without the cells it was made of');
  return { confirmation };
}

/**
 * Runs an experiment that is made of another run, on the same target and machine. Throws UserError where it cannot be made
 * of this run, here.
 */
export async function runAgain(
  { folder, values, file }: Pick<ConfirmRequest, 'folder' | 'file'> & { readonly values: SweepValues },
  again: {
    readonly base: RunManifest;
    readonly experiment: Experiment;
    /** What for, in a sentence: `to confirm …`. */
    readonly why: string;
    readonly secrets: Secrets;
    /** Whether it tells of what was recommended of the run, and so is linked to it. */
    readonly confirms: boolean;
  },
  io: Io,
): Promise<{ readonly folder: string } | { readonly exitCode: ExitCode }> {
  const { base, experiment, why, secrets, confirms } = again;
  const run = await openRun(folder);
  if ((await run.analysisWithoutTrials()) !== undefined) {
    throw new UserError({
      code: 'no-trials',
      message: `${base.id} is a published run without its trials: the target and machine it ran on are not available here`,
      at: '--confirm',
      hint: 'run its experiment here and confirm that run instead',
    });
  }
  const result = await sweepOnce(
    {
      values: { ...values, output: dirname(folder) },
      experiment,
      text: `# Made by gctune ${why}; what was run is in run.json.\n`,
      secrets,
      file: file ?? join(io.cwd, 'experiment.yaml'),
      seed: base.plan.seed,
      admit: (manifest) => refuseDrift(base, manifest),
      ...(confirms ? { confirms: base.id } : {}),
    },
    io,
  );
  if ('exitCode' in result) return result;
  if (io.signal.aborted) return { exitCode: interruptionCode(io.signal) };
  if (result.completed > 0) return { folder: result.folder };
  io.stderr.write(
    `no trial of the confirmation has a usable result; gctune show ${plainText(shownPath(result.folder, io.cwd))} shows why\n`,
  );
  return { exitCode: ExitCode.noUsableResult };
}

/** What the runs that are linked to this one showed, oldest first; one that is gone or of another target is passed over with a word. */
export async function earlierConfirmations(
  folder: string,
  { run }: Analysis,
  recommendation: Recommendation,
  io: Io,
): Promise<readonly Confirmation[]> {
  const { analyseRun } = await import('./report-run.ts');
  const found: Confirmation[] = [];
  for (const linked of confirmationFolders(folder)) {
    const skip = (why: string): void => {
      io.stderr.write(`the confirmation in ${plainText(shownPath(linked, io.cwd))} is left out: ${why}\n`);
    };
    try {
      const analysis = await analyseRun(linked);
      const tried = triedIn(analysis.run.experiment);
      const confirmation = confirmationOfRun(analysis, tried, limitsBehind(recommendation, tried));
      if (analysis.run.artifact.digest !== run.artifact.digest) skip('it ran another target');
      else if (confirmation === undefined) skip('it is not a confirmation');
      else found.push(confirmation);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      skip(plainText(error.message));
    }
  }
  return found;
}

/** The target must be the same to the byte, and the machine and settings as alike as `compare` asks. */
function refuseDrift(base: RunManifest, manifest: RunManifest): void {
  const drift = driftBetween(base, manifest);
  if (drift.length === 0) return;
  throw refusedDrift(drift, base.id, 'run the experiment again here, then confirm that run', '--confirm');
}

/** The variables of the environment that an experiment asks for; secrets of its file were never written down. */
export function variablesIn(experiment: Experiment): Secrets {
  const names = new Set<string>();
  changeValues(experiment, (text) => {
    for (const name of variablesOf(text)) names.add(name);
    return text;
  });
  const at = { file: 'run.json', line: 1, column: 1 };
  return { literals: [], variables: [...names].map((name) => ({ name, at })) };
}
