import type { Diagnostic } from '../errors.ts';
import { nearest } from '../text/nearest.ts';
import type { Command } from './command.ts';
import { synopsis } from './help.ts';

/** What yargs complains of, said with the word that was probably meant and where to read on. */
export function usageProblem(
  complaint: string,
  command: Command | undefined,
  commands: readonly Command[],
): readonly Diagnostic[] {
  const help = command === undefined ? 'gctune --help' : `gctune ${command.name} --help`;
  const unknown = /^Unknown (?:argument|command)s?: (.*)$/s.exec(complaint)?.[1];
  if (unknown !== undefined) {
    const words = unknown.split(', ');
    return command === undefined
      ? [unknownCommand(words[0] ?? '', commands)]
      : words.map((word) => unknownFlag(word, command));
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

function unknownFlag(word: string, command: Command): Diagnostic {
  const flags = Object.keys(command.options);
  const meant = nearest(word.replace(/^no-/, ''), flags);
  return {
    code: 'unknown-argument',
    message: `gctune ${command.name} does not know "${word}"`,
    hint: meant === undefined ? `see gctune ${command.name} --help` : `did you mean --${meant}?`,
  };
}
