import type { Problem } from './diagnose.ts';
import { METRICS } from '../../metrics/metrics.ts';
import { checkKubo } from './check-kubo.ts';
import {
  kindOfWorkload,
  kindsWith,
  REQUEST_KINDS,
  usedWorkloads,
  type ReadSections,
  type WorkloadKind,
} from '../sections.ts';
import { writeRate } from '../../units/units.ts';

/** The workloads against each other, against the target and against the metrics that are wanted of them. */
export function checkWorkloads(file: ReadSections): Problem[] {
  return [...workloads(file), ...bursts(file), ...headers(file), ...checkKubo(file), ...primaries(file)];
}

function workloads(file: ReadSections): Problem[] {
  const { target } = file;
  const used = usedWorkloads(file).filter((name) => file.workloads?.[name] !== undefined);
  const of = (kind: WorkloadKind): string[] => used.filter((name) => kindOfWorkload(file.workloads?.[name]) === kind);
  const problems: Problem[] = [];
  const [batch, daemon] = [of('batch')[0], of('http')[0] ?? of('kubo')[0] ?? of('idle')[0]];
  if (batch !== undefined && daemon !== undefined) {
    const message = `a target that runs to its end (${batch}) cannot be the daemon that ${daemon} needs`;
    problems.push({
      code: 'mixed-workloads',
      path: ['workloads', batch],
      atKey: true,
      message,
      hint: 'make two experiments of it, or choose with matrix.workload',
    });
  }
  if (batch !== undefined && daemon === undefined && target?.ready !== undefined) {
    problems.push({
      code: 'unused-key',
      path: ['target', 'ready'],
      atKey: true,
      message: 'a batch command is never ready: it runs to its end',
      hint: 'take ready out',
    });
  }
  if (target !== undefined && target.ready === undefined && target.simulated === undefined) {
    for (const [name, kind] of REQUEST_KINDS.flatMap((each) => of(each).map((name) => [name, each] as const))) {
      problems.push({
        code: 'no-readiness',
        path: ['workloads', name, kind],
        atKey: true,
        message: 'nothing says when the target is ready for requests',
        hint: 'add target.ready, for example ready: {http: /healthz}',
      });
    }
  }
  return problems;
}

function bursts({ workloads: all = {} }: ReadSections): Problem[] {
  return Object.entries(all).flatMap(([name, workload]) => {
    const kind = workload.http === undefined ? 'kubo' : 'http';
    const rate = workload[kind]?.rate;
    if (rate === undefined || typeof rate === 'number' || 'steps' in rate) return [];
    const { base, peak, every, for: length } = rate;
    const path = ['workloads', name, kind, 'rate'];
    return [
      ...(peak < base
        ? [
            {
              code: 'bad-burst',
              path: [...path, 'peak'],
              message: `the peak of ${writeRate(peak)} is below the base of ${writeRate(base)}`,
              hint: 'exchange the two',
            },
          ]
        : []),
      ...(length > every
        ? [
            {
              code: 'bad-burst',
              path: [...path, 'for'],
              message: `a burst of ${length} s does not fit into ${every} s`,
              hint: 'make it at most as long as every',
            },
          ]
        : []),
    ];
  });
}

/** Fields that say how long the message is or what becomes of the connection are the load generator's. */
const OWN_HEADERS = ['content-length', 'transfer-encoding', 'connection', 'host', 'expect', 'upgrade', 'keep-alive'];

function headers({ workloads: all = {} }: ReadSections): Problem[] {
  return Object.entries(all).flatMap(([name, { http }]) =>
    (http?.requests ?? []).flatMap((request, index) =>
      Object.keys(request.headers)
        .filter((header) => OWN_HEADERS.includes(header.toLowerCase()))
        .map((header) => ({
          code: 'reserved-header',
          path: ['workloads', name, 'http', 'requests', index, 'headers', header],
          atKey: true,
          message: 'the load generator sets it',
          hint: 'take it out',
        })),
    ),
  );
}

function primaries(file: ReadSections): Problem[] {
  const kinds = usedWorkloads(file).map((name) => kindOfWorkload(file.workloads?.[name]));
  return (file.primaries ?? []).flatMap((id, index): Problem[] => {
    const path = ['primaries', index];
    if ((file.primaries ?? []).indexOf(id) < index) {
      return [{ code: 'duplicate-level', path, message: `${id} is listed twice`, hint: 'take one of the two out' }];
    }
    const needed = kindsWith(id);
    if (kinds.some((kind) => kind === undefined || needed.includes(kind))) return [];
    const message = `${id} (${METRICS[id].label}) is only known of ${needed.join(' and ')} workloads`;
    return [
      { code: 'metric-not-measured', path, message, hint: 'choose another metric; gctune help metrics lists them' },
    ];
  });
}
