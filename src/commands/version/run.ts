import { ANALYSIS_VERSION } from '../../analysis/analysis.ts';
import { ExitCode } from '../../errors.ts';
import { FORMAT_VERSION } from '../../results/format.ts';
import { captureEnvironment } from '../../runner/environment.ts';
import type { Io } from '../../cli/io.ts';
import { toolVersion } from '../../cli/tool-version.ts';
import { printAnswer, type PrintValues } from '../../session/print-answer.ts';

/** Prints the versions that a bug report needs. */
export async function showVersion(values: PrintValues, io: Io): Promise<ExitCode> {
  const versions = {
    gctune: toolVersion(),
    runFormat: FORMAT_VERSION,
    analysisFormat: ANALYSIS_VERSION,
    ...(await captureEnvironment()),
  };
  const facts = Object.entries(versions).map(([name, value]) => [name, String(value)] as const);
  await printAnswer({ title: 'Versions', document: [{ kind: 'facts', facts }], json: versions }, values, io);
  return ExitCode.ok;
}
