import type { Analysis } from '../../analysis/analysis.ts';
import { writeHtml } from '../document/write-html.ts';
import type { Html } from '../html.ts';
import { html } from '../html.ts';
import { part } from '../part.ts';
import { sensitivityBlocks } from '../sensitivity-document.ts';

/** What repeated trials and interruptions may hide; undefined where there were none. */
export function sensitivitySection({ sensitivity }: Analysis): Html | undefined {
  if (sensitivity === undefined) return undefined;
  return part({
    id: 'sensitivity',
    title: 'Repeats and interruptions',
    said: 'whether they change what is judged',
    body: html`${writeHtml(sensitivityBlocks(sensitivity))}`,
  });
}
