import type { BriefFoot } from '../report/brief/brief.ts';
import { runBrief } from '../report/brief/settings-brief.ts';
import { hasChoice } from '../report/comparison.ts';
import { renderReport } from '../report/formats.ts';
import { plainText } from '../text/plain-text.ts';
import { shellWord } from '../text/quoted.ts';
import type { Io } from '../cli/io.ts';
import { asTyped } from '../cli/typed-commands.ts';
import { styleOf } from '../cli/terminal/style.ts';
import { decideFoot } from './decide-foot.ts';
import { shownPath } from './load-experiment.ts';
import type { RunReport } from './report-run.ts';
import type { SweepValues } from './sweep-once.ts';
import { writtenBrief } from './written-document.ts';

/** The answer on what remains of the screen; with `--verbose`, or where there is none, the whole report as text. */
export async function printRunEnd(
  { analysis, reportFile }: RunReport,
  folder: string,
  values: Pick<SweepValues, 'verbose' | 'color'>,
  io: Io,
): Promise<void> {
  const brief = values.verbose ? undefined : runBrief(analysis);
  const { recommendation, workloads, factors = [] } = analysis;
  const [factor] = factors;
  const foot: readonly BriefFoot[] = [
    { name: 'Report', text: shownPath(reportFile, io.cwd) },
    {
      name: 'Next',
      text:
        factor === undefined || hasChoice(workloads)
          ? `gctune recommend ${shellWord(folder)}`
          : `gctune compare ${shellWord(folder)} --by ${shellWord(factor.factor)}`,
    },
    ...(brief === undefined || recommendation === undefined || !hasChoice(workloads) ? [] : decideFoot(recommendation)),
  ];
  const { bold } = styleOf(io.stdout, values.color, io.env);
  io.stdout.write(
    brief === undefined
      ? `${await renderReport(analysis, 'text')}\n${asTyped(foot, io)
          .map(({ name, text: said }) => `${bold(`${name}:`)} ${plainText(said)}\n`)
          .join('')}`
      : writtenBrief(brief, foot, values.color, io),
  );
}
