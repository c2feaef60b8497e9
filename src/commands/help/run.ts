import { ExitCode, UserError } from '../../errors.ts';
import { nearest } from '../../text/nearest.ts';
import { commands } from '../all.ts';
import { environmentName } from '../../cli/command.ts';
import { exitCodeMeanings } from '../../cli/exit-codes.ts';
import { commandHelp, programHelp } from '../../cli/help.ts';
import type { Io } from '../../cli/io.ts';
import { styleOf } from '../../cli/terminal/style.ts';
import { topicNames } from './topic-names.ts';

/** Prints the help of a command or of a topic. */
export async function showTopic(topic: string | undefined, io: Io): Promise<ExitCode> {
  const style = styleOf(io.stdout, 'auto', io.env);
  const columns = io.stdout.size()?.columns;
  if (topic === undefined) {
    io.stdout.write(programHelp(commands, topicNames, style, columns));
    return ExitCode.ok;
  }
  const command = commands.find(({ name }) => name === topic);
  if (command !== undefined) {
    io.stdout.write(commandHelp(command, style, columns));
    return ExitCode.ok;
  }
  const known = topicNames.find((name) => name === topic);
  if (known === undefined) {
    const meant = nearest(topic, [...topicNames, ...commands.map(({ name }) => name)]);
    throw new UserError({
      code: 'unknown-topic',
      message: `there is no help on "${topic}"`,
      hint: meant === undefined ? `topics: ${topicNames.join(', ')}` : `did you mean gctune help ${meant}?`,
    });
  }
  io.stdout.write(style.text(await topicText(known)));
  return ExitCode.ok;
}

async function topicText(topic: (typeof topicNames)[number]): Promise<string> {
  switch (topic) {
    case 'exit-codes':
      return exitCodeMeanings.map(([code, meaning]) => `${String(code).padStart(3)}  ${meaning}\n`).join('');
    case 'environment':
      return environmentText();
    case 'metrics':
      return (await import('./topic-texts.ts')).metricsText();
    case 'experiment':
      return (await import('./topic-texts.ts')).experimentText();
  }
}

function environmentText(): string {
  const users = new Map<string, string[]>();
  for (const command of commands) {
    for (const [flag, option] of Object.entries(command.options)) {
      const name = environmentName(flag, option);
      if (name !== undefined) users.set(name, [...(users.get(name) ?? []), command.name]);
    }
  }
  const own = [...users].toSorted(([a], [b]) => a.localeCompare(b));
  return [
    'Options can be set by variables; the flag wins over the variable, and that wins over the experiment file.',
    '',
    ...own.map(
      ([name, names]) =>
        `  ${name.padEnd(20)}  --${name.slice('GCTUNE_'.length).toLowerCase().replaceAll('_', '-')} of ${names.join(', ')}`,
    ),
    '',
    'Also heeded: NO_COLOR, FORCE_COLOR, TERM, CI (no live display), LC_ALL, LC_CTYPE and LANG (whether the terminal',
    'shows more than ASCII), DOCKER_HOST, PATH (where go is looked for).',
    '',
  ].join('\n');
}
