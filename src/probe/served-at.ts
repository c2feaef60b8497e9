import type { Address, Daemon } from '../runner/runner.ts';

/** One place at which a target may serve something. */
export interface ServedAt {
  readonly address: Address;
  readonly path: string;
  /** The name of the port, where it is not the target's own. */
  readonly port: string | undefined;
}

/** A path of the experiment, `/debug/vars` or `admin:/debug/vars`: the port that it names, if any, and the path on it. */
export function placeOf(written: string): { readonly port: string | undefined; readonly path: string } {
  const end = written.indexOf(':/');
  return written.startsWith('/') || end < 0
    ? { port: undefined, path: written }
    : { port: written.slice(0, end), path: written.slice(end + 1) };
}

/** Where a target may serve a path: on the port that it names, else on its own port and then on the others, in their order. */
export function servedAt(
  { address, addresses }: Pick<Daemon, 'address' | 'addresses'>,
  written: string,
): readonly ServedAt[] {
  const { port, path } = placeOf(written);
  const further = Object.entries(addresses)
    .filter(([name]) => port === undefined || name === port)
    .map(([name, one]) => ({ address: one, path, port: name }));
  return port !== undefined || address === undefined ? further : [{ address, path, port: undefined }, ...further];
}
