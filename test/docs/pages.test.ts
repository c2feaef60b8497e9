import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { gomemlimitInGo } from '../../src/go/settings.ts';
import { commands } from '../../src/commands/all.ts';
import { blocksOf, root, tablesOf } from './page.ts';

const sources = globSync('src/**/*.ts', { cwd: root }).map((file) => readFileSync(join(root, file), 'utf8'));

test('every message that the troubleshooting page quotes is one of gctune’s', () => {
  const quoted = tablesOf('docs/how-to/troubleshooting.md', 'message').flatMap(({ message = '' }) => message);
  assert.ok(quoted.length > 25);
  const missing = quoted.filter((message) => {
    const parts = message
      .replaceAll('`', '')
      .split('…')
      .map((part) => part.trim());
    // What stands for a value in the page is filled in where the message is made.
    return !sources.some((source) => parts.every((part) => source.includes(part)));
  });
  assert.deepEqual(missing, []);
});

test('what to do after a refusal is said for every code that there is', () => {
  const declared = /export type RefusalCode =([^;]+);/.exec(sources.join('\n'))?.[1] ?? '';
  const codes = [...declared.matchAll(/'([a-z-]+)'/g)].map(([, code]) => `\`${code}\``);
  assert.ok(codes.length > 5);
  const rows = tablesOf('docs/how-to/after-a-refusal.md', 'code').map(({ code = '' }) => code);
  assert.deepEqual(rows.toSorted(), codes.toSorted());
});

test('every exit code of a run is among those of a night', () => {
  const rows = tablesOf('docs/how-to/nightly-ci.md', 'exit code').flatMap((row) =>
    (row['exit code'] ?? '').split(', '),
  );
  const codes = commands.find(({ name }) => name === 'run')?.exitCodes.map(String) ?? [];
  assert.ok(codes.length > 5);
  assert.deepEqual(rows.toSorted(), codes.toSorted());
});

test('thirty cycles take as long as the page on workloads says', () => {
  const rows = tablesOf('docs/how-to/choose-a-workload.md', 'live heap');
  assert.ok(rows.length > 3);
  for (const row of rows) {
    const [live = 0, gogc = 0, rate = 0, seconds = 0] = Object.values(row).map((text) => Number.parseFloat(text));
    assert.equal(Math.round((30 * live * (gogc / 100)) / rate), seconds, JSON.stringify(row));
  }
});

test('the Kubernetes manifest sets variables as text, and GOMEMLIMIT below the limit of memory', () => {
  const text = blocksOf('docs/how-to/kubernetes.md').find(({ told }) => told === 'deployment.yaml')?.text ?? '';
  const manifest = parse(text) as {
    spec: {
      template: {
        spec: {
          containers: readonly [
            { env: readonly { name: string; value: unknown }[]; resources: { limits: { memory: string } } },
          ];
        };
      };
    };
  };
  const [{ env, resources }] = manifest.spec.template.spec.containers;
  assert.ok(env.every(({ value }) => typeof value === 'string'));
  const limit = gomemlimitInGo(String(env.find(({ name }) => name === 'GOMEMLIMIT')?.value));
  assert.match(resources.limits.memory, /^\d+Mi$/);
  assert.ok(typeof limit === 'number' && limit < Number.parseInt(resources.limits.memory, 10) * 2 ** 20);
});
