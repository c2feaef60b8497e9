import yargs, { type Argv, type Options } from 'yargs';
import { UserError } from '../errors.ts';
import type { Command, CommandOption } from './command.ts';
import { synopsis } from './help.ts';
import { usageProblem } from './usage-problem.ts';

/** A parsed command line: a command and what was given to it, not yet checked. */
export interface Parsed {
  readonly command: Command;
  readonly given: Readonly<Record<string, unknown>>;
}

/** Stands for `-` while yargs reads a line, since it takes a lone dash for a flag; no argument of a process holds it. */
const STDIN_WORD = '\0stdin';

/** Reads a command line. Throws UserError for a command or flag that is not there. */
export function parseArguments(commands: readonly Command[], argv: readonly string[]): Parsed {
  let found: Parsed | undefined;
  const onCommand: OnCommand = (command, given) => {
    found = {
      command,
      given: Object.fromEntries(Object.entries(given).map(([name, value]) => [name, withDash(value)])),
    };
  };
  const words = argv.map((word) => (word === '-' ? STDIN_WORD : word));
  yargsProgram(commands, 'parse', onCommand, argv).parseSync(words);
  if (found === undefined)
    throw new UserError(usageProblem('Not enough non-option arguments', undefined, commands, argv));
  return found;
}

function withDash(value: unknown): unknown {
  return Array.isArray(value) ? value.map(withDash) : value === STDIN_WORD ? '-' : value;
}

/**
 * What the shell may put for the last word. Descriptions go with the words where SHELL names zsh or fish, as yargs has it.
 */
export function completions(commands: readonly Command[], words: readonly string[]): readonly string[] {
  const current = words.at(-1) ?? '';
  const flag = current.startsWith('-');
  let found = '';
  // yargs reads the words from its own arguments; its `getCompletion` forgets them once a command is among them. It takes
  // a flag that is half written (`--f`) for one that is given, so it only sees that it is a flag: the shell filters.
  const args = ['--get-yargs-completions', 'gctune', ...words.slice(0, -1), flag ? '-' : current];
  const parser = yargsProgram(commands, 'complete', () => {});
  parser.parseSync(args, (_error: unknown, _argv: unknown, output: string) => {
    found = output;
  });
  // Where no flag is begun, the shell may rather complete the name of a file.
  return found.split('\n').filter((word) => word !== '' && word.startsWith('-') === flag);
}

type OnCommand = (command: Command, given: Readonly<Record<string, unknown>>) => void;

/** The parser for the declared commands. It neither prints nor exits. */
function yargsProgram(
  commands: readonly Command[],
  purpose: 'parse' | 'complete',
  onCommand: OnCommand,
  argv: readonly string[] = [],
): Argv {
  let current: Command | undefined;
  const parser = yargs([])
    .scriptName('gctune')
    .locale('en')
    .help(false)
    .version(false)
    .exitProcess(false)
    .strict()
    .parserConfiguration({
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'short-option-groups': false,
    })
    .fail((message: string | null, error: Error | undefined) => {
      // yargs calls this for its own complaints (a message) and for what a handler throws (an error that is none of its own).
      if (error !== undefined && error.name !== 'YError') throw error;
      throw new UserError(usageProblem((message ?? '').replaceAll(STDIN_WORD, '-'), current, commands, argv));
    });
  for (const command of commands) {
    parser.command({
      command: synopsis(command),
      describe: command.summary,
      builder: (builder: Argv) => {
        current = command;
        for (const [name, option] of Object.entries(command.options))
          builder.option(name, yargsOption(option, purpose));
        for (const [name, { choices, many }] of Object.entries(command.positionals)) {
          // Else a lone `-`, which stands for stdin, would be taken for a switch.
          if (!many) builder.nargs(name, 1);
          if (purpose === 'complete' && choices !== undefined) builder.positional(name, { choices });
        }
        return builder;
      },
      handler: (given) => onCommand(command, given),
    });
  }
  return parser;
}

/** Defaults, choices and numbers are settled later, together with the environment's values. */
function yargsOption(option: CommandOption, purpose: 'parse' | 'complete'): Options {
  return {
    type: option.type === 'boolean' ? 'boolean' : 'string',
    describe: option.describe,
    ...(option.type === 'boolean' ? {} : { requiresArg: true }),
    ...(option.alias === undefined ? {} : { alias: option.alias }),
    ...(option.array === true ? { array: true, nargs: option.pair === true ? 2 : 1 } : {}),
    ...(purpose === 'complete' && option.choices !== undefined ? { choices: option.choices } : {}),
  };
}
