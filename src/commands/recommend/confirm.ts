import { resolve } from 'node:path';
import type { Analysis } from '../../analysis/analysis.ts';
import type { Confirmation } from '../../analysis/recommend/confirmation.ts';
import type { MemoryLimitQuestion } from '../../analysis/recommend/memory-limit.ts';
import type { Recommendation } from '../../analysis/recommend/recommendation.ts';
import { UserError, type ExitCode } from '../../errors.ts';
import type { Gogc } from '../../experiment/experiment.ts';
import { goLevel } from '../../experiment/plan/cell-selector.ts';
import { parseSize, quote } from '../../units/units.ts';
import {
  confirmationCode,
  confirmed,
  earlierConfirmations,
  measuredSetting,
  questionOf,
} from '../../session/confirm-run.ts';
import type { Io } from '../../cli/io.ts';

/** The flags of `gctune recommend` about memory limits and about confirming. */
export interface ConfirmValues {
  readonly run: string;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly confirm: boolean;
  readonly 'confirm-blocks': number;
  readonly 'container-memory': string | undefined;
  readonly gomemlimit: string | undefined;
  readonly gogc: string | undefined;
}

/** Reads what is asked of a memory limit. Throws UserError. */
export function limitQuestion(values: ConfirmValues): MemoryLimitQuestion {
  if (values.gogc !== undefined && !values.confirm) {
    throw new UserError({
      code: 'bad-combination',
      message: '--gogc says which level to confirm, but --confirm is missing',
      at: '--gogc',
      hint: 'add --confirm',
    });
  }
  return {
    containerBytes: size('--container-memory', values['container-memory']),
    gomemlimitBytes: values.gomemlimit === undefined ? undefined : limitOf(values.gomemlimit),
  };
}

/** Runs a confirmation where one is asked for, and gives what all of a run's confirmations showed. */
export async function confirmationsOf(
  values: ConfirmValues,
  {
    analysis,
    recommendation,
    limit,
  }: {
    readonly analysis: Analysis;
    readonly recommendation: Recommendation;
    readonly limit: MemoryLimitQuestion;
  },
  io: Io,
): Promise<{ readonly confirmations: readonly Confirmation[]; readonly exitCode?: ExitCode }> {
  const folder = resolve(io.cwd, values.run);
  const earlier = await earlierConfirmations(folder, analysis, recommendation, io);
  if (!values.confirm) return { confirmations: earlier };
  const setting =
    values.gogc === undefined ? recommendation.chosen : measuredSetting(analysis, levelOf(values.gogc), limit);
  // The refusal is the answer.
  if (setting === undefined) return { confirmations: earlier };
  const question = questionOf(setting, values['confirm-blocks'], analysis, limit.gomemlimitBytes);
  if (question === undefined) {
    throw new UserError({
      code: 'nothing-to-confirm',
      message: `GOGC=${setting.gogc} is the current setting, and no memory limit is advised with it`,
      at: '--confirm',
      hint: 'give the memory of the container with --container-memory, or a limit to try with --gomemlimit',
    });
  }
  const shown = {
    output: '',
    timeout: undefined,
    progress: 'auto',
    color: 'auto',
    quiet: values.quiet,
    verbose: false,
    json: false,
  } as const;
  const request = { folder, values: { ...shown, 'confirm-blocks': values['confirm-blocks'] } };
  const ended = await confirmed(request, { analysis, recommendation, question }, io);
  if ('exitCode' in ended) return { confirmations: earlier, exitCode: ended.exitCode };
  return { confirmations: [...earlier, ended.confirmation], exitCode: confirmationCode(ended.confirmation) };
}

function size(at: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const parsed = parseSize(text);
  if ('value' in parsed) return parsed.value;
  throw new UserError({ code: 'bad-value', message: parsed.problem, at, hint: parsed.hint });
}

/** A GOMEMLIMIT that can be judged, as Go reads it. */
function limitOf(text: string): number {
  const bytes = goLevel('gomemlimit', text);
  if (bytes === 'off') {
    const hint = 'write a size such as 460MiB, or leave it out';
    throw new UserError({ code: 'bad-value', message: `${quote(text)} is not a limit`, at: '--gomemlimit', hint });
  }
  return bytes !== undefined && bytes > 0 ? bytes : (size('--gomemlimit', text) ?? 0);
}

function levelOf(text: string): Gogc {
  const level = goLevel('gogc', text);
  if (level !== undefined && level !== 0) return level;
  throw new UserError({
    code: 'bad-value',
    message: `${quote(text)} is not a level of GOGC`,
    at: '--gogc',
    hint: 'write a percentage, e.g. 25, or off',
  });
}
