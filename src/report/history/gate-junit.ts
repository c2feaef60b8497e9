import type { GateReport } from '../../history/gate.ts';
import { METRIC_IDS, METRICS } from '../../metrics/metrics.ts';
import { junitXml, type JunitCase } from '../junit.ts';
import { gateSentence } from './gate-document.ts';
import type { CellNames } from './history-document.ts';
import { changeText } from './history-words.ts';

/** The answer of `gctune gate` for a CI system: a case for each judged metric, which fails where something of it was confirmed. */
export function gateJunit(report: GateReport, names: CellNames, strict: boolean): string {
  const { run, startedAt, floors, worse, outcome } = report;
  const unclear = outcome === 'unusable' || outcome === 'not-judged' || outcome === 'suspicious';
  return junitXml('gctune gate', {
    name: run,
    measuredAt: startedAt,
    properties: [
      ['run', run],
      ['outcome', outcome],
    ],
    cases: METRIC_IDS.filter((metric) => floors[metric] !== undefined).map((metric): JunitCase => {
      const found = worse
        .filter((one) => one.metric === metric)
        .map(
          ({ cell, change, against, confirmed }) =>
            `${names.get(cell) ?? cell}: ${changeText(change)} against ${against}, ${confirmed === true ? 'confirmed' : 'not confirmed'}`,
        );
      const failed = worse.some((one) => one.metric === metric && one.confirmed === true);
      return {
        name: METRICS[metric].label,
        className: 'gctune.gate',
        complaint: failed
          ? { kind: 'failure', type: 'confirmed', message: found.join('; ') }
          : unclear
            ? { kind: strict ? 'failure' : 'skipped', type: outcome, message: gateSentence(report) }
            : undefined,
        found,
      };
    }),
  });
}
