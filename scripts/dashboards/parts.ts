import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  LegendDisplayMode,
  LegendPlacement,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
  type DataSourceRef,
} from '@grafana/grafana-foundation-sdk/common';
import {
  AnnotationQueryBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
  type Panel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { sampleName, type Family } from '../../src/export/exposition.ts';

/** Whichever Prometheus is chosen at the top of the dashboard. */
export const DATA_SOURCE: DataSourceRef = { type: 'prometheus', uid: '${datasource}' };

/** The choice of the Prometheus that is asked. */
export function dataSourceVariable(): DatasourceVariableBuilder {
  return new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus');
}

/** A choice among the values that a label has in Prometheus, of series that a selector fits. */
export function labelVariable(
  name: string,
  { label, of, selector, newest = false }: { label: string; of: Family; selector: string; newest?: boolean },
): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATA_SOURCE)
    .query(`label_values(${sampleName(of)}{${selector}}, ${name})`)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(newest ? VariableSort.AlphabeticalDesc : VariableSort.NaturalAsc);
}

/** One query of a panel, with what its series are called. */
export type Asked = readonly [refId: string, expr: string, legend: string];

/** A panel over time with its queries, from zero up; half of the width. */
export function overTime(title: string, description: string, unit: string, queries: readonly Asked[]): PanelBuilder {
  return ratioOverTime(title, description, unit, queries).min(0);
}

/** The same of what lies about 1 or about 0, of which nothing could be seen on a scale that has to hold zero or more. */
export function ratioOverTime(
  title: string,
  description: string,
  unit: string,
  queries: readonly Asked[],
): PanelBuilder {
  const several = queries.length > 1 || queries.some(([, , legend]) => legend.includes('{{'));
  const panel = new PanelBuilder()
    .title(title)
    .description(description)
    .datasource(DATA_SOURCE)
    .unit(unit)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(several)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi))
    .lineWidth(1)
    .span(12)
    .height(9);
  for (const [refId, expr, legend] of queries) {
    panel.withTarget(
      new DataqueryBuilder().refId(refId).datasource(DATA_SOURCE).expr(expr).legendFormat(legend).range(),
    );
  }
  return panel;
}

/** A line across every panel where something happened. */
export function mark(
  name: string,
  {
    color,
    expr,
    step,
    title,
    text,
  }: {
    readonly color: string;
    readonly expr: string;
    readonly step: string;
    readonly title: string;
    readonly text: string;
  },
): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name(name)
    .datasource(DATA_SOURCE)
    .enable(true)
    .iconColor(color)
    .expr(expr)
    .step(step)
    .titleFormat(title)
    .textFormat(text)
    .target(new DataqueryBuilder().refId('Anno').datasource(DATA_SOURCE).expr(expr).range());
}

/** A panel that is built. */
export type BuiltPanel = Builder<Panel>;
