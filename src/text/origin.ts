/** The URL of a server, without a path; the colons of an IPv6 address need brackets (RFC 3986). */
export function originOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** What a client of undici needs to know of an address besides its origin: the unix socket, where it is one. */
export function dialOf({ socketPath }: { readonly socketPath?: string }): { readonly socketPath?: string } {
  return socketPath === undefined ? {} : { socketPath };
}

/** What net/http/pprof is asked with, and no secret. */
const OPEN = new Set(['debug', 'gc', 'seconds', 'rate', 'name[]']);

/** A URL for people: without name and password, and without what may be a secret in its query. */
export function shownUrl(url: URL): string {
  const query = [...url.searchParams].map(([name, value]) => (OPEN.has(name) ? `${name}=${value}` : `${name}=…`));
  return `${url.origin}${url.pathname}${query.length === 0 ? '' : `?${query.join('&')}`}`;
}

/** An address, or what is meant to be one, without a name and password in it. */
export function withoutCredentials(address: string): string {
  return address.replace(/^([a-z][a-z\d+.-]{0,19}:\/\/)?[^/?#]*@/i, '$1');
}
