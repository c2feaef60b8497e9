import { dirname, join, relative } from 'node:path';
import { defineConfig, type DefaultTheme } from 'vitepress';
import { headingAnchor } from '../heading-anchor.ts';

const page = (text: string, link: string): DefaultTheme.SidebarItem => ({ text, link: `/${link}` });

export default defineConfig({
  title: 'gctune',
  description: 'Which GOGC should a Go daemon run with, what does it save and cost, and how sure is that?',
  srcDir: '..',
  srcExclude: ['site/**'],
  outDir: 'dist',
  cacheDir: '.cache',
  rewrites: { 'README.md': 'index.md' },
  markdown: {
    languageAlias: { conf: 'ini' },
    anchor: { slugify: headingAnchor },
    // What is in the repository and not among these pages is named and not linked.
    config: (md) => {
      md.core.ruler.push('outside', ({ tokens, env }) => {
        const { relativePath = '' } = env as { relativePath?: string };
        for (const block of tokens) {
          let outside = false;
          for (const token of block.children ?? []) {
            if (token.type === 'link_open') {
              const href = token.attrGet('href') ?? '';
              outside = /^\.{1,2}\//.test(href) && (leavesFolder(relativePath, href) || href.endsWith('.json'));
              if (outside) token.attrs = [['title', `in the repository: ${href.replace(/^[./]+/, '')}`]];
            }
            if (outside && token.type.startsWith('link_')) token.tag = 'span';
          }
        }
      });
    },
  },
  vite: {
    plugins: [
      {
        name: 'packages-of-this-folder',
        enforce: 'pre',
        // The pages lie above the folder in which the packages are.
        resolveId(id) {
          return /^vue(?:\/|$)/.test(id) ? this.resolve(id, import.meta.filename, { skipSelf: true }) : undefined;
        },
      },
    ],
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    sidebar: [
      {
        text: 'How to',
        items: [
          page('My service in Docker', 'how-to/docker'),
          page('With a configuration and a database', 'how-to/with-a-database'),
          page('Choose a workload', 'how-to/choose-a-workload'),
          page('Read a report', 'reading-the-report'),
          page('GOMEMLIMIT', 'how-to/gomemlimit'),
          page('Kubernetes', 'how-to/kubernetes'),
          page('Roll out and check', 'how-to/roll-out'),
          page('In nightly CI', 'how-to/nightly-ci'),
          page('In Prometheus and Grafana', 'how-to/prometheus'),
          page('After a refusal', 'how-to/after-a-refusal'),
          page('Troubleshooting', 'how-to/troubleshooting'),
        ],
      },
      {
        text: 'Look up',
        items: [
          page('Glossary', 'glossary'),
          page('A file to start from', 'init'),
          page('HTTP load', 'http-load'),
          page('Load by any program', 'load'),
          page('Services and files', 'services'),
          page('Versions and other factors', 'factors'),
          page('Simulated targets', 'simulated'),
          page('Secrets', 'secrets'),
          page('Recommend', 'recommend'),
          page('Compare', 'compare'),
          page('Assert', 'assert'),
          page('Explain', 'explain'),
          page('From outside', 'outside'),
          page('Profiles', 'profile'),
          page('Heap dumps', 'heapdump'),
          page('gctrace', 'gctrace'),
          page('Histories', 'history'),
          page('Gates', 'gate'),
          page('What CI systems show', 'ci'),
          page('Prometheus and Grafana', 'export'),
          page('On many machines', 'many-machines'),
          page('On Kubernetes', 'kubernetes'),
          page('Files of a run', 'file-formats'),
          page('How long it waits', 'bounds'),
          page('Faults', 'faults'),
          page('Security', 'security'),
        ],
      },
      {
        text: 'Understand',
        items: [
          page('How it is measured', 'methodology'),
          page('How it compares', 'how-it-compares'),
          page('kubo', 'kubo'),
          page('Prometheus', 'prometheus'),
        ],
      },
      {
        text: 'Work on gctune',
        items: [
          page('Architecture', 'architecture'),
          page('Decisions', 'decisions/README'),
          page('Dependencies', 'dependencies'),
        ],
      },
    ],
  },
});

/** Whether a link of a page leads out of the folder of the documentation. */
function leavesFolder(relativePath: string, href: string): boolean {
  return relative('.', join(dirname(relativePath), href)).startsWith('..');
}
