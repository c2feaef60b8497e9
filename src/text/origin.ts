/** The URL of a server, without a path; the colons of an IPv6 address need brackets (RFC 3986). */
export function originOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
