import type { Problem } from './diagnose.ts';
import type { Gogc, Gomemlimit } from './experiment.ts';
import { writeLevel } from './make-plan.ts';
import { METRICS, type MetricId } from './metrics.ts';
import { nearest } from './nearest.ts';
import type { ExperimentFile } from './schema.ts';
import { quote, writeRate } from './units.ts';
import type { YamlSource } from './yaml-source.ts';

/** The sections of a file that could be read; a rule that needs a section which could not is passed over. */
export type ReadSections = { readonly [K in keyof ExperimentFile]?: ExperimentFile[K] | undefined };
type Workloads = ExperimentFile['workloads'];
type WorkloadKind = 'http' | 'batch' | 'idle';

/** More trials than a machine runs in weeks; the plan is held in memory. */
const MOST_TRIALS = 100_000;

/** Everything that is well written and still cannot be meant: names of nothing, levels twice, parts that do not fit together. */
export function checkMeaning(file: ReadSections, source: YamlSource): Problem[] {
  return [
    ...targetParts(file),
    ...environment(file),
    ...ports(file),
    ...levels(file, source),
    ...baseline(file),
    ...workloads(file),
    ...bursts(file),
    ...headers(file),
    ...primaries(file),
    ...unboundedHeap(file),
  ];
}

/** The names of the workloads that are run. */
export function usedWorkloads({ matrix, workloads }: ReadSections): readonly string[] {
  return matrix?.workload ?? Object.keys(workloads ?? {});
}

/** What kind of work a workload of the file is. */
export function kindOfWorkload(workload: Workloads[string] | undefined): WorkloadKind | undefined {
  if (workload === undefined) return undefined;
  return workload.http !== undefined ? 'http' : workload.batch !== undefined ? 'batch' : 'idle';
}

/** The levels that contrasts are against: as said, else Go's default, else the only one. */
export function baselineLevels({ matrix, baseline }: Required<Pick<ReadSections, 'matrix' | 'baseline'>>): {
  readonly gogc: Gogc;
  readonly gomemlimit: Gomemlimit;
} {
  const only = <T>(list: readonly T[] | undefined): T | undefined => (list?.length === 1 ? list[0] : undefined);
  return {
    gogc: baseline?.gogc ?? only(matrix?.gogc) ?? 100,
    gomemlimit: baseline?.gomemlimit ?? only(matrix?.gomemlimit) ?? 'off',
  };
}

function targetParts({ target, runner }: ReadSections): Problem[] {
  if (target === undefined) return [];
  const problems: Problem[] = [];
  if (target.flags.length > 0 && target.package === undefined) {
    const message = 'only a package is built with flags of go build';
    problems.push({ code: 'unused-key', path: ['target', 'flags'], atKey: true, message, hint: 'take flags out' });
  }
  if (target.context !== undefined && target.dockerfile === undefined) {
    const message = 'only a dockerfile has a build context';
    problems.push({ code: 'unused-key', path: ['target', 'context'], atKey: true, message, hint: 'take context out' });
  }
  const container = target.image !== undefined ? 'image' : target.dockerfile !== undefined ? 'dockerfile' : undefined;
  if (container !== undefined && runner === 'process') {
    const message = `the process runner cannot start an ${container}`.replace('an dockerfile', 'a dockerfile');
    problems.push({ code: 'wrong-runner', path: ['runner'], message, hint: 'write runner: docker, or take it out' });
  }
  return problems;
}

const OWN_VARIABLES: Readonly<Record<string, string>> = {
  GOGC: 'list its values under matrix.gogc',
  GOMEMLIMIT: 'list its values under matrix.gomemlimit',
  GOMAXPROCS: 'write gomaxprocs: at the left margin',
};

function environment({ target }: ReadSections): Problem[] {
  return Object.keys(target?.env ?? {}).flatMap((name) => {
    const hint = OWN_VARIABLES[name];
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
  const kinds = new Set(used.map((name) => kindOfWorkload(file.workloads?.[name])));
  const passed = [...target.args, ...Object.values(target.env)].some((text) => text.includes('{port}'));
  if (port === undefined) {
    const hint = 'add port: auto and pass {port} in args, or the fixed port that the target serves on';
    return [
      ...used
        .filter((name) => kindOfWorkload(file.workloads?.[name]) === 'http')
        .map((name) => ({
          code: 'no-port',
          path: ['workloads', name, 'http'],
          atKey: true,
          message: 'the target has no port to send requests to',
          hint,
        })),
      ...(ready?.http === undefined
        ? []
        : [
            {
              code: 'no-port',
              path: ['target', 'ready', 'http'],
              atKey: true,
              message: 'the target has no port to ask',
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
    const message = 'a free port is chosen, but the target is not told which';
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
    kinds.has('http') || ready?.http !== undefined || passed || sampling === undefined || sampling.source !== 'none';
  if (kinds.has('batch') && kinds.size === 1 && !passed) {
    return [{ code: 'unused-port', ...at, message: 'a batch command serves no port', hint: 'take port out' }];
  }
  if (!asked) return [{ code: 'unused-port', ...at, message: 'nothing uses the port', hint: 'take port out' }];
  return [];
}

function levels({ matrix, blocks, ...file }: ReadSections, source: YamlSource): Problem[] {
  if (matrix === undefined) return [];
  const names = Object.keys((source.value['workloads'] as object | null | undefined) ?? {});
  const problems: Problem[] = [];
  for (const factor of ['gogc', 'gomemlimit', 'workload'] as const) {
    const list: readonly (string | number)[] = matrix[factor] ?? [];
    for (const [index, level] of list.entries()) {
      const path = ['matrix', factor, index];
      if (list.indexOf(level) < index) {
        const shown = factor === 'workload' ? level : writeLevel(level as Gogc, factor);
        problems.push({
          code: 'duplicate-level',
          path,
          message: `${shown} is listed twice`,
          hint: 'take one of the two out',
        });
      }
      if (factor === 'gogc') problems.push(...oddlyWritten(path, source));
      if (factor === 'workload' && file.workloads !== undefined && !names.includes(String(level))) {
        const meant = nearest(String(level), names);
        const hint = meant === undefined ? `there are ${names.join(', ')}` : `did you mean ${meant}?`;
        problems.push({ code: 'unknown-workload', path, message: `there is no workload ${quote(level)}`, hint });
      }
    }
  }
  problems.push(...oddlyWritten(['baseline', 'gogc'], source));
  const trials =
    (matrix.gogc.length * matrix.gomemlimit.length + 1) * usedWorkloads({ matrix, ...file }).length * (blocks ?? 1);
  if (trials > MOST_TRIALS) {
    const message = `the plan would have ${trials} trials`;
    problems.push({
      code: 'plan-too-large',
      path: ['matrix'],
      atKey: true,
      message,
      hint: `keep it under ${MOST_TRIALS}: fewer levels or blocks`,
    });
  }
  return problems;
}

/** YAML reads 1e2, 0x64 and +50 as numbers; who writes them for GOGC should know that Go does not. */
function oddlyWritten(path: (string | number)[], source: YamlSource): Problem[] {
  const written = source.writtenAt(path);
  if (written === undefined || written === 'off' || /^[1-9][0-9]*$/.test(written) || !Number.isInteger(Number(written)))
    return [];
  const message = `GOGC ${written} is not written in plain digits: Go would not read it as YAML does`;
  return [{ code: 'bad-gogc', path, message, hint: `write ${Number(written)}` }];
}

function baseline({ matrix, baseline: given }: ReadSections): Problem[] {
  if (matrix === undefined || given === undefined) return [];
  const wanted = baselineLevels({ matrix, baseline: given });
  const check = (factor: 'gogc' | 'gomemlimit', list: readonly (Gogc | Gomemlimit)[]): Problem[] => {
    if (list.includes(wanted[factor])) return [];
    const shown = writeLevel(wanted[factor], factor);
    const first = list[0] === undefined ? 'off' : writeLevel(list[0], factor);
    const said = given[factor] !== undefined;
    return [
      {
        code: 'baseline-not-in-matrix',
        path: said ? ['baseline', factor] : ['matrix', factor],
        atKey: !said,
        message: `the baseline ${factor}=${shown}${said ? '' : ' (the default)'} is not one of matrix.${factor}: ${list.map((level) => writeLevel(level, factor)).join(', ')}`,
        hint: `add ${shown} to matrix.${factor}, or write baseline: {${factor}: ${first}}`,
      },
    ];
  };
  return [...check('gogc', matrix.gogc), ...check('gomemlimit', matrix.gomemlimit)];
}

function workloads(file: ReadSections): Problem[] {
  const { target } = file;
  const used = usedWorkloads(file).filter((name) => file.workloads?.[name] !== undefined);
  const of = (kind: WorkloadKind): string[] => used.filter((name) => kindOfWorkload(file.workloads?.[name]) === kind);
  const problems: Problem[] = [];
  const [batch, daemon] = [of('batch')[0], of('http')[0] ?? of('idle')[0]];
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
  if (target !== undefined && target.ready === undefined) {
    for (const name of of('http')) {
      problems.push({
        code: 'no-readiness',
        path: ['workloads', name, 'http'],
        atKey: true,
        message: 'nothing says when the target is ready for requests',
        hint: 'add target.ready, for example ready: {http: /healthz}',
      });
    }
  }
  return problems;
}

function bursts({ workloads: all = {} }: ReadSections): Problem[] {
  return Object.entries(all).flatMap(([name, { http }]) => {
    if (http === undefined || typeof http.rate === 'number' || 'steps' in http.rate) return [];
    const { base, peak, every, for: length } = http.rate;
    const path = ['workloads', name, 'http', 'rate'];
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

/** The kinds of work that a metric can be known of. */
function kindsWith(id: MetricId): readonly WorkloadKind[] {
  if (id.startsWith('latency.')) return ['http'];
  if (id === 'batch.duration') return ['batch'];
  return id.endsWith('per_request') ? ['http', 'batch'] : ['http', 'batch', 'idle'];
}

/** Without any limit a daemon that never collects takes all memory of the machine; a batch command ends before. */
function unboundedHeap(file: ReadSections): Problem[] {
  const { matrix, limits } = file;
  if (matrix === undefined || limits === undefined || limits.memory !== undefined) return [];
  const index = matrix.gogc.indexOf('off');
  const daemon = usedWorkloads(file).some((name) =>
    ['http', 'idle'].includes(kindOfWorkload(file.workloads?.[name]) ?? ''),
  );
  if (index < 0 || !daemon || !matrix.gomemlimit.includes('off')) return [];
  const message =
    'with GOGC off and neither a GOMEMLIMIT nor a memory limit the heap grows until the machine has no memory left';
  return [{ code: 'unbounded-heap', path: ['matrix', 'gogc', index], message, hint: 'add limits: {memory: 512MiB}' }];
}
