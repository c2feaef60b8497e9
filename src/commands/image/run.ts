import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ExitCode, UserError } from '../../errors.ts';
import type { Io } from '../../cli/io.ts';
import { toolVersion } from '../../cli/tool-version.ts';
import { podImageName, writePodImage } from '../../runner/sidecar/image/pod-image.ts';
import { shownPath } from '../../session/load-experiment.ts';
import { printAnswer, type PrintValues } from '../../session/print-answer.ts';
import { plainText } from '../../text/plain-text.ts';
import { formatBytes } from '../../units/format-units.ts';

/** What `gctune image` is called with. */
export interface ImageValues extends PrintValues {
  readonly file: string | undefined;
  readonly name: string | undefined;
}

/** A name as the OCI distribution specification has it, perhaps with a host, and a tag. */
const NAME = /^(?:[a-z0-9.-]+(?::\d+)?\/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*:\w[\w.-]{0,127}$/;

/** Writes the image for pods. */
export async function writeImage(values: ImageValues, io: Io): Promise<ExitCode> {
  const version = toolVersion();
  const { name = podImageName(version) } = values;
  if (!NAME.test(name)) {
    throw new UserError({
      code: 'bad-image-name',
      message: `${JSON.stringify(name)} is not the name of an image with a tag`,
      at: '--name',
      hint: 'lower-case words with . - _ and / between them, and a tag: gctune:1',
    });
  }
  const file = resolve(io.cwd, values.file ?? 'gctune.tar');
  if ((await stat(dirname(file)).catch(() => undefined))?.isDirectory() !== true) {
    throw new UserError({
      code: 'no-folder',
      message: `there is no folder ${plainText(dirname(file))} to write the image into`,
      hint: 'make it first, or give another file',
    });
  }
  const onProgress = (line: string): void => io.stderr.write(`${plainText(line)}\n`);
  const image = await writePodImage(file, { name, version }, { env: io.env, signal: io.signal, onProgress });
  const facts = [
    ['file', plainText(shownPath(file, io.cwd))],
    ['name', name],
    ['id', image.id],
    ['size', formatBytes(image.bytes)],
    ['platform', `linux/${image.architecture}`],
    ['Node', image.nodeVersion],
    ['agent', image.agentDigest],
  ] as const;
  await printAnswer({ title: 'Image', document: [{ kind: 'facts', facts }], json: { file, ...image } }, values, io);
  return ExitCode.ok;
}
