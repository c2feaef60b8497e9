import type { GateReport } from '../../history/gate.ts';
import { METRIC_IDS, METRICS } from '../../metrics/metrics.ts';
import { junitXml, type JunitCase } from '../junit.ts';
import { againstText, byWeight, shiftText } from './gate-document.ts';
import { gateDoubts, gateSentence } from './gate-words.ts';
import type { CellNames } from './history-document.ts';

/** The answer of `gctune gate` for a CI system. */
export function gateJunit(report: GateReport, names: CellNames, strict: boolean): string {
  const { run, startedAt, outcome } = report;
  return junitXml('gctune gate', {
    name: run,
    measuredAt: startedAt,
    properties: [['run', run], ['outcome', outcome], ...gateDoubts(report).map((text) => ['warning', text] as const)],
    cases: gateCases(report, names, strict),
  });
}

/**
 * A case for each judged metric, which fails where something of it was confirmed. Where the night as a whole could not be
 * judged, or what is suspicious was not run again, each is skipped, or fails where that is asked for.
 */
export function gateCases(report: GateReport, names: CellNames, strict: boolean): readonly JunitCase[] {
  const { floors, worse, outcome } = report;
  const unclear = outcome === 'unusable' || outcome === 'not-judged' || outcome === 'suspicious';
  return METRIC_IDS.filter((metric) => floors[metric] !== undefined).map((metric): JunitCase => {
    const own = worse.filter((one) => one.metric === metric).toSorted(byWeight);
    const found = own.map((one) => {
      const again = one.confirmed === undefined ? 'not run again' : one.confirmed ? 'worse again' : 'not worse again';
      return `${names.get(one.cell) ?? one.cell}: ${shiftText(one)}, against ${againstText(one)}; ${again}`;
    });
    const failed = own.some((one) => one.confirmed === true);
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
  });
}
