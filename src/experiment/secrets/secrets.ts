import { EnvironmentError, UserError, type Position } from '../../errors.ts';
import type { Path } from '../check/yaml-source.ts';

/** Stands wherever something is written down in the place of a secret value. */
export const REDACTED = '[redacted]';

/** What an experiment needs to be run and must not be written down. */
export interface Secrets {
  /** Secret values that stand in the file itself, each with its place in the Experiment. */
  readonly literals: readonly { readonly path: Path; readonly text: string }[];
  /** The variables of the caller's environment that `${NAME}` stands for, in the order of the file. */
  readonly variables: readonly { readonly name: string; readonly at: Position }[];
}

/** Words of a name (of a variable, a header field) whose value is a secret, whatever else the name holds. */
const SECRET_WORD =
  /^(?:tokens?|secrets?|pass|passwd|passwords?|passphrase|pwd|keys?|apikeys?|credentials?|creds?|auth|authorization|bearer|cookies?|dsn|signature|salt)$/;
/** Parts of a word that are as telling: `MYTOKEN`, `dbpassword`, `PGPASS`. */
const SECRET_PART = /token|secret|passw|passphrase|credential|apikey|privatekey|(?<!by|com|sur|tres)pass$/;
/** What services begin their credentials with, and keys in PEM. */
const CREDENTIAL =
  /(?<![A-Za-z0-9])(?:[rs]k_(?:live|test)_|gh[opsur]_|github_pat_|xox[abeoprs]-|xapp-|AKIA|ASIA|glpat-|npm_|dop_v1_|hf_|SG\.|AIza|eyJ[\w-]{8,2000}\.eyJ)[\w-]{8}|-----BEGIN [A-Z ]*PRIVATE KEY/;
/** `https://token@host`; in other schemes the user alone is none, unless it is long and has digits in it. */
const LONE_USERINFO = /\b(?:https?:\/\/[^\s/@:]+|[a-z][a-z0-9+.-]{0,20}:\/\/(?=[^\s/@:]{0,200}\d)[^\s/@:]{20,})@/i;
/** A name and its value within a longer text: `{"password": "x"}`, `--api-key=x`, `host=db password=x`. */
const INNER_PAIR = /([A-Za-z][\w.-]{0,60})["']?(?:\s{0,4}:\s{0,4}|=(?!\s)|\s{1,4}=\s{1,4})["']?([^\s"',;&{}]+)/g;
/** Names within a text are taken for those of secrets where they leave no doubt: `auth=none` or `key=id` do not. */
const INNER_SECRET =
  /token|secret|passw|passphrase|credential|api[-_.]?key|access[-_.]?key|private[-_.]?key|(?:^|[-_.])(?:pass|pwd)$/i;
/** `user:password@tcp(host:3306)/name`, as Go's MySQL driver is told. */
const DRIVER_USERINFO = /(?:^|\s)[^\s/@:]+:([^\s/@]+)@(?:tcp|unix)\(/;
/** `scheme://user:password@host`. */
const USERINFO = /[a-z][a-z0-9+.-]{0,30}:\/\/[^\s/@:]*:([^\s/@]+)@/i;
/** `${NAME}`, and `$${`, which stands for `${` itself. */
export const REFERENCE = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;
/** The kind of a credential in a header field such as Authorization; not a secret itself. */
const SCHEME = /^(?:bearer|basic|digest|token|negotiate|apikey)\s+/i;

/** Whether the value of a variable or header field of this name is taken for a secret. */
export function looksSecret(name: string): boolean {
  // Variables of the shell about folders, and not about a password.
  if (name === 'PWD' || name === 'OLDPWD') return false;
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return words.some((word) => SECRET_WORD.test(word) || SECRET_PART.test(word));
}

/**
 * Whether a value of the file must not be written down. `marked` is what the file says with `secret:`; without it the
 * name tells, and a URL with a password in it. What comes from `${NAME}` alone is no secret of the file.
 */
export function holdsSecret(name: string, text: string, marked?: boolean): boolean {
  if (marked === false) return false;
  const literal = text.replaceAll(REFERENCE, '').replace(SCHEME, '').trim();
  if (literal === '') return false;
  return marked === true || looksSecret(name) || givesSecretAway(literal);
}

/** Whether a text holds a secret whatever its own name is: a password in a URL, a pair within it, a credential of a known kind. */
function givesSecretAway(text: string): boolean {
  if (USERINFO.test(text) || DRIVER_USERINFO.test(text) || LONE_USERINFO.test(text) || CREDENTIAL.test(text))
    return true;
  for (const [, name = '', value = ''] of text.matchAll(INNER_PAIR)) {
    if (INNER_SECRET.test(name) && !isPlainSetting(value)) return true;
  }
  return false;
}

/** Whether an argument gives a secret away: `--db-password=x`, `https://user:password@host`. */
export function secretArgument(argument: string, before: string | undefined): boolean {
  const [, flag, value] = /^--?([\w.-]+)=(.*)$/s.exec(argument) ?? [];
  if (flag !== undefined && value !== undefined) return holdsSecret(flag, value) && !isPlainSetting(value);
  const named = /^--?([\w.-]+)$/.exec(before ?? '')?.[1] ?? '';
  return !argument.startsWith('-') && holdsSecret(named, argument) && !isPlainSetting(argument);
}

/** Whether a value cannot be a secret itself: the path of a file with one, a switch, a number, what is filled in. */
function isPlainSetting(value: string): boolean {
  return /^(?:\.{0,2}\/.*|true|false|none|null|\d+|\[redacted\])$/.test(value);
}

/** The names of the variables in a text, each once. */
export function variablesOf(text: string): readonly string[] {
  return [...new Set([...text.matchAll(REFERENCE)].flatMap(([, name]) => name ?? []))];
}

/** The first `${` that begins neither a variable nor `$${`. */
export function badVariable(text: string): string | undefined {
  return /\$\{[^}]{0,40}\}?/.exec(text.replaceAll(REFERENCE, ''))?.[0];
}

/** A text without its `${NAME}` and `$${`, for rules about the other braces in it. */
export function withoutVariables(text: string): string {
  return text.replaceAll(REFERENCE, '');
}

/** Fills in `${NAME}` by a function and makes `$${` the two characters that it stands for. */
export function fillVariables(text: string, value: (name: string) => string, brace = '${'): string {
  return text.replaceAll(REFERENCE, (_whole, name: string | undefined) => (name === undefined ? brace : value(name)));
}

/** Shorter values are left alone in other text: they would be found in words that have nothing to do with them. */
const LEAST_LENGTH = 6;

/** Takes secret values out of text. */
export type Redact = (text: string) => string;

/** What takes these values, and what a program is likely to print of them, out of any text. */
export function redactor(values: readonly string[]): Redact {
  const parts = values.flatMap((value) => {
    const password = (USERINFO.exec(value) ?? DRIVER_USERINFO.exec(value))?.[1] ?? '';
    return [value, value.replace(SCHEME, ''), password, ...value.split(/\r?\n/)].map((part) => part.trim());
  });
  // The longest first, so that nothing is left of a value that another one is part of.
  const found = [...new Set(parts)]
    .filter((part) => part.length >= LEAST_LENGTH)
    .toSorted((a, b) => b.length - a.length);
  if (found.length === 0) return (text) => text;
  return (text) => found.reduce((rest, part) => rest.replaceAll(part, REDACTED), text);
}

/** The same value with every text in it redacted; keys and everything else stay. */
export function redactDeep<T>(value: T, redact: Redact): T {
  if (typeof value === 'string') return redact(value) as T;
  if (Array.isArray(value)) return value.map((entry: unknown) => redactDeep(entry, redact)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inside]) => [key, redactDeep(inside, redact)])) as T;
}

/** An error whose texts are redacted, its kind and exit code kept. An error of another kind, a bug, loses its cause where it is changed. */
export function redactError(error: unknown, redact: Redact): unknown {
  if (error instanceof EnvironmentError) {
    const { code, message, hint, details, exitCode } = error;
    const shown = redact(message);
    return new EnvironmentError(code, shown, {
      details: details.map(redact),
      exitCode,
      ...(hint === undefined ? {} : { hint: redact(hint) }),
      ...(shown === message ? { cause: error.cause } : {}),
    });
  }
  if (error instanceof UserError) return new UserError(redactDeep(error.diagnostics, redact), error.exitCode);
  if (!(error instanceof Error) || redact(`${error.message}${error.stack}`) === `${error.message}${error.stack}`)
    return error;
  const shown = new Error(redact(error.message));
  shown.stack = redact(error.stack ?? '');
  return shown;
}
