import { UserError, type Diagnostic } from '../errors.ts';
import { nearest } from '../text/nearest.ts';
import { DURATION_SYNTAX, quote } from '../units/units.ts';
import { environmentName, type Command, type CommandOption, type Invocation, type Source } from './command.ts';
import type { Io } from './io.ts';

/**
 * The value of each flag (the flag itself, else its environment variable, else the default) and of each positional,
 * checked. Throws UserError with every bad value at once.
 */
export function settleValues(
  command: Command,
  parsed: Readonly<Record<string, unknown>>,
  env: Io['env'],
): Invocation<Readonly<Record<string, unknown>>> {
  const values: Record<string, unknown> = {};
  const sources: Record<string, Source> = {};
  const problems: Diagnostic[] = [];
  for (const [name, option] of Object.entries(command.options)) {
    const variable = environmentName(name, option) ?? '';
    const fromEnv = env[variable];
    const [given, at, source]: readonly [unknown, string, Source] =
      parsed[name] !== undefined
        ? [parsed[name], `--${name}`, 'flag']
        : fromEnv !== undefined && fromEnv !== ''
          ? [option.array === true ? fromEnv.split(',') : fromEnv, variable, 'environment']
          : [undefined, '', 'default'];
    if (given === undefined) {
      if (option.default === undefined) continue;
      values[name] = option.default;
    } else {
      const read = readOption(option, given);
      if ('problem' in read) problems.push({ code: 'bad-value', message: read.problem, at, hint: read.hint });
      else values[name] = read.value;
    }
    sources[name] = source;
  }
  // What stands after a `--` is no flag, and no command takes more than its declared arguments.
  const beyond = Array.isArray(parsed['_']) ? parsed['_'].slice(1) : [];
  for (const word of beyond)
    problems.push({ code: 'unknown-argument', message: `gctune ${command.name} does not know ${quote(word)}` });
  for (const [name, positional] of Object.entries(command.positionals)) {
    const given = parsed[name];
    const texts = (Array.isArray(given) ? given : given === undefined ? [] : [given]).map(String);
    for (const text of texts) {
      const read = readChoice(text, positional.choices);
      if ('problem' in read)
        problems.push({ code: 'bad-value', message: read.problem, at: `<${name}>`, hint: read.hint });
    }
    values[name] = positional.many ? texts : texts[0];
  }
  if (problems.length > 0) throw new UserError(problems);
  return { values, sources };
}

type Read = { readonly value: unknown } | { readonly problem: string; readonly hint: string };

/** Reads what the parser (a string or a boolean) or the environment (a string) gave for a flag. */
function readOption(option: CommandOption, given: unknown): Read {
  // A flag that is given twice counts as it stands last.
  if (Array.isArray(given) && option.array !== true) return readOption(option, given.at(-1));
  if (typeof given === 'boolean') return { value: given };
  if (Array.isArray(given)) {
    const reads = given.map((one) => readChoice(String(one), option.choices));
    return reads.find((read) => 'problem' in read) ?? { value: given };
  }
  const text = String(given);
  if (text === '') return { problem: 'a value is missing', hint: `write ${option.value ?? 'a value'} after it` };
  switch (option.type) {
    case 'boolean':
      if (/^(1|true|yes|on)$/i.test(text)) return { value: true };
      if (/^(0|false|no|off)$/i.test(text)) return { value: false };
      return { problem: `${quote(text)} is not true or false`, hint: 'write 1 or 0' };
    case 'number':
      return readWholeNumber(text, option.least ?? 0);
    case 'duration':
      return DURATION_SYNTAX.parse(text);
    case 'string':
      return readChoice(text, option.choices);
  }
}

function readWholeNumber(text: string, least: number): Read {
  const value = /^[+-]?\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(value))
    return { problem: `${quote(text)} is not a whole number`, hint: 'write digits only' };
  return value < least ? { problem: `${value} is too small`, hint: `the minimum is ${least}` } : { value };
}

function readChoice(text: string, choices: readonly string[] | undefined): Read {
  if (choices === undefined || choices.includes(text)) return { value: text };
  const meant = nearest(text, choices);
  return {
    problem: `${quote(text)} is not one of ${choices.join(', ')}`,
    hint: meant === undefined ? `choose one of them` : `did you mean "${meant}"?`,
  };
}
