import { isAbsolute, join, normalize } from 'node:path';
import type { Diagnostic } from '../../errors.ts';
import type { Path, YamlSource } from '../check/yaml-source.ts';
import { readYaml } from '../check/yaml-source.ts';
import { hasPlaceholder } from '../placeholder.ts';
import { nearest } from '../../text/nearest.ts';
import { plainText } from '../../text/plain-text.ts';
import { quote } from '../../units/units.ts';
import { FLATTEN, FLATTENED, OF_COMPOSE, READ, REFUSED } from './compose-keys.ts';
import { BadVariable, interpolate } from './interpolate.ts';
import { shellWords } from './shell-words.ts';

/** What reading a Compose file needs of the world. */
export interface ComposeContext {
  /** Absolute folder of the file, at which its relative paths start. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The variables of a file such as `.env`; undefined where it is not there. Throws UserError where it cannot be read. */
  readonly variablesOf: (path: string) => Readonly<Record<string, string | undefined>> | undefined;
}

/** Where a service's program comes from. */
export type ComposeSource = { readonly image: string } | { readonly dockerfile: string; readonly context: string };

/** A folder or file of the machine that a service is given. */
export interface ComposeBind {
  /** Absolute. */
  readonly from: string;
  readonly at: string;
}

/** One service of a Compose file, as far as a trial can have it. */
export interface ComposeService {
  readonly name: string;
  readonly source: ComposeSource;
  readonly entrypoint: readonly string[] | undefined;
  /** Undefined: the image's own. */
  readonly command: readonly string[] | undefined;
  /** With `${NAME}` where the value comes from gctune's environment, as in an experiment. */
  readonly env: Readonly<Record<string, string>>;
  /** TCP ports inside of it. */
  readonly ports: readonly number[];
  readonly binds: readonly ComposeBind[];
  readonly user: string | undefined;
  readonly workdir: string | undefined;
  /** The test of its health check. */
  readonly health: readonly string[];
  readonly cpus: number | undefined;
  readonly memory: string | undefined;
  readonly pids: number | undefined;
  /** What it is started after, in the order of the file. */
  readonly after: readonly string[];
  /** What a trial does otherwise, in words. */
  readonly notes: readonly string[];
}

/** A service with those it needs, which come in the order in which they are to be started. */
export interface ComposeStack {
  readonly service: ComposeService;
  readonly beside: readonly ComposeService[];
}

/** What a service may be called here: the others reach it by that name. */
const SERVICE_NAME = /^[a-z][a-z0-9_-]{0,30}$/;
/** Folders of the machine that no program under test is given. */
const OF_MACHINE = /^\/(?:$|dev(?:\/|$)|proc(?:\/|$)|sys(?:\/|$)|(?:var\/)?run\/docker\.sock$)/;
/** Stands around the name of a variable that is not filled in. */
const REFERENCE = '\u0001';
const MARKED = new RegExp(`${REFERENCE}([A-Za-z_][A-Za-z0-9_]*)${REFERENCE}`, 'g');
/** The depth to which values of a file are looked into. */
const MOST_LEVELS = 12;

type Mapping = Readonly<Record<string, unknown>>;

/**
 * Reads a service of a Compose file and those that it depends on: a plain subset of the Compose Specification, with its variables
 * filled in. `file` is its name for messages. Gives every problem where it is not to be had whole. Never throws but what `variablesOf` throws.
 */
export function readCompose(
  text: string,
  file: string,
  wanted: string,
  context: ComposeContext,
): ComposeStack | { readonly diagnostics: readonly Diagnostic[] } {
  const { source, diagnostics } = readYaml(text, file, { merge: true });
  if (source === undefined) return { diagnostics: diagnostics.map(({ hint: _hint, ...problem }) => problem) };
  const reader = new ComposeReader(source, context);
  const stack = reader.stack(wanted);
  const all = [...diagnostics, ...reader.problems];
  return stack === undefined || all.length > 0 ? { diagnostics: all } : stack;
}

class ComposeReader {
  readonly problems: Diagnostic[] = [];
  readonly #source: YamlSource;
  readonly #context: ComposeContext;
  readonly #dotenv: Readonly<Record<string, string | undefined>>;
  readonly #services: Mapping;

  constructor(source: YamlSource, context: ComposeContext) {
    this.#source = source;
    this.#context = context;
    this.#dotenv = context.variablesOf(join(context.directory, '.env')) ?? {};
    this.#services = mapping(source.value['services']) ?? {};
  }

  stack(wanted: string): ComposeStack | undefined {
    if (this.#source.value['include'] !== undefined) this.#fault(['include'], 'it takes in other files', FLATTEN, true);
    const names = Object.keys(this.#services);
    if (!names.includes(wanted)) {
      const meant = nearest(wanted, names);
      const hint = meant === undefined ? `it has ${names.slice(0, 20).join(', ') || 'none'}` : `did you mean ${meant}?`;
      this.#fault(['services'], `there is no service ${quote(wanted)}`, hint);
      return undefined;
    }
    const done = new Map<string, ComposeService>();
    const open = new Set<string>();
    const visit = (name: string, from: Path): void => {
      if (done.has(name)) return;
      if (open.has(name))
        return this.#fault(from, `${quote(name)} depends on itself`, 'take out one of the dependencies');
      if (!names.includes(name)) return this.#fault(from, `there is no service ${quote(name)}`, 'correct the name');
      open.add(name);
      const service = this.#service(name);
      for (const other of service?.after ?? []) visit(other, ['services', name, 'depends_on']);
      if (service !== undefined) done.set(name, service);
      open.delete(name);
    };
    visit(wanted, ['services', wanted]);
    const service = done.get(wanted);
    return service && { service, beside: [...done.values()].filter(({ name }) => name !== wanted) };
  }

  #service(name: string): ComposeService | undefined {
    const at: Path = ['services', name];
    const raw = mapping(this.#services[name]);
    if (raw === undefined) return this.#fault(at, 'it is not a mapping', 'write what it runs: image: …');
    if (!SERVICE_NAME.test(name))
      this.#fault(
        at,
        `the name ${quote(name)} cannot be carried over`,
        'write small letters, digits, - and _, a letter first',
        true,
      );
    for (const key of Object.keys(raw)) this.#checkKey(key, [...at, key]);
    const before = this.problems.length;
    const notes: string[] = [];
    const { binds, tmpfs } = this.#volumes(raw, at, notes);
    if (tmpfs) notes.push('what it has in memory (tmpfs) is in the file system of its container');
    const source = this.#program(raw, at);
    const limits = this.#limits(raw, at);
    const service = {
      name,
      entrypoint: this.#words(raw['entrypoint'], [...at, 'entrypoint']),
      command: this.#words(raw['command'], [...at, 'command']),
      env: this.#environment(raw, at),
      ports: this.#ports(raw, at),
      binds,
      user: this.#optionalText(raw['user'], [...at, 'user']),
      workdir: this.#optionalText(raw['working_dir'], [...at, 'working_dir']),
      health: this.#health(raw['healthcheck'], [...at, 'healthcheck']),
      ...limits,
      after: this.#dependencies(raw['depends_on'], [...at, 'depends_on']),
      notes,
    };
    return source === undefined || this.problems.length > before ? undefined : { ...service, source };
  }

  #checkKey(key: string, path: Path): void {
    if (READ.has(key) || OF_COMPOSE.has(key) || key.startsWith('x-') || key === 'develop') return;
    const value = at(this.#source.value, path);
    const empty =
      value === null || value === false || (typeof value === 'object' && Object.keys(value ?? {}).length === 0);
    // As `docker compose config` writes what is not set.
    if (empty) return;
    const why = REFUSED[key];
    if (why === undefined) {
      const meant = nearest(key, [...READ, ...OF_COMPOSE, ...Object.keys(REFUSED)]);
      return this.#fault(
        path,
        `${quote(key)} is unknown`,
        meant === undefined ? 'remove it' : `did you mean ${meant}?`,
        true,
      );
    }
    const hint = FLATTENED.has(key) ? FLATTEN : 'take it out of a copy of the file, or write the experiment by hand';
    this.#fault(path, `${key} cannot be carried over: ${why}`, hint, true);
  }

  #program(raw: Mapping, path: Path): ComposeSource | undefined {
    const { build } = raw;
    if (build === undefined || build === null) {
      const image = this.#optionalText(raw['image'], [...path, 'image']);
      if (image !== undefined) return { image };
      return this.#fault(path, 'it has neither image nor build', 'add one of them');
    }
    const where: Path = [...path, 'build'];
    if (typeof build === 'string') {
      const context = this.#path(build, where);
      return context === undefined ? undefined : { dockerfile: join(context, 'Dockerfile'), context };
    }
    const parts = mapping(build);
    if (parts === undefined) return this.#fault(where, 'it is neither a folder nor a mapping', 'write build: .');
    for (const key of Object.keys(parts)) {
      if (
        ['context', 'dockerfile', 'tags', 'labels', 'pull', 'no_cache', 'network', 'cache_from', 'cache_to'].includes(
          key,
        )
      )
        continue;
      this.#fault(
        [...where, key],
        `build.${key} cannot be carried over`,
        'build the image first, and take build out of a copy of the file',
        true,
      );
    }
    const context = this.#path(this.#optionalText(parts['context'], [...where, 'context']) ?? '.', [
      ...where,
      'context',
    ]);
    const dockerfile = this.#optionalText(parts['dockerfile'], [...where, 'dockerfile']) ?? 'Dockerfile';
    return context === undefined
      ? undefined
      : { dockerfile: isAbsolute(dockerfile) ? normalize(dockerfile) : join(context, dockerfile), context };
  }

  /** An absolute folder or file of this machine. */
  #path(written: string, path: Path): string | undefined {
    const text = this.#filled(written, path);
    if (text === undefined) return undefined;
    if (/^(?:[a-z+]+:\/\/|git@|github\.com\/)/.test(text))
      return this.#fault(path, `${quote(text)} is not a folder of this machine`, 'write a folder');
    if (text.startsWith('~')) {
      const home = this.#context.environment['HOME'];
      if (home === undefined || !/^~(?:\/|$)/.test(text))
        return this.#fault(path, `${quote(text)} cannot be found`, 'write the path');
      return join(home, text.slice(1));
    }
    return isAbsolute(text) ? normalize(text) : join(this.#context.directory, text);
  }

  #words(value: unknown, path: Path): readonly string[] | undefined {
    if (value === undefined || value === null) return undefined;
    if (Array.isArray(value)) return value.map((one: unknown, index) => this.#filled(one, [...path, index]) ?? '');
    const text = this.#filled(value, path);
    if (text === undefined) return undefined;
    const words = shellWords(text);
    if (words === undefined) this.#fault(path, 'a quote in it is not closed', 'close it, or write a list');
    return words;
  }

  #environment(raw: Mapping, path: Path): Readonly<Record<string, string>> {
    const env: Record<string, string> = {};
    const files = raw['env_file'];
    for (const [index, entry] of (files === undefined || files === null ? [] : [files].flat()).entries()) {
      const where: Path = [...path, 'env_file', ...(Array.isArray(files) ? [index] : [])];
      const given = mapping(entry);
      const name = this.#path(this.#optionalText(given === undefined ? entry : given['path'], where) ?? '', where);
      if (name === undefined) continue;
      const found = this.#context.variablesOf(name);
      if (found === undefined && given?.['required'] !== false)
        this.#fault(where, `there is no file ${quote(name)}`, 'correct the path');
      for (const [key, value] of Object.entries(found ?? {})) env[key] = escaped(value ?? '');
    }
    const { environment } = raw;
    const where: Path = [...path, 'environment'];
    if (Array.isArray(environment)) {
      for (const [index, entry] of environment.entries()) {
        const text = this.#filled(entry, [...where, index], true);
        const end = text?.indexOf('=') ?? -1;
        if (text === undefined) continue;
        this.#variable(env, end < 0 ? text : text.slice(0, end), end < 0 ? undefined : text.slice(end + 1), [
          ...where,
          index,
        ]);
      }
    } else if (environment !== undefined && environment !== null) {
      const given = mapping(environment);
      if (given === undefined) this.#fault(where, 'it is neither a mapping nor a list', 'write NAME: value');
      for (const [name, value] of Object.entries(given ?? {})) {
        const text = value === null ? undefined : this.#filled(value, [...where, name], true);
        if (value === null || text !== undefined) this.#variable(env, name, text, [...where, name]);
      }
    }
    return env;
  }

  /** Sets a variable; one without a value is passed on from the environment where it is there. */
  #variable(env: Record<string, string>, name: string, value: string | undefined, path: Path): void {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
      return this.#fault(path, `${quote(name)} is not the name of a variable`, 'write letters, digits and _', true);
    const passed = this.#dotenv[name];
    if (value !== undefined) env[name] = value;
    else if (this.#context.environment[name] !== undefined) env[name] = `\${${name}}`;
    else if (passed !== undefined) env[name] = escaped(passed);
  }

  #ports(raw: Mapping, path: Path): readonly number[] {
    const found: number[] = [];
    const { ports, expose } = raw;
    const all = [
      ...list(ports).map((entry, index) => ({ entry, where: [...path, 'ports', index] })),
      ...list(expose).map((entry, index) => ({ entry, where: [...path, 'expose', index] })),
    ];
    for (const { entry, where } of all) {
      const long = mapping(entry);
      const text = this.#filled(long === undefined ? entry : long['target'], where);
      if (text === undefined) continue;
      const [, number, protocol] = /^(?:[\d.:[\]a-fA-F-]*:)?(\d{1,5})(?:\/(\w+))?$/.exec(text) ?? [];
      if (number === undefined) {
        this.#fault(where, `${quote(text)} is not one port`, 'write the port inside of the container: "8080"');
      } else if ((protocol ?? long?.['protocol'] ?? 'tcp') === 'tcp') found.push(Number(number));
    }
    return [...new Set(found)];
  }

  #volumes(
    raw: Mapping,
    path: Path,
    notes: string[],
  ): { readonly binds: readonly ComposeBind[]; readonly tmpfs: boolean } {
    const binds: ComposeBind[] = [];
    let tmpfs = raw['tmpfs'] !== undefined && raw['tmpfs'] !== null;
    for (const [index, entry] of list(raw['volumes']).entries()) {
      const where: Path = [...path, 'volumes', index];
      const long = mapping(entry);
      const kind = long?.['type'];
      let from: string | undefined;
      let inside: string | undefined;
      if (long === undefined) {
        const parts = this.#filled(entry, where)?.split(':') ?? [];
        if (parts.length > 3) this.#fault(where, 'it is not FROM:TO or FROM:TO:ro', 'write ./folder:/folder');
        [from, inside] = parts.length === 1 ? [undefined, parts[0]] : parts;
      } else {
        from =
          kind === 'bind' || kind === 'volume' ? this.#optionalText(long['source'], [...where, 'source']) : undefined;
        inside = this.#optionalText(long['target'], [...where, 'target']);
        if (kind === 'tmpfs') tmpfs = true;
        else if (kind !== 'bind' && kind !== 'volume') {
          this.#fault(
            where,
            `a volume of the type ${quote(kind)} cannot be carried over`,
            'take it out of a copy of the file',
          );
          continue;
        }
      }
      if (inside === undefined || !inside.startsWith('/')) {
        this.#fault(where, 'it does not say where it is in the container', 'write ./folder:/folder');
      } else if (kind === 'bind' || (from !== undefined && /^[./~]/.test(from))) {
        const absolute = this.#path(from ?? '', where);
        if (absolute === undefined) continue;
        if (OF_MACHINE.test(absolute))
          this.#fault(
            where,
            `${quote(absolute)} cannot be carried over: it is the machine's`,
            'take it out of a copy of the file',
          );
        else binds.push({ from: absolute, at: normalize(inside) });
      } else if (kind !== 'tmpfs')
        notes.push(
          `${from === undefined ? 'the volume' : `the volume ${from}`} at ${inside} is empty at the start of each trial, but for what the image has there`,
        );
    }
    return { binds, tmpfs };
  }

  #limits(raw: Mapping, path: Path): Pick<ComposeService, 'cpus' | 'memory' | 'pids'> {
    const deploy = mapping(raw['deploy']) ?? {};
    if (typeof deploy['replicas'] === 'number' && deploy['replicas'] !== 1)
      this.#fault([...path, 'deploy', 'replicas'], 'a trial has one instance of a service', 'write replicas: 1', true);
    const limits = mapping(mapping(deploy['resources'])?.['limits']) ?? {};
    const number = (value: unknown, where: Path): number | undefined => {
      const text = this.#optionalText(value, where);
      if (text === undefined || Number(text) <= 0) return undefined;
      if (/^\d{1,7}(?:\.\d{1,9})?$/.test(text)) return Number(text);
      return this.#fault(where, `${quote(text)} is not a number`, 'write a number');
    };
    const memory = this.#optionalText(raw['mem_limit'] ?? limits['memory'], [...path, 'mem_limit']);
    return {
      cpus: number(raw['cpus'] ?? limits['cpus'], [...path, 'cpus']),
      memory: memory === undefined || memory === '0' ? undefined : this.#bytes(memory, [...path, 'mem_limit']),
      pids: number(raw['pids_limit'] ?? limits['pids'], [...path, 'pids_limit']),
    };
  }

  /** A size of Compose, whose units are powers of 1024 with or without an i, as one of an experiment. */
  #bytes(text: string, path: Path): string | undefined {
    const [, number, unit = 'b'] = /^(\d{1,15})\s?([bkmg]?)i?b?$/i.exec(text) ?? [];
    if (number === undefined) return this.#fault(path, `${quote(text)} is not a size`, 'write 512m');
    return `${number}${{ b: 'B', k: 'KiB', m: 'MiB', g: 'GiB' }[unit.toLowerCase()] ?? 'B'}`;
  }

  #health(value: unknown, path: Path): readonly string[] {
    const given = mapping(value);
    if (given === undefined || given['disable'] === true || given['test'] === undefined) return [];
    const test = given['test'];
    if (Array.isArray(test))
      return test.map((one: unknown, index) => this.#filled(one, [...path, 'test', index]) ?? '');
    return ['CMD-SHELL', this.#filled(test, [...path, 'test']) ?? ''];
  }

  #dependencies(value: unknown, path: Path): readonly string[] {
    if (Array.isArray(value)) return value.map((name: unknown, index) => this.#filled(name, [...path, index]) ?? '');
    const given = mapping(value) ?? {};
    for (const [name, entry] of Object.entries(given)) {
      if (mapping(entry)?.['condition'] === 'service_completed_successfully')
        this.#fault(
          [...path, name],
          `${quote(name)} is a job that has to end first, and a trial has no such thing`,
          'do it in target.prepare of the experiment',
        );
    }
    return Object.keys(given);
  }

  #optionalText(value: unknown, path: Path): string | undefined {
    const text = value === undefined || value === null ? undefined : this.#filled(value, path);
    return text === '' ? undefined : text;
  }

  /** A scalar as text with its variables filled in; as an experiment has it, with `${NAME}` for what comes from the environment. */
  #filled(value: unknown, path: Path, asInExperiment = false): string | undefined {
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
      return this.#fault(path, 'it is not one value', 'write a text');
    const { environment } = this.#context;
    try {
      const text = interpolate(String(value), {
        valueOf: (name) => environment[name] ?? this.#dotenv[name],
        // Marked until what is written there is escaped.
        ...(asInExperiment
          ? { referenceTo: (name) => (environment[name] === undefined ? undefined : `${REFERENCE}${name}${REFERENCE}`) }
          : {}),
      });
      const plain = text.replaceAll(MARKED, '');
      if (hasPlaceholder(plain))
        return this.#fault(
          path,
          'it holds what gctune would fill in itself',
          'take {host}, {port}, {data} and the like out of a copy of the file',
        );
      if (/\p{Cc}/u.test(plain)) return this.#fault(path, 'it holds control characters', 'write one line without them');
      return asInExperiment ? escaped(text).replaceAll(MARKED, (_, name: string) => `\${${name}}`) : text;
    } catch (error) {
      if (!(error instanceof BadVariable)) throw error;
      return this.#fault(path, plainText(error.message), 'correct it, or set the variable');
    }
  }

  #fault(path: Path, message: string, hint: string, atKey = false): undefined {
    const place = path.map(String).map(plainText).join('.');
    this.problems.push({
      code: 'bad-compose',
      message: `${place}: ${message}`,
      at: atKey ? this.#source.keyAt(path) : this.#source.valueAt(path),
      hint,
    });
  }
}

/** Text as a value of an experiment's `env`, in which `${` begins a variable. */
function escaped(text: string): string {
  return text.replaceAll('${', () => '$${');
}

function mapping(value: unknown): Mapping | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Mapping) : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function at(value: unknown, path: Path): unknown {
  return path.slice(0, MOST_LEVELS).reduce((inside: unknown, step) => (inside as Mapping | undefined)?.[step], value);
}
