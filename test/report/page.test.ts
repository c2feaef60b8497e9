import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { renderReport } from '../../src/report/formats.ts';
import { chromiumPath, requirement } from '../requirements.ts';
import { SAMPLES } from './samples.ts';

test('the report in a browser', { ...requirement('chromium'), timeout: 300_000 }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'gctune-page-'));
  const browser = await chromium.launch({
    executablePath: chromiumPath() as string,
    args: ['--no-sandbox', '--disable-gpu'],
  });
  t.after(async () => {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  });
  for (const [name, sample] of Object.entries(SAMPLES)) {
    const file = join(folder, `${name}.html`);
    await writeFile(file, await renderReport(await sample(), 'html'));
    const url = pathToFileURL(file).href;
    await t.test(`${name}: says nothing on the console, asks for nothing, fits a telephone`, async () => {
      const { page, console, requests } = await opened(browser, url, 390);
      assert.deepEqual(console, []);
      assert.deepEqual(requests, [url]);
      const [scroll, client] = await page.evaluate<[number, number]>(
        '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
      );
      assert.ok(scroll <= client, `${scroll} > ${client}`);
      await page.close();
    });
    // Labels as long as the hostile ones are cut; that they stand apart cannot be had.
    if (name !== 'hostile') {
      await t.test(`${name}: labels of charts lie apart and within their charts`, async () => {
        const { page } = await opened(browser, url, 1280);
        assert.deepEqual(await page.evaluate(LABEL_FAULTS), []);
        assert.deepEqual(await page.evaluate(WIDE_TABLES), [], 'a desk shows whole tables');
        await page.close();
      });
    }
    await t.test(`${name}: no figure stands without its interval or the reason why there is none`, async () => {
      const { page } = await opened(browser, url, 1280);
      assert.deepEqual(await page.evaluate(BARE_FIGURES), []);
      await page.close();
    });
  }
});

test(
  'the reader’s choice of colours beats the system’s, and print is light',
  { ...requirement('chromium'), timeout: 120_000 },
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'gctune-page-'));
    const browser = await chromium.launch({
      executablePath: chromiumPath() as string,
      args: ['--no-sandbox', '--disable-gpu'],
    });
    t.after(async () => {
      await browser.close();
      await rm(folder, { recursive: true, force: true });
    });
    const file = join(folder, 'report.html');
    const sample = SAMPLES['one-workload'];
    assert.ok(sample);
    await writeFile(file, await renderReport(await sample(), 'html'));
    const page = await browser.newPage();
    await page.goto(pathToFileURL(file).href);
    const paper = async (): Promise<unknown> => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const [light, dark] = ['rgb(255, 255, 255)', 'rgb(21, 24, 28)'];
    for (const [system, choice, expected] of [
      ['light', 'auto', light],
      ['dark', 'auto', dark],
      ['dark', 'light', light],
      ['light', 'dark', dark],
    ] as const) {
      await page.emulateMedia({ colorScheme: system, media: 'screen' });
      await page.check(`#scheme-${choice}`);
      assert.equal(await paper(), expected, `${choice} on a ${system} system`);
    }
    const ink = (): Promise<unknown> =>
      page.evaluate('getComputedStyle(document.querySelector("svg.chart text[fill]")).fill');
    const inDark = await ink();
    await page.emulateMedia({ colorScheme: 'dark', media: 'print' });
    assert.equal(await paper(), light);
    assert.notEqual(await ink(), inDark, 'the charts follow');
  },
);

async function opened(
  browser: Browser,
  url: string,
  width: number,
): Promise<{ page: Page; console: string[]; requests: string[] }> {
  const page = await browser.newPage({ viewport: { width, height: 900 } });
  const [console, requests]: [string[], string[]] = [[], []];
  page.on('console', (message) => console.push(message.text()));
  page.on('pageerror', (error) => console.push(error.message));
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(url);
  // What is folded is looked at, too.
  await page.evaluate('for (const details of document.querySelectorAll("details")) details.open = true');
  return { page, console, requests };
}

/** In the page: texts of a chart that cover each other or leave it. A halo has the text and place of what it surrounds. */
const LABEL_FAULTS = `[...document.querySelectorAll('svg.chart')].flatMap((svg) => {
  const frame = svg.getBoundingClientRect();
  const texts = [...svg.querySelectorAll('text')].filter((text) => !text.hasAttribute('stroke') && text.textContent !== '');
  const boxes = texts.map((text) => ({ name: text.textContent, box: text.getBoundingClientRect() }));
  const faults = boxes.filter(({ box }) => box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1)
    .map(({ name }) => svg.querySelector('title').id + ': ' + name + ' is cut');
  for (const [i, a] of boxes.entries()) for (const b of boxes.slice(i + 1)) {
    const width = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
    const height = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
    // Line boxes are taller than the letters in them.
    if (width > 1 && height > 0.35 * Math.min(a.box.height, b.box.height)) faults.push(svg.querySelector('title').id + ': ' + a.name + ' / ' + b.name);
  }
  return faults;
})`;

/** In the page: tables that scroll sideways. */
const WIDE_TABLES = `[...document.querySelectorAll('.scroll:has(table)')]
  .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
  .map((frame) => frame.getAttribute('aria-label') + ': ' + frame.scrollWidth)`;

const BARE_FIGURES = `[...document.querySelectorAll('td .value')]
  .filter((value) => !(value.nextElementSibling?.classList.contains('interval') && value.nextElementSibling.textContent.trim() !== ''))
  .map((value) => value.textContent)`;
