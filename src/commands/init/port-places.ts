/** Addresses at which a program listens for whoever is on its machine. */
const ADDRESS = /^(?:0\.0\.0\.0|127\.0\.0\.1|localhost|\[::\]|\[::1\]|\*)?$/;
/**
 * A text of a program's arguments or environment with a port in it replaced by a placeholder, where it can only be that port:
 * `:8080` at the end of an address, `/tcp/8080`, or the number alone where `named` says that it is a port. Undefined where it is not there.
 */
export function withPort(text: string, port: number, placeholder: string, named: boolean): string | undefined {
  const [, flag = '', value = text] = /^(--?[\w.-]+=)(.*)$/s.exec(text) ?? [];
  const isPort = named || /port/i.test(flag);
  if (value === String(port)) return isPort ? `${flag}${placeholder}` : undefined;
  const end = `:${port}`;
  // The whole address: a trial's process listens on loopback only.
  if (value.endsWith(end) && ADDRESS.test(value.slice(0, -end.length))) return `${flag}{host}:${placeholder}`;
  const replaced = inText(value, port, placeholder);
  return replaced === value ? undefined : `${flag}${replaced}`;
}

/**
 * A text such as a config file with a port of its own replaced: behind an address of this machine, in a multiaddress of it, or as the value of
 * something that is called a port. The same number behind another machine's name is that machine's.
 */
export function inText(text: string, port: number, placeholder: string): string {
  const places = [
    String.raw`((?:(?<![\w.\-\]])(?:0\.0\.0\.0|127\.0\.0\.1|localhost|\[::\]|\[::1\]|\*)|(?<![\w.\-\]:])):)`,
    String.raw`(/ip4/(?:0\.0\.0\.0|127\.0\.0\.1)/tcp/)`,
    String.raw`(\bport["']?[ \t]{0,8}[:=][ \t]{0,8}["']?)`,
  ];
  return text.replaceAll(
    new RegExp(`(?:${places.join('|')})${port}(?![\\d.:])`, 'gi'),
    (_, ...before: (string | undefined)[]) => `${before.slice(0, places.length).join('')}${placeholder}`,
  );
}
