import type { ComposeService, ComposeStack } from './read-compose.ts';

type Section = Readonly<Record<string, unknown>>;

/** The sections of an experiment that run a service of a Compose file with what it depends on, as they would stand in a file. */
export interface ComposeSections {
  readonly target: Section;
  readonly services: Readonly<Record<string, Section>>;
  readonly limits: Section;
}

/** What the service and its neighbours come to in an experiment. */
export function composeSections({ service, beside }: ComposeStack): ComposeSections {
  const { cpus, memory, pids } = service;
  const { GOGC: _gogc, GOMEMLIMIT: _limit, GOMAXPROCS: _procs, ...env } = service.env;
  return {
    target: program({ ...service, env }),
    services: Object.fromEntries(beside.map((one) => [one.name, program(one)])),
    limits: {
      ...(cpus === undefined ? {} : { cpus }),
      ...(memory === undefined ? {} : { memory }),
      ...(pids === undefined ? {} : { pids }),
    },
  };
}

/** The value of an experiment file with a service of a Compose file in the place of `target.compose`; what the file says goes above it. */
export function withCompose(file: Section, stack: ComposeStack): Section {
  const { target, services, limits } = composeSections(stack);
  const { compose: _, ...own } = mapping(file['target']);
  return {
    ...file,
    target: {
      ...target,
      ...own,
      ...(own['port'] === undefined ? {} : { ports: namedPorts(portsOf(stack.service), own['port']) }),
      ...(own['ports'] === undefined ? {} : { ports: own['ports'] }),
      ...merged('env', target, own),
      ...merged('container', target, own),
      ...(Array.isArray(own['prepare'])
        ? { prepare: [...((target['prepare'] ?? []) as unknown[]), ...(own['prepare'] as unknown[])] }
        : {}),
    },
    ...merged('services', { services }, file),
    ...(Object.keys(limits).length === 0 ? {} : merged('limits', { limits }, file)),
  };
}

/** A mapping of two, where the second has one or none; what is none stays, for its own problem to be found. */
function merged(key: string, under: Section, above: Section): Section {
  const own = above[key];
  if (own !== undefined && (typeof own !== 'object' || own === null || Array.isArray(own))) return { [key]: own };
  const whole = { ...mapping(under[key]), ...mapping(own) };
  return under[key] === undefined && own === undefined ? {} : { [key]: whole };
}

function mapping(value: unknown): Section {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Section) : {};
}

function program(service: ComposeService): Section {
  const { source, command, env, entrypoint, user, workdir, binds } = service;
  const ports = portsOf(service);
  const health = healthPath(service.health);
  const copies = binds.map(({ from, at }, index) => ({ from, at, to: `${index + 1}` }));
  const container = {
    ...(entrypoint === undefined ? {} : { entrypoint }),
    ...(user === undefined ? {} : { user }),
    ...(workdir === undefined ? {} : { workdir }),
    ...(copies.length === 0 ? {} : { mounts: Object.fromEntries(copies.map(({ at, to }) => [at, to])) }),
  };
  const [port] = ports;
  return {
    ...source,
    ...(command === undefined ? {} : { args: command }),
    env,
    ...(port === undefined ? {} : { port }),
    ports: namedPorts(ports, port),
    ...(Object.keys(container).length === 0 ? {} : { container }),
    ...(copies.length === 0
      ? {}
      : { prepare: copies.map(({ from, to }) => ({ run: ['cp', '-a', from, `{data}/${to}`] })) }),
    ...(port === undefined
      ? {}
      : { ready: { ...(health?.port === port ? { http: health.path } : { tcp: true }), within: '60s' } }),
  };
}

function namedPorts(ports: readonly number[], main: unknown): Readonly<Record<string, number>> {
  return Object.fromEntries(ports.filter((one) => one !== main).map((one) => [`port${one}`, one]));
}

/** The ports of a service, the one that its health check asks first. */
export function portsOf({ ports, health }: ComposeService): readonly number[] {
  const first = healthPath(health)?.port;
  return ports.toSorted((a, b) => Number(b === first) - Number(a === first));
}

/** The path that a health check asks with a tool such as curl or wget, and its port; undefined where it does something else. */
export function healthPath(test: readonly string[]): { readonly port: number; readonly path: string } | undefined {
  if (test[0] !== 'CMD' && test[0] !== 'CMD-SHELL') return undefined;
  const asked = /\bhttp:\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::(\d{1,5}))?(\/[^\s"'|;&<>$`\\]*)?/.exec(
    test.slice(1).join(' ').slice(0, 4096),
  );
  return asked === null ? undefined : { port: Number(asked[1] ?? 80), path: asked[2] ?? '/' };
}
