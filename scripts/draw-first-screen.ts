import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { renderReport } from '../src/report/formats.ts';
import { analyseRun } from '../src/session/report-run.ts';
import { chromiumPath } from '../test/requirements.ts';
import { pageScript } from './page-script.ts';

// Takes the README's picture, the first screen of a run's page: node scripts/draw-first-screen.ts results/reference/kubo-0.42.0
const [run] = process.argv.slice(2);
const executablePath = chromiumPath();
if (run === undefined || executablePath === undefined)
  throw new Error('usage: node scripts/draw-first-screen.ts <run>; needs Chromium');
const code = await pageScript();
const hash = createHash('sha256').update(code, 'utf8').digest('base64');
const html = await renderReport(await analyseRun(resolve(run)), 'html', { script: { code, hash } });
const folder = await mkdtemp(join(tmpdir(), 'gctune-picture-'));
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  const file = join(folder, 'report.html');
  await writeFile(file, html);
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' });
  await page.goto(pathToFileURL(file).href);
  await page.screenshot({ path: fileURLToPath(new URL('../docs/images/first-screen.png', import.meta.url)) });
} finally {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
}
