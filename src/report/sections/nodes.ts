import type { Analysis } from '../../analysis/analysis.ts';
import { counted } from '../../text/words.ts';
import { writeHtml } from '../document/write-html.ts';
import type { Html } from '../html.ts';
import { html } from '../html.ts';
import { nodeBlocks } from '../node-document.ts';
import { part } from '../part.ts';

/** The machines that a joined run ran on; undefined of any other. */
export function nodeSection({ nodes, run }: Analysis): Html | undefined {
  if (nodes === undefined) return undefined;
  return part({
    id: 'nodes',
    title: 'Nodes',
    said: `what the ${counted(nodes.nodes.length, 'node')} differ by, and whether the settings act alike on them`,
    body: html`${writeHtml(nodeBlocks(nodes, run.experiment.confidence))}`,
  });
}
