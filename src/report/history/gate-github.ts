import type { GateReport } from '../../history/gate.ts';
import type { GithubAnswer } from '../github/github-answer.ts';
import type { JunitCase } from '../junit.ts';
import { gateFigures } from './gate-document.ts';
import { gateCases } from './gate-junit.ts';
import { gateDoubts, gateSentence, gateWorry } from './gate-words.ts';
import type { CellNames } from './history-document.ts';

/** The answer of `gctune gate` as GitHub Actions shows it: whether to worry, what is worse, and what it was held to. */
export function gateGithub(report: GateReport, names: CellNames, strict: boolean): GithubAnswer {
  const [worry, rest] = gateWorry(report);
  const { run, confirmation } = report;
  return {
    title: 'gctune gate',
    sentence: gateSentence(report),
    cases: annotated(report, gateCases(report, names, strict)),
    summary: [
      { kind: 'prose', text: [{ text: `${worry}:`, as: 'strong' }, ` ${rest}`], lead: true },
      { kind: 'warnings', warnings: gateDoubts(report) },
      ...gateFigures(report, names),
      {
        kind: 'note',
        text: `The night: ${run}${confirmation === undefined ? '' : `; the second run: ${confirmation}`}`,
      },
    ],
  };
}

/** What is said of the whole night is one annotation, not one for each metric. */
function annotated({ outcome, run }: GateReport, cases: readonly JunitCase[]): readonly JunitCase[] {
  if (outcome === 'confirmed') return cases;
  return cases.slice(0, 1).map((one) => ({ ...one, name: run }));
}
