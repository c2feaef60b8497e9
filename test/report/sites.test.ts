import assert from 'node:assert/strict';
import test from 'node:test';
import type { SiteNode } from '../../src/analysis/per-cell/allocation-sites.ts';
import type { Analysis } from '../../src/analysis/analysis.ts';
import { icicle } from '../../src/report/charts/icicle.ts';
import { renderReport } from '../../src/report/formats.ts';
import { originOf, shortFunctionName } from '../../src/report/function-name.ts';
import { escapeHtml } from '../../src/report/html.ts';
import { escaped } from '../../src/report/document/escaped-markdown.ts';
import { HOSTILE, SAMPLES } from './samples.ts';

const profiled = SAMPLES['profiled'] as () => Promise<Analysis>;

test('names are shortened to package and function', () => {
  const names = {
    'github.com/libp2p/go-buffer-pool.(*BufferPool).Get': 'go-buffer-pool.(*BufferPool).Get',
    'net/http.(*conn).serve': 'http.(*conn).serve',
    'main.main': 'main.main',
    'github.com/ipfs/go-cid/v2.Parse': 'go-cid.Parse',
    'gopkg.in/yaml%2ev3.Unmarshal': 'yaml.v3.Unmarshal',
    'x.org/agg.Builder[go.shape.struct { a/b.C }].filter.func9': 'agg.Builder[…].filter.func9',
    'x.org/a.F[map[string]y.org/b.T].func1': 'a.F[…].func1',
    runtime: 'runtime',
    '': '',
  };
  for (const [name, short] of Object.entries(names)) assert.equal(shortFunctionName(name), short);
});

test('code is of the program, of another module, or of Go', () => {
  const modules = ['github.com/ipfs/kubo', 'example.org/heapd'];
  const origins = {
    'main.main': 'own',
    'github.com/ipfs/kubo/core.NewNode': 'own',
    'example.org/heapd.work': 'own',
    'github.com/ipfs/kubo-plugins/x.Y': 'foreign',
    'github.com/ipfs/boxo/mfs.NewRoot': 'foreign',
    'net/http.(*conn).serve': 'standard',
    'runtime.doInit': 'standard',
    'slices.SortFunc[go.shape.[]x.org/a.B]': 'standard',
    '<unknown>': 'standard',
  };
  for (const [name, origin] of Object.entries(origins)) assert.equal(originOf(name, modules), origin, name);
});

test('the boxes of an icicle stand below their callers, as wide as their bytes', () => {
  const tree: readonly SiteNode[] = [
    { name: 'main.a', bytes: 60, children: [{ name: 'main.b', bytes: 20, children: [] }] },
    { name: 'c/d.e', bytes: 30, children: [{ name: 'c/d.f', bytes: 30, children: [] }] },
  ];
  const { text } = icicle({ tree, totalBytes: 100, label: 'it', modules: [] });
  const boxes = [...text.matchAll(/style="left:([\d.]+)%;top:(\d+)px;width:([\d.]+)%"\s+title="([^"\n]*)\n([^"]*)"/g)];
  assert.deepEqual(
    boxes.map(([, left, top, width, name, figures]) => [name, left, top, width, figures]),
    [
      ['main.a', '0', '19', '60', '60 B, 60.0 %'],
      ['main.b', '0', '38', '20', '20 B, 20.0 %'],
      ['c/d.e', '60', '19', '30', '30 B, 30.0 %'],
      ['c/d.f', '60', '38', '30', '30 B, 30.0 %'],
    ],
  );
  assert.match(text, /class="icicle" role="img" aria-label="it" style="height:57px"/);
});

test('every format shows the functions that allocate most', async () => {
  const analysis = await profiled();
  const html = await renderReport(analysis, 'html');
  assert.match(html, /<section id="sites"/);
  assert.match(html, /href="#sites"/);
  assert.ok((html.match(/class="site part-/g)?.length ?? 0) > 50);
  assert.match(html, /title="github\.com\/syndtr\/goleveldb\/leveldb\/memdb\.New\n4\.0 MiB, 28\.8 %"/);
  const md = await renderReport(analysis, 'md');
  assert.match(md, /^### Held after the window \(GOGC=100: 13\.9 MiB, mean of 3 trials\)$/m);
  assert.match(md, /\| 4\.0 \| 28\.8 % \| 4\.0 \| 28\.8 % \| memdb\.New \|/);
  const text = await renderReport(analysis, 'text');
  assert.match(text, /\n +4\.0 +28\.8 % +4\.0 +28\.8 % {2}memdb\.New\n/);
  for (const line of text.split('\n')) assert.ok(line.length <= 80, line);
  const csv = await renderReport(analysis, 'csv');
  assert.match(
    csv,
    /\r\nsite,[^\r]*,sites\.held,bytes,,,4195711,,,,3,,,,,,,github\.com\/syndtr\/goleveldb\/leveldb\/memdb\.New\r\n/,
  );
  assert.equal(csv.match(/\r\nsite,/g)?.length, 10);
  const json = JSON.parse(await renderReport(analysis, 'json')) as Analysis;
  assert.deepEqual(json.workloads[0]?.sites, JSON.parse(JSON.stringify(analysis.workloads[0]?.sites)));
});

test('without profiles there is no such section', async () => {
  const html = await renderReport(await (SAMPLES['one-workload'] as () => Promise<Analysis>)(), 'html');
  assert.doesNotMatch(html, /id="sites"|href="#sites"/);
});

test('hostile names of functions stay text', async () => {
  const analysis = await profiled();
  const rename = (node: SiteNode): SiteNode => ({ ...node, name: HOSTILE, children: node.children.map(rename) });
  const evil: Analysis = {
    ...analysis,
    workloads: analysis.workloads.map((workload) => ({
      ...workload,
      sites: (workload.sites ?? []).map((one) => ({
        ...one,
        tree: one.tree.map(rename),
        top: one.top.map((row) => ({ ...row, name: HOSTILE })),
      })),
    })),
  };
  const html = await renderReport(evil, 'html');
  assert.doesNotMatch(html, /<script/);
  assert.equal(html.match(/<\/style>/g)?.length, 1);
  assert.ok(html.includes(`title="${escapeHtml(HOSTILE)}\n`));
  // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
  const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
  for (const format of ['html', 'md', 'text'] as const) assert.doesNotMatch(await renderReport(evil, format), control);
  const md = await renderReport(evil, 'md');
  const rows = md
    .split('\n')
    .filter((line) => line.includes(` % | ${escaped(shortFunctionName(HOSTILE)).slice(0, 8)}`));
  assert.equal(rows.length, 10);
  for (const row of rows) assert.equal(row.split(/(?<!\\)\|/).length, 7);
});
