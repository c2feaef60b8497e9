import { ExitCode, UserError } from '../../errors.ts';
import { nightOf, type Provenance } from '../../history/night-of-run.ts';
import type { Io } from '../../cli/io.ts';
import { namedRun } from '../../session/file-kind.ts';
import { appendNight, readHistory } from '../../session/history-file.ts';
import { shownPath } from '../../session/load-experiment.ts';
import { provenanceOf } from '../../session/provenance.ts';
import { analyseRun } from '../../session/report-run.ts';
import { refuseUnfitNight } from '../../session/unfit-night.ts';
import { cutText } from '../../report/words.ts';
import { jsonDocument } from '../../text/json-text.ts';
import { plainText } from '../../text/plain-text.ts';
import { counted } from '../../text/words.ts';

/** What `gctune record` is called with. */
export interface RecordValues {
  readonly run: string;
  readonly history: string;
  readonly commit: string | undefined;
  readonly branch: string | undefined;
  readonly quiet: boolean;
  readonly json: boolean;
}

/** Appends what a run found to a history. */
export async function recordRun(values: RecordValues, io: Io): Promise<ExitCode> {
  const analysis = await analyseRun(namedRun(values.run, io.cwd, 'record', '<run>'));
  const night = nightOf(analysis, provenanceFor(values, io));
  refuseUnfitNight(analysis, night, 'record', values.run);
  // Into what is no history, or one of a newer version, nothing is written.
  const history = await readHistory(values.history, io.cwd);
  const { file, known } = await appendNight(values.history, night, io.cwd);
  if (values.json) io.stdout.write(jsonDocument({ file, known, night }));
  else if (!values.quiet) {
    const where = plainText(shownPath(file, io.cwd));
    const what = `${plainText(night.run)} (${counted(night.cells.length, 'cell')}${night.commit === undefined ? ', commit unknown' : `, commit ${night.commit.slice(0, 12)}`})`;
    io.stdout.write(known ? `${what} is in ${where} already\n` : `${what} is recorded in ${where}\n`);
  }
  for (const warning of [...[cutText(analysis)].flatMap((text) => text ?? []), ...(history?.warnings() ?? [])])
    io.stderr.write(`warning: ${plainText(warning)}\n`);
  return ExitCode.ok;
}

/** Longer than the names of any version control. */
const LONGEST_NAME = 250;

function checkName(name: string | undefined, at: string): void {
  if (name === undefined || (name.length > 0 && name.length <= LONGEST_NAME && plainText(name) === name)) return;
  const what =
    name === ''
      ? 'is empty'
      : name.length > LONGEST_NAME
        ? `has ${name.length} characters`
        : 'has characters that control a terminal';
  throw new UserError({
    code: 'bad-value',
    message: `the name ${what}`,
    at,
    hint: `give what version control calls it, in at most ${LONGEST_NAME} characters, or leave it out`,
  });
}

function provenanceFor({ commit, branch }: RecordValues, io: Io): Provenance {
  checkName(commit, '--commit');
  checkName(branch, '--branch');
  const told = provenanceOf(io.env, io.cwd);
  // Who names another commit means another repository than the one that a branch was read from.
  const { branch: toldBranch, ...rest } = told;
  const kept = commit === undefined && toldBranch !== undefined ? { ...rest, branch: toldBranch } : rest;
  return {
    ...kept,
    ...(commit === undefined ? {} : { commit: plainText(commit) }),
    ...(branch === undefined ? {} : { branch: plainText(branch) }),
  };
}
