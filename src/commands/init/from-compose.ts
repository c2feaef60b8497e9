import { dirname, relative, resolve } from 'node:path';
import { healthPath, portsOf } from '../../experiment/compose/compose-sections.ts';
import { gogcInGo, gomemlimitInGo } from '../../go/settings.ts';
import type { ComposeService } from '../../experiment/compose/read-compose.ts';
import { holdsSecret } from '../../experiment/secrets/secrets.ts';
import { loadCompose } from '../../session/load-compose.ts';
import type { Io } from '../../cli/io.ts';
import { AS_IT_SAYS, type Draft } from './draft.ts';
import { nameOf } from './draft-words.ts';

/** Reads a service of a Compose file and says how trials of it can be run. `folder` is that of the experiment. */
export async function draftOfCompose(file: string, service: string, folder: string, io: Io): Promise<Draft> {
  const path = resolve(io.cwd, file);
  const { service: wanted, beside } = await loadCompose(file, service, io);
  const [port] = portsOf(wanted);
  const health = healthPath(wanted.health);
  const way = relative(folder, path);
  const { GOGC, GOMEMLIMIT } = wanted.env;
  const secret = Object.entries(wanted.env).flatMap(([name, value]) => (holdsSecret(name, value) ? [name] : []));
  return {
    ...AS_IT_SAYS,
    name: nameOf(service),
    about: [
      `Made by gctune init --from-compose from the service ${service} of ${file}.`,
      `It runs ${programOf(wanted)}${beside.length === 0 ? '' : `; next to it, not measured: ${beside.map((one) => `${one.name} (${programOf(one)})`).join(', ')}`}.`,
      'The Compose file is read at each run. Keys next to compose: stand above what it says.',
    ],
    source: [`compose: { file: ${JSON.stringify(way.startsWith('.') ? way : `./${way}`)}, service: ${service} }`],
    notes: [
      ...(port === undefined ? ['It declares no port. Add the one that it serves on: port: 8080'] : []),
      ...(secret.length === 0
        ? []
        : [`Taken from the Compose file or the environment, and written nowhere: ${secret.join(', ')}`]),
      ...[wanted, ...beside].flatMap(({ name, notes }) => notes.map((note) => `${name}: ${note}`)),
      ...beside.flatMap(({ name, cpus, memory }) =>
        cpus === undefined && memory === undefined ? [] : [`${name}: its limits are not set in a trial`],
      ),
    ],
    port: undefined,
    ports: {},
    ready: undefined,
    gogc: GOGC === undefined ? undefined : gogcInGo(GOGC).gogc,
    gomemlimit: GOMEMLIMIT === undefined ? undefined : gomemlimitInGo(GOMEMLIMIT),
    load: port !== undefined && health?.port === port ? health.path : undefined,
  };
}

function programOf({ source }: ComposeService): string {
  return 'image' in source ? source.image : `what ${relative(dirname(source.context), source.dockerfile)} builds`;
}
