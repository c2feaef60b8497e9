import type { Analysis } from '../analysis/analysis.ts';
import { html } from './html.ts';
import { page } from './page.ts';
import { loadRenderer } from './render.ts';
import { assertionSection } from './sections/assertions.ts';
import { glossarySection, methodSection } from './sections/about.ts';
import { chartSections } from './sections/charts.ts';
import { findingSection, warningSection } from './sections/finding.ts';
import { contents, headSection } from './sections/head.ts';
import { modelSection } from './sections/model.ts';
import { recommendationSection } from './sections/recommendation.ts';
import { sensitivitySection } from './sections/sensitivity.ts';
import { siteSection } from './sections/sites.ts';
import { summarySection } from './sections/summary.ts';
import { trialSection } from './sections/trials.ts';
import { summariesOf } from './summary.ts';
import { pageTheme } from './theme.ts';

const SECTIONS = [
  { id: 'assertions', name: 'Assertions' },
  { id: 'recommendation', name: 'Recommendation' },
  { id: 'finding', name: 'Finding' },
  { id: 'summary', name: 'Summary' },
  { id: 'trade-off', name: 'Trade-off' },
  { id: 'against-gogc', name: 'Against GOGC' },
  { id: 'over-time', name: 'Over time' },
  { id: 'composition', name: 'Memory' },
  { id: 'latency', name: 'Latency' },
  { id: 'model', name: 'Cost model' },
  { id: 'sites', name: 'Allocations' },
  { id: 'trials', name: 'Trials' },
  { id: 'sensitivity', name: 'Repeats' },
  { id: 'methods', name: 'Methods' },
  { id: 'metrics', name: 'Metrics' },
] as const;

/** The report as one page of HTML that needs no network and no script. The same analysis gives the same bytes. */
export async function htmlReport(analysis: Analysis): Promise<string> {
  const draw = await loadRenderer();
  const charts = await chartSections(analysis, pageTheme, draw);
  const sites = siteSection(analysis);
  const recommendation = recommendationSection(analysis);
  const model = modelSection(analysis);
  const assertions = assertionSection(analysis);
  const sensitivity = sensitivitySection(analysis);
  const absent = [
    ...(sensitivity === undefined ? ['sensitivity'] : []),
    ...(model === undefined ? ['model'] : []),
    ...(assertions === undefined ? ['assertions'] : []),
    ...(sites === undefined ? ['sites'] : []),
    ...(recommendation === undefined ? ['recommendation'] : []),
  ];
  const sections = SECTIONS.filter(({ id }) => !absent.includes(id));
  return page({
    title: analysis.run.experiment.name,
    toolVersion: analysis.run.toolVersion,
    allowed: ['img-src data:'],
    body: html`${headSection(analysis)} ${contents(sections)}
      <main>
        ${warningSection(analysis)} ${assertions} ${recommendation} ${findingSection(analysis)}
        ${summarySection(summariesOf(analysis), analysis.run.experiment)} ${charts} ${model} ${sites}
        ${trialSection(analysis)} ${sensitivity} ${methodSection(analysis)} ${glossarySection(analysis)}
      </main>`,
  });
}
