/** A small experiment file without a fault, for tests that put one in. */
export const demoFile = `name: demo
target:
  package: ./daemon
  args: [--port, '{port}']
  port: auto
  ready: { http: /healthz }
limits: { memory: 64MiB }
matrix:
  gogc: [50, 100]
  workload: [steady]
baseline: { gogc: 100 }
workloads:
  steady:
    http:
      path: /work
      rate: 200/s
phases: { warmup: 1s, measure: 3s }
blocks: 6
`;

/** The file with one part replaced; throws where the part is not there, so that no case tests nothing. */
export function edited(from: string, to: string, text: string = demoFile): string {
  if (!text.includes(from)) throw new Error(`the demo file does not contain ${JSON.stringify(from)}`);
  return text.replace(from, () => to);
}
