import { briefOf } from '../report/brief/brief.ts';
import { briefText } from '../report/brief/brief-text.ts';
import { renderReport } from '../report/formats.ts';
import { plainText } from '../text/plain-text.ts';
import { shellWord } from '../text/quoted.ts';
import { formatWait } from '../units/format-units.ts';
import type { Io } from '../cli/io.ts';
import { COLUMNS_OF_A_PIPE, dressOf, styleOf } from '../cli/terminal/style.ts';
import { shownPath } from './load-experiment.ts';
import type { RunReport } from './report-run.ts';
import type { SweepValues } from './sweep-once.ts';

/** The answer on what remains of the screen; with `--verbose`, or where there is none, the whole report as text. */
export async function printRunEnd(
  { analysis, reportFile }: RunReport,
  folder: string,
  values: Pick<SweepValues, 'verbose' | 'color'>,
  io: Io,
): Promise<void> {
  const style = styleOf(io.stdout, values.color, io.env);
  const brief = values.verbose ? undefined : briefOf(analysis);
  const decide = brief?.toDecide;
  const about = decide?.seconds === undefined ? '' : ` (about ${formatWait(decide.seconds)})`;
  const foot = [
    { name: 'Report', text: shownPath(reportFile, io.cwd) },
    { name: 'Next', text: `gctune recommend ${shellWord(folder)}` },
    ...(decide === undefined
      ? []
      : [{ name: 'To decide', text: `gctune run <experiment file> --blocks ${decide.blocks}${about}` }]),
  ];
  const { columns = COLUMNS_OF_A_PIPE } = io.stdout.size() ?? {};
  io.stdout.write(
    brief === undefined
      ? `${await renderReport(analysis, 'text')}\n${foot.map(({ name, text: said }) => `${style.bold(`${name}:`)} ${plainText(said)}\n`).join('')}`
      : briefText(brief, foot, { width: columns, uncut: io.stdout.size() === undefined, ...dressOf(style) }),
  );
}
