import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineCommand, type Command, type Invocation } from '../../src/cli/command.ts';
import { commands } from '../../src/commands/all.ts';
import { settleValues } from '../../src/cli/settle-values.ts';
import { completions, parseArguments } from '../../src/cli/yargs-program.ts';
import { UserError, type Diagnostic } from '../../src/errors.ts';

const command: Command = defineCommand({
  name: 'try',
  summary: '',
  positionals: {
    first: { describe: '', required: true, many: false },
    kind: { describe: '', required: false, many: false, choices: ['red', 'green'] },
  },
  options: {
    seed: { type: 'number', describe: '' },
    blocks: { type: 'number', least: 1, describe: '' },
    limit: { type: 'duration', describe: '' },
    color: { type: 'string', choices: ['auto', 'always'], default: 'auto', describe: '' },
    filter: { type: 'string', array: true, describe: '' },
    'exit-zero': { type: 'boolean', default: false, alias: 'z', describe: '' },
    private: { type: 'string', environment: false, describe: '' },
  },
  examples: [],
  exitCodes: [],
  run: () => Promise.resolve(0),
});

function settle(
  argv: readonly string[],
  env: Record<string, string> = {},
): Invocation<Readonly<Record<string, unknown>>> {
  const { given } = parseArguments([command], ['try', ...argv]);
  return settleValues(command, given, env);
}

function problems(
  argv: readonly string[],
  env: Record<string, string> = {},
  all: readonly Command[] = [command],
): readonly Diagnostic[] {
  try {
    settleValues(command, parseArguments(all, argv).given, env);
  } catch (error) {
    if (error instanceof UserError) return error.diagnostics;
    throw error;
  }
  return assert.fail('nothing was refused');
}

test('the flag wins over the environment, that over the default, and each source is told', () => {
  const env = { GCTUNE_SEED: '1', GCTUNE_BLOCKS: '2', GCTUNE_EXIT_ZERO: 'yes', GCTUNE_PRIVATE: 'x' };
  const { values, sources } = settle(['a', '--seed', '9'], env);
  assert.equal(values['seed'], 9);
  assert.equal(values['blocks'], 2);
  assert.equal(values['exit-zero'], true);
  assert.equal(values['color'], 'auto');
  assert.equal(values['private'], undefined);
  assert.deepEqual(sources, { seed: 'flag', blocks: 'environment', 'exit-zero': 'environment', color: 'default' });
});

test('an empty variable is none', () => {
  assert.equal(settle(['a'], { GCTUNE_SEED: '' }).values['seed'], undefined);
});

test('values get their types: durations are seconds, lists add up, what comes twice counts as it stands last', () => {
  const { values } = settle(['a', '--limit', '1m30s', '--filter', 'a=1', '--filter=b=2', '--seed=1', '--seed=2', '-z']);
  assert.equal(values['limit'], 90);
  assert.deepEqual(values['filter'], ['a=1', 'b=2']);
  assert.equal(values['seed'], 2);
  assert.equal(values['exit-zero'], true);
  assert.deepEqual(settle(['a'], { GCTUNE_FILTER: 'a=1,b=2' }).values['filter'], ['a=1', 'b=2']);
  assert.equal(settle(['a', '--no-exit-zero'], { GCTUNE_EXIT_ZERO: '1' }).values['exit-zero'], false);
});

test('a positional that looks like a number stays a text', () => {
  assert.equal(settle(['007']).values['first'], '007');
});

test('every bad value is reported at once, with the name that it was given under', () => {
  const found = problems(
    ['try', 'a', 'gren', '--seed', '1.5', '--blocks', '0', '--limit', '90', '--color', 'alway'],
    {},
  );
  assert.deepEqual(
    found.map(({ at }) => at),
    ['--seed', '--blocks', '--limit', '--color', '<kind>'],
  );
  assert.match(found[2]?.hint ?? '', /90s/);
  assert.match(found[3]?.hint ?? '', /"always"/);
  assert.match(found[4]?.hint ?? '', /"green"/);
  const [inEnv] = problems(['try', 'a'], { GCTUNE_EXIT_ZERO: 'maybe' });
  assert.equal(inEnv?.at, 'GCTUNE_EXIT_ZERO');
  assert.match(inEnv?.message ?? '', /maybe/);
});

for (const [argv, code, says] of [
  [['tri', 'a'], 'unknown-command', /gctune try/],
  [['xyzzy'], 'unknown-command', /gctune --help/],
  [['try', 'a', '--sede', '3'], 'unknown-argument', /--seed/],
  [['try', 'a', 'red', 'surplus'], 'unknown-argument', /surplus|--help/],
  [['try', 'a', '--', 'red', 'surplus'], 'unknown-argument', /red|surplus/],
  [['try'], 'missing-argument', /gctune try <first> \[kind\]/],
  [['try', 'a', '--seed'], 'missing-value', /--seed/],
  [['try', 'a', '--seed='], 'bad-value', /missing|value/],
  [[], 'missing-command', /gctune --help/],
] as const) {
  test(`\`gctune ${argv.join(' ')}\` is refused as ${code}`, () => {
    const [first] = problems(argv);
    assert.equal(first?.code, code);
    assert.match(`${first.message} ${first.hint ?? ''}`, says);
  });
}

test('what a pattern of the shell gave to a command that takes one word is told as that', () => {
  for (const [name, hint] of [
    ['record', /^for run in results\/\*; do gctune record "\$run"; done$/],
    ['gate', /^give one of them/],
  ] as const) {
    const argv = [name, 'results/a', 'results/b', 'results/c', '--quit'];
    const found = problems(argv, {}, commands);
    assert.equal(found[0]?.code, 'surplus-argument');
    assert.equal(found[0]?.message, `gctune ${name} takes one <run> at a time; the second is "results/b" (and 1 more)`);
    assert.match(found[0]?.hint ?? '', hint);
    assert.match(found[1]?.hint ?? '', /--quiet/);
  }
});

test('completion offers commands, their flags, and the choices of a flag', () => {
  assert.ok(completions(commands, ['re']).includes('report'));
  const flags = completions(commands, ['run', 'x.yaml', '--p']);
  assert.ok(flags.includes('--progress'));
  assert.ok(!flags.includes('--format'));
  assert.deepEqual(completions(commands, ['report', 'x', '--format', 'b']), ['benchfmt']);
  assert.ok(completions(commands, ['completion', '']).includes('zsh'));
});

test('a flag that is begun like a short one is still offered, and no flag where a file may stand', () => {
  assert.ok(completions(commands, ['report', 'x', '--f']).includes('--format'));
  assert.ok(completions(commands, ['report', 'x', '-']).includes('-f'));
  assert.deepEqual(completions(commands, ['run', '']), []);
});
