import { VariableType, type Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Prometheus } from './prometheus.ts';

/** A query of a dashboard, with its variables still in it. */
export interface DashboardQuery {
  readonly where: string;
  readonly expr: string;
}

/** Every query of a dashboard: of its panels and of its marks. */
export function dashboardQueries({ panels = [], annotations }: Dashboard): readonly DashboardQuery[] {
  const ofPanels = panels.flatMap((panel) => {
    const { title = '', targets = [] } = panel as { title?: string; targets?: readonly unknown[] };
    return (targets as readonly { refId: string; expr: string }[]).map(({ refId, expr }) => ({
      where: `${title}, ${refId}`,
      expr,
    }));
  });
  const marks = (annotations?.list ?? []).map(({ name, expr = '' }) => ({ where: `mark ${name}`, expr }));
  return [...ofPanels, ...marks];
}

/**
 * What the variables of a dashboard stand for, as Grafana finds it: each by its query, in which those before it are filled
 * in, and of its values the first that a test asks for, else the first.
 */
export async function variablesOf(
  { templating }: Dashboard,
  prometheus: Prometheus,
  wanted: (name: string, value: string) => boolean,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>([['__range', `${Math.ceil(to - from)}s`]]);
  for (const { name, type, query, regex } of templating?.list ?? []) {
    if (typeof query !== 'string') continue;
    if (type === VariableType.Custom) values.set(name, query.split(',')[0] ?? '');
    if (type !== VariableType.Query) continue;
    const found = await foundBy(filledIn(query, values), regex, { prometheus, to });
    const chosen = found.find((value) => wanted(name, value)) ?? found[0];
    if (chosen === undefined) throw new Error(`${query} gives no value for $${name}`);
    values.set(name, chosen);
  }
  return values;
}

async function foundBy(
  query: string,
  regex: string | undefined,
  { prometheus, to }: { readonly prometheus: Prometheus; readonly to: number },
): Promise<readonly string[]> {
  const [, selector, label] = /^label_values\((.*), (\w+)\)$/.exec(query) ?? [];
  if (selector !== undefined && label !== undefined) return prometheus.labelValues(label, selector);
  const [, expr = ''] = /^query_result\((.*)\)$/.exec(query) ?? [];
  const series = await prometheus.instant(expr, to);
  // What Grafana matches is a series as Prometheus writes it.
  return series.map(({ metric }) => {
    const text = Object.entries(metric).map(([name, value]) => `${name}="${value}"`);
    return new RegExp(regex?.slice(1, -1) ?? '').exec(`{${text.join(',')}}`)?.[1] ?? '';
  });
}

/** A query with its variables filled in. */
export function filledIn(query: string, values: ReadonlyMap<string, string>): string {
  return query.replaceAll(/\$(\w+)/g, (whole, name: string) => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`${whole} of ${query} is no variable of the dashboard`);
    return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  });
}
