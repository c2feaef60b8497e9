import { ANALYSIS_VERSION } from '../../analysis/analysis.ts';
import { ExitCode } from '../../errors.ts';
import { FORMAT_VERSION } from '../../results/format.ts';
import { captureEnvironment } from '../../runner/environment.ts';
import type { Io } from '../../cli/io.ts';
import { factLines } from '../../cli/terminal/fact-lines.ts';
import { styleOf } from '../../cli/terminal/style.ts';
import { toolVersion } from '../../cli/tool-version.ts';

/** Prints the versions that a bug report needs. */
export async function showVersion(values: { readonly json: boolean }, io: Io): Promise<ExitCode> {
  const versions = {
    gctune: toolVersion(),
    runFormat: FORMAT_VERSION,
    analysisFormat: ANALYSIS_VERSION,
    ...(await captureEnvironment()),
  };
  io.stdout.write(
    values.json
      ? `${JSON.stringify(versions, null, 2)}\n`
      : factLines(
          Object.entries(versions).map(([name, value]) => [name, String(value)]),
          styleOf(io.stdout, 'auto', io.env),
        )
          .map((line) => `${line}\n`)
          .join(''),
  );
  return ExitCode.ok;
}
