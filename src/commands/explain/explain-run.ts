import type { Analysis } from '../../analysis/analysis.ts';
import { EXPLANATION_VERSION } from '../../analysis/explain/explanation-document.ts';
import { analyseRun } from '../../session/report-run.ts';
import { toolVersion } from '../../cli/tool-version.ts';
import { documentPage } from '../../report/document/document-page.ts';
import { drawnCompositions, runExplanationDocument } from '../../report/explain/explain-run-document.ts';
import { runExplanationBrief } from '../../report/explain/explain-brief.ts';
import { shellWord } from '../../text/quoted.ts';
import type { Answer } from '../../session/print-answer.ts';

/** The memory of a run's cells, and whether there is anything to explain. */
export interface ExplainedRun extends Answer {
  readonly usable: boolean;
}

/** Explains where the memory is in each cell of a run, from its analysis; `named`: the folder as the user has it. Throws UserError where the folder is no run. */
export async function explainRun(folder: string, named: string): Promise<ExplainedRun> {
  const analysis = await analyseRun(folder);
  const title = `Where the memory is: ${analysis.run.id}`;
  return {
    title,
    document: runExplanationDocument(analysis),
    brief: {
      brief: runExplanationBrief(analysis),
      foot: [{ name: 'Next', text: `gctune explain ${shellWord(named)} --verbose (every part of it)` }],
    },
    json: documentOf(analysis),
    page: async () =>
      documentPage(runExplanationDocument(analysis, await drawnCompositions(analysis)), title, toolVersion()),
    usable: analysis.workloads.some(({ cells }) => cells.some(({ composition }) => composition !== undefined)),
  };
}

function documentOf({ run, workloads }: Analysis) {
  return {
    formatVersion: EXPLANATION_VERSION,
    source: { kind: 'run', name: run.id, confidence: run.experiment.confidence },
    workloads: workloads.map(({ workload, cells }) => ({
      workload,
      cells: cells.map(({ id, label, baseline, role, valid, attempted, composition, estimates }) => ({
        id,
        label,
        baseline,
        role,
        valid,
        attempted,
        composition,
        live: estimates['heap.live'],
        go: estimates['memory.go'],
        rssAnon: estimates['memory.anon'],
      })),
    })),
  };
}
