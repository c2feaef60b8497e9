/** What a room (a folder of `src`) may import; whatever is not named here is refused. */
export interface Room {
  /** Rooms of which it may use values and types. */
  readonly values?: readonly string[];
  /** Rooms of which it may use types alone. */
  readonly types?: readonly string[];
  /** It may use results/format.ts and results/outcome-text.ts, and nothing else of results. */
  readonly format?: true;
  /** Packages that it owns, beside our own code. */
  readonly packages?: readonly string[];
  /** No clock, process, network or chance, and of Node only these modules. Without it, all of Node. */
  readonly pure?: readonly string[];
}

const words = ['text', 'units', 'metrics'];
const machine = [...words, 'go', 'linux', 'executable', 'experiment', 'results', 'target', 'runner'];

/** The rooms from the ground up. The linter's rules and the map in docs/architecture.md are made from this table. */
// prettier-ignore
export const rooms: Readonly<Record<string, Room>> = {
  text: { pure: [] },
  units: { pure: [] },
  metrics: { values: ['units'], pure: [] },
  go: { pure: [] },
  linux: { pure: [] },
  statistics: { packages: ['simple-statistics'], pure: ['node:crypto'] },
  profile: { pure: ['node:zlib'] },
  heapdump: { pure: [] },
  experiment: { values: [...words, 'go', 'statistics'], packages: ['re2js', 'yaml', 'zod'], pure: ['node:path'] },
  results: { values: [...words, 'go', 'experiment'], packages: ['zod'] },
  executable: { format: true },
  'runtime-memory': { values: ['go', 'linux', 'executable'], format: true },
  target: { values: ['executable', 'experiment'], format: true, packages: ['execa'] },
  runner: { values: ['metrics', 'linux', 'executable', 'experiment', 'target'], format: true, packages: ['dockerode', 'execa', 'tar-stream', 'zod'] },
  probe: { values: ['text', 'units', 'go', 'linux', 'runtime-memory', 'experiment'], types: ['runner'], format: true, packages: ['undici'] },
  workload: { values: ['text', 'linux', 'experiment', 'results', 'statistics', 'runner'], packages: ['execa', 'hdr-histogram-js', 're2js', 'undici'] },
  trial: { values: [...machine, 'statistics', 'probe', 'workload'], packages: ['undici'] },
  simulation: { values: ['metrics', 'go', 'linux', 'experiment', 'statistics', 'workload', 'trial'], format: true, pure: ['node:crypto'] },
  kubernetes: { values: [...words, 'executable', 'experiment', 'results', 'runner'], packages: ['@kubernetes/client-node', 'execa', 'tar-stream', 'yaml', 'zod'] },
  sweep: { values: [...machine, 'statistics', 'simulation', 'trial'], packages: ['execa'] },
  analysis: { values: [...words, 'go', 'statistics', 'profile', 'experiment'], types: ['linux'], format: true, packages: ['hdr-histogram-js'], pure: [] },
  history: { values: [...words, 'statistics', 'experiment', 'analysis'], format: true, pure: [] },
  report: { values: [...words, 'experiment'], types: ['linux', 'statistics', 'heapdump', 'analysis', 'history'], format: true, packages: ['vega', 'vega-lite'], pure: [] },
  export: { values: [...words, 'go', 'experiment', 'history'], types: ['statistics', 'analysis', 'sweep'], format: true, pure: [] },
  'page-script': { values: ['analysis', 'report'], packages: ['@noble/hashes'] },
  cli: { values: ['text', 'units', 'experiment', 'report'], types: ['sweep'], format: true, packages: ['yargs'] },
  session: { values: [...words, 'go', 'statistics', 'experiment', 'results', 'runner', 'probe', 'kubernetes', 'sweep', 'analysis', 'history', 'report', 'export', 'cli'], packages: ['hyparquet-writer', 'zod'] },
  commands: { values: [...machine, 'statistics', 'profile', 'heapdump', 'runtime-memory', 'probe', 'kubernetes', 'sweep', 'analysis', 'history', 'report', 'export', 'cli', 'session'], packages: ['@clack/prompts'] },
};
