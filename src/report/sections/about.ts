import type { Analysis } from '../../analysis/analysis.ts';
import { warmupInWords } from '../../experiment/warm-up.ts';
import { formatBytes, formatSeconds } from '../../units/format-units.ts';
import type { Content, Html } from '../html.ts';
import { html } from '../html.ts';
import { part } from '../part.ts';
import { percentText } from '../words.ts';
import { table } from '../document/html-table.ts';

/** How the figures came about: methods, plan, target, machine. */
export function methodSection({ run, methods }: Analysis): Html {
  const { experiment, plan, artifact, placement } = run;
  const { phases, limits, matrix, validity } = experiment;
  const { settings, mainModule } = artifact.buildInfo;
  return part({
    id: 'methods',
    title: 'How it was measured',
    said: `${plan.blocks} blocks of ${plan.cells.length} cells in random order, ${run.runner}, gctune ${run.toolVersion}`,
    body: html`${experiment.description !== undefined && html`<p class="description">${experiment.description}</p>`}
      <ul class="methods">
        ${methods.map((method) => html`<li>${method.text}</li>`)}
      </ul>
      <div class="columns">
        <div>
          <h3>Plan</h3>
          ${facts([
            ['GOGC', matrix.gogc.join(', ')],
            ['GOMEMLIMIT', matrix.gomemlimit.map((limit) => (limit === 'off' ? 'off' : formatBytes(limit))).join(', ')],
            ['workloads', matrix.workload.join(', ')],
            ...(matrix.factors ?? []).map(({ name, levels }): readonly [string, string] => [name, levels.join(', ')]),
            [
              'baseline',
              `GOGC=${experiment.baseline.gogc}, GOMEMLIMIT=${experiment.baseline.gomemlimit === 'off' ? 'off' : formatBytes(experiment.baseline.gomemlimit)}`,
            ],
            ['blocks', `${plan.blocks}, of ${plan.cells.length} cells each in random order`],
            ['seed', String(plan.seed)],
            [
              'phases',
              `warm-up ${warmupInWords(phases)}, settle ${phases.settleSeconds} s, window ${phases.measureSeconds} s, drain ${phases.drainSeconds} s`,
            ],
            ['primaries', experiment.primaries.join(', ')],
            [
              'limits',
              [
                limits.cpus !== undefined && `${limits.cpus} CPUs`,
                limits.memoryBytes !== undefined && formatBytes(limits.memoryBytes),
              ]
                .filter(Boolean)
                .join(', ') || 'none',
            ],
            [
              'a trial counts with',
              `≥ ${percentText(validity.achievedRate)} of the requests, ≤ ${percentText(validity.errorRate)} errors, the generator ≤ ${formatSeconds(validity.latenessSeconds)} late (p99)`,
            ],
          ])}
        </div>
        <div>
          <h3>Target and machine</h3>
          ${facts([
            ['target', artifact.description],
            ['digest', html`<code>${artifact.digest}</code>`],
            ['arguments', html`<code>${[...experiment.target.args].join(' ')}</code>`],
            ...Object.entries(experiment.target.env).map(([name, value]): readonly [string, Content] => [
              `env ${name}`,
              html`<code>${value}</code>`,
            ]),
            ['module', mainModule === undefined ? artifact.buildInfo.path : `${mainModule.path} ${mainModule.version}`],
            ['Go', artifact.buildInfo.goVersion],
            [
              'build',
              Object.entries(settings)
                .map(([name, value]) => `${name}=${value}`)
                .join(' '),
            ],
            ...Object.entries(run.loads ?? {}).map(([name, { description, digest }]): readonly [string, Content] => [
              `load program of ${name}`,
              html`${description} <code>${digest}</code>`,
            ]),
            ['GOMAXPROCS', String(run.gomaxprocs)],
            ['runner', run.runner],
            ['CPUs', `target ${placement.target ?? 'any'}, generator ${placement.generator ?? 'any'}`],
            ...(run.variants ?? []).map(({ factors, artifact: own, gomaxprocs }): readonly [string, Content] => [
              Object.entries(factors)
                .map((one) => one.join('='))
                .join(' '),
              html`${own.description}, <code>${own.digest}</code>, GOMAXPROCS ${gomaxprocs}`,
            ]),
            ...Object.entries(run.environment).map(([name, value]): readonly [string, Content] => [
              name,
              value === null ? 'unknown' : String(value),
            ]),
            ['run', html`<code>${run.id}</code>`],
            ['gctune', run.toolVersion],
          ])}
        </div>
      </div>`,
  });
}

/** Words of the page that have a meaning of their own, in the order in which a reader meets them. */
const TERMS: readonly (readonly [term: string, meaning: string])[] = [
  ['setting', 'a value of GOGC, and of GOMEMLIMIT where it varies'],
  ['workload', 'what is asked of the daemon while it is measured'],
  ['cell', 'one setting under one workload'],
  [
    'trial',
    'one fresh start of the daemon, its warm-up and its window; all that is measured of it counts as one number',
  ],
  ['window', 'the time of a trial that is measured, after the warm-up'],
  ['block', 'every cell once, in random order; trials are compared within their block'],
  ['baseline', 'the setting that all others are compared with'],
  ['A/A', 'the baseline measured a second time in each block: what differs between the two is noise'],
  [
    'interval',
    'the range of values that the measurements leave plausible, with the confidence given; “?” marks one that includes no change',
  ],
  ['n', 'how many trials or blocks a figure rests on'],
  ['p50, p99', 'half of the requests, or 99 of 100, took no longer'],
  ['anonymous memory', 'resident memory that belongs to the process alone: no file can be read again in its place'],
];

/** What the page's words and metrics mean. */
export function glossarySection({ metrics }: Analysis): Html {
  return part({
    id: 'metrics',
    title: 'Glossary',
    said: `what the words and the ${metrics.length} metrics of this page mean`,
    body: html`${facts(TERMS)}
      <div class="numbers">
        ${table(
          'Metrics',
          [
            { head: 'metric' },
            { head: 'id' },
            { head: 'better' },
            { head: 'what it is' },
            { head: 'how it is reduced' },
          ],
          metrics.map(({ id, label, better, definition, reducer }) => ({
            cells: [
              label,
              html`<code>${id}</code>`,
              better === 'neither' ? '–' : better,
              html`<span class="text">${definition}</span>`,
              html`<span class="text">${reducer}</span>`,
            ],
          })),
          { cards: true },
        )}
      </div>`,
  });
}

function facts(pairs: readonly (readonly [string, Content])[]): Html {
  return html`<dl>
    ${pairs.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}
