// The workflow of a pull request with real builds of heapd, step by step as a runner of GitHub would take it: the experiment is the one that
// users copy, unchanged. Both commits compute hashes for each request, and the second one computes more of them.
//
//   node scripts/show-pull-request.ts FOLDER [--base 5000] [--change 6000]
//
// FOLDER then has what each step printed, the summary and the run.
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fileOf, runner, type Workflow } from '../test/ci/steps.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { base: { type: 'string', default: '5000' }, change: { type: 'string', default: '6000' } },
});
const folder = resolve(positionals[0] ?? 'pull-request');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

const places: (() => unknown)[] = [];
const t = { after: (tidy: unknown) => void places.push(tidy as () => unknown) };
try {
  const host = await runner(t, 'pull-request.yaml', undefined);
  // The commit that it is merged into, and the change on top of it.
  const hashes = (count: string): string =>
    `sed -i 's/"cpu-iterations", [0-9]*,/"cpu-iterations", ${count},/' cmd/api/config.go`;
  const made = await host.run(
    [hashes(values.base), 'git commit -qam base', hashes(values.change), 'git commit -qam change'].join('\n'),
  );
  if (made.code !== 0) throw new Error(made.output);
  for (const step of (fileOf('github-pull-request.yml') as Workflow).jobs['measure']?.steps ?? []) {
    if (step.run === undefined) continue;
    const { code, output, summary } = await host.step(step);
    process.stdout.write(
      `== ${step.name}: ended with ${code}\n${output}${summary === '' ? '' : `-- summary\n${summary}`}\n`,
    );
  }
  cpSync(join(host.folder, 'results'), join(folder, 'results'), { recursive: true });
  cpSync(join(host.folder, 'summary.md'), join(folder, 'summary.md'));
} finally {
  for (const tidy of places) tidy();
}
