import { z } from 'zod';
import { text, type Fault } from './leaf.ts';
import { described, listOf, section, type Frozen } from './parts.ts';

/** `container`: how an image is started where that is not what the image says. */
export const containerSchema = section({
  entrypoint: described(
    listOf(text('line')).optional(),
    'The program and its first arguments, before args, in the place of the image’s entrypoint.',
    [['/usr/bin/daemon', '--verbose']],
  ),
  user: described(text('line').optional(), 'The user that it runs as. Default: the image’s.', ['1000:1000']),
  workdir: described(text('line', absolute).optional(), 'Its working directory. Default: the image’s.', ['/app']),
  mounts: described(
    z.record(z.string().regex(/^\/[^:,\s]+$/), text('line', below)).prefault({}),
    'Where parts of the data folder appear in the container; steps or files put them there.',
    [{ '/etc/daemon/config.yaml': 'config.yaml' }],
  ),
});
/** How an image is started where that is not what the image says. */
export type ContainerSettings = Frozen<z.output<typeof containerSchema>>;

function absolute(value: string): Fault | undefined {
  if (value.startsWith('/')) return undefined;
  return { code: 'bad-path', problem: `"${value}" is not an absolute path`, hint: 'write a path that begins with /' };
}

function below(value: string): Fault | undefined {
  if (!value.startsWith('/') && !/(?:^|\/)\.{0,2}(?:\/|$)/.test(value)) return undefined;
  return {
    code: 'bad-path',
    problem: `"${value}" is not a place in the data folder`,
    hint: 'write its path there, without .. and {data}: config.yaml',
  };
}

/** `compose`: a service of a Compose file. */
export const composeSchema = section({
  file: described(text('line'), 'The Compose file, relative to this file.', ['./compose.yaml']),
  service: described(text('line'), 'The service that is measured.', ['api']),
});
