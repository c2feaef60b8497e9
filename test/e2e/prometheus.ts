import { execFileSync, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

/** A series as Prometheus answers it. */
export interface Answered {
  readonly metric: Readonly<Record<string, string>>;
  /** Unix seconds and numbers as text. */
  readonly values: readonly (readonly [number, string])[];
}

/** A real Prometheus that is asked over HTTP. */
export interface Prometheus {
  readonly url: string;
  /** What an expression is at one time; without it, now. */
  instant(expr: string, unixSeconds?: number): Promise<readonly Answered[]>;
  range(expr: string, from: number, to: number, step: number): Promise<readonly Answered[]>;
  /** The values that a label has among the series that a selector fits. */
  labelValues(label: string, selector: string): Promise<readonly string[]>;
}

/** A port of loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

/** Loads files of OpenMetrics into the data of a Prometheus as its own tool does. */
export function loadOpenMetrics(data: string, ...files: readonly string[]): void {
  for (const file of files)
    execFileSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', file, data], { stdio: 'pipe' });
}

/** Starts Prometheus on some data, with targets that it scrapes each second; it is gone after the test. */
export async function startPrometheus(
  t: TestContext,
  folder: string,
  data: string,
  { scraped = [], retention = '100y' }: { readonly scraped?: readonly string[]; readonly retention?: string } = {},
): Promise<Prometheus> {
  const file = join(folder, 'prometheus.yml');
  const targets = scraped.map((one) => `'${one}'`).join(', ');
  writeFileSync(
    file,
    `global: { scrape_interval: 1s }\nscrape_configs:\n  - { job_name: gctune, static_configs: [{ targets: [${targets}] }] }\n`,
  );
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(
    'prometheus',
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${data}`,
      // The default of 15 days would remove what was loaded.
      `--storage.tsdb.retention.time=${retention}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = new Promise((resolve) => child.on('exit', resolve));
  t.after(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`Prometheus has ended: ${said}`);
    return (await fetch(`${url}/-/ready`)).ok;
  });
  const ask = async (path: string, parameters: Readonly<Record<string, string>>): Promise<unknown> => {
    const response = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(parameters).toString()}`);
    const answer = (await response.json()) as { status: string; error?: string; data: unknown };
    if (answer.status !== 'success') throw new Error(`${parameters['query']}: ${answer.error}`);
    return answer.data;
  };
  return {
    url,
    instant: async (query, unixSeconds) => {
      const time = unixSeconds === undefined ? {} : { time: String(unixSeconds) };
      const { result } = (await ask('query', { query, ...time })) as {
        result: readonly { metric: Answered['metric']; value: readonly [number, string] }[];
      };
      return result.map(({ metric, value }) => ({ metric, values: [value] }));
    },
    range: async (query, from, to, step) => {
      const { result } = (await ask('query_range', {
        query,
        start: String(from),
        end: String(to),
        step: String(step),
      })) as { result: readonly Answered[] };
      return result;
    },
    labelValues: async (label, selector) =>
      (await ask(`label/${label}/values`, { 'match[]': selector, start: '0' })) as readonly string[],
  };
}

/** Waits until something holds; a connection that is refused is tried again. */
export async function until(holds: () => Promise<boolean>, seconds = 60): Promise<void> {
  const end = performance.now() + 1000 * seconds;
  for (;;) {
    const held = await holds().catch((error: unknown) => {
      // What fetch throws where nobody listens yet.
      if (error instanceof TypeError) return false;
      throw error;
    });
    if (held) return;
    if (performance.now() > end) throw new Error(`not within ${seconds} s`);
    await sleep(200);
  }
}
