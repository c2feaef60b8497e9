import { basename } from 'node:path';
import type { Answers } from '../../probe/ask-program.ts';
import type { BuildInfo } from '../../results/format.ts';

/** `go1.26.8, example.org/daemon v1.2.3`. */
export function describeProgram({ goVersion, path, mainModule }: BuildInfo): string {
  const version = mainModule?.version;
  const what = path === 'unknown' || path === '' ? '' : `${path}${version ? ` ${version}` : ''}, `;
  return `${what}built with ${goVersion}`;
}

/** Says where counters and profiles answered. */
export function sourcesAbout(
  ports: readonly { readonly name: string; readonly answers: Answers | undefined }[],
): readonly string[] {
  const found = ports.flatMap(({ name, answers }) =>
    Object.values(answers?.counters ?? {}).map((path) => `${path} (${name})`),
  );
  return found.length === 0
    ? ['It serves no counters of the Go runtime that were found.']
    : [`Counters and profiles of the Go runtime answer at ${found.join(', ')}; gctune finds them.`];
}

/** The further keys of a program that serves counters in an unusual place, or profiles. */
export function moreOf(
  ports: readonly { readonly name: string | undefined; readonly answers: Answers | undefined }[],
): readonly string[] {
  const has = (path: string): boolean =>
    ports.some(({ answers }) => Object.values(answers?.counters ?? {}).includes(path));
  const unusual = ports.flatMap(({ name, answers }) => {
    const path = answers?.counters.prometheus;
    return path === undefined || path === '/metrics' || has('/debug/vars') || has('/metrics')
      ? []
      : [`${name === undefined ? '' : `${name}:`}${path}`];
  });
  return [
    ...(unusual[0] === undefined ? [] : [`sampling: { paths: { prometheus: ${JSON.stringify(unusual[0])} } }`]),
    ...(ports.some(({ answers }) => answers?.profiles === true)
      ? ['profiles: { heap: true }   # for gctune profile']
      : []),
  ];
}

/** Names what was kept out of the file: variables, and flags. */
export function leftOut(names: readonly string[], flags: readonly string[]): readonly string[] {
  const [first] = names;
  return [
    ...(first === undefined
      ? []
      : [
          `Left out, because they look like secrets: ${names.join(', ')}. Pass them from your environment: env: { ${first}: "\${${first}}" }`,
        ]),
    ...(flags.length === 0
      ? []
      : [
          `Left out of the arguments, because they look like secrets: ${flags.join(', ')}. Give them in a file or in the environment`,
        ]),
  ];
}

/** A name for the experiment from the path of a program or an image. */
export function nameOf(path: string): string {
  const name = basename(path)
    .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 50);
  return `${name === '' ? 'daemon' : name}-sweep`;
}

/** The port that requests can be sent to first: one with a page of its own, then one with any, then any. */
export function byWorth<T extends { readonly answers: Answers | undefined }>(ports: readonly T[]): readonly T[] {
  const worth = ({ answers }: T): number => {
    if (answers?.page === undefined) return answers === undefined ? 0 : 1;
    return answers.page.startsWith('/debug/') || answers.page === '/metrics' ? 2 : 3;
  };
  return ports.toSorted((a, b) => worth(b) - worth(a));
}
