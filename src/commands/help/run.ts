import { ExitCode, UserError } from '../../errors.ts';
import { nearest } from '../../text/nearest.ts';
import { commands } from '../all.ts';
import { environmentName } from '../../cli/command.ts';
import { exitCodeMeanings } from '../../cli/exit-codes.ts';
import { commandHelp, exitCodeFacts, programHelp } from '../../cli/help.ts';
import type { Io } from '../../cli/io.ts';
import { printAnswer, type Answer, type PrintValues } from '../../session/print-answer.ts';
import { topicNames } from './topic-names.ts';

/** What `gctune help` is called with. */
export interface HelpValues extends PrintValues {
  readonly topic: string | undefined;
}

/** Prints the help of a command or of a topic. */
export async function showTopic(values: HelpValues, io: Io): Promise<ExitCode> {
  await printAnswer(await helpOn(values.topic), values, io);
  return ExitCode.ok;
}

async function helpOn(topic: string | undefined): Promise<Answer> {
  if (topic === undefined) return { title: 'gctune', document: programHelp(commands, topicNames), json: { commands } };
  const title = `gctune help ${topic}`;
  const command = commands.find(({ name }) => name === topic);
  if (command !== undefined) return { title, document: commandHelp(command), json: command };
  const [known, ...path] = topic.split('.');
  switch (path.length === 0 || known === 'experiment' ? topicNames.find((name) => name === known) : undefined) {
    case 'exit-codes': {
      const facts = exitCodeFacts(exitCodeMeanings.map(([code]) => code));
      return { title, document: [{ kind: 'facts', facts }], json: Object.fromEntries(facts) };
    }
    case 'environment':
      return { title, ...environmentHelp() };
    case 'metrics':
      return { title, ...(await import('./topic-texts.ts')).metricsHelp() };
    case 'experiment': {
      const found = (await import('./topic-texts.ts')).experimentHelp(path);
      if (found !== undefined) return { title, ...found };
      throw new UserError({
        code: 'unknown-topic',
        message: `an experiment file has no section ${path.join('.')}`,
        hint: 'gctune help experiment lists the sections',
      });
    }
    case undefined: {
      const meant = nearest(topic, [...topicNames, ...commands.map(({ name }) => name)]);
      throw new UserError({
        code: 'unknown-topic',
        message: `there is no help topic "${topic}"`,
        hint: meant === undefined ? `topics: ${topicNames.join(', ')}` : `did you mean gctune help ${meant}?`,
      });
    }
  }
}

function environmentHelp(): Pick<Answer, 'document' | 'json'> {
  const users: Record<string, string[]> = {};
  for (const command of commands) {
    for (const [flag, option] of Object.entries(command.options)) {
      const name = environmentName(flag, option);
      if (name !== undefined) (users[name] ??= []).push(command.name);
    }
  }
  const flagOf = (name: string): string => `--${name.slice('GCTUNE_'.length).toLowerCase().replaceAll('_', '-')}`;
  const own = Object.entries(users).toSorted(([a], [b]) => a.localeCompare(b));
  return {
    document: [
      {
        kind: 'prose',
        text: 'Options can be set by environment variables. A flag overrides the variable, and the variable overrides the experiment file.',
      },
      { kind: 'facts', facts: own.map(([name, names]) => [name, `${flagOf(name)} of ${names.join(', ')}`]) },
      {
        kind: 'prose',
        text: 'Also respected: NO_COLOR, FORCE_COLOR, TERM, CI (no live display), LC_ALL, LC_CTYPE and LANG (whether the terminal shows more than ASCII), DOCKER_HOST, PATH (to find go).',
      },
    ],
    json: users,
  };
}
