import { ExitCode, UserError } from '../../errors.ts';
import { HISTORY_COLUMNS, historyRows } from '../../history/rows.ts';
import { shortNames } from '../../history/night.ts';
import { overviewOf, type HistoryOverview } from '../../history/overview.ts';
import type { BriefFoot } from '../../report/brief/brief.ts';
import { csvTable } from '../../report/csv-table.ts';
import { documentPage } from '../../report/document/document-page.ts';
import { historyBrief } from '../../report/history/history-brief.ts';
import { historyDocument } from '../../report/history/history-document.ts';
import { headSentence } from '../../report/history/history-words.ts';
import { SERIES_STYLE } from '../../report/history/history-drawing.ts';
import { readHistory } from '../../session/history-file.ts';
import { printAnswer, type PrintValues } from '../../session/print-answer.ts';
import { writeOutputPieces } from '../../session/write-output.ts';
import { toolVersion } from '../../cli/tool-version.ts';
import type { Io } from '../../cli/io.ts';
import { nearest } from '../../text/nearest.ts';
import { shellWord } from '../../text/quoted.ts';
import { quote } from '../../units/units.ts';

/** The time that changes take to find grows with the square of the nights. */
const MOST_NIGHTS = 500;

/** What `gctune history` is called with. */
export interface HistoryValues extends Omit<PrintValues, 'format'> {
  readonly history: string;
  readonly experiment: string | undefined;
  readonly nights: number;
  readonly verbose: boolean;
  readonly format: PrintValues['format'] | 'csv' | 'parquet';
}

/** Prints what a history shows. */
export async function showHistory(values: HistoryValues, io: Io): Promise<ExitCode> {
  const { format, history: named, experiment } = values;
  if (values.nights > MOST_NIGHTS) {
    throw new UserError({
      code: 'bad-value',
      message: `${values.nights} nights are too many to look for changes in`,
      at: '--nights',
      hint: `give at most ${MOST_NIGHTS}; --format csv and --format parquet have all`,
    });
  }
  const history = await readHistory(named, io.cwd);
  if (history === undefined || history.nights.length === 0) {
    throw new UserError({
      code: 'no-history',
      message: `${named} holds no history`,
      at: '<history>',
      hint: `gctune record RUN --history ${shellWord(named)} begins one`,
    });
  }
  const names = [...new Set(history.nights.map((night) => night.experiment))];
  if (experiment !== undefined && !names.includes(experiment)) {
    const meant = nearest(experiment, names);
    throw new UserError({
      code: 'no-such-experiment',
      message: `the history has no night of an experiment ${quote(experiment)}`,
      at: '--experiment',
      hint: meant === undefined ? `it has ${names.slice(0, 10).join(', ')}` : `did you mean ${meant}?`,
    });
  }
  if (format === 'csv' || format === 'parquet') return exported(values, format, history.nights, io);
  const overview = overviewOf(history.nights, { experiment, nights: values.nights, warnings: history.warnings });
  if (overview === undefined) throw new Error('a history without a night was looked at');
  const cells = shortNames([...new Set([...overview.series, ...overview.canaries].map(({ cell }) => cell))]);
  await printAnswer(
    {
      title: `History of ${overview.experiment}`,
      document: historyDocument(overview, cells),
      brief: { brief: historyBrief(overview, cells), foot: footOf(overview, values) },
      json: overview,
      page: () =>
        documentPage(
          historyDocument(overview, cells, true),
          `History of ${overview.experiment}`,
          toolVersion(),
          SERIES_STYLE,
        ),
    },
    { ...values, format },
    io,
  );
  return ExitCode.ok;
}

function footOf(overview: HistoryOverview, { history, output, experiment }: HistoryValues): readonly BriefFoot[] {
  const which = experiment === undefined ? '' : ` --experiment ${shellWord(experiment)}`;
  return [
    { name: 'History', text: headSentence(overview) },
    {
      name: 'Next',
      text: `gctune history ${shellWord(history)}${which} ${output === undefined ? '-o history.html (charts)' : '--verbose'}`,
    },
  ];
}

async function exported(
  { output, experiment }: HistoryValues,
  format: 'csv' | 'parquet',
  all: Parameters<typeof historyRows>[0],
  io: Io,
): Promise<ExitCode> {
  const nights = experiment === undefined ? all : all.filter((night) => night.experiment === experiment);
  if (format === 'csv') {
    io.stdout.write(csvTable(HISTORY_COLUMNS, [...historyRows(nights)]));
    return ExitCode.ok;
  }
  if (output === undefined) {
    throw new UserError({
      code: 'bad-combination',
      message: 'a Parquet file is not text and cannot be printed',
      at: '--format',
      hint: 'name the file with --output, e.g. -o nights.parquet',
    });
  }
  const { historyParquet } = await import('../../session/history-parquet.ts');
  await writeOutputPieces([historyParquet(nights)], output, io.cwd);
  return ExitCode.ok;
}
