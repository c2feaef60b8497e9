import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { UserError } from '../../errors.ts';
import { shellWords } from '../../experiment/compose/shell-words.ts';
import { AS_IT_SAYS, type Draft } from './draft.ts';
import { nameOf } from './draft-words.ts';
import { readyWord } from './first-load.ts';
import { yamlWord } from './yaml-words.ts';

/** How a daemon is started and loaded, as far as it was said by flags or in answers. */
export interface Said {
  readonly package?: string | undefined;
  readonly module?: string | undefined;
  readonly binary?: string | undefined;
  readonly dockerfile?: string | undefined;
  readonly batch?: boolean | undefined;
  readonly args?: string | undefined;
  readonly port?: string | undefined;
  readonly ready?: string | undefined;
  readonly path?: string | undefined;
}

/** Where a program can come from that is not looked at. */
export const SOURCES = ['package', 'module', 'binary', 'dockerfile'] as const;

/** An experiment of a program that was only named: nothing is looked at. Paths are relative to `cwd`, in the file to `folder`. */
export function starterDraft(said: Said, cwd: string, folder: string): Draft {
  const kind = SOURCES.find((name) => said[name] !== undefined) ?? 'package';
  const named = said[kind] ?? '.';
  const inFile = kind === 'module' || isAbsolute(named) ? named : wayTo(folder, resolve(cwd, named));
  const known = {
    ...AS_IT_SAYS,
    name: nameOf(called(kind, named, cwd)),
    about: [],
    source: [`${kind}: ${yamlWord(inFile)}`],
    notes: [],
    ports: {},
    cpus: 1,
    required: false,
    gogc: undefined,
    gomemlimit: undefined,
  };
  if (said.batch === true)
    return {
      ...withSaid({ ...known, port: undefined, ready: undefined, load: 'batch' }, said),
      more: [
        'sampling: { gctrace: true }   # the only way to see inside a command that serves no port',
        'primaries: [memory.rss, cpu.used]',
      ],
    };
  const listens = kind === 'dockerfile' ? { args: [], port: 8080 } : LISTENS;
  return withSaid({ ...known, ...listens, ready: readyWord(undefined, listens.port), load: '/' }, said);
}

/** How many Go daemons are told where to listen; the file is to be edited where it is another way. */
const LISTENS = { args: ['--listen', '{host}:{port}'], port: 'auto' } as const;

/** A draft with what was said of it in the place of what was found or assumed. */
export function withSaid(draft: Draft, said: Said): Draft {
  const port = said.port === undefined ? draft.port : portOf(said.port);
  const { ready } = said;
  return {
    ...draft,
    ...(said.args === undefined ? {} : { args: wordsOf(said.args) }),
    port,
    ...(ready === undefined
      ? { ready: draft.ready ?? (said.port === undefined ? undefined : readyWord(undefined, port)) }
      : {
          ready: ready.startsWith('/') ? readyWord(ready, port) : `{ output: ${JSON.stringify(ready)}, within: 60s }`,
        }),
    ...(said.path === undefined ? {} : { load: pathOf(said.path) }),
  };
}

/** The port that a text names. Throws UserError. */
export function portOf(text: string): number | 'auto' {
  if (text === 'auto') return text;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw new UserError({
    code: 'bad-value',
    message: `"${text}" is not a port`,
    at: '--port',
    hint: 'write a number from 1 to 65535, or auto: gctune then chooses a free one and fills it in for {port}',
  });
}

/** The words of a command line. Throws UserError. */
export function wordsOf(text: string): readonly string[] {
  const words = shellWords(text);
  if (words !== undefined) return words;
  throw new UserError({
    code: 'bad-value',
    message: 'a quotation mark is not closed',
    at: '--args',
    hint: 'write it as in a shell: --args \'serve --name "my api"\'',
  });
}

/** The path of a page. Throws UserError. */
export function pathOf(text: string): string {
  if (text.startsWith('/')) return text;
  throw new UserError({
    code: 'bad-value',
    message: `"${text}" is not the path of a page`,
    at: '--path',
    hint: 'write it as in a URL, from the slash on: /search?q=go',
  });
}

/** What a program is called, for the name of the experiment. */
function called(kind: (typeof SOURCES)[number], named: string, cwd: string): string {
  if (kind === 'module') return named.replace(/@.*$/, '').replace(/\/v\d+$/, '');
  const path = resolve(cwd, named);
  return kind === 'dockerfile' ? basename(dirname(path)) : path;
}

function wayTo(folder: string, path: string): string {
  const way = relative(folder, path).split(sep).join('/');
  if (way === '') return '.';
  return way.startsWith('.') ? way : `./${way}`;
}
