/** The names of the templates of `gctune init`. */
export type TemplateName = 'minimal' | 'heapd' | 'image' | 'module' | 'batch';

/** Paths in the package, as the new file is to name them. */
export interface PackagedPaths {
  readonly schema: string;
  readonly heapd: string;
}

const phases = `
phases:
  warmup: auto   # under load but not measured: until RSS and live heap have levelled off, 3 to 60 s (see auto_warmup)
  measure: 8s    # the window that counts; it should hold at least 30 GC cycles
blocks: 15       # how often every cell is run; gctune plan says how likely so many are to answer which GOGC to run
# What must hold, for nightly runs: gctune run exits with 6 where it is shown not to.
# assert:
#   - { metric: memory.anon, cell: gogc=50, max: 40MiB }
#   - { metric: cpu.per_request, against: baseline, max: +10% }
`;

const limits = `
# The same in every cell. Where a limit cannot be enforced the run is refused,
# unless \`required: false\` makes that a warning.
limits: { cpus: 1, memory: 512MiB, required: false }
`;

const matrix = `
matrix:
  gogc: [25, 50, 100, 200, 400]
  # gomemlimit: [off, 256MiB]
baseline: { gogc: 100 }   # what every other level is compared with; runs twice in each block
`;

const httpLoad = `
# Open-loop load: requests are sent when they are due, whether or not the target keeps up.
workloads:
  steady:
    http: { path: /, rate: 200/s }
`;

const bodies: Readonly<Record<TemplateName, (paths: PackagedPaths) => string>> = {
  minimal: () => `name: gogc-sweep

# What is measured: a Go main package (a folder with go.mod in it or above it).
# It must listen where it is told to: {host} and {port} are filled in for each trial.
target:
  package: .
  args: [--listen, "{host}:{port}"]
  port: auto
  ready: { http: /healthz, within: 20s }
${limits}${matrix}${httpLoad}${phases}`,
  heapd: ({ heapd }) => `name: heapd

# heapd comes with gctune: a session store whose live heap and garbage are set by its flags,
# so that what GOGC does can be worked out beforehand.
target:
  package: ${JSON.stringify(heapd)}
  args: [--listen, "{host}:{port}", --live, 8MiB]
  port: auto
  ready: { http: /healthz, within: 20s }
${limits}${matrix}
# Open-loop load: requests are sent when they are due, whether or not the target keeps up.
workloads:
  steady:
    http: { path: "/work?session={int:1..8192}", rate: 400/s }
${phases}`,
  image: () => `name: image-sweep

# What is measured: a container image with a Go program in it. Needs a container engine.
target:
  image: example/daemon:v1.2.3   # name a version or a digest: "latest" is another program tomorrow
  port: 8080                     # the port that it serves on in the container
  ready: { http: /healthz, within: 60s }
  # args: [serve]
  # env: { LOG_LEVEL: warn }
runner: docker
${limits}${matrix}${httpLoad}${phases}`,
  module: () => `name: kubo-sweep

# What is measured: a Go program at a version, from the module proxy. It is built before the run, and kept.
# This one is kubo (IPFS); kubo-seed.yaml among gctune's experiments goes further.
target:
  module: github.com/ipfs/kubo/cmd/ipfs@v0.42.0
  args: [daemon, --offline]
  # {data} is the target's own folder: each trial gets a fresh copy of what the steps below have made.
  env: { IPFS_PATH: "{data}", IPFS_TELEMETRY: "off" }
  port: 5001
  ready: { output: Daemon is ready, within: 30s }
  prepare:
    - run: ["{target}", init, --profile=test]   # {target} is the program itself
    - run: ["{target}", config, Addresses.API, /ip4/0.0.0.0/tcp/5001]
runner: docker
${limits}${matrix}
# Open-loop load: operations are requested when they are due, whether or not the target keeps up.
workloads:
  add:
    kubo:
      operations: [{ add: { size: 256KiB } }, { dag_put: { size: 4KiB }, weight: 2 }]
      rate: 25/s
      connections: 16
${phases}
profiles: { heap: true, allocs: true }   # for gctune profile, and the allocations in the report
`,
  batch: () => `name: batch-sweep

# What is measured: a Go command that runs to completion. The work of a run must always be the same.
target:
  package: .
  args: []
  # prepare:                     # makes what the command works on, once, before the first trial
  #   - run: ["{node}", ./make-input.mjs, "{work}"]
${limits}${matrix}
workloads:
  whole:
    batch: { args: ["{work}"], within: 60s }   # added after target.args; {work} is the scratch folder
sampling:
  gctrace: true    # the only way to see inside a command that serves no port
blocks: 15         # how often every cell is run; gctune plan says how likely so many are to answer which GOGC to run
primaries: [memory.rss, cpu.used]
`,
};

/** The text of a template. */
export function templateText(name: TemplateName, paths: PackagedPaths): string {
  return `# yaml-language-server: $schema=${paths.schema}
# An experiment for gctune. \`gctune help experiment\` explains every key; \`gctune plan\` shows what it would do.
${bodies[name](paths)}`;
}
