import type { Problem } from './diagnose.ts';
import { METRICS } from '../../metrics/metrics.ts';
import { isSimulated, usedWorkloads, type ReadSections } from '../sections.ts';
import { factsOfKind, isCompared, kindsWith, runsToItsEnd, sendsRequests } from '../workloads/kinds.ts';

/** The workloads against each other, against the target and against the metrics that are wanted of them. */
export function checkWorkloads(file: ReadSections): Problem[] {
  return [...workloads(file), ...eachWorkload(file), ...primaries(file)];
}

function workloads(file: ReadSections): Problem[] {
  const { target } = file;
  const used = usedWorkloads(file).flatMap((name) => {
    const spec = file.workloads?.[name];
    return spec === undefined ? [] : [{ name, spec }];
  });
  const problems: Problem[] = [];
  const batch = used.find(({ spec }) => runsToItsEnd(spec))?.name;
  const daemons = used.filter(({ spec }) => !runsToItsEnd(spec));
  // Of several the one that is asked for something says best what the target cannot be.
  const daemon = (daemons.find(({ spec }) => sendsRequests(spec)) ?? daemons[0])?.name;
  if (batch !== undefined && daemon !== undefined) {
    const message = `a target that runs to completion (${batch}) cannot be the daemon that ${daemon} needs`;
    problems.push({
      code: 'mixed-workloads',
      path: ['workloads', batch],
      atKey: true,
      message,
      hint: 'split it into two experiments, or select with matrix.workload',
    });
  }
  if (batch !== undefined && daemon === undefined && target?.ready !== undefined) {
    problems.push({
      code: 'unused-key',
      path: ['target', 'ready'],
      atKey: true,
      message: 'a batch command runs to completion and is never ready',
      hint: 'remove ready',
    });
  }
  if (target !== undefined && target.ready === undefined && !isSimulated(target)) {
    for (const { name, spec } of used.filter((one) => sendsRequests(one.spec))) {
      problems.push({
        code: 'no-readiness',
        path: ['workloads', name, spec.kind],
        atKey: true,
        message: 'nothing says when the target is ready for requests',
        hint: 'add target.ready, for example ready: {http: /healthz}',
      });
    }
  }
  return problems;
}

/** What each workload says against itself, used or not. */
function eachWorkload({ workloads: all = {}, services = {}, target }: ReadSections): Problem[] {
  return Object.entries(all).flatMap(([name, spec]) => {
    const around = {
      services: Object.keys(services),
      // Of a target that could not be read nothing is known.
      port: target === undefined || target.port !== undefined,
      ports: Object.keys(target?.ports ?? {}),
    };
    return factsOfKind(spec.kind).check?.(spec, ['workloads', name, spec.kind], around) ?? [];
  });
}

function primaries(file: ReadSections): Problem[] {
  const kinds = usedWorkloads(file).map((name) => file.workloads?.[name]?.kind);
  return (file.primaries ?? []).flatMap((id, index): Problem[] => {
    const path = ['primaries', index];
    if ((file.primaries ?? []).indexOf(id) < index) {
      return [{ code: 'duplicate-level', path, message: `${id} is listed twice`, hint: 'remove one of the two' }];
    }
    const closed = usedWorkloads(file).find((name) => !isCompared(id, file.workloads?.[name]));
    if (closed !== undefined) {
      const message = `${id} (${METRICS[id].label}) is not compared in the closed loop of ${closed}, where each setting does another amount of work`;
      return [{ code: 'closed-loop', path, message, hint: 'choose a metric per request, such as cpu.per_request' }];
    }
    const needed = kindsWith(id);
    if (kinds.some((kind) => kind === undefined || needed.includes(kind))) return [];
    const message = `${id} (${METRICS[id].label}) is measured only for ${needed.join(' and ')} workloads`;
    return [
      { code: 'metric-not-measured', path, message, hint: 'choose another metric; gctune help metrics lists them' },
    ];
  });
}
