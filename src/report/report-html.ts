import type { Analysis } from '../analysis/analysis.ts';
import { html } from './html.ts';
import { page, type PageScript } from './page.ts';
import { loadRenderer } from './render.ts';
import { answerSection } from './first-screen/answer-section.ts';
import { pageData } from './first-screen/page-data.ts';
import { assertionSection } from './sections/assertions.ts';
import { glossarySection, methodSection } from './sections/about.ts';
import { chartSections } from './sections/charts.ts';
import { factorSection } from './sections/factors.ts';
import { findingSection, warningSection } from './sections/finding.ts';
import { contents, headSection } from './sections/head.ts';
import { modelSection } from './sections/model.ts';
import { nodeSection } from './sections/nodes.ts';
import { recommendationSection } from './sections/recommendation.ts';
import { sensitivitySection } from './sections/sensitivity.ts';
import { siteSection } from './sections/sites.ts';
import { summarySection } from './sections/summary.ts';
import { trialSection } from './sections/trials.ts';
import { summariesOf } from './summary.ts';
import { pageTheme } from './theme.ts';

const SECTIONS = [
  { id: 'answer', name: 'Answer' },
  { id: 'assertions', name: 'Assertions' },
  { id: 'summary', name: 'Settings' },
  { id: 'factors', name: 'Factors' },
  { id: 'composition', name: 'Memory' },
  { id: 'against-gogc', name: 'Against GOGC' },
  { id: 'over-time', name: 'Over time' },
  { id: 'latency', name: 'Latency' },
  { id: 'model', name: 'Cost model' },
  { id: 'sites', name: 'Allocations' },
  { id: 'finding', name: 'Finding' },
  { id: 'warnings', name: 'Warnings' },
  { id: 'trials', name: 'Trials' },
  { id: 'nodes', name: 'Nodes' },
  { id: 'sensitivity', name: 'Repeats' },
  { id: 'methods', name: 'Methods' },
  { id: 'metrics', name: 'Glossary' },
] as const;

/** The report as one page of HTML that needs no network, and no script to be complete. The same analysis gives the same bytes. */
export async function htmlReport(analysis: Analysis, script?: Omit<PageScript, 'data'>): Promise<string> {
  const draw = await loadRenderer();
  const answer = await answerSection(analysis, pageTheme, draw);
  const charts = await chartSections(analysis, pageTheme, draw);
  const sections = {
    assertions: assertionSection(analysis),
    summary: summarySection(summariesOf(analysis), analysis),
    factors: factorSection(analysis),
    ...charts,
    model: modelSection(analysis),
    sites: siteSection(analysis),
    finding: findingSection(analysis),
    recommendation: recommendationSection(analysis),
    warnings: warningSection(analysis),
    trials: trialSection(analysis),
    nodes: nodeSection(analysis),
    sensitivity: sensitivitySection(analysis),
    methods: methodSection(analysis),
    metrics: glossarySection(analysis),
  };
  const present = new Set(Object.entries(sections).flatMap(([id, section]) => (section === undefined ? [] : id)));
  return page({
    title: analysis.run.experiment.name,
    toolVersion: analysis.run.toolVersion,
    allowed: ['img-src data:'],
    ...(script === undefined ? {} : { script: { ...script, data: pageData(analysis) } }),
    body: html`${headSection(analysis)}
      <main>
        ${answer} ${contents(SECTIONS.filter(({ id }) => id === 'answer' || present.has(id)))}
        ${Object.values(sections)}
      </main>`,
  });
}
