import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser } from 'playwright-core';
import { chromiumPath } from '../test/requirements.ts';
import { measured, middle } from './measure.ts';
import type { BenchRow } from './row.ts';

const OPENINGS = 7;
const MEBIBYTE = 2 ** 20;
const EMPTY = 'data:text/html,<!doctype html><title>empty</title><p>empty';

/**
 * The pages of two runs of experiments/demo.yaml, one with as many trials as the default sweep has and one with 200: their
 * size, and how long Chromium takes to open them, against opening an empty page.
 */
export async function benchPage(root: string): Promise<readonly BenchRow[]> {
  const executablePath = chromiumPath();
  const folder = await mkdtemp(join(tmpdir(), 'gctune-bench-'));
  const browser =
    executablePath === undefined ? undefined : await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const empty = browser && (await openingSeconds(browser, EMPTY));
    const rows: BenchRow[] = [];
    for (const { blocks, mebibytes, seconds } of [
      { blocks: 6, mebibytes: 1, seconds: 1 },
      { blocks: 17, mebibytes: 5, seconds: 2 },
    ]) {
      const results = join(folder, String(blocks));
      const run = ['run', join(root, 'experiments/demo.yaml'), '--blocks', String(blocks), '--output', results];
      const { code } = await measured(process.execPath, [join(root, 'dist/main.js'), ...run]);
      const [name = ''] = await readdir(results);
      const file = join(results, name, 'report.html');
      const { size } = await stat(file);
      const trials = `page of ${blocks * 12} trials`;
      rows.push({
        name: `${trials}: size`,
        value: `${(size / MEBIBYTE).toFixed(2)} MiB`,
        limit: `≤ ${mebibytes} MiB`,
        ok: code === 0 && size <= mebibytes * MEBIBYTE,
      });
      if (browser === undefined || empty === undefined) continue;
      const opening = await openingSeconds(browser, pathToFileURL(file).href);
      rows.push({
        name: `${trials}: opening in Chromium`,
        value: `${opening.toFixed(2)} s`,
        limit: `≤ ${seconds} s`,
        ok: opening <= seconds,
        detail: `${(opening / empty).toFixed(1)} × an empty page (${(empty * 1000).toFixed(0)} ms); median of ${OPENINGS}`,
      });
    }
    return rows;
  } finally {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Seconds from the start of navigation to the end of the page's load event, its script run: the middle of several. */
async function openingSeconds(browser: Browser, url: string): Promise<number> {
  const took: number[] = [];
  for (let i = 0; i < OPENINGS; i++) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(url);
    took.push(await page.evaluate<number>('performance.getEntriesByType("navigation")[0].loadEventEnd / 1000'));
    await page.close();
  }
  return middle(took);
}
