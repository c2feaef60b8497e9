import type { Analysis } from '../../analysis/analysis.ts';
import { EXPLANATION_VERSION } from '../../analysis/explain/explanation-document.ts';
import type { Io } from '../../cli/io.ts';
import { analyseRun } from '../../session/report-run.ts';
import { toolVersion } from '../../cli/tool-version.ts';
import { runExplanationText } from '../../report/explain/explain-run-text.ts';

/** The memory of a run's cells in every form; the page is made only where it is asked for. */
export interface ExplainedRun {
  readonly text: string;
  readonly json: unknown;
  readonly page: () => Promise<string>;
  /** Whether there is anything to explain. */
  readonly usable: boolean;
}

/** Explains where the memory is in each cell of a run, from its analysis. Throws UserError where the folder is no run. */
export async function explainRun(folder: string, io: Io): Promise<ExplainedRun> {
  const analysis = await analyseRun(folder);
  return {
    text: runExplanationText(analysis, io.stdout.size()?.columns),
    json: documentOf(analysis),
    page: async () =>
      (await import('../../report/explain/explain-run-html.ts')).runExplanationHtml(analysis, toolVersion()),
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
