import { environmentName, type Command, type CommandOption } from './command.ts';
import { exitCodeMeanings } from './exit-codes.ts';
import type { Style } from './terminal/style.ts';
import { textWidth } from '../text/text-width.ts';

const LEAST_WIDTH = 40;
const MOST_WIDTH = 100;
const WIDTH_WITHOUT_TERMINAL = 80;

/** The flags that work everywhere and are no part of a command. */
const everywhere = [
  ['-h, --help', 'Show the help of gctune or of a command.'],
  ['--version', 'Show the version.'],
] as const;

/** The help of gctune itself. */
export function programHelp(
  commands: readonly Command[],
  topics: readonly string[],
  style: Style,
  columns?: number,
): string {
  const page = new Page(style, columns);
  page.paragraph(
    'gctune finds out which GOGC to run a Go daemon with: what each value saves in memory, what it costs in CPU, and how sure that is.',
  );
  page.heading('Usage');
  page.line('  gctune <command> [options]');
  page.heading('Examples');
  page.examples([
    ['gctune init', 'write an experiment file to begin from'],
    ['gctune plan gctune.yaml', 'see what would be run and how long it takes'],
    ['gctune run gctune.yaml', 'measure; ends with the finding and a report'],
  ]);
  page.heading('Commands');
  page.pairs(commands.map((command) => [synopsis(command), command.summary]));
  page.heading('Options');
  page.pairs(everywhere);
  page.line('');
  page.paragraph(
    `gctune <command> --help tells more. Topics: ${topics.map((topic) => `gctune help ${topic}`).join(', ')}.`,
  );
  return page.text();
}

/** The help of one command. */
export function commandHelp(command: Command, style: Style, columns?: number): string {
  const page = new Page(style, columns);
  page.paragraph(`gctune ${command.name}: ${command.summary}`);
  page.heading('Usage');
  page.line(`  gctune ${synopsis(command)}${Object.keys(command.options).length > 0 ? ' [options]' : ''}`);
  page.heading('Examples');
  page.examples(command.examples);
  if (command.details !== undefined) {
    page.line('');
    page.paragraph(command.details);
  }
  const positionals = Object.entries(command.positionals);
  if (positionals.length > 0) {
    page.heading('Arguments');
    page.pairs(positionals.map(([name, { describe, choices }]) => [name, describe + choicesText(choices)]));
  }
  const groups = Map.groupBy(Object.entries(command.options), ([, option]) => option.group ?? 'Options');
  for (const [group, options] of groups) {
    page.heading(group);
    page.pairs(options.map(([name, option]) => [flags(name, option), description(option)]));
  }
  const first = Object.entries(command.options).find(([name, option]) => environmentName(name, option) !== undefined);
  if (first !== undefined) {
    page.line('');
    page.paragraph(
      `Options can be set by environment variables too, as --${first[0]} by ${environmentName(...first)}; the flag wins.`,
    );
  }
  page.heading('Exit codes');
  page.pairs(
    exitCodeMeanings
      .filter(([code]) => command.exitCodes.includes(code))
      .map(([code, meaning]) => [String(code), meaning]),
  );
  return page.text();
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
  const short = option.alias === undefined ? '    ' : `-${option.alias}, `;
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

class Page {
  readonly #lines: string[] = [];
  readonly #style: Style;
  readonly #width: number;

  constructor(style: Style, columns: number | undefined) {
    this.#style = style;
    this.#width = Math.min(MOST_WIDTH, Math.max(LEAST_WIDTH, columns ?? WIDTH_WITHOUT_TERMINAL));
  }

  line(text: string): void {
    this.#lines.push(text);
  }

  heading(text: string): void {
    this.#lines.push('', this.#style.bold(`${text}:`));
  }

  paragraph(text: string): void {
    this.#lines.push(...wrap(text, this.#width));
  }

  examples(examples: Command['examples']): void {
    const widest = Math.max(...examples.map(([command]) => textWidth(command)));
    const beside = examples.every(([, text]) => 2 + widest + 3 + 2 + textWidth(text) <= this.#width);
    for (const [command, explanation] of examples) {
      if (beside) {
        this.#lines.push(`  ${command.padEnd(widest)}   ${this.#style.dim(`# ${explanation}`)}`);
      } else {
        this.#lines.push(`  ${this.#style.dim(`# ${explanation}`)}`, `  ${command}`);
      }
    }
  }

  pairs(pairs: readonly (readonly [term: string, text: string])[]): void {
    const widest = Math.min(30, Math.max(...pairs.map(([term]) => textWidth(term))));
    const indent = 2 + widest + 2;
    for (const [term, text] of pairs) {
      const [first = '', ...rest] = wrap(text, Math.max(20, this.#width - indent));
      if (textWidth(term) > widest) {
        this.#lines.push(`  ${term}`, `${' '.repeat(indent)}${first}`);
      } else {
        this.#lines.push(`  ${term.padEnd(widest)}  ${first}`);
      }
      for (const more of rest) this.#lines.push(' '.repeat(indent) + more);
    }
  }

  text(): string {
    return `${this.#lines.map((line) => this.#style.text(line)).join('\n')}\n`;
  }
}

/** Lines of at most `width` columns, broken at spaces. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (textWidth(longer) > width && line !== '') {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  lines.push(line);
  return lines;
}
