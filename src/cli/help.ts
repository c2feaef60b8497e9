import type { Document, Fact } from '../report/document/document.ts';
import { textWidth } from '../text/text-width.ts';
import { environmentName, type Command, type CommandOption } from './command.ts';
import { exitCodeMeanings } from './exit-codes.ts';

/** Of 80 columns, without those of the indent and of the mark between command and text. */
const WIDEST_EXAMPLE = 73;

/** The flags that work everywhere and are no part of a command. */
const everywhere = [
  ['-h, --help', 'Show the help of gctune or of a command.'],
  ['--version', 'Show the version.'],
] as const;

/** The help of gctune itself. */
export function programHelp(commands: readonly Command[], topics: readonly string[]): Document {
  return [
    {
      kind: 'prose',
      text: 'gctune finds the GOGC to run a Go daemon with: how much memory each value saves, how much CPU it costs, and how certain that is.',
    },
    ...usage('gctune <command> [options]'),
    ...examples([
      ['gctune init', 'write an experiment file to start from'],
      ['gctune plan gctune.yaml', 'see what would run and how long it takes'],
      ['gctune run gctune.yaml', 'measure; ends with the finding and a report'],
    ]),
    ...part(
      'Commands',
      commands.map((command) => [synopsis(command), command.summary]),
    ),
    ...part('Options', everywhere),
    {
      kind: 'prose',
      text: `gctune <command> --help shows the options of a command. Topics: ${topics.map((topic) => `gctune help ${topic}`).join(', ')}.`,
    },
    {
      kind: 'prose',
      text: 'Not published: npx finds gctune in its checkout only. There, npm install --global . makes it a command anywhere.',
    },
  ];
}

/** The help of one command. */
export function commandHelp(command: Command): Document {
  const options = Object.entries(command.options);
  const first = options.find(([name, option]) => environmentName(name, option) !== undefined);
  const groups = Map.groupBy(options, ([, option]) => option.group ?? 'Options');
  return [
    { kind: 'prose', text: `gctune ${command.name}: ${command.summary}` },
    ...usage(`gctune ${synopsis(command)}${options.length > 0 ? ' [options]' : ''}`),
    ...examples(command.examples),
    ...(command.details === undefined ? [] : [{ kind: 'prose', text: command.details } as const]),
    ...part(
      'Arguments',
      Object.entries(command.positionals).map(([name, { describe, choices }]) => [
        name,
        describe + choicesText(choices),
      ]),
    ),
    ...[...groups].flatMap(([group, own]) =>
      part(
        group,
        own.map(([name, option]) => [flags(name, option), description(option)]),
      ),
    ),
    ...(first === undefined
      ? []
      : [
          {
            kind: 'prose',
            text: `Options can also be set by environment variables, e.g. --${first[0]} by ${environmentName(...first)}; the flag takes precedence.`,
          } as const,
        ]),
    ...part('Exit codes', exitCodeFacts(command.exitCodes)),
  ];
}

/** Exit codes and what each says. */
export function exitCodeFacts(codes: Command['exitCodes']): readonly Fact[] {
  return exitCodeMeanings
    .filter(([code]) => codes.includes(code))
    .map(([code, meaning]) => [String(code), meaning] as const);
}

function usage(text: string): Document {
  return [
    { kind: 'heading', level: 2, text: 'Usage' },
    { kind: 'code', text },
  ];
}

/** Lines to copy: what each does stands behind it, or above it where that would be too wide for any terminal. */
function examples(all: Command['examples']): Document {
  const widest = Math.max(...all.map(([command]) => textWidth(command)));
  const beside = all.every(([, text]) => widest + textWidth(text) <= WIDEST_EXAMPLE);
  const lines = all.flatMap(([command, text]) =>
    beside ? [`${command.padEnd(widest)}   # ${text}`] : [`# ${text}`, command],
  );
  return [
    { kind: 'heading', level: 2, text: 'Examples' },
    { kind: 'code', text: lines.join('\n') },
  ];
}

function part(title: string, facts: readonly Fact[]): Document {
  if (facts.length === 0) return [];
  return [
    { kind: 'heading', level: 2, text: title },
    { kind: 'facts', facts },
  ];
}

/** `run <file>`, `show <run> [trial]`. */
export function synopsis(command: Command): string {
  const words = Object.entries(command.positionals).map(([name, { required, many }]) => {
    const word = many ? `${name}..` : name;
    return required ? `<${word}>` : `[${word}]`;
  });
  return [command.name, ...words].join(' ');
}

function flags(name: string, option: CommandOption): string {
  const short = option.alias === undefined ? '' : `-${option.alias}, `;
  return `${short}--${name}${option.type === 'boolean' ? '' : ` ${option.value ?? '<value>'}`}`;
}

function description(option: CommandOption): string {
  const standard =
    option.default === undefined || option.default === false ? '' : ` [default: ${String(option.default)}]`;
  return option.describe + choicesText(option.choices) + standard;
}

function choicesText(choices: readonly string[] | undefined): string {
  return choices === undefined ? '' : ` One of: ${choices.join(', ')}.`;
}
