import { writeFileSync } from 'node:fs';
import { dashboards, dashboardText } from './dashboards/dashboards.ts';

// Writes the dashboards of docs/grafana anew; a test holds the files to what this makes.
for (const [name, made] of Object.entries(dashboards)) {
  writeFileSync(new URL(`../docs/grafana/${name}`, import.meta.url), dashboardText(made()));
}
