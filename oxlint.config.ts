import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { rooms, type Room } from './scripts/rooms.ts';

// The rules of each room are computed from scripts/rooms.ts; a package that no room owns may be imported nowhere in src.

const manifest = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as Record<string, object>;
const packages = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });

const anyOf = (names: readonly string[]): string => names.map((name) => name.replace(/[/.]/g, '\\$&')).join('|');

function importRule(name: string, { values = [], types = [], format, packages: own = [], pure }: Room): unknown {
  const others = Object.keys(rooms).filter((room) => room !== name && !values.includes(room));
  const unknown = others.filter((room) => !types.includes(room) && !(format === true && room === 'results'));
  const modules = pure === undefined ? [] : builtinModules.filter((module) => !pure.includes(`node:${module}`));
  const patterns = [
    { regex: `^(\\.\\./)+(${anyOf(unknown)})/`, message: `scripts/rooms.ts: ${name} does not know this room.` },
    ...(types.length === 0
      ? []
      : [
          {
            regex: `^(\\.\\./)+(${anyOf(types)})/`,
            allowTypeImports: true,
            message: `scripts/rooms.ts: ${name} knows only types of this room.`,
          },
        ]),
    ...(format === true
      ? [
          {
            group: ['**/results/*', '!**/results/format.ts', '!**/results/outcome-text.ts'],
            message: `${name} knows only results/format.ts and results/outcome-text.ts.`,
          },
        ]
      : []),
    {
      regex: `^(${anyOf(packages.filter((one) => !own.includes(one)))})($|/)`,
      message: `scripts/rooms.ts: another room owns this package, or none does yet.`,
    },
    ...(modules.length === 0
      ? []
      : [{ regex: `^(node:)?(${anyOf(modules)})($|/)`, message: `${name} is pure: what it needs is passed in.` }]),
  ];
  return ['error', { patterns }];
}

const IMPURE = [
  'process',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'performance',
  'fetch',
  'crypto',
  'console',
  'globalThis',
  'global',
  'Date',
];

const roomRules = Object.entries(rooms).map(([name, room]) => ({
  files: [`src/${name}/**`],
  rules: {
    'no-restricted-imports': importRule(name, room),
    'no-restricted-globals': [
      'error',
      ...(room.pure === undefined ? [] : IMPURE).map((global) => ({
        name: global,
        message: `${name} is pure: no clock, process, network or chance.`,
      })),
    ],
    'no-restricted-properties': [
      'error',
      { object: 'Math', property: 'random', message: 'Draw from a seeded stream.' },
      ...['exit', 'exitCode', 'argv'].map((property) => ({
        object: 'process',
        property,
        message: 'Only src/main.ts touches this.',
      })),
    ],
  },
}));

const OTHERS = [
  {
    files: ['test/**', 'bench/**', 'scripts/**'],
    rules: {
      'no-console': 'off',
      'import/no-cycle': 'off',
      'typescript/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            {
              from: 'package',
              package: 'node:test',
              name: ['test', 'describe', 'it', 'suite'],
            },
          ],
        },
      ],
    },
  },
  {
    files: ['**/*.mjs'],
    rules: {
      'typescript/no-unsafe-call': 'off',
      'typescript/no-unsafe-member-access': 'off',
      'typescript/no-unsafe-assignment': 'off',
      'typescript/no-unsafe-argument': 'off',
      'typescript/no-unsafe-return': 'off',
    },
  },
  {
    files: ['src/workload/generator-process.ts'],
    rules: {
      'no-restricted-properties': 'off',
    },
  },
];

// oxlint-disable-next-line import/no-default-export -- the linter asks for one
export default {
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'node', 'promise'],
  categories: {
    correctness: 'error',
    suspicious: 'error',
  },
  env: {
    node: true,
    es2024: true,
  },
  ignorePatterns: ['/dist', '/coverage', '/results', 'test/fixtures/**/*.js', 'docs/site/.vitepress'],
  rules: {
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/await-thenable': 'error',
    'typescript/switch-exhaustiveness-check': [
      'error',
      {
        considerDefaultExhaustiveForUnions: true,
      },
    ],
    'typescript/consistent-type-imports': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-unsafe-return': 'error',
    'typescript/no-unsafe-argument': 'error',
    'typescript/no-unsafe-call': 'error',
    'typescript/no-unsafe-member-access': 'error',
    'typescript/no-unsafe-assignment': 'error',
    'typescript/no-unnecessary-type-assertion': 'error',
    'typescript/return-await': ['error', 'in-try-catch'],
    'typescript/only-throw-error': 'error',
    'typescript/prefer-promise-reject-errors': 'error',
    'typescript/restrict-plus-operands': 'error',
    'typescript/no-namespace': 'error',
    'import/no-default-export': 'error',
    'import/no-mutable-exports': 'error',
    'import/no-cycle': 'error',
    'import/no-duplicates': 'error',
    'no-console': 'error',
    'no-var': 'error',
    'prefer-const': 'error',
    eqeqeq: 'error',
    'no-eval': 'error',
    'no-implied-eval': 'error',
    'no-new-func': 'error',
    'no-param-reassign': 'error',
    'unicorn/no-process-exit': 'off',
    'unicorn/prefer-node-protocol': 'error',
    'typescript/no-unsafe-type-assertion': 'off',
    'import/no-named-as-default-member': 'off',
    'typescript/consistent-return': 'off',
    'unicorn/consistent-function-scoping': 'off',
    'no-underscore-dangle': 'off',
    'unicorn/no-new-array': 'off',
    'promise/always-return': 'off',
    'no-shadow': 'off',
    'unicorn/no-array-sort': 'off',
  },
  overrides: [...roomRules, ...OTHERS],
};
