import { EnvironmentError } from '../errors.ts';
import { runGo, type GoTool } from './go-tool.ts';

/** What makes go build with a toolchain: `go1.26.0+nogreenteagc` is a release and an experiment; `local` is the go on the PATH. */
export function toolchainEnv(toolchain: string | undefined): Readonly<Record<string, string>> {
  if (toolchain === undefined) return {};
  const [release = '', ...experiments] = toolchain.split('+');
  return { GOTOOLCHAIN: release, GOEXPERIMENT: experiments.join(',') };
}

/** Has go fetch a toolchain where it is not there yet. Throws EnvironmentError `toolchain-missing` with go's own lines where it cannot be had, or knows an experiment not. */
export async function haveToolchain(tool: GoTool, toolchain: string | undefined): Promise<void> {
  if (toolchain === undefined) return;
  tool.onProgress(`making the toolchain ${toolchain} ready`);
  const asked = await runGo(tool, ['version']);
  if (asked.ok) return;
  throw new EnvironmentError('toolchain-missing', `the Go toolchain ${toolchain} cannot be had`, {
    details: asked.complaint,
    hint: 'go fetches it from GOPROXY as golang.org/toolchain: check the release on https://go.dev/dl, the experiments of that release, and the network; releases before 1.21 can be fetched by a go of 1.21 or newer only',
  });
}
