import type { ExitCode } from '../errors.ts';
import type { Io } from './io.ts';

/** One flag. Each can be given as the environment variable `GCTUNE_<NAME>` too, unless it says otherwise. */
export interface CommandOption {
  /** `number`: a whole number; `duration`: `90s`, `20m`, handed on in seconds. */
  readonly type: 'string' | 'number' | 'boolean' | 'duration';
  readonly alias?: string;
  /** A sentence; the default and the unit are added by the help. */
  readonly describe: string;
  /** What stands after the flag in the help, with its unit: `<seconds>`. */
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly default?: string | number | boolean;
  /** Numbers only: the least allowed; 0 where it is left out. */
  readonly least?: number;
  /** Heading in the help; `Options` where there is none. */
  readonly group?: string;
  /** Strings only: may be given more than once. */
  readonly array?: boolean;
  /** With `array`: it takes two words. */
  readonly pair?: true;
  /** False: only as a flag, because the variable of that name means something else. */
  readonly environment?: false;
}

/** One argument that is not a flag. */
export interface Positional {
  readonly describe: string;
  readonly required: boolean;
  readonly many: boolean;
  /** Of one that takes a single word: what to do where a pattern of the shell gave several. */
  readonly several?: string;
  readonly choices?: readonly string[];
}

type PositionalValues<P extends Readonly<Record<string, Positional>>> = {
  readonly [K in keyof P]: P[K]['many'] extends true
    ? readonly string[]
    : P[K]['required'] extends true
      ? string
      : string | undefined;
};
interface ValueOfType {
  readonly string: string;
  readonly number: number;
  readonly boolean: boolean;
  readonly duration: number;
}
type OptionValue<O extends CommandOption> = O extends { readonly array: true }
  ? readonly string[]
  : O extends { readonly choices: readonly (infer Choice)[] }
    ? Choice
    : ValueOfType[O['type']];
type OptionValues<O extends Readonly<Record<string, CommandOption>>> = {
  readonly [K in keyof O]: OptionValue<O[K]> | (undefined extends O[K]['default'] ? undefined : never);
};

/** Where the value of a flag comes from. */
export type Source = 'flag' | 'environment' | 'default';

/** What a command is called with. */
export interface Invocation<Values> {
  readonly values: Values;
  /** Where each flag that has a value got it from. */
  readonly sources: Readonly<Record<string, Source>>;
}

interface Described {
  readonly name: string;
  /** One line without a final full stop. */
  readonly summary: string;
  /** Sentences below the summary in the command's help. */
  readonly details?: string;
  readonly examples: readonly (readonly [command: string, explanation: string])[];
  readonly exitCodes: readonly ExitCode[];
  /** What it answers is in files as well: its exit code tells of that, whatever becomes of stdout. */
  readonly keepsAnswer?: true;
}

/** A command as it is written down: data for the help, the completion and the parser, and what it does. */
interface CommandDefinition<
  P extends Readonly<Record<string, Positional>>,
  O extends Readonly<Record<string, CommandOption>>,
> extends Described {
  readonly positionals: P;
  readonly options: O;
  /** Loads what it needs only now, so that the help and the other commands start fast. */
  readonly run: (invocation: Invocation<PositionalValues<P> & OptionValues<O>>, io: Io) => Promise<ExitCode>;
}

/** A command whose values are checked against its own declaration before it is run. */
export interface Command extends Described {
  readonly positionals: Readonly<Record<string, Positional>>;
  readonly options: Readonly<Record<string, CommandOption>>;
  readonly run: (invocation: Invocation<Readonly<Record<string, unknown>>>, io: Io) => Promise<ExitCode>;
}

/** Declares a command; the types of its values follow from its positionals and options. */
export function defineCommand<
  const P extends Readonly<Record<string, Positional>>,
  const O extends Readonly<Record<string, CommandOption>>,
>(definition: CommandDefinition<P, O>): Command {
  return {
    ...definition,
    // `settleValues` makes values of exactly these types from the same declaration.
    run: (invocation, io) => definition.run(invocation as Invocation<PositionalValues<P> & OptionValues<O>>, io),
  };
}

/** The environment variable of a flag, if it has one. */
export function environmentName(name: string, option: CommandOption): string | undefined {
  return option.environment === false ? undefined : `GCTUNE_${name.toUpperCase().replaceAll('-', '_')}`;
}
