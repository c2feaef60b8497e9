import { isAbsolute, normalize } from 'node:path';
import type { Problem } from './diagnose.ts';
import type { ServiceSection } from '../schema/services.ts';
import type { ReadSections } from '../sections.ts';
import { withoutVariables } from '../secrets/secrets.ts';
import { quote } from '../../units/units.ts';

type Program = Pick<ServiceSection, 'args' | 'env' | 'port' | 'ports' | 'ready' | 'prepare' | 'files' | 'container'>;
type Path = Problem['path'];
type Services = Readonly<Record<string, ServiceSection>>;

/** The services against each other and against what names them, and the files of the target and of the services. */
export function checkServices({ services = {}, target, runner }: ReadSections): Problem[] {
  const names = Object.keys(services);
  return [
    ...(target === undefined
      ? []
      : [
          ...references(target, ['target'], services, names),
          ...files(target, ['target']),
          ...readiness(target, ['target']),
          ...socket(target, target.unix, ['target', 'unix']),
        ]),
    ...names.flatMap((name, index) => {
      const service = services[name] as ServiceSection;
      const path = ['services', name];
      // Those of the run are there before any that a trial starts.
      const above = names.slice(0, index).filter((one) => service.start === 'trial' || services[one]?.start === 'run');
      return [
        ...references(service, path, services, above),
        ...files(service, path),
        ...readiness(service, path),
        ...passed(service, path),
        ...source(service, path, runner),
      ];
    }),
  ];
}

/** Every text of a program in which placeholders are filled when it starts. */
function textsOf({ args, env }: Program, path: Path): readonly { readonly text: string; readonly path: Path }[] {
  return [
    ...args.map((text, index) => ({ text, path: [...path, 'args', index] })),
    ...Object.entries(env).map(([name, value]) => ({ text: withoutVariables(value), path: [...path, 'env', name] })),
  ];
}

function references(program: Program, path: Path, services: Services, known: readonly string[]): Problem[] {
  const inSteps = program.prepare.flatMap(({ run }, step) =>
    run.flatMap((text, index): Problem[] => {
      const at = [...path, 'prepare', step, 'run', index];
      if (/\{service(?:_host|_port)?:/.test(text)) {
        const message = 'no service runs while the data is prepared';
        const hint = 'name it in args or env; {service:NAME} is filled in when a trial starts';
        return [{ code: 'bad-placeholder', path: at, message, hint }];
      }
      if (!text.includes('{service}') || (index === 0 && path[0] === 'services')) return [];
      const message = '{service} can only be the program of a step of a service';
      return [{ code: 'bad-placeholder', path: at, message, hint: 'write it first: run: ["{service}", init]' }];
    }),
  );
  const named = textsOf(program, path).flatMap(({ text, path: at }) =>
    [...text.matchAll(/\{(service|service_host|service_port):([^{}:]*)(?::([^{}]*))?\}/g)].flatMap(
      ([, what = '', name = '', port]): Problem[] => {
        if (!known.includes(name)) {
          const later = Object.hasOwn(services, name) && path[0] === 'services';
          const message = later
            ? `${quote(name)} does not run yet when this service starts`
            : `there is no service ${quote(name)}`;
          const hint = later
            ? 'write it above this one; one with start: run can only use others of them'
            : known.length === 0
              ? 'declare it at top level: services: { … }'
              : `it is one of ${known.join(', ')}`;
          return [{ code: 'unknown-service', path: at, message, hint }];
        }
        const { port: own, ports = {} } = services[name] ?? {};
        if (port === undefined && own === undefined && what !== 'service_host') {
          const message = `the service ${quote(name)} has no port`;
          return [{ code: 'unknown-port', path: at, message, hint: `add port: to services.${name}` }];
        }
        if (port === undefined || Object.hasOwn(ports, port)) return [];
        const message = `the service ${quote(name)} has no port ${quote(port)}`;
        return [{ code: 'unknown-port', path: at, message, hint: `declare it under services.${name}.ports` }];
      },
    ),
  );
  return [...inSteps, ...named];
}

function files(program: Program, path: Path): Problem[] {
  const outside = (written: string): boolean =>
    isAbsolute(written) || written.split('/').includes('..') || /^\.?\/?$/.test(normalize(written));
  const bad = program.files.flatMap(({ from, to }, index): Problem[] => {
    const at = [...path, 'files', index];
    const hint = 'write a path without .. that does not begin with /';
    return [
      ...(outside(from)
        ? [
            {
              code: 'file-outside',
              path: [...at, 'from'],
              message: `${quote(from)} is not a file or folder inside the folder of the experiment`,
              hint,
            },
          ]
        : []),
      ...(outside(to)
        ? [
            {
              code: 'file-outside',
              path: [...at, 'to'],
              message: `${quote(to)} is not a place in the data folder`,
              hint,
            },
          ]
        : []),
    ];
  });
  if (program.files.length === 0) return bad;
  const words = [...textsOf(program, path).map(({ text }) => text), ...program.prepare.flatMap(({ run }) => run)];
  if (Object.keys(program.container?.mounts ?? {}).length > 0) return bad;
  if (words.some((word) => word.includes('{data}'))) return bad;
  const message = 'they are copied into the data folder, but its path is not passed to the program';
  const hint = 'pass {data} in args or env: --config {data}/config.yaml';
  return [...bad, { code: 'data-not-passed', path: [...path, 'files'], atKey: true, message, hint }];
}

function readiness(program: Program, path: Path): Problem[] {
  const { ready, port, ports } = program;
  if (ready?.kind === 'tcp') {
    const at = [...path, 'ready', 'tcp'];
    if (ready.port === true && port === undefined)
      return [{ code: 'no-port', path: at, message: 'there is no port to connect to', hint: 'add port: auto' }];
    if (ready.port === true || Object.hasOwn(ports, ready.port)) return [];
    const message = `there is no port ${quote(ready.port)}`;
    return [{ code: 'unknown-port', path: at, message, hint: `declare it: ports: { ${ready.port}: auto }` }];
  }
  return ready?.kind === 'unix' ? socket(program, ready.path, [...path, 'ready', 'unix']) : [];
}

/** The path of a unix socket, which has to be in the data folder. */
function socket({ args, env }: Program, written: string | undefined, at: Path): Problem[] {
  if (written === undefined) return [];
  if (!/^\{data\}\/(?!.*(?:^|\/)\.\.(?:\/|$))[^{}]+$/.test(written)) {
    const message = `${quote(written)} is not a socket in the data folder`;
    return [
      { code: 'bad-socket', path: at, message, hint: "write '{data}/' and its name, and pass it in args or env" },
    ];
  }
  if ([...args, ...Object.values(env)].some((text) => text.includes('{data}'))) return [];
  const message = 'the path of the data folder is not passed to the program';
  return [{ code: 'data-not-passed', path: at, message, hint: 'pass {data} in args or env' }];
}

/** A port of the target's that is not passed to it is found elsewhere; here those of a service. */
function passed(service: ServiceSection, path: Path): Problem[] {
  const texts = textsOf(service, path).map(({ text }) => text);
  const templated = service.files.some(({ template }) => template);
  const problem = (at: Path, placeholder: string): Problem => ({
    code: 'port-not-passed',
    path: at,
    atKey: true,
    message: 'a free port is chosen, but it is not passed to the service',
    hint: `pass ${placeholder} in args, env or a template, or write the fixed port that it serves on`,
  });
  const missing = (placeholder: string): boolean => !templated && !texts.some((text) => text.includes(placeholder));
  return [
    ...(service.port === 'auto' && missing('{port}') ? [problem([...path, 'port'], '{port}')] : []),
    ...Object.entries(service.ports).flatMap(([name, port]) =>
      port === 'auto' && missing(`{port:${name}}`) ? [problem([...path, 'ports', name], `{port:${name}}`)] : [],
    ),
    ...(service.port === undefined && service.ready?.kind === 'http'
      ? [
          {
            code: 'no-port',
            path: [...path, 'ready', 'http'],
            atKey: true,
            message: 'the service has no port to query',
            hint: 'add port: auto and pass {port} in args, or the fixed port that it serves on',
          },
        ]
      : []),
  ];
}

function source(service: ServiceSection, path: Path, runner: ReadSections['runner']): Problem[] {
  const unused = (key: string, message: string): Problem => ({
    code: 'unused-key',
    path: [...path, key],
    atKey: true,
    message,
    hint: `remove ${key}`,
  });
  const { flags, package: folder, module, replace, context, dockerfile, command, image, container } = service;
  const problems: Problem[] = [];
  if (flags.length > 0 && folder === undefined && module === undefined)
    problems.push(unused('flags', 'only a package or a module is built with go build flags'));
  if (Object.keys(replace).length > 0 && module === undefined)
    problems.push(unused('replace', 'dependencies can be replaced only for a module'));
  if (container !== undefined && image === undefined && dockerfile === undefined)
    problems.push(unused('container', 'only an image, or what a Dockerfile makes, is started in such a way'));
  if (context !== undefined && dockerfile === undefined)
    problems.push(unused('context', 'only a dockerfile has a build context'));
  if (command === undefined) return problems;
  if (command.includes('/') && !isAbsolute(command)) {
    const message = `${quote(command)} is neither a name in PATH nor an absolute path`;
    const hint = `write binary: ${command} for a file of your own`;
    problems.push({ code: 'bad-command', path: [...path, 'command'], message, hint });
  }
  if (runner === 'docker') {
    const message = 'a command runs on this machine, and a target in a container reaches nothing on it';
    const hint = 'give the service as image: or as a static binary:, or write runner: process';
    problems.push({ code: 'wrong-runner', path: [...path, 'command'], atKey: true, message, hint });
  }
  return problems;
}
