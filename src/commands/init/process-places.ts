import { stat } from 'node:fs/promises';
import { basename, isAbsolute } from 'node:path';
import { hasPlaceholder } from '../../experiment/placeholder.ts';
import type { Answers } from '../../probe/ask-program.ts';
import { readPlainFile, UnfitFile } from '../../results/plain-file.ts';
import { plainText } from '../../text/plain-text.ts';
import type { Copied, Template } from './draft.ts';
import { inText, withPort } from './port-places.ts';

/** A file that is written beside the experiment. */
export interface Beside {
  /** Relative to the folder of the experiment. */
  readonly path: string;
  /** Its content, or the file that it is a copy of. */
  readonly content: { readonly text: string } | { readonly copyOf: string };
  readonly executable: boolean;
}

/** A port on which a process listens, with what it answers. */
export interface AskedPort {
  readonly port: number;
  readonly answers: Answers | undefined;
}

/** A config file is no larger. */
const CONFIG_BYTES = 2 ** 20;
/** Arguments and environment in which paths and ports are exchanged for those of a trial. */
export class Places {
  readonly args: string[];
  readonly env: Record<string, string>;
  readonly copies: Copied[] = [];
  readonly templates: Template[] = [];
  readonly beside: Beside[] = [];
  readonly notes: string[] = [];
  readonly #folder: string;
  readonly #configs = new Map<string, string>();

  constructor(args: readonly string[], env: Readonly<Record<string, string>>, folder: string) {
    this.args = [...args];
    this.env = { ...env };
    this.#folder = folder;
  }

  /** Gives a trial its own copy of each folder that the process writes into. */
  async moveData(written: readonly string[]): Promise<void> {
    const moved: string[] = [];
    for (const [place, text] of this.#texts()) {
      const [, flag = '', path = text] = /^(--?[\w.-]+=)(.*)$/s.exec(text) ?? [];
      if (!isAbsolute(path) || path === '/' || !(await stat(path).catch(() => undefined))?.isDirectory()) continue;
      const inside = path.endsWith('/') ? path : `${path}/`;
      if (!written.some((file) => file.startsWith(inside))) continue;
      moved.push(inside);
      const to = this.#free(basename(path));
      this.copies.push({ from: path.replace(/(?<=.)\/+$/, ''), to, at: undefined });
      this.#set(place, `${flag}{data}/${to}`);
    }
    const other = written.filter((file) => !moved.some((inside) => file.startsWith(inside)));
    if (other.length > 0) {
      const more = other.length > 3 ? ` and ${other.length - 3} more` : '';
      this.notes.push(
        `It has files open for writing that neither arguments nor environment name; another instance may write to them too: ${other.slice(0, 3).join(', ')}${more}`,
      );
    }
  }

  /** Gives a trial free ports where it is found how they are set: `auto` then, else the number. */
  async movePorts(ports: readonly AskedPort[]) {
    const named: { name: string | undefined; port: AskedPort; value: number | 'auto' }[] = [];
    for (const [index, port] of ports.entries()) {
      const name = index === 0 ? undefined : `port${index + 1}`;
      const placeholder = name === undefined ? '{port}' : `{port:${name}}`;
      let found = false;
      for (const [place, text] of this.#texts()) {
        const before = typeof place === 'number' ? (this.args[place - 1] ?? '') : place;
        const changed = withPort(text, port.port, placeholder, isPortFlag(before, port.port));
        if (changed === undefined) continue;
        this.#set(place, changed);
        found = true;
      }
      found = (await this.#inConfigs(port.port, placeholder)) || found;
      named.push({ name, port, value: found ? 'auto' : port.port });
    }
    this.#keepConfigs();
    return named;
  }

  /** Looks for a port in the config files that arguments name. */
  async #inConfigs(port: number, placeholder: string): Promise<boolean> {
    let found = false;
    for (const text of this.args) {
      const path = text.replace(/^--?[\w.-]+=/, '');
      if (!isAbsolute(path)) continue;
      const before = this.#configs.get(path) ?? configText(path);
      if (before === undefined) continue;
      const changed = inText(before, port, placeholder);
      if (changed === before) continue;
      this.#configs.set(path, changed);
      found = true;
    }
    return found;
  }

  /** Puts the changed config files beside the experiment, and the copies of a trial in the place of the originals. */
  #keepConfigs(): void {
    for (const [path, text] of this.#configs) {
      const to = this.#free(basename(path));
      this.templates.push({ from: `./${this.#folder}/${to}`, to });
      this.beside.push({ path: `${this.#folder}/${to}`, content: { text }, executable: false });
      for (const [place, argument] of this.#texts()) {
        if (argument.replace(/^--?[\w.-]+=/, '') !== path) continue;
        this.#set(place, `${argument.slice(0, argument.length - path.length)}{data}/${to}`);
      }
    }
  }

  #texts(): readonly (readonly [number | string, string])[] {
    return [...this.args.entries(), ...Object.entries(this.env)];
  }

  #set(place: number | string, text: string): void {
    if (typeof place === 'number') this.args[place] = text;
    else this.env[place] = text;
  }

  /** A name in the data folder that nothing else has. */
  #free(wanted: string): string {
    const plain =
      plainText(wanted)
        .replaceAll(/[^\w.-]+/g, '-')
        .replace(/^[.-]+/, '') || 'data';
    const taken = new Set([...this.copies, ...this.templates].map(({ to }) => to));
    let name = plain;
    for (let number = 2; taken.has(name); number += 1) name = `${number}-${plain}`;
    return name;
  }
}

/** A config file's text; undefined where it is none, is large, or holds what gctune would fill in. */
function configText(path: string): string | undefined {
  try {
    const text = readPlainFile(path, CONFIG_BYTES).toString('utf8');
    return text.includes('\0') || text.includes('\ufffd') || hasPlaceholder(text) ? undefined : text;
  } catch (error) {
    if (error instanceof UnfitFile) return undefined;
    throw error;
  }
}

/** Whether what stands before a number says that it is a port: `--port`, `HTTP_PORT`; and `-p` before a number that it listens on and few others have. */
function isPortFlag(before: string, port: number): boolean {
  return /^--?[\w.-]*port$|PORT$/i.test(before) || (port >= 1024 && /^-\w$/.test(before));
}
