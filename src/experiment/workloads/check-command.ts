import { nearest } from '../../text/nearest.ts';
import { quote } from '../../units/units.ts';
import type { Problem } from '../check/diagnose.ts';
import { withoutVariables } from '../secrets/secrets.ts';
import type { CommandWorkload } from './command.ts';
import type { Surroundings } from './kind.ts';

/** The placeholders of arguments and environment, without the names of ports. */
const KNOWN = [
  'host',
  'port',
  'address',
  'seconds',
  'seed',
  'report',
  'work',
  'service',
  'service_host',
  'service_port',
];

/** The texts in which placeholders are filled in, with their places. */
function textsOf(
  { args, env, stdin }: CommandWorkload,
  path: Problem['path'],
): readonly { readonly text: string; readonly path: Problem['path'] }[] {
  return [
    ...args.map((each, index) => ({ text: each, path: [...path, 'args', index] })),
    ...Object.entries(env).map(([name, value]) => ({ text: withoutVariables(value), path: [...path, 'env', name] })),
    ...(stdin === undefined ? [] : [{ text: stdin, path: [...path, 'stdin'] }]),
  ];
}

/** Whether a run is told of the file for its report. */
export function writesReport(spec: CommandWorkload): boolean {
  return textsOf(spec, []).some((each) => each.text.includes('{report}'));
}

/** What is wrong with a load program that each key of it alone does not show. */
export function checkCommand(spec: CommandWorkload, path: Problem['path'], around: Surroundings): Problem[] {
  const { tool } = spec.report;
  const problems: Problem[] = [];
  if (spec.loop === undefined) {
    const message =
      tool === undefined
        ? 'nothing says whether the load is an open or a closed loop'
        : `whether ${tool} keeps an open or a closed loop depends on what it is told`;
    const hint =
      'add loop: open where requests are sent at their times whether or not the target keeps up, else loop: closed';
    problems.push({ code: 'no-loop', path: [...path, 'report'], atKey: true, message, hint });
  }
  if (spec.source.kind === 'program' && spec.args.length > 0 && /\s/.test(spec.source.path)) {
    // A path may hold spaces; a command line may not stand there.
    if (!spec.source.path.includes('/')) {
      const message = `${quote(spec.source.path)} is not the name of a program`;
      problems.push({
        code: 'bad-program',
        path: [...path, 'program'],
        message,
        hint: 'write its arguments under args',
      });
    }
  }
  const counts =
    spec.report.tool === undefined ? spec.report.places.requests !== undefined : tool !== 'redis-benchmark';
  if (!counts && spec.requests === undefined) {
    const message =
      tool === undefined
        ? 'nothing says how many requests a run makes'
        : `the report of ${tool} has no count of requests`;
    const hint = 'add requests: with the number that the arguments ask for';
    problems.push({ code: 'no-count', path: [...path, 'report'], atKey: true, message, hint });
  }
  if (tool === 'go-bench' && !spec.args.some((word) => /(?:^|=)\d+x$/.test(word))) {
    const message = 'a Go benchmark that runs for a time makes rounds that its result does not count';
    const hint = 'let it make a number of them: -test.benchtime=20000x, or -benchtime=20000x with go test';
    problems.push({ code: 'uncounted-work', path: [...path, 'args'], atKey: true, message, hint });
  }
  if (spec.reportCommand !== undefined && !writesReport(spec)) {
    const message = 'the report is made of the file {report}, which no run is told of';
    const hint = 'name {report} in args, for example -output={report}';
    problems.push({ code: 'no-report-file', path: [...path, 'report', 'command'], atKey: true, message, hint });
  }
  return [...problems, ...notInContainers(spec, path), ...placeholders(spec, path, around)];
}

/** What a load program in a container cannot be given. */
function notInContainers({ source: from, stdin, reportCommand }: CommandWorkload, path: Problem['path']): Problem[] {
  if (from.kind !== 'image') return [];
  const problems: Problem[] = [];
  if (stdin !== undefined) {
    const message = 'a load program in a container has no standard input';
    const hint = 'pass it by args or env, or give the load as program: or module:';
    problems.push({ code: 'no-standard-input', path: [...path, 'stdin'], atKey: true, message, hint });
  }
  if (reportCommand !== undefined && reportCommand[0] !== '{program}') {
    const message = 'the program that makes the report is started in the image of the load program';
    const hint = "begin it with {program}, which is the image's entry point: ['{program}', report, …]";
    problems.push({ code: 'not-in-image', path: [...path, 'report', 'command'], atKey: true, message, hint });
  }
  return problems;
}

function placeholders(
  spec: CommandWorkload,
  path: Problem['path'],
  { ports, port, services }: Surroundings,
): Problem[] {
  return textsOf(spec, path).flatMap((each) =>
    [...each.text.matchAll(/\{([a-z_]+)(?::([^{}]*))?\}/g)].flatMap(([whole, word = '', name]): Problem[] => {
      if (word === 'port' && name !== undefined && !ports.includes(name)) {
        const hint =
          ports.length === 0
            ? `declare it: ports: { ${name}: auto } in the target`
            : `its ports are ${ports.join(', ')}`;
        return [{ code: 'unknown-port', path: each.path, message: `the target has no port ${quote(name)}`, hint }];
      }
      const service = name?.split(':', 1)[0] ?? '';
      if (word.startsWith('service') && KNOWN.includes(word) && !services.includes(service)) {
        const hint = services.length === 0 ? 'declare it under services' : `there are ${services.join(', ')}`;
        return [{ code: 'unknown-service', path: each.path, message: `there is no service ${quote(service)}`, hint }];
      }
      if (!port && ['port', 'address'].includes(word) && name === undefined) {
        const hint = 'add port: to the target';
        return [
          { code: 'no-port', path: each.path, message: `${whole} is passed on, but the target has no port`, hint },
        ];
      }
      const meant = KNOWN.includes(word) ? undefined : nearest(word, KNOWN);
      // Braces may be the program's own.
      if (meant === undefined) return [];
      const message = `there is no placeholder ${whole}`;
      return [{ code: 'bad-placeholder', path: each.path, message, hint: `did you mean {${meant}}?` }];
    }),
  );
}
