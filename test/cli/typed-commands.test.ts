import assert from 'node:assert/strict';
import { test } from 'node:test';
import { typedCommands } from '../../src/cli/typed-commands.ts';
import { program } from '../../src/program.ts';
import { fakeIo } from './fake-io.ts';

const advice =
  'gctune run a.yaml, then gctune recommend <run>; gctune measures; /opt/gctune run; my-gctune run; npx gctune plan';

test('who started it with npx is told to type npx gctune, and who did not is not', () => {
  for (const script of ["'gctune' run a.yaml", 'gctune', 'npx gctune plan a.yaml', '"gctune" plan']) {
    assert.equal(
      typedCommands(['run', 'recommend', 'plan'], { npm_lifecycle_script: script })(advice),
      'npx gctune run a.yaml, then npx gctune recommend <run>; gctune measures; /opt/gctune run; my-gctune run; npx gctune plan',
    );
  }
  for (const script of [undefined, 'node scripts/test.ts', 'gctune-nightly', 'make']) {
    assert.equal(typedCommands(['run'], { npm_lifecycle_script: script })(advice), advice);
  }
});

test('help, answers and errors tell it so, and what programs read does not', async () => {
  const env = { npm_lifecycle_script: "'gctune'", NO_COLOR: '1' };
  const told = async (...args: readonly string[]) => {
    const io = fakeIo({ env });
    await program(args, io);
    return io.written;
  };
  const help = await told('--help');
  assert.match(help.stdout, /\n {2}npx gctune <command> \[options\][^]*\n {2}npx gctune run gctune\.yaml /);
  assert.match(
    help.stdout.replaceAll(/\s+/g, ' '),
    /npx finds gctune in its checkout only\. There, npm install --global \. makes/,
  );
  assert.match((await told('gate', '--help')).stdout, /npx gctune gate results\/nightly-1/);
  assert.match((await told('history', 'nowhere')).stderr, /npx gctune record RUN --history nowhere begins one/);
  assert.match((await told('help', 'experiment')).stdout, /npx gctune init writes a file/);
  assert.doesNotMatch((await told('help', 'experiment', '--json')).stdout, /npx/);
  assert.doesNotMatch((await told('completion', 'bash')).stdout, /npx/);
});
