import { EnvironmentError } from '../../errors.ts';
import { obtainForThisMachine } from '../obtain-program.ts';
import type { Runner } from '../runner.ts';

/** Refuses to start anything. */
export function nowhereRunner(): Runner {
  return {
    name: 'nowhere',
    overheadSeconds: 0,
    check: async () => [],
    usable: async () => ({ why: 'asked for' }),
    environment: async () => ({}),
    obtain: (source, context) => obtainForThisMachine(source, context, 'nowhere'),
    dataPath: (directory) => directory,
    admit: async () => [],
    prepare: async () => ({ [Symbol.asyncDispose]: () => Promise.resolve() }),
    launch: async () => {
      throw new EnvironmentError('nowhere', 'nothing is started here');
    },
    reap: async () => [],
  };
}
