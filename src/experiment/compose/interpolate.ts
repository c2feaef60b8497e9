/** Why a text with variables cannot be used. */
export class BadVariable extends Error {
  override readonly name = 'BadVariable';
}

/** What a variable stands for. */
export interface Variables {
  /** Its value; undefined where it is not set. */
  valueOf(name: string): string | undefined;
  /** What is written in its place, where that is not its value. */
  referenceTo?(name: string): string | undefined;
}

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
/** Longer texts, and defaults within defaults within defaults, are nobody's. */
const MOST_CHARACTERS = 2 ** 20;
const MOST_DEPTH = 16;

/**
 * Fills in the variables of a text of a Compose file as the Compose Specification says: `$NAME`, `${NAME}`, `${NAME:-default}`,
 * `${NAME-default}`, `${NAME:?message}`, `${NAME?message}`, `${NAME:+other}`, `${NAME+other}`, where defaults may hold variables
 * again; `$$` stands for `$`. A variable that is not set is empty. Throws BadVariable.
 */
export function interpolate(text: string, variables: Variables): string {
  const reader = new Reader(text, variables);
  return reader.until(undefined, 0);
}

class Reader {
  #at = 0;
  #written = 0;
  /** Within a default that is not used, nothing has to be set. */
  #unused = 0;
  readonly #text: string;
  readonly #variables: Variables;

  constructor(text: string, variables: Variables) {
    this.#text = text;
    this.#variables = variables;
  }

  /** What stands before an end, filled in. */
  until(end: '}' | undefined, depth: number): string {
    if (depth > MOST_DEPTH) throw new BadVariable('its defaults are nested too deeply');
    const parts: string[] = [];
    for (;;) {
      const stops = end === undefined ? /\$/g : /[$}]/g;
      stops.lastIndex = this.#at;
      const stop = stops.exec(this.#text)?.index ?? this.#text.length;
      if (stop > this.#at) parts.push(this.#text.slice(this.#at, stop));
      this.#at = stop;
      if (stop === this.#text.length) {
        if (end === undefined) return parts.join('');
        throw new BadVariable('a ${ has no }');
      }
      if (this.#text[stop] === end) return parts.join('');
      const part = this.#variable(depth);
      this.#written += part.length;
      if (this.#written > MOST_CHARACTERS) throw new BadVariable('what its variables stand for is too long');
      parts.push(part);
    }
  }

  #variable(depth: number): string {
    this.#at += 1;
    if (this.#text[this.#at] === '$') {
      this.#at += 1;
      return '$';
    }
    const braces = this.#text[this.#at] === '{';
    if (braces) this.#at += 1;
    NAME.lastIndex = this.#at;
    const name = NAME.exec(this.#text)?.[0];
    // Alone it is itself, to Compose too.
    if (name === undefined && !braces) return '$';
    if (name === undefined)
      throw new BadVariable('a ${ is not followed by the name of a variable; $$ stands for one $');
    this.#at += name.length;
    if (!braces) return this.#valueOf(name);
    const operator = /^(?::?[-?+]|\})/.exec(this.#text.slice(this.#at, this.#at + 2))?.[0];
    if (operator === undefined) throw new BadVariable(`\${${name} is not followed by }, :-, -, :?, ?, :+ or +`);
    this.#at += operator.length;
    return operator === '}' ? this.#valueOf(name) : this.#conditional(name, operator, depth);
  }

  #conditional(name: string, operator: string, depth: number): string {
    const value = this.#variables.valueOf(name);
    const isSet = value !== undefined && (value !== '' || !operator.startsWith(':'));
    const used = operator.endsWith('+') ? isSet : !isSet;
    if (!used) this.#unused += 1;
    const argument = this.until('}', depth + 1);
    this.#at += 1;
    if (!used) this.#unused -= 1;
    if (operator.endsWith('+')) return used ? argument : '';
    if (isSet) return this.#valueOf(name);
    if (operator.endsWith('-') || this.#unused > 0) return argument;
    throw new BadVariable(`the variable ${name} must be set${argument === '' ? '' : `: ${argument}`}`);
  }

  #valueOf(name: string): string {
    return this.#variables.referenceTo?.(name) ?? this.#variables.valueOf(name) ?? '';
  }
}
