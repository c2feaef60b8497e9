import { z } from 'zod';
import { choice, text, type Fault } from './leaf.ts';
import { described, exactlyOne } from './parts.ts';
import { PORT_NAME, PROGRAM_SOURCES, targetSchema } from './target.ts';

const { simulated: _simulated, unix: _unix, compose: _compose, versions: _versions, ...program } = targetSchema.shape;

/** `services`: what the target needs beside it, by name. */
export const servicesSchema = z
  .record(
    z.string().regex(PORT_NAME),
    exactlyOne([...PROGRAM_SOURCES, 'command'], {
      ...program,
      binary: described(text('line').optional(), 'A program by its path; of any language.', ['./bin/mock-server']),
      command: described(
        text('line').optional(),
        'A program of this machine, by its name in PATH or its absolute path; not for runner: docker.',
        ['postgres'],
      ),
      args: described(
        program.args,
        'Its arguments. {host}, {port}, {port:NAME} and {data} are its own; {service:NAME} is a service above it.',
        [['-D', '{data}', '-p', '{port}']],
      ),
      env: described(program.env, 'Its environment; ${NAME} takes a value from the environment of gctune.', [
        { POSTGRES_PASSWORD: '${DB_PASSWORD}' },
      ]),
      port: described(
        program.port,
        'The port it serves on; auto picks a free one, which must be passed to it with {port}.',
        ['auto', 5432],
      ),
      ready: described(
        program.ready,
        'How gctune knows that it is ready. Default: its port accepts connections; without a port, at once.',
        [{ output: 'ready to accept connections', within: '30s' }],
      ),
      prepare: described(
        program.prepare,
        'Steps that prepare its data, run once before the first trial. {service} as the program is the service itself; {data} is copied for each start.',
        [[{ run: ['initdb', '-D', '{data}'] }]],
      ),
      start: described(
        choice(['trial', 'run']).prefault('trial'),
        'trial: started fresh for each trial, before the target. run: started once, with what it has learnt from trial to trial.',
        ['trial'],
      ),
      user: described(
        text('line', userName).optional(),
        'The user that it runs as where gctune is root; in a container always. Default: the user of gctune, or the image’s.',
        ['postgres'],
      ),
    }),
  )
  .prefault({});

/** One of `services` as the file says it. */
export type ServiceSection = z.output<typeof servicesSchema>[string];

function userName(value: string): Fault | undefined {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,63}$/.test(value)) return undefined;
  return { code: 'bad-name', problem: `"${value}" is not a user`, hint: 'write the name of a user: postgres' };
}
