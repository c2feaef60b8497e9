import { checkSimulated } from './check-simulated.ts';
import type { Problem } from './diagnose.ts';
import { RUNNER_FACTS } from '../runner-names.ts';
import { withoutVariables } from '../secrets/secrets.ts';
import { usedWorkloads, type ReadSections } from '../sections.ts';
import { runsToItsEnd, sendsRequests } from '../workloads/kinds.ts';
import { quote } from '../../units/units.ts';
import type { YamlSource } from './yaml-source.ts';

/** The target's parts against each other and against what is asked of it. */
export function checkTarget(file: ReadSections, source: YamlSource): Problem[] {
  const simulated = checkSimulated(file, source);
  if (file.target?.simulated !== undefined) return simulated;
  return [...simulated, ...targetParts(file), ...environment(source), ...ports(file), ...furtherPorts(file)];
}

function targetParts({ target, runner }: ReadSections): Problem[] {
  if (target === undefined) return [];
  const problems: Problem[] = [];
  if (target.compose !== undefined) {
    const message = 'the Compose file was not read';
    problems.push({ code: 'compose-not-read', path: ['target', 'compose'], atKey: true, message });
  }
  if (target.flags.length > 0 && target.package === undefined && target.module === undefined) {
    const message = 'only a package or a module is built with go build flags';
    problems.push({ code: 'unused-key', path: ['target', 'flags'], atKey: true, message, hint: 'remove flags' });
  }
  if (Object.keys(target.replace).length > 0 && target.module === undefined) {
    const message = 'dependencies can be replaced only for a module; a package has its own go.mod';
    problems.push({ code: 'unused-key', path: ['target', 'replace'], atKey: true, message, hint: 'remove replace' });
  }
  for (const [step, { run }] of target.prepare.entries()) {
    const index = run.findIndex((word, place) => place > 0 && word.includes('{target}'));
    if (index < 0) continue;
    const message = '{target} can only be the program of a step';
    const hint = 'write it first: run: ["{target}", init]';
    problems.push({ code: 'bad-placeholder', path: ['target', 'prepare', step, 'run', index], message, hint });
  }
  if (target.context !== undefined && target.dockerfile === undefined) {
    const message = 'only a dockerfile has a build context';
    problems.push({ code: 'unused-key', path: ['target', 'context'], atKey: true, message, hint: 'remove context' });
  }
  if (target.container !== undefined && target.image === undefined && target.dockerfile === undefined) {
    const message = 'only an image, or what a Dockerfile makes, is started in such a way';
    problems.push({ code: 'unused-key', path: ['target', 'container'], atKey: true, message, hint: 'remove it' });
  }
  const container =
    target.image !== undefined ? 'an image' : target.dockerfile !== undefined ? 'a Dockerfile' : undefined;
  // A simulated runner has been refused already, whatever the target.
  const starts = runner === undefined || runner === 'auto' || runner === 'simulated' || RUNNER_FACTS[runner].containers;
  if (container !== undefined && !starts) {
    const message = `the ${runner} runner cannot start ${container}`;
    problems.push({ code: 'wrong-runner', path: ['runner'], message, hint: 'write runner: docker, or remove it' });
  }
  return problems;
}

const OWN_VARIABLES: ReadonlyMap<string, string> = new Map([
  ['GOGC', 'list its values under matrix.gogc'],
  ['GOMEMLIMIT', 'list its values under matrix.gomemlimit'],
  ['GOMAXPROCS', 'write gomaxprocs: at top level'],
]);

function environment({ value }: YamlSource): Problem[] {
  // As it stands in the file: a fault elsewhere in the target must not hide this one.
  const { env } = (value['target'] ?? {}) as { readonly env?: object | null };
  return Object.keys(env ?? {}).flatMap((name) => {
    const hint = OWN_VARIABLES.get(name);
    if (hint === undefined) return [];
    return {
      code: 'reserved-variable',
      path: ['target', 'env', name],
      atKey: true,
      message: 'the experiment sets it',
      hint,
    };
  });
}

function ports({ target, sampling, ...file }: ReadSections): Problem[] {
  if (target === undefined || file.workloads === undefined) return [];
  const { port, ready } = target;
  const used = usedWorkloads(file);
  const specs = used.map((name) => file.workloads?.[name]);
  const asksOverHttp = ready?.kind === 'http';
  const values = Object.values(target.env).map(withoutVariables);
  const named = [...target.args, ...values].some((text) => text.includes('{port}'));
  // What a template holds is not known before it is read.
  const passed = named || (port !== undefined && target.files.some(({ template }) => template));
  if (target.unix !== undefined && port === undefined && !passed) {
    return used.flatMap((name): Problem[] => {
      if (file.workloads?.[name]?.kind !== 'kubo') return [];
      const message = 'a kubo node is asked at a port, and the target has a unix socket alone';
      return [
        {
          code: 'no-port',
          path: ['workloads', name, 'kubo'],
          atKey: true,
          message,
          hint: 'write port in place of unix',
        },
      ];
    });
  }
  if (port === undefined) {
    const hint = 'add port: auto and pass {port} in args, or the fixed port that the target serves on';
    return [
      ...used
        .map((name) => ({ name, spec: file.workloads?.[name] }))
        // A program of the user's may ask for the further ports alone.
        .filter(({ spec }) => sendsRequests(spec) && !(spec.kind === 'command' && Object.keys(target.ports).length > 0))
        .map(({ name, spec }) => ({
          code: 'no-port',
          path: ['workloads', name, spec?.kind ?? ''],
          atKey: true,
          message: 'the target has no port to send requests to',
          hint,
        })),
      ...(!asksOverHttp
        ? []
        : [
            {
              code: 'no-port',
              path: ['target', 'ready', 'http'],
              atKey: true,
              message: 'the target has no port to query',
              hint,
            },
          ]),
      ...(passed
        ? [
            {
              code: 'no-port',
              path: ['target'],
              atKey: true,
              message: '{port} is passed to the target, but it has no port',
              hint: 'add port: auto',
            },
          ]
        : []),
    ];
  }
  const at = { path: ['target', 'port'], atKey: true };
  if (port === 'auto' && !passed) {
    const message = 'a free port is chosen, but it is not passed to the target';
    return [
      {
        code: 'port-not-passed',
        ...at,
        message,
        hint: 'pass {port} in args or env, or write the fixed port that it serves on',
      },
    ];
  }
  const asked =
    specs.some(sendsRequests) || asksOverHttp || passed || sampling === undefined || sampling.inside !== 'none';
  if (specs.length > 0 && specs.every(runsToItsEnd) && !passed) {
    return [{ code: 'unused-port', ...at, message: 'a batch command serves no port', hint: 'remove port' }];
  }
  if (!asked) return [{ code: 'unused-port', ...at, message: 'nothing uses the port', hint: 'remove port' }];
  return [];
}

/** The further ports against what names them. */
function furtherPorts({ target, sampling, ...file }: ReadSections): Problem[] {
  if (target === undefined) return [];
  const { ports, port, args, env } = target;
  const specs = usedWorkloads({ ...file, target }).map((name) => file.workloads?.[name]);
  const places = [
    ...args.map((text, index) => ({ text, path: ['target', 'args', index] })),
    ...Object.entries(env).map(([name, value]) => ({ text: withoutVariables(value), path: ['target', 'env', name] })),
  ];
  const named = places.flatMap(({ text, path }) =>
    [...text.matchAll(/\{port:([^{}]*)\}/g)].map(([, name = '']) => ({ name, path })),
  );
  const inPaths = Object.entries(sampling?.paths ?? {}).flatMap(([source, written]) => {
    const name = /^([^/:]+):/.exec(written)?.[1];
    return name === undefined ? [] : [{ name, path: ['sampling', 'paths', source] }];
  });
  const known = Object.keys(ports);
  const unknown = [...named, ...inPaths]
    .filter(({ name }) => !known.includes(name))
    .map(({ name, path }) => ({
      code: 'unknown-port',
      path,
      message: `the target has no port ${quote(name)}`,
      hint:
        known.length === 0 ? `declare it: ports: { ${name}: auto } in the target` : `its ports are ${known.join(', ')}`,
    }));
  const declared = known.flatMap((name): Problem[] => {
    const path = ['target', 'ports', name];
    const number = ports[name];
    if (specs.length > 0 && specs.every(runsToItsEnd))
      return [{ code: 'unused-port', path, atKey: true, message: 'a batch command serves no port', hint: 'remove it' }];
    const templated = target.files.some(({ template }) => template);
    if (number === 'auto' && !templated && !named.some((use) => use.name === name)) {
      const hint = `pass {port:${name}} in args or env, or write the fixed port that it serves on`;
      const message = 'a free port is chosen, but it is not passed to the target';
      return [{ code: 'port-not-passed', path, atKey: true, message, hint }];
    }
    const twin = known.find((one) => one < name && ports[one] === number);
    const other = number === port ? 'target.port' : twin && `target.ports.${twin}`;
    if (number === 'auto' || other === undefined) return [];
    const message = `${number} is ${other} too`;
    return [
      {
        code: 'duplicate-port',
        path,
        message,
        hint: 'a port of the target needs one name only: remove one of the two',
      },
    ];
  });
  return [...unknown, ...declared];
}
