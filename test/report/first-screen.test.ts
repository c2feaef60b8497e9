import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import axe from 'axe-core';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { pageScript } from '../../scripts/page-script.ts';
import type { Analysis } from '../../src/analysis/analysis.ts';
import { recommend } from '../../src/analysis/recommend/recommend.ts';
import { NO_FLAGS, wishesOf } from '../../src/analysis/recommend/wish-flags.ts';
import { blocksMark, commandOf, pasteHtml, verdictHtml } from '../../src/report/first-screen/answer-parts.ts';
import { renderReport } from '../../src/report/formats.ts';
import { seededStream } from '../../src/statistics/random.ts';
import { chromiumPath, requirement } from '../requirements.ts';
import { SAMPLES } from './samples.ts';

const NARROW: ReadonlySet<string> = new Set(['plain', 'asserted', 'hostile']);

async function scripted(analysis: Analysis): Promise<string> {
  const code = await pageScript();
  const hash = createHash('sha256').update(code, 'utf8').digest('base64');
  return renderReport(analysis, 'html', { script: { code, hash } });
}

async function sample(name: string): Promise<Analysis> {
  const make = SAMPLES[name];
  assert.ok(make);
  return make();
}

/** Opens pages in one browser; what they say on the console is collected. */
async function browser(
  t: TestContext,
): Promise<(html: string, width?: number) => Promise<{ page: Page; said: string[] }>> {
  const folder = await mkdtemp(join(tmpdir(), 'gctune-first-screen-'));
  const chrome = await chromium.launch({
    executablePath: chromiumPath() as string,
    args: ['--no-sandbox', '--disable-gpu'],
  });
  t.after(async () => {
    await chrome.close();
    await rm(folder, { recursive: true, force: true });
  });
  let pages = 0;
  return async (html, width = 1280) => {
    const file = join(folder, `${pages++}.html`);
    await writeFile(file, html);
    const page = await chrome.newPage({ viewport: { width, height: 800 } });
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(error.message));
    page.on('dialog', (dialog) => said.push(`dialog ${dialog.message()}`));
    await page.goto(pathToFileURL(file).href);
    return { page, said };
  };
}

test(
  'whatever is wished, the page answers as gctune recommend does',
  { ...requirement('chromium'), timeout: 300_000 },
  async (t) => {
    const open = await browser(t);
    const random = seededStream(15, 'first screen');
    let asked = 0;
    for (const [name, choices] of [
      ['plain', 110],
      ['one-workload', 75],
      ['off', 55],
    ] as const) {
      const analysis = await sample(name);
      const { page, said } = await open(await scripted(analysis));
      // As the page itself writes what it was given: browsers write HTML anew.
      const parsed = async (html: string): Promise<string> =>
        page.evaluate<string>(
          `(() => { const e = document.createElement('div'); e.innerHTML = ${JSON.stringify(html)}; return e.textContent.replace(/\\s+/g, ' ').trim(); })()`,
        );
      const shown = async (id: string): Promise<string> =>
        page.evaluate<string>(
          `(() => { const e = document.getElementById('${id}').cloneNode(true); for (const b of e.querySelectorAll('button')) b.remove(); return e.textContent.replace(/\\s+/g, ' ').trim(); })()`,
        );
      for (let i = 0; i < choices; i++) {
        const maybe = (text: () => string): string | undefined => (random.next() < 0.5 ? text() : undefined);
        const priced = random.next() < 0.4;
        const flags = {
          'max-cpu': maybe(() => `+${random.int(101)}%`),
          'max-p99': maybe(() => `+${random.int(40) * 5}%`),
          'price-gib-month': priced ? (random.next() * 40).toFixed(2) : undefined,
          'price-core-month': priced ? (random.next() * 60).toFixed(2) : undefined,
        };
        const given = Object.entries(flags).filter((flag): flag is [string, string] => flag[1] !== undefined);
        await page.evaluate(`location.hash = ${JSON.stringify(new URLSearchParams(given).toString() || 'answer')}`);
        if (given.length === 0) continue;
        await page.waitForFunction(
          `document.getElementById('max-cpu-said').textContent === ${JSON.stringify(flags['max-cpu']?.replace('%', ' %') ?? '+10 % (default)')}`,
        );
        const recommendation = recommend(analysis, wishesOf({ ...NO_FLAGS, ...flags }));
        const about = `${name}: ${commandOf('run', flags)}`;
        assert.equal(await shown('verdict'), await parsed(verdictHtml(recommendation).text), about);
        assert.equal(await shown('paste'), await parsed(pasteHtml(recommendation).text), about);
        assert.equal(await shown('blocks-mark'), await parsed(blocksMark(recommendation).text), about);
        asked += 1;
      }
      assert.deepEqual(said, []);
      await page.close();
    }
    t.diagnostic(`${asked} choices were asked`);
    assert.ok(asked >= 200);
  },
);

test('the controls, by keyboard alone', { ...requirement('chromium'), timeout: 120_000 }, async (t) => {
  const open = await browser(t);
  const { page, said } = await open(await scripted(await sample('one-workload')));
  const active = async (): Promise<string> =>
    page.evaluate<string>(
      'document.activeElement.id || document.activeElement.className || document.activeElement.tagName',
    );
  const walk: string[] = [];
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press('Tab');
    walk.push(await active());
  }
  assert.ok(
    walk.some((place) => place.startsWith('spot')),
    walk.join(' '),
  );
  for (const control of ['max-cpu', 'max-p99', 'price-gib', 'price-core', 'copy-command', 'copy-link'])
    assert.ok(walk.includes(control), `${control}: ${walk.join(' ')}`);
  // A point tells its figures when it has the focus.
  await page.focus('.board-wide .spot');
  assert.equal(await page.evaluate('getComputedStyle(document.activeElement.querySelector(".tip")).display'), 'block');
  const before = await page.textContent('#verdict');
  await page.focus('#max-cpu');
  for (let i = 0; i < 90; i++) await page.keyboard.press('ArrowRight');
  // What the page itself says: the driver hears of it later.
  const hash = async (): Promise<string> => page.evaluate<string>('location.hash');
  assert.equal(await hash(), '#max-cpu=%2B100%25');
  assert.notEqual(await page.textContent('#verdict'), before);
  await page.fill('#price-gib', '3');
  assert.match((await page.textContent('#wrong')) ?? '', /both prices/);
  await page.fill('#price-core', '20');
  assert.equal(await page.textContent('#wrong'), '');
  const chosen = await hash();
  // The keys that the documentation names are those that the page knows.
  const named = readFileSync(join(import.meta.dirname, '../../docs/reading-the-report.md'), 'utf8').matchAll(
    /^\| `([\w-]+)` +\| `(#[^`]+)`/gm,
  );
  const keys: string[] = [];
  for (const [, key = '', example = ''] of named) {
    await page.evaluate(`location.hash = ${JSON.stringify(example)}`);
    await page.waitForFunction(`location.hash === ${JSON.stringify(example)}`);
    assert.doesNotMatch((await page.textContent('#wrong')) ?? '', /not a control/, example);
    assert.match(example, new RegExp(`^#${key}=`));
    keys.push(key);
  }
  assert.deepEqual(keys, ['max-cpu', 'max-p99', 'price-gib-month', 'price-core-month']);
  await page.evaluate('location.hash = "max-memory=1"');
  await page.waitForFunction('document.getElementById("wrong").textContent.includes("not a control")');
  await page.evaluate(`location.hash = ${JSON.stringify(chosen)}`);
  await page.waitForFunction(`document.getElementById('price-core').value === '20'`);
  // A link brings the choice back.
  const { page: again } = await open(await scripted(await sample('one-workload')));
  await again.evaluate(`location.hash = ${JSON.stringify(chosen)}`);
  await again.waitForFunction(`document.getElementById('price-core').value === '20'`);
  assert.equal(await again.textContent('#verdict'), await page.textContent('#verdict'));
  assert.deepEqual(said, []);
});

test('what is copied is one command, whatever the address says', () => {
  const flags = { 'max-cpu': '+5%\nrm -rf ~', 'price-gib-month': '$(id)' };
  assert.equal(
    commandOf('results/a b', flags),
    "gctune recommend 'results/a b' --'max-cpu=+5% rm -rf ~' --'price-gib-month=$(id)'",
  );
  assert.equal(commandOf('run', { 'max-cpu': '-5%' }), 'gctune recommend run --max-cpu=-5%');
});

test(
  'a link to a folded section opens it, and print shows all',
  { ...requirement('chromium'), timeout: 120_000 },
  async (t) => {
    const open = await browser(t);
    const { page } = await open(await scripted(await sample('one-workload')));
    assert.equal(await page.evaluate('document.querySelector("#latency details").open'), false);
    await page.evaluate('location.hash = "latency"');
    await page.waitForFunction('document.querySelector("#latency details").open');
    const trial = await page.evaluate<string>('document.querySelector("#trials tbody tr:last-child").id');
    await page.evaluate(`location.hash = ${JSON.stringify(trial)}`);
    await page.waitForFunction(
      'document.querySelector("#trials tbody tr:last-child").getBoundingClientRect().height > 0',
    );
    // Without the script, too, nothing is missing on paper.
    const { page: still } = await open(await renderReport(await sample('one-workload'), 'html'));
    await still.emulateMedia({ media: 'print' });
    assert.ok(await still.evaluate('document.querySelector("#methods ul").getBoundingClientRect().height > 20'));
  },
);

test(
  'tables can be sorted and filtered and their columns chosen, by keyboard too',
  { ...requirement('chromium'), timeout: 120_000 },
  async (t) => {
    const open = await browser(t);
    const { page, said } = await open(await scripted(await sample('plain')));
    const cells = (head: string): string =>
      `[...document.querySelectorAll('#summary table[data-tools]')].flatMap((table) => { const at = [...table.tHead.rows[0].cells].findIndex((cell) => cell.textContent.includes(${JSON.stringify(head)})); return [...table.tBodies[0].rows].map((row) => row.cells[at]); })`;
    const column = async (head: string): Promise<readonly string[]> =>
      page.evaluate<string[]>(
        `[...${cells(head)}].slice(0, 6).map((cell) => (cell.querySelector('.value') ?? cell).textContent.trim())`,
      );
    const number = (text: string): number => Number(text.replace('−', '-'));
    const asMeasured = await column('anonymous memory');
    const sort = page.locator('#summary thead button', { hasText: 'anonymous memory' }).first();
    await sort.focus();
    await page.keyboard.press('Enter');
    const rising = await column('anonymous memory');
    assert.deepEqual(
      rising,
      asMeasured.toSorted((a, b) => number(a) - number(b)),
    );
    await page.keyboard.press('Enter');
    assert.deepEqual(await column('anonymous memory'), rising.toReversed());
    // The baseline saves nothing: whichever way its column is sorted, it is last.
    for (const way of ['ascending', 'descending']) {
      await page.locator('#summary thead button', { hasText: 'saved' }).first().click();
      assert.equal(await page.getAttribute('#summary thead th:nth-child(3)', 'aria-sort'), way);
      assert.equal((await column('saved')).at(-1), '·', way);
    }
    const shown = async (): Promise<number> =>
      page.evaluate<number>(`[...${cells('GCCPUFraction')}].filter(({ hidden }) => !hidden).length`);
    assert.equal(await shown(), 0);
    await page.click('#summary .tools summary');
    await page.getByLabel('GCCPUFraction').check();
    assert.ok((await shown()) > 6, 'in the tables of both workloads');
    await page.evaluate('location.hash = "trials"; document.querySelector("#trials .numbers").open = true');
    await page.fill('#trials input[type=search]', 'gogc=50 steady');
    assert.deepEqual(
      await page.evaluate(
        `[...new Set([...document.querySelectorAll('#trials tbody tr')].filter(({ hidden }) => !hidden).map((row) => row.cells[1].textContent))]`,
      ),
      ['gogc=50 workload=steady'],
    );
    assert.deepEqual(said, []);
  },
);

test(
  'courses over time can be laid over each other, read and zoomed, by keyboard too',
  { ...requirement('chromium'), timeout: 120_000 },
  async (t) => {
    const open = await browser(t);
    const { page, said } = await open(await scripted(await sample('one-workload')));
    // As soon as it is there it is a whole slider, before anything is laid out.
    assert.match(
      (await page.evaluate<string | null>(
        `new Promise((resolve) => { const fold = document.querySelector('#over-time > details'); fold.addEventListener('toggle', () => resolve(document.querySelector('.plot-over-time').ariaValueNow), { once: true }); fold.open = true; })`,
      )) ?? '',
      /^[\d.]+$/,
    );
    const plot = page.locator('.plot-over-time');
    await plot.waitFor();
    const read = async (): Promise<string> => (await page.textContent('.plot-over-time + .said')) ?? '';
    const at = async (): Promise<number> => Number(await plot.getAttribute('aria-valuenow'));
    // Two cells to begin with, and how far they are apart.
    assert.match(await read(), /^RSS at [\d.]+ s: GOGC=\d+ [\d.]+ MiB, GOGC=\d+ [\d.]+ MiB; −?[\d.]+ MiB apart$/);
    const last = await at();
    await plot.focus();
    for (let i = 0; i < 10; i++) await page.keyboard.press('ArrowLeft');
    const moved = await at();
    assert.ok(moved < last, `${moved} < ${last}`);
    await page.keyboard.press('+');
    assert.ok(Number(await plot.getAttribute('aria-valuemax')) <= last);
    assert.notEqual(await plot.getAttribute('aria-valuemin'), '0');
    await page.keyboard.press('Escape');
    assert.equal(Number(await plot.getAttribute('aria-valuemax')), last);
    // A panel is laid over the baseline's; what is read is what the baseline's median says.
    await page.locator('.courses[data-name="live heap"] .course').last().click();
    assert.match(await read(), /^live heap at /);
    await page.locator('.over-time .tools input').first().setChecked(true);
    assert.doesNotMatch(await read(), /apart/);
    const box = await plot.boundingBox();
    assert.ok(box);
    await page.mouse.move(box.x + box.width * 0.4, box.y + 50);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + 50);
    await page.mouse.up();
    assert.ok(Number(await plot.getAttribute('aria-valuemax')) < last, 'dragged over a span');
    await page.click('.over-time .tools button');
    assert.equal(Number(await plot.getAttribute('aria-valuemax')), last);
    assert.deepEqual(said, []);
  },
);

test(
  'an icicle can be entered and searched, by keyboard too',
  { ...requirement('chromium'), timeout: 120_000 },
  async (t) => {
    const open = await browser(t);
    const { page, said } = await open(await scripted(await sample('profiled')));
    await page.click('#sites summary');
    const shown = async (): Promise<number> =>
      page.evaluate<number>('[...document.querySelector(".icicle").children].filter(({ hidden }) => !hidden).length');
    const focused = async (property: string): Promise<string> =>
      page.evaluate<string>(`document.activeElement.${property}`);
    const all = await shown();
    await page.focus('.icicle .site');
    for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowDown');
    assert.equal(await focused('ariaLevel'), '4');
    const name = await focused('ariaLabel');
    await page.keyboard.press('Enter');
    assert.equal(await focused('style.width'), '100%');
    assert.equal(await focused('ariaLabel'), name);
    assert.ok((await shown()) < all, `${await shown()} < ${all}`);
    await page.keyboard.press('ArrowUp');
    assert.equal(await focused('ariaLevel'), '3');
    await page.keyboard.press('Escape');
    assert.equal(await shown(), all);
    const first = page.locator('.icicle').first();
    await page
      .locator('#sites input[type=search]')
      .first()
      .fill((name.split(',')[0] ?? '').toUpperCase());
    assert.ok((await first.locator('.sought').count()) > 0);
    assert.match(
      (await page.locator('#sites .tools output').first().textContent()) ?? '',
      /^\d+ found, [\d.]+ % of the bytes$/,
    );
    assert.deepEqual(said, []);
  },
);

test(
  'hostile names do nothing in a page that has a script',
  { ...requirement('chromium'), timeout: 120_000 },
  async (t) => {
    const open = await browser(t);
    const html = await scripted(await sample('hostile'));
    assert.equal(html.match(/<script/g)?.length, 2);
    const { page, said } = await open(html);
    await page.evaluate('location.hash = "max-cpu=%2B50%25"');
    await page.evaluate('location.hash = "max-cpu=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&price-gib-month=%3Cb%3E"');
    await page.waitForFunction('document.getElementById("wrong").textContent !== ""');
    assert.equal(await page.evaluate('document.querySelectorAll("img, #wrong *, #verdict script").length'), 0);
    assert.deepEqual(said, []);
  },
);

const HOSTILE_HASHES = [
  '<script>alert(1)</script>=1',
  'max-cpu=<img src=x onerror=alert(1)>&max-p99=javascript:alert(1)',
  'max-cpu=%3Csvg%2Fonload%3Dalert(1)%3E',
  'max-cpu=NaN%25&max-p99=Infinity%25',
  'max-cpu=%2B1e309%25',
  'max-cpu=%2B999999999999999999999999%25',
  'max-cpu=-1000%25',
  'max-cpu=%2B0.000000000001%25',
  'max-cpu=%E0%A4%A&max-cpu=%',
  `max-cpu=%2B${'9'.repeat(400)}%25`,
  'price-gib-month=0&price-core-month=5',
  'price-gib-month=0&price-core-month=0',
  'price-gib-month=999999999&price-core-month=0.000000001',
  'price-gib-month=-1&price-core-month=NaN',
  '__proto__=1&constructor=2&toString=3',
  `${'x'.repeat(20_000)}=1`,
  'max-memory=10MiB&exchange=1MiB%2F%25',
  'trial-999-99-gogc-0',
  '"]*{}#;--',
  'page-data',
  'wishes',
  '%00',
  '=',
];

test(
  'whatever stands in the address, nothing breaks and nothing gets in',
  { ...requirement('chromium'), timeout: 300_000 },
  async (t) => {
    const open = await browser(t);
    const html = await scripted(await sample('plain'));
    const { page, said } = await open(html, 390);
    const elements =
      'document.querySelectorAll("script, img, iframe, [onerror], [onload], a[href^=javascript]").length';
    const known = await page.evaluate<number>(elements);
    const widest = await page.evaluate<number>('document.documentElement.scrollWidth');
    for (const hash of HOSTILE_HASHES) {
      const about = hash.slice(0, 80);
      await page.evaluate(`location.hash = ${JSON.stringify(hash)}; new Promise((done) => setTimeout(done, 20))`);
      assert.equal(await page.evaluate(elements), known, about);
      assert.equal(await page.evaluate('document.querySelectorAll("#wrong *").length'), 0, about);
      assert.ok(((await page.textContent('#wrong')) ?? '').length < 400, about);
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), widest, about);
      // What is wrong with it is quoted; the answer and the controls know nothing of it.
      const answered = await page.evaluate<string>(
        '[...document.querySelectorAll("#verdict, #paste, .sure, output")].map((part) => part.textContent).join()',
      );
      assert.doesNotMatch(answered, /NaN|Infinity|undefined|\[object/, about);
      assert.ok(((await page.textContent('#verdict')) ?? '').trim().length > 20, about);
    }
    // A link from elsewhere is as hostile as one that is typed.
    await page.goto(`${page.url().split('#')[0]}#${HOSTILE_HASHES[1]}`);
    await page.reload();
    assert.equal(await page.evaluate(elements), known);
    assert.deepEqual(said, []);
  },
);

test('axe-core finds nothing serious on any page', { ...requirement('chromium'), timeout: 300_000 }, async (t) => {
  const open = await browser(t);
  for (const name of Object.keys(SAMPLES)) {
    const html = (await scripted(await sample(name))).replace(/<meta\s+http-equiv="Content-Security-Policy"[^>]*>/, '');
    // What a telephone shows differently is the same for all.
    for (const width of NARROW.has(name) ? [1280, 390] : [1280]) {
      const { page } = await open(html, width);
      // Of both schemes: the colours are the same whatever the width.
      await page.emulateMedia({ colorScheme: width === 390 ? 'dark' : 'light' });
      // What opens is told of it in tasks of their own, and is then laid out.
      await page.evaluate(
        'for (const details of document.querySelectorAll("details")) details.open = true; new Promise((done) => setTimeout(() => requestAnimationFrame(() => setTimeout(done))))',
      );
      await page.evaluate(axe.source);
      const found = await page.evaluate<{ id: string; impact: string; nodes: string[] }[]>(
        `axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.slice(0, 3).map(({ html }) => html) })))`,
      );
      assert.deepEqual(
        found.filter(({ impact }) => impact === 'serious' || impact === 'critical'),
        [],
        `${name} at ${width}`,
      );
      if (found.length > 0) t.diagnostic(`${name} at ${width}: ${found.map(({ id }) => id).join(', ')}`);
      await page.close();
    }
  }
});
