import { z } from 'zod';
import { composeSchema, containerSchema } from './container.ts';
import { size } from './go-settings.ts';
import { leaf, positiveNumber, quantity, text, truth, wholeNumber, wrongKind, type Fault } from './leaf.ts';
import { described, exactlyOne, listOf, secretText, section, type Frozen } from './parts.ts';
import { addedLater, harmlessLine, storedAs, storedForm } from './stored.ts';
import { simulatedSchema } from './simulated.ts';
import { DURATION_SYNTAX } from '../../units/units.ts';

const within = (example: string) =>
  described(
    quantity(DURATION_SYNTAX, 'duration', example).prefault(example),
    'Time limit. A trial that takes longer is stopped and recorded as timed out.',
    [example],
  );

const argv = (description: string, examples: readonly unknown[]) =>
  described(z.array(text('optionalLine')).prefault([]), description, examples);

/** What a further port, and a service, may be called. */
export const PORT_NAME = /^[a-z][a-z0-9_-]{0,30}$/;

const withinReady = within('20s');
const readyShape = {
  http: described(text('path').optional(), 'Ready when GET on this path answers 200.', ['/healthz']),
  output: described(text('line').optional(), 'Ready when a line of its output contains this text.', [
    'Daemon is ready',
  ]),
  tcp: described(
    readyPort().optional(),
    'Ready when a port accepts connections: true for its port, or the name of one of ports.',
    [true, 'admin'],
  ),
  unix: described(
    text('line').optional(),
    'Ready when a unix socket accepts connections; its path begins with {data}.',
    ['{data}/api.sock'],
  ),
};

/** `ready`: how to tell that a program serves. */
export const readySchema = storedAs(
  exactlyOne(['http', 'output', 'tcp', 'unix'], { ...readyShape, within: withinReady }).transform(
    ({ http, output, tcp, unix, within: withinSeconds }): Readiness => {
      if (http !== undefined) return { kind: 'http', path: http, withinSeconds };
      if (tcp !== undefined) return { kind: 'tcp', port: tcp, withinSeconds };
      if (unix !== undefined) return { kind: 'unix', path: unix, withinSeconds };
      return { kind: 'output', contains: output ?? '', withinSeconds };
    },
  ),
  z.union([
    z.object({ kind: z.literal('http'), path: harmlessLine, withinSeconds: storedForm(withinReady) }),
    z.object({ kind: z.literal('output'), contains: harmlessLine, withinSeconds: storedForm(withinReady) }),
    z.object({
      kind: z.literal('tcp'),
      port: storedForm(readyShape.tcp) as z.ZodType<true | string>,
      withinSeconds: storedForm(withinReady),
    }),
    z.object({ kind: z.literal('unix'), path: harmlessLine, withinSeconds: storedForm(withinReady) }),
  ]),
);

/** How to tell that the daemon is ready to serve. */
export type Readiness =
  | { readonly kind: 'http'; readonly path: string; readonly withinSeconds: number }
  | { readonly kind: 'output'; readonly contains: string; readonly withinSeconds: number }
  /** `true`: its port; else the name of a further one. */
  | { readonly kind: 'tcp'; readonly port: true | string; readonly withinSeconds: number }
  | { readonly kind: 'unix'; readonly path: string; readonly withinSeconds: number };

const prepareStep = section(
  {
    run: described(
      listOf(text('optionalLine')),
      'A program and its arguments, without a shell. {target} as the program is the target itself, run as in a trial; {data} stands for its data folder, {work} for the run’s scratch folder, {node} for this Node.js. Relative paths start at this file.',
      [
        ['{node}', './targets/tsproject/generate.mjs', '{work}'],
        ['{target}', 'init', '--profile=test'],
      ],
    ),
    within: within('60s'),
  },
  { within: 'withinSeconds' },
);
/** One step that makes what the target works on, run once before the sweep. */
export type PrepareStep = Frozen<z.output<typeof prepareStep>>;

const dataFile = section({
  from: described(
    text('line'),
    'A file or folder in the folder of this file; neither .. nor symbolic links are allowed.',
    ['./config.yaml'],
  ),
  to: described(text('line'), 'Where it is in the data folder.', ['config.yaml']),
  template: described(
    truth().prefault(false),
    'Whether placeholders as in args are filled in, when the program starts; for a text file.',
    [true],
  ),
});
/** A file or folder of the experiment that is copied into a data folder. */
export type DataFile = Frozen<z.output<typeof dataFile>>;

/** The keys of which one says where a program comes from. */
export const PROGRAM_SOURCES = ['package', 'module', 'binary', 'image', 'dockerfile'] as const;

const SOURCES = [...PROGRAM_SOURCES, 'simulated'] as const;

const sourceKeys = {
  package: described(text('line').optional(), 'Folder of a Go main package, built before the run.', [
    './targets/heapd',
  ]),
  module: described(
    text('line', moduleVersion).optional(),
    'A Go main package at a version, from the Go module proxy, built before the run and cached.',
    ['github.com/ipfs/kubo/cmd/ipfs@v0.42.0'],
  ),
  replace: described(
    z.record(z.string().min(1), text('line')).prefault({}),
    'For a module: replacements for its dependencies, like replace lines of go.mod; a folder is relative to this file.',
    [{ 'github.com/libp2p/go-libp2p': 'github.com/me/go-libp2p@v0.48.1', 'example.org/lib': '../lib' }],
  ),
  binary: described(
    text('line').optional(),
    'A Go program that is already built: a path, or npm:<package>/<path> for one in an installed npm package, where {platform} and {arch} are this machine’s.',
    ['./bin/daemon', 'npm:@typescript/typescript-{platform}-{arch}/lib/tsc'],
  ),
  image: described(text('line').optional(), 'A container image that the engine has or can pull.', [
    'ipfs/kubo:v0.42.0',
  ]),
  dockerfile: described(text('line').optional(), 'A Dockerfile, built before the run.', ['./daemon/Dockerfile']),
  simulated: described(
    simulatedSchema.optional(),
    'A model of a program in virtual time, with these parameters; all its results are marked as simulated.',
    [{ live: '40MiB', alloc_per_request: '64KiB', cpu_per_request: '2ms' }],
  ),
  container: described(
    containerSchema.optional(),
    'How an image or what a Dockerfile makes is started, where that is not what it says itself.',
    [{ user: '1000', mounts: { '/etc/daemon': 'config' } }],
  ),
  context: described(
    text('line').optional(),
    'The build context of the Dockerfile. Default: the folder of the Dockerfile.',
    ['.'],
  ),
  flags: argv('Flags for go build, for a package or a module.', [['-tags', 'netgo']]),
};

const versionSchema = exactlyOne(SOURCES, sourceKeys);

/** `target`: what is measured. */
export const targetSchema = exactlyOne([...SOURCES, 'compose', 'versions'], {
  compose: described(
    composeSchema.optional(),
    'A service of a Compose file, with those that it depends on as services; keys next to it go above what the file says.',
    [{ file: './compose.yaml', service: 'api' }],
  ),
  versions: described(
    z
      .record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/), versionSchema)
      .refine((versions) => Object.keys(versions).length > 0, { params: { empty: true } })
      .meta({ minProperties: 1 })
      .optional(),
    'Versions of the program, by name: the levels of matrix.version. Each is one of package, module, binary, image, dockerfile or simulated.',
    [
      {
        old: { module: 'github.com/ipfs/kubo/cmd/ipfs@v0.41.0' },
        new: { module: 'github.com/ipfs/kubo/cmd/ipfs@v0.42.0' },
      },
    ],
  ),
  ...sourceKeys,
  args: argv(
    'Arguments of the program. {host} and {port} stand for the address to listen on, {port:NAME} for one of ports, {service:NAME} for host and port of a service, {data} for its own data folder (each trial gets a fresh copy of what the preparation made), {work} for the run’s scratch folder.',
    [['--listen', '{host}:{port}']],
  ),
  env: described(
    z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), secretText()).prefault({}),
    'Environment of the program. ${NAME} takes a value from the environment of gctune. GOGC, GOMEMLIMIT and GOMAXPROCS are set by the experiment and cannot stand here.',
    [{ IPFS_PATH: '{data}', API_TOKEN: '${API_TOKEN}', LICENCE: { value: 'abc-123', secret: true } }],
  ),
  port: described(
    port().optional(),
    'The port it serves on; auto picks a free one, which must be passed to the target with {port}. Leave it out for a target without a port.',
    [8080, 'auto'],
  ),
  unix: described(
    text('line').optional(),
    'A unix socket in its data folder that it serves on in place of a port: requests, and questions for readiness, counters and profiles, go there.',
    ['{data}/api.sock'],
  ),
  ports: addedLater(
    described(
      z.record(z.string().regex(PORT_NAME), port()).prefault({}),
      'Further ports that it serves on, by name: {port:NAME} passes one to the target. Counters and profiles are looked for on all ports.',
      [{ admin: 'auto' }],
    ),
  ),
  ready: described(readySchema.optional(), 'How gctune knows that it is ready to serve.', [
    { http: '/healthz', within: '20s' },
  ]),
  prepare: described(
    z.array(prepareStep).prefault([]),
    'Steps that prepare the target’s data, run once, in order, before the first trial. Whatever a step has started ends with it.',
    [[{ run: ['{node}', './make-input.mjs', '{work}'] }]],
  ),
  files: addedLater(
    described(
      z.array(dataFile).prefault([]),
      'Files and folders that are copied into the data folder before the steps; each trial gets them fresh.',
      [[{ from: './config.yaml', to: 'config.yaml', template: true }]],
    ),
  ),
});

/** `path@version`, as go get takes it; what the path and the version are worth is for the module proxy to say. */
export function moduleVersion(value: string): Fault | undefined {
  if (/^[A-Za-z0-9][^\s@]*\.[^\s@]*@[^\s@]+$/.test(value)) return undefined;
  return {
    code: 'bad-module',
    problem: `"${value}" is not a Go package at a version`,
    hint: 'write its import path, @ and a version: github.com/ipfs/kubo/cmd/ipfs@v0.42.0',
  };
}

function readyPort() {
  return leaf<true | string>(
    (value) => {
      if (value === true || (typeof value === 'string' && PORT_NAME.test(value))) return { value };
      return wrongKind(value, 'true or the name of a port', 'write true for its port, or the name of one of ports');
    },
    { anyOf: [{ const: true }, { type: 'string', pattern: PORT_NAME.source }] },
    z.union([z.literal(true), z.string().regex(PORT_NAME)]),
  );
}

function port() {
  return leaf<number | 'auto'>(
    (value) => {
      if (value === 'auto') return { value };
      const hint = 'write a number from 1 to 65535, or auto';
      if (typeof value !== 'number') return wrongKind(value, 'a port', hint);
      if (Number.isInteger(value) && value >= 1 && value <= 65_535) return { value };
      return { code: 'bad-number', problem: `${value} is not a port`, hint };
    },
    { anyOf: [{ const: 'auto' }, { type: 'integer', minimum: 1, maximum: 65_535 }] },
    z.union([z.int().min(1).max(65_535), z.literal('auto')]),
  );
}

/** `limits`: what the target may use. */
export const limitsSchema = section(
  {
    cpus: described(
      positiveNumber(1024).optional(),
      'CPUs that the target may use; fractions are allowed. Default: no limit.',
      [1, 0.5],
    ),
    memory: described(
      size().optional(),
      'Memory that the target may use; beyond it, the target is OOM-killed, which is a result of the trial. Default: no limit.',
      ['512MiB'],
    ),
    pids: described(
      wholeNumber(1, 4_194_304).prefault(512),
      'Maximum number of threads and processes of the target.',
      [512],
    ),
    pin: described(
      truth().prefault(true),
      'Whether the target and the load generator each get CPUs of their own (true), so that neither disturbs the other, or share all CPUs (false). With true, the target has only one CPU on a machine with two.',
      [true],
    ),
    required: described(
      truth().prefault(true),
      'Whether to refuse to run if a limit cannot be enforced (true), or to continue with a warning (false).',
      [true],
    ),
  },
  { memory: 'memoryBytes' },
);

/** Resource limits of the target. */
export type Limits = Frozen<z.output<typeof limitsSchema>>;
