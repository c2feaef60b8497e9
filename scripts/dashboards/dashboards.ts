import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { nightsDashboard } from './nights-dashboard.ts';
import { runDashboard } from './run-dashboard.ts';

/** The dashboards by the names of their files in docs/grafana. */
export const dashboards: Readonly<Record<string, () => Dashboard>> = {
  'gctune-run.json': runDashboard,
  'gctune-nights.json': nightsDashboard,
};

/** A dashboard as its file has it. */
export function dashboardText(dashboard: Dashboard): string {
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}
