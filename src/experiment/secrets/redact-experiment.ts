import { UserError, type Diagnostic } from '../../errors.ts';
import type { Experiment, RequestTemplate } from '../experiment.ts';
import { fillVariables, holdsSecret, REDACTED, variablesOf, type Secrets } from './secrets.ts';
import type { Path } from '../check/yaml-source.ts';

type Values = Readonly<Record<string, string>>;
/** Makes another text of a value of the environment of the target or a service, or of a header field; `path` is its place in the Experiment. */
type Change = (text: string, name: string, path: Path) => string;

/** An experiment with every value of its environment and of its header fields replaced by what a function makes of it. */
export function changeValues(experiment: Experiment, change: Change): Experiment {
  const changed = (values: Values, path: Path): Values =>
    Object.fromEntries(Object.entries(values).map(([name, text]) => [name, change(text, name, [...path, name])]));
  const requests = (workload: string, list: readonly RequestTemplate[]): readonly RequestTemplate[] =>
    list.map((request, index) => ({
      ...request,
      headers: changed(request.headers, ['workloads', workload, 'requests', index, 'headers']),
    }));
  return {
    ...experiment,
    target: { ...experiment.target, env: changed(experiment.target.env, ['target', 'env']) },
    services: Object.fromEntries(
      Object.entries(experiment.services).map(([name, service]) => [
        name,
        { ...service, env: changed(service.env, ['services', name, 'env']) },
      ]),
    ),
    workloads: Object.fromEntries(
      Object.entries(experiment.workloads).map(([name, spec]) => [
        name,
        spec.kind === 'http'
          ? { ...spec, requests: requests(name, spec.requests) }
          : spec.kind === 'command'
            ? { ...spec, env: changed(spec.env, ['workloads', name, 'env']) }
            : spec,
      ]),
    ),
  };
}

/** An experiment as it may be written down, whoever wrote it: values that look secret are redacted. */
export function redactExperiment(experiment: Experiment): Experiment {
  return changeValues(experiment, (text, name) => (holdsSecret(name, text) ? REDACTED : text));
}

/** An experiment with its secrets, as it is run and never written. */
export interface Disclosed {
  readonly experiment: Experiment;
  /** What `${NAME}` in an `env` stands for. Those in header fields are filled in already. */
  readonly variables: Values;
  /** Every secret value, for what is kept of other text. */
  readonly values: readonly string[];
}

/**
 * Puts the secrets back into a redacted experiment. Throws UserError where a variable is missing in `environment`, where one
 * cannot be the value of a header field, and where a value was redacted that is not among the secrets.
 */
export function disclose(
  experiment: Experiment,
  secrets: Secrets | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Disclosed {
  const literals = new Map(secrets?.literals.map(({ path, text }) => [JSON.stringify(path), text]));
  const missing = (secrets?.variables ?? []).filter(({ name }) => environment[name] === undefined);
  if (missing.length > 0) {
    throw new UserError(missing.map(({ name, at }) => ({ ...missingVariable(name), at })));
  }
  const variables: Record<string, string> = {};
  const valueOf = (name: string): string => {
    const value = environment[name];
    if (value === undefined) throw new UserError(missingVariable(name));
    variables[name] = value;
    return value;
  };
  const open = changeValues(experiment, (text, name, path) => {
    const whole = literals.get(JSON.stringify(path)) ?? text;
    if (whole === REDACTED) throw redacted(name);
    for (const variable of variablesOf(whole)) valueOf(variable);
    // What a variable of an environment holds is filled in where the program is started.
    if (path[0] !== 'workloads' || path[2] === 'env') return whole;
    // A brace of the value opens no placeholder of the request's template.
    return fillVariables(whole, (variable) => headerValue(variable, valueOf(variable)).replaceAll('{', '{{'), '${{');
  });
  const whole = [...literals.values()].map((text) => fillVariables(text, valueOf));
  return { experiment: open, variables, values: [...whole, ...Object.values(variables)] };
}

function missingVariable(name: string): Diagnostic {
  return {
    code: 'missing-variable',
    message: `the environment variable ${name} is not set`,
    hint: `set it where gctune is started, or write $\${${name}} for the text itself`,
  };
}

function redacted(name: string): UserError {
  return new UserError({
    code: 'secret-not-kept',
    message: `the value of ${name} is secret and was not kept`,
    hint: 'start from the experiment file, or write ${NAME} there so that it comes from the environment',
  });
}

function headerValue(name: string, value: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what is refused
  if (!/[\u0000-\u001f\u007f]/.test(value)) return value;
  throw new UserError({
    code: 'bad-variable',
    message: `the variable ${name} contains control characters and cannot be a header value`,
    hint: 'set it to one line of text',
  });
}

/** More than an experiment has. */
const MOST_LEVELS = 16;

/** The plain value of a file as it may be shown: the values of each `env` and of header fields that are secret are redacted. */
export function redactFile(file: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return redactIn(file, undefined) as Readonly<Record<string, unknown>>;
}

/** The texts of a file that are secret, whatever else is wrong with it. */
export function secretTexts(file: unknown): readonly string[] {
  const texts: string[] = [];
  redactIn(file, undefined, texts);
  return texts;
}

function redactIn(value: unknown, key: string | undefined, found: string[] = [], depth = 0): unknown {
  // A mapping may contain itself, by an alias.
  if (depth > MOST_LEVELS) return value;
  if (Array.isArray(value)) return value.map((entry: unknown) => redactIn(entry, undefined, found, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  const shown = (name: string, inside: unknown): unknown => {
    if (key !== 'env' && key !== 'headers') return redactIn(inside, name, found, depth + 1);
    const { value: text, secret } = entryOf(inside);
    if (text === undefined || !holdsSecret(name, text, secret)) return text ?? inside;
    found.push(text);
    return REDACTED;
  };
  return Object.fromEntries(Object.entries(value).map(([name, inside]) => [name, shown(name, inside)]));
}

/** What a file says of whether the entry at a path is secret; undefined where it says nothing. */
export function isMarkedSecret(file: unknown, path: Path): boolean | undefined {
  return entryOf(path.reduce((value, step) => (value as Readonly<Record<string | number, unknown>>)[step], file))
    .secret;
}

/** The text of an entry in either of its two forms, and what it says of being secret. */
function entryOf(entry: unknown): { readonly value: string | undefined; readonly secret?: boolean | undefined } {
  if (typeof entry === 'string') return { value: entry };
  if (typeof entry !== 'object' || entry === null) {
    return { value: typeof entry === 'number' || typeof entry === 'boolean' ? String(entry) : undefined };
  }
  const { value, secret } = entry as { readonly value?: unknown; readonly secret?: unknown };
  return {
    value: typeof value === 'string' ? value : undefined,
    secret: typeof secret === 'boolean' ? secret : undefined,
  };
}

/** A key and what follows it on its line, in a file of which nothing more is known. */
const KEY_AND_VALUE = /([A-Za-z0-9_-]+)(["']?\s*:\s+)([^\s,{}][^,}\n]*)/g;

/**
 * The text of a file with asterisks over its secrets, so that lines of it can be shown beside what is wrong with them; every
 * column stays. `file` is its value where it could be read.
 */
export function maskText(text: string, file: unknown): string {
  const stars = (secret: string): string => '*'.repeat(secret.length);
  if (file === undefined) {
    return text.replaceAll(KEY_AND_VALUE, (whole, key: string, colon: string, value: string) =>
      holdsSecret(key, value) ? `${key}${colon}${stars(value)}` : whole,
    );
  }
  return secretTexts(file).reduce((masked, secret) => masked.replaceAll(secret, stars(secret)), text);
}
