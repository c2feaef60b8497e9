import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Analysis } from '../analysis/analysis.ts';
import { UserError } from '../errors.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { makePlan } from '../experiment/plan/make-plan.ts';
import { cellLabels } from '../export/cell-labels.ts';
import { exposition, type Exposition } from '../export/exposition.ts';
import { LiveSweep } from '../export/live-sweep.ts';
import { exportedRun } from '../export/result-families.ts';
import type { Io } from '../cli/io.ts';
import { LOOPBACK, portError } from '../runner/port.ts';

/** What each format is called in HTTP. */
const CONTENT_TYPES: Readonly<Record<Exposition, string>> = {
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
};
const PATH = '/metrics';
const MOST_PORT = 65_535;
/** More than a Prometheus, a browser and somebody with curl have. */
const MOST_CONNECTIONS = 16;
/** How long an answer may take to be read. */
const READ_MILLISECONDS = 10_000;

/** A sweep that is served until it is disposed of. */
export interface ServedMetrics extends Disposable {
  readonly url: string;
  readonly sweep: LiveSweep;
  /** Takes what is known after a block. */
  results(analysis: Analysis): void;
}

/** Serves what there is of a sweep, on loopback alone. Throws EnvironmentError `port-in-use` before anything else begins. */
export async function serveMetrics(port: number, experiment: Experiment, seed: number, io: Io): Promise<ServedMetrics> {
  if (port > MOST_PORT) {
    throw new UserError({
      code: 'bad-value',
      message: `${port} is not a port`,
      at: '--metrics-port',
      hint: `use at most ${MOST_PORT}, or 0 for any that is free`,
    });
  }
  const cells = new Map(makePlan(experiment, seed).cells.map((cell) => [cell.id, cellLabels(cell)]));
  const { name, gomaxprocs } = experiment;
  const sweep = new LiveSweep({ experiment: name, cells, gomaxprocs }, () => io.unixSeconds());
  const server = createServer((request, response) => answer(request, response, sweep));
  // Each answer is made by the process that also makes the load: whoever asks without end, or never reads, is cut off.
  server.maxConnections = MOST_CONNECTIONS;
  server.maxRequestsPerSocket = 1;
  const listening = await listen(server, port);
  return {
    url: `http://${LOOPBACK}:${listening}${PATH}`,
    sweep,
    results: (analysis) => sweep.results(exportedRun(analysis, Date.parse(analysis.run.startedAt) / 1000)),
    [Symbol.dispose]: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function listen(server: Server, port: number): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: LOOPBACK, port, exclusive: true }, resolve);
    });
  } catch (error) {
    throw await portError(error, port, {
      inUse: 'Stop that program, or choose another port; --metrics-port 0 takes any that is free',
      other: '--metrics-port 0',
    });
  }
  // A scrape that hangs must not keep a run from its end.
  server.unref();
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

function answer({ method = '', url = '', headers }: IncomingMessage, response: ServerResponse, sweep: LiveSweep): void {
  const refuse = (status: number, text: string): void => {
    response.writeHead(status, {
      'content-type': 'text/plain; charset=utf-8',
      ...(status === 405 ? { allow: 'GET, HEAD' } : {}),
    });
    response.end(`${text}\n`);
  };
  // A page of the web whose name was made to lead here (DNS rebinding) has another host than one who means this machine.
  if (!/^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i.test(headers.host ?? ''))
    return refuse(421, 'not a name of this machine');
  if (method !== 'GET' && method !== 'HEAD') return refuse(405, 'only GET and HEAD');
  if (url.split('?')[0] !== PATH) return refuse(404, `see ${PATH}`);
  const form = acceptedForm(headers.accept);
  response.writeHead(200, { 'content-type': CONTENT_TYPES[form], vary: 'accept', 'cache-control': 'no-store' });
  response.setTimeout(READ_MILLISECONDS, () => response.destroy());
  response.end(method === 'HEAD' ? undefined : [...exposition(sweep.families(), form)].join(''));
}

/** The format that a client would rather have: OpenMetrics where it is asked for by name and nothing is liked better. */
export function acceptedForm(accept: string | undefined): Exposition {
  const quality = { openmetrics: 0, prometheus: 0 };
  for (const range of (accept ?? '').split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const written = (name: string): string | undefined =>
      parameters.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1);
    const q = Number(written('q') ?? 1);
    const form =
      type === 'application/openmetrics-text'
        ? 'openmetrics'
        : /^(?:text\/(?:plain|\*)|\*\/\*)$/.test(type)
          ? 'prometheus'
          : undefined;
    // 0.0.1 is a draft of 1.0.0, and what is newer is asked for with the older one beside it.
    if (
      form === undefined ||
      !(q >= 0) ||
      (form === 'openmetrics' && !['1.0.0', '0.0.1', undefined].includes(written('version')))
    )
      continue;
    quality[form] = Math.max(quality[form], q);
  }
  return quality.openmetrics > 0 && quality.openmetrics >= quality.prometheus ? 'openmetrics' : 'prometheus';
}
