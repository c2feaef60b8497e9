import type { PartRow, RepeatedRow, Sensitivity } from '../analysis/inference/sensitivity.ts';
import type { Claim } from '../analysis/inference/verdict.ts';
import { METRICS } from '../metrics/metrics.ts';
import type { Estimate } from '../statistics/estimate.ts';
import { counted } from '../text/words.ts';
import { pText } from './compare/compare-words.ts';
import type { Block } from './document/document.ts';
import { mapped } from './figure.ts';
import { signedText } from './recommend/rule-words.ts';

/** What repeated trials, and a change in the middle of the run, may hide: a table for each, with how to read it. */
export function sensitivityBlocks({ repeated, parts }: Sensitivity): readonly Block[] {
  return [
    ...(repeated === undefined ? [] : repeatedBlocks(repeated)),
    ...(parts === undefined ? [] : partBlocks(parts.rows)),
  ];
}

function repeatedBlocks({ trials, rows }: NonNullable<Sensitivity['repeated']>): readonly Block[] {
  const other = rows.filter(({ claim, claimWithout }) => claim !== claimWithout).length;
  const said =
    other === 0
      ? 'Without them, no primary contrast is judged otherwise.'
      : `Without them, ${counted(other, 'primary contrast')} ${other === 1 ? 'is' : 'are'} judged otherwise.`;
  return [
    {
      kind: 'prose',
      text: `${counted(trials, 'trial')} ${trials === 1 ? 'counts' : 'count'} only because ${trials === 1 ? 'it was' : 'they were'} repeated: the first attempt was invalid because of the machine or the load generator. If a setting makes such attempts more likely, leaving them out flatters it. ${said}`,
    },
    {
      kind: 'table',
      name: 'With and without repeated trials',
      columns: [
        ...['workload', 'cell', 'metric'].map((head) => ({ head })),
        ...['all trials', 'n', 'without repeated', 'n'].map((head) => ({ head, align: 'right' as const })),
        { head: 'judged' },
      ],
      rows: rows.map((row) => ({
        cells: [
          row.workload,
          row.label,
          row.metric,
          changeText(row.all, row),
          String(row.all.n),
          row.without === undefined ? 'no block left' : changeText(row.without, row),
          String(row.without?.n ?? 0),
          judgedText(row),
        ],
      })),
    },
  ];
}

const CLAIMS: Readonly<Record<Claim, string>> = {
  better: 'better',
  worse: 'worse',
  changed: 'changed',
  'not-shown': 'no change shown',
  'may-be-chance': 'may be chance',
  'smaller-than-matters': 'smaller than matters',
  none: 'no interval',
};

function judgedText({ claim, claimWithout }: RepeatedRow): string {
  const without = claimWithout === undefined ? 'not judged' : CLAIMS[claimWithout];
  return CLAIMS[claim] === without ? without : `${CLAIMS[claim]}; without: ${without}`;
}

function partBlocks(rows: readonly PartRow[]): readonly Block[] {
  return [
    {
      kind: 'prose',
      text: 'The run was resumed after something had changed. Blocks are paired only within a part of the run, and the finding is over all of them. How far the parts agree: the level of the baseline itself, and the effect of each setting, in the later part against the first. An interval of an effect that excludes no change says that the finding depends on what changed.',
    },
    {
      kind: 'table',
      name: 'Before and after the change',
      columns: [
        ...['workload', 'part', 'what', 'metric'].map((head) => ({ head })),
        { head: 'n after and before', align: 'right' },
        { head: 'change from part 1', align: 'right' },
        { head: 'p', align: 'right' },
      ],
      rows: rows.map((row) => ({
        cells: [
          row.workload,
          String(row.part),
          row.kind === 'level' ? `level of ${row.label}` : `effect of ${row.label}`,
          row.metric,
          row.n.toReversed().join(' and '),
          changeText(row.change, row),
          pText(row.p),
        ],
      })),
    },
  ];
}

/** A ratio as a change in per cent, a difference in the metric's unit. */
function changeText(estimate: Estimate, { of, metric }: Pick<RepeatedRow, 'of' | 'metric'>): string {
  const text =
    of === 'ratio'
      ? signedText(
          mapped(estimate, (ratio) => ratio - 1),
          'fraction',
        )
      : signedText(estimate, METRICS[metric].unit);
  // How many it would need is the same in every row, and n stands beside.
  return estimate.low === null ? text.replace(/ \(.*\)$/, ' (no interval)') : text;
}
