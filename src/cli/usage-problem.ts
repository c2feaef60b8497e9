import type { Diagnostic } from '../errors.ts';
import { nearest } from '../text/nearest.ts';
import type { Command } from './command.ts';
import { quote } from '../units/units.ts';
import { synopsis } from './help.ts';

/** What yargs complains of, said with the word that was probably meant and where to read on. */
export function usageProblem(
  complaint: string,
  command: Command | undefined,
  commands: readonly Command[],
  argv: readonly string[],
): readonly Diagnostic[] {
  const help = command === undefined ? 'gctune --help' : `gctune ${command.name} --help`;
  const unknown = /^Unknown (?:argument|command)s?: (.*)$/s.exec(complaint)?.[1];
  if (unknown !== undefined) {
    const words = unknown.split(', ');
    if (command === undefined) return [unknownCommand(words[0] ?? '', commands)];
    // yargs names flags without their dashes, and what stands in the line as it is beside them.
    const beyond = words.filter((word) => argv.includes(word));
    const surplus = surplusWords(beyond, command);
    return surplus === undefined
      ? words.map((word) => unknownFlag(word, command))
      : [surplus, ...words.filter((word) => !beyond.includes(word)).map((word) => unknownFlag(word, command))];
  }
  const lacking = /^Not enough arguments following: (.*)$/s.exec(complaint)?.[1];
  if (lacking !== undefined) {
    const flag = command?.options[lacking];
    return [
      {
        code: 'missing-value',
        message: 'a value is missing',
        at: `--${lacking}`,
        hint: `write --${lacking} ${flag?.value ?? '<value>'}`,
      },
    ];
  }
  if (complaint.startsWith('Not enough non-option arguments')) {
    return command === undefined
      ? [{ code: 'missing-command', message: 'a command is missing', hint: `see ${help}` }]
      : [{ code: 'missing-argument', message: 'an argument is missing', hint: `usage: gctune ${synopsis(command)}` }];
  }
  return [{ code: 'usage', message: complaint, hint: `see ${help}` }];
}

function unknownCommand(word: string, commands: readonly Command[]): Diagnostic {
  const meant = nearest(
    word,
    commands.map((command) => command.name),
  );
  return {
    code: 'unknown-command',
    message: `unknown command "${word}"`,
    hint: meant === undefined ? 'see gctune --help' : `did you mean gctune ${meant}?`,
  };
}

/** What a pattern of the shell gave to a command that takes one word of it; undefined where it is something else. */
function surplusWords([second, ...more]: readonly string[], command: Command): Diagnostic | undefined {
  const [only, ...others] = Object.entries(command.positionals);
  if (second === undefined || only === undefined || others.length > 0 || only[1].many) return undefined;
  const [name, { several }] = only;
  const rest = more.length === 0 ? '' : ` (and ${more.length} more)`;
  return {
    code: 'surplus-argument',
    message: `gctune ${command.name} takes one <${name}> at a time; the second is ${quote(second)}${rest}`,
    hint: several ?? `give one of them; a pattern such as results/* may name several`,
  };
}

function unknownFlag(word: string, command: Command): Diagnostic {
  const flags = Object.keys(command.options);
  const meant = nearest(word.replace(/^no-/, ''), flags);
  return {
    code: 'unknown-argument',
    message: `gctune ${command.name} does not know "${word}"`,
    hint: meant === undefined ? `see gctune ${command.name} --help` : `did you mean --${meant}?`,
  };
}
