import { resolve } from 'node:path';
import { ExitCode, UserError } from '../../errors.ts';
import type { Io } from '../../cli/io.ts';
import { toolVersion } from '../../cli/tool-version.ts';
import { podImageName, writePodImage } from '../../runner/sidecar/image/pod-image.ts';
import { shownPath } from '../../session/load-experiment.ts';
import { jsonDocument } from '../../text/json-text.ts';
import { plainText } from '../../text/plain-text.ts';
import { formatBytes } from '../../units/format-units.ts';

/** What `gctune image` is called with. */
export interface ImageValues {
  readonly file: string | undefined;
  readonly name: string | undefined;
  readonly quiet: boolean;
  readonly json: boolean;
}

/** A name as the OCI distribution specification has it, perhaps with a host, and a tag. */
const NAME = /^(?:[a-z0-9.-]+(?::\d+)?\/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*:\w[\w.-]{0,127}$/;

/** Writes the image for pods. */
export async function writeImage({ file = 'gctune.tar', name, quiet, json }: ImageValues, io: Io): Promise<ExitCode> {
  const version = toolVersion();
  if (name !== undefined && !NAME.test(name)) {
    throw new UserError({
      code: 'bad-image-name',
      message: `${JSON.stringify(name)} is not the name of an image with a tag`,
      at: '--name',
      hint: 'lower-case words with . - _ and / between them, and a tag: gctune:1',
    });
  }
  const path = resolve(io.cwd, file);
  const onProgress = (line: string): void => {
    if (!quiet) io.stderr.write(`${plainText(line)}\n`);
  };
  const image = await writePodImage(
    path,
    { name: name ?? podImageName(version), version },
    { env: io.env, signal: io.signal, onProgress },
  );
  if (json) io.stdout.write(jsonDocument({ file: path, ...image }));
  else if (!quiet) {
    const { id, architecture, bytes, nodeVersion } = image;
    io.stdout.write(
      `${plainText(shownPath(path, io.cwd))}: ${image.name} for linux/${architecture}, Node ${nodeVersion}, ${formatBytes(bytes)}\n${id}\n`,
    );
  }
  return ExitCode.ok;
}
