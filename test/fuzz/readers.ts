import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { join } from 'node:path';
import { UserError } from '../../src/errors.ts';
import { documentFrom } from '../../src/commands/explain/explain-document.ts';
import { sizeOf } from '../../src/commands/explain/explain-sizes.ts';
import { severalInstances } from '../../src/commands/explain/several-instances.ts';
import { gogcInGo, gomemlimitInGo } from '../../src/go/settings.ts';
import { carriedEnvironment } from '../../src/commands/init/environment.ts';
import { secretArgument } from '../../src/experiment/secrets/secrets.ts';
import { inText, withPort } from '../../src/commands/init/port-places.ts';
import { readCompose } from '../../src/experiment/compose/read-compose.ts';
import { explainSaved } from '../../src/commands/explain/explain-saved.ts';
import { seriesDocument } from '../../src/report/explain/series-document.ts';
import { explanationDocument } from '../../src/report/explain/explain-document.ts';
import { parseWrittenSize, scanPlainNumber, scanSize } from '../../src/units/written-size.ts';
import { parseExperiment } from '../../src/experiment/parse-experiment.ts';
import { DumpFault } from '../../src/heapdump/dump-fault.ts';
import { readSymbols, SymbolFault } from '../../src/heapdump/symbols.ts';
import { parseProcStat } from '../../src/linux/proc-stat.ts';
import { settingsInForce } from '../../src/analysis/explain/in-force.ts';
import { parseGoEnvironment } from '../../src/go/environment.ts';
import { SmapsReader } from '../../src/linux/smaps.ts';
import { parseCpuList } from '../../src/linux/cpu-list.ts';
import { cgroupFigures, cgroupMemory } from '../../src/probe/cgroup.ts';
import { parseContainerStats } from '../../src/probe/docker-stats.ts';
import { parseExpvar } from '../../src/probe/expvar.ts';
import { findGctrace } from '../../src/go/gctrace-line.ts';
import { fakeIo } from '../cli/fake-io.ts';
import { program } from '../../src/program.ts';
import type { GctraceDocument } from '../../src/analysis/gctrace/gctrace-document.ts';
import { LogReader } from '../../src/commands/gctrace/read-log.ts';
import { writeText } from '../../src/report/document/write-text.ts';
import { gctraceDocument } from '../../src/report/gctrace/gctrace-document.ts';
import { jsonDocument } from '../../src/text/json-text.ts';
import { findCounters, readMemStatsDumps, SeveralInstances } from '../../src/probe/memstats-text.ts';
import { parsePprofTail } from '../../src/probe/pprof-tail.ts';
import { parseStatus } from '../../src/probe/proc.ts';
import { parsePrometheus } from '../../src/probe/prometheus.ts';
import { ProfileFault } from '../../src/profile/profile-fault.ts';
import { readProfile } from '../../src/profile/read-profile.ts';
import { stacksOf } from '../../src/profile/stacks.ts';
import { topOf } from '../../src/profile/top.ts';
import { parseCgroupMounts } from '../../src/runner/cgroup-mounts.ts';
import { readProgress } from '../../src/runner/docker/engine-progress.ts';
import { parseListeningPorts } from '../../src/runner/listening-ports.ts';
import { confirmationFolders } from '../../src/results/confirmations.ts';
import { openRun } from '../../src/results/run-folder.ts';
import { recogniseFile } from '../../src/session/file-kind.ts';
import { HistoryLines } from '../../src/session/history-file.ts';
import { historyParquet } from '../../src/session/history-parquet.ts';
import { judgeNight } from '../../src/history/judge-night.ts';
import { shortNames } from '../../src/history/night.ts';
import { overviewOf } from '../../src/history/overview.ts';
import { documentPage } from '../../src/report/document/document-page.ts';
import { historyDocument } from '../../src/report/history/history-document.ts';
import { drawHistory, kuboNoise } from '../history/simulated-history.ts';
import { analyseRun, reportRun } from '../../src/session/report-run.ts';
import { findBooks, findLimiter, findWork } from '../../src/runtime-memory/identities.ts';
import { layoutOf, type Layout } from '../../src/runtime-memory/layout.ts';
import type { Run } from '../../src/runtime-memory/process-memory.ts';
import { readStats } from '../../src/runtime-memory/variables.ts';
import { seededStream } from '../../src/statistics/random.ts';
import { readBuildInfoFrom } from '../../src/executable/build-info.ts';
import { analysed, fixtureDump } from '../heapdump/dump-bytes.ts';
import { programWithSymbols } from '../heapdump/elf-with-symbols.ts';
import { readAccessLog } from '../../src/workload/replay/access-log.ts';
import { stretchOf } from '../../src/workload/replay/replay-source.ts';
import { makePatients, tryMutation } from '../results/mutated-run.ts';
import { byteSourceOf } from '../executable/bytes-in-memory.ts';
import { oldElf } from '../executable/old-elf.ts';
import { LOAD_TOOLS } from '../../src/experiment/workloads/load-tools.ts';
import type { ReadReport } from '../../src/workload/report/load-report.ts';
import { readReport } from '../../src/workload/report/read-report.ts';
import { excerptOf, runsOf, SAVED } from '../runtime-memory/saved.ts';
import { smallMachO } from '../executable/small-mach-o.ts';
import { mutated } from './mutate.ts';

/** A reader of what others wrote, made ready to be given one hostile input after the other. */
export interface Reader {
  /** An input may take so many seconds; what takes longer hangs. */
  readonly seconds: number;
  /** Makes it ready in a folder of its own. What it gives reads the input of a seed; tells whether it was refused, and throws where the reader breaks. */
  readonly prepare: (folder: string) => Promise<(seed: number) => Promise<boolean>>;
}

/** A figure that is none is null in JSON. */
function assertFinite(value: unknown, path = ''): void {
  if (value === null && !/\.(?:source|startedAt|impliedGogc|heap)$/.test(path)) throw new Error(`${path} is no figure`);
  if (typeof value === 'number' && value < -1e-9 && !path.endsWith('.percent')) throw new Error(`${path} is ${value}`);
  if (typeof value === 'object' && value !== null)
    for (const [key, one] of Object.entries(value)) assertFinite(one, `${path}.${key}`);
}

/** So many dumps of one process whose heap grows. */
function series(dumps: number): Buffer {
  const fields = (i: number): readonly string[] => [
    `HeapAlloc = ${(40 + 3 * i) * 2 ** 20}`,
    `HeapInuse = ${(50 + 3 * i) * 2 ** 20}`,
    `HeapIdle = ${(250 - 3 * i) * 2 ** 20}`,
    `HeapSys = ${300 * 2 ** 20}`,
    `HeapReleased = ${2 ** 20}`,
    `Sys = ${320 * 2 ** 20}`,
    `NextGC = ${(60 + 6 * i) * 2 ** 20}`,
    `NumGC = ${10 + i}`,
    `LastGC = ${(1_700_000_000 + 60 * i) * 1e9}`,
  ];
  return Buffer.from(Array.from({ length: dumps }, (_, i) => fields(i).join('\n')).join('\n\n'));
}

/** What `gctune explain` says of a text, as a page of text and as JSON. */
function explained(text: string): void {
  for (const dump of readMemStatsDumps(text)) {
    if (!(dump.from < dump.to && dump.to <= text.length && dump.firstLine <= dump.lastLine))
      throw new Error(`a dump from ${dump.from} to ${dump.to}`);
    for (const [key, figure] of Object.entries(dump.figures))
      if (!Number.isFinite(figure) || figure < (key === 'gogcPercent' ? -1 : 0))
        throw new TypeError(`a figure of ${figure}`);
  }
  let instance: string | undefined;
  for (;;) {
    try {
      const counters = findCounters(text, instance);
      if (counters === undefined) return;
      const given = { rss: sizeOf('918.7MiB', '--rss'), pprof: undefined, instance };
      const document = documentFrom({ source: { kind: 'text', name: 'x' }, counters, given, warnings: [] });
      JSON.parse(jsonDocument(document));
      assertPlain(writeText(explanationDocument(document), { width: 80 }));
      return;
    } catch (error) {
      if (!(error instanceof SeveralInstances) || instance !== undefined) throw error;
      severalInstances(error, instance, 'x');
      instance = error.instances[0] ?? '';
    }
  }
}

/** Whatever was read lies between its bounds, in whole bytes. */
function assertSizes(all: readonly object[]): void {
  for (const one of all) {
    const size = 'value' in one ? one.value : undefined;
    if (typeof size === 'number' && !(Number.isFinite(size) && size >= 0)) throw new TypeError(`a number of ${size}`);
    if (typeof size !== 'object' || size === null) continue;
    const { bytes, low, high } = size as { bytes: number; low: number; high: number };
    const sound = Number.isSafeInteger(bytes) && low >= 0 && low <= bytes && bytes <= high && Number.isFinite(high);
    if (!sound) throw new TypeError(`a size of ${JSON.stringify(size)}`);
  }
}

function assertPlain(text: string): void {
  // oxlint-disable-next-line no-control-regex -- what must not reach a terminal or a page
  const found = /[\u0000-\u0008\u000b-\u001f\u007f\u202e]/.exec(text);
  if (found !== null) throw new Error(`a control character was printed: ${JSON.stringify(found[0])}`);
}

/** What the command sums up of a log, without its file. */
function logDocument(input: Buffer): GctraceDocument {
  const log = new LogReader('log');
  for (let at = 0; at < input.length; at += 65_536) log.push(input.subarray(at, at + 65_536));
  return log.finish([]);
}

/** Reports that a file describes. */
const DESCRIBED = [
  { format: 'json', places: { requests: 'metrics["http_reqs"].count', p99: 'latencies["99th"]' } },
  { format: 'text', places: { requests: '^(?:[^,\\n]*,){2}(\\d+),', p99: '(a|b|ab)*c(\\d+)' } },
] as const;

function assertReport(read: ReadReport): void {
  if ('problem' in read) return assertPlain(read.problem);
  const { requests = 0, errors, dropped = 0, latency = {} } = read;
  for (const count of [requests, dropped, ...Object.values(errors)]) {
    if (!Number.isSafeInteger(count) || count < 0) throw new Error(`a count of ${count}`);
  }
  for (const seconds of Object.values(latency)) {
    if (!(seconds > 0 && seconds < 1e9)) throw new Error(`a latency of ${seconds}`);
  }
  if (Object.keys(errors).length > 21) throw new Error('too many kinds of errors');
}

type Read = (bytes: Buffer) => unknown;

const file = (path: string): Buffer => readFileSync(new URL(`../../${path}`, import.meta.url));
const fixtures = (folder: string, ending: string): readonly Buffer[] =>
  readdirSync(new URL(`../fixtures/${folder}`, import.meta.url))
    .filter((name) => name.endsWith(ending))
    .map((name) => file(`test/fixtures/${folder}/${name}`));
const fixturesOf = (folder: string, ending: string): readonly Buffer[] => fixtures(`../../${folder}`, ending);
const MARK = '0123456789abcdef';
const lines = (buffers: readonly Buffer[]): readonly Buffer[] =>
  buffers.flatMap((text) =>
    text
      .toString('utf8')
      .split('\n')
      .map((line) => Buffer.from(line)),
  );

/** What a reader says of an input that it refuses; anything else is a crash. */
function refuses(error: unknown): boolean {
  if (error instanceof UserError || [DumpFault, ProfileFault, SymbolFault].some((fault) => error instanceof fault))
    return true;
  // Probes and the engine's messages are refused with an Error that is nothing more: TypeError, RangeError and such are bugs.
  return error instanceof Error && (error.constructor === Error || error.constructor === SyntaxError);
}

async function attempt(read: Read, input: Buffer): Promise<boolean> {
  try {
    await read(input);
    return false;
  } catch (error) {
    if (refuses(error)) return true;
    throw error;
  }
}

/** A reader of bytes in memory. */
function ofBytes(samples: () => readonly Buffer[], read: Read): Reader {
  return {
    seconds: 5,
    prepare: async () => {
      const real = samples();
      for (const sample of real) await read(sample);
      return (seed) => attempt(read, mutated(real, seededStream(seed, 'fuzz')));
    },
  };
}

/** A reader of a text, whatever bytes it is made of. */
function ofText(samples: () => readonly Buffer[], read: (text: string) => unknown): Reader {
  return ofBytes(samples, (input) => read(input.toString('utf8')));
}

/** A reader of a file of a run, in whose place the input is put. */
function ofRun(place: 'whole' | 'published', name: string, read: (folder: string) => unknown): Reader {
  return {
    seconds: 5,
    prepare: async (folder) => {
      const patients = await makePatients(folder);
      const run = patients[place];
      if (place === 'whole') await reportRun(run);
      const path = name.startsWith('trials/')
        ? join(run, 'trials', firstOf(join(run, 'trials')), name.slice(7))
        : join(run, name);
      const sample =
        name === 'confirmation.json' ? Buffer.from('{"formatVersion":1,"runs":["other"]}\n') : readFileSync(path);
      return async (seed) => {
        rmSync(path, { force: true });
        writeFileSync(path, mutated([sample], seededStream(seed, 'fuzz')));
        return attempt(() => read(run), sample);
      };
    },
  };
}

function firstOf(folder: string): string {
  return readdirSync(folder).toSorted()[0] ?? '';
}

/** All that is looked for in the memory of a process, with any place taken for its statistics. */
function lookThrough(runs: readonly Run[], layout: Layout): void {
  findBooks(runs, layout);
  const words = runs[0]?.words;
  if (words === undefined) return;
  const stats = readStats(words, 0, layout);
  findWork(runs, layout, stats);
  findLimiter(runs, layout, stats);
}

async function readings(folder: string): Promise<void> {
  for await (const trial of (await openRun(folder)).trials()) {
    if (trial.record.block > 1) break;
    for (const reading of trial.readings) void reading;
  }
}

const probes = (ending: string) => () => fixtures('probe', ending);

/** Everything that reads what others wrote, by the name of what is read. */
export const READERS: Readonly<Record<string, Reader>> = {
  'experiment file': ofText(
    () => fixturesOf('experiments', '.yaml'),
    (text) => parseExperiment(text, 'x.yaml', { directory: '/' }),
  ),
  'Compose file': ofText(
    () => fixtures('compose', '.yaml'),
    (text) => {
      const read = readCompose(text, 'compose.yaml', 'api', {
        directory: '/',
        environment: { API_TOKEN: 'x', STORE_LIVE: '8MiB' },
        variablesOf: () => undefined,
      });
      if ('diagnostics' in read) {
        if (read.diagnostics.length === 0) throw new Error('it is refused without a reason');
        return read;
      }
      const experiment = readFileSync(new URL('../fixtures/compose/experiment.yaml', import.meta.url), 'utf8');
      return parseExperiment(experiment, 'x.yaml', { directory: '/', compose: read });
    },
  ),
  'config file of a process': ofText(
    () => [
      ...fixtures('compose', '.yaml'),
      Buffer.from('{\n\tadmin localhost:2019\n}\n:80 {\n}\nport = 80\n"port": 80'),
    ],
    (text) => [inText(text, 80, '{port}'), ...text.split('\n').map((line) => withPort(line, 80, '{port}', true))],
  ),
  'environment and arguments of a process': ofText(
    () => [
      Buffer.from('LEVEL=debug\0URL=https://u:p@h\0C={"password": "x", "api_key": "y"}\0--token=x\0T=ghp_abcdefgh01\0'),
      Buffer.from(`J=${'eyJhbGciOi'.repeat(200)}.eyJx\0P=${'a://b:'.repeat(200)}\0Q=${'password = '.repeat(200)}`),
    ],
    (text) => {
      const entries = text.split('\0');
      const { env, secret } = carriedEnvironment(entries);
      if (secret.some((name) => Object.hasOwn(env, name))) throw new TypeError('a secret is carried over');
      return entries.map((entry, index) => secretArgument(entry, entries[index - 1]));
    },
  ),
  'run.json': ofRun('whole', 'run.json', openRun),
  'trial.json': ofRun('whole', 'trials/trial.json', readings),
  'readings.ndjson': ofRun('whole', 'trials/readings.ndjson', readings),
  'reduced.json': ofRun('whole', 'trials/reduced.json', analyseRun),
  'journal.ndjson': ofRun('whole', 'journal.ndjson', async (folder) => (await openRun(folder)).ended()),
  'confirmation.json': ofRun('whole', 'confirmation.json', confirmationFolders),
  'analysis.json of a published run': ofRun('published', 'analysis.json', analyseRun),
  history: ofText(
    () => [
      Buffer.from(
        `${drawHistory(kuboNoise(), 9, seededStream(1, 'fuzzed history'))
          .map((night) => JSON.stringify(night))
          .join('\n')}\n`,
      ),
    ],
    (text) => {
      const lines = new HistoryLines();
      lines.read('history.ndjson', text);
      const { nights, warnings } = lines.history('history');

      const overview = overviewOf(nights, { warnings });
      const last = nights.at(-1);
      if (overview === undefined || last === undefined) return;
      const names = shortNames([...new Set([...overview.series, ...overview.canaries].map(({ cell }) => cell))]);
      assertPlain(writeText(historyDocument(overview, names), { width: 80 }));
      documentPage(historyDocument(overview, names, true), 'x', '1');
      judgeNight(last, nights, new Map([['memory.anon', 0.02]]));
      historyParquet(nights);
      for (const warning of warnings()) assertPlain(warning);
    },
  ),
  'load report': ofText(
    () => fixturesOf('test/fixtures/load', ''),
    (text) => {
      for (const tool of LOAD_TOOLS) assertReport(readReport(text, { tool }));
      for (const places of DESCRIBED) assertReport(readReport(text, { ...places, unit: 'ms' }));
    },
  ),
  'pprof profile': ofBytes(
    () => fixtures('profile', '.pb.gz'),
    (input) => topOf(stacksOf(readProfile(input), 0), { count: 20, by: 'flat' }),
  ),
  'pprof profile in text form': ofBytes(
    () => fixtures('profile/text-forms', '.txt'),
    (input) => {
      const profile = readProfile(input);
      return profile.sampleTypes.map((_, index) => topOf(stacksOf(profile, index), { count: 20, by: 'flat' }));
    },
  ),
  'kind of a file': ofBytes(
    () => [
      ...fixtures('profile/text-forms', '.txt'),
      ...fixtures('profile', '.pb.gz'),
      ...fixtures('probe', '.txt'),
      ...fixtures('probe', '.expvar.json'),
      ...fixtures('explain', '.txt'),
      ...fixturesOf('experiments', '.yaml'),
      fixtureDump('go1.26.dump').subarray(0, 2 ** 19),
      gzipSync(fixtures('probe', '.stderr.txt')[0] ?? ''),
      oldElf(true, true, 'go1.16.6', `${MARK}path\tx\nmod\tx\t(devel)\t\n${MARK}`),
      Buffer.from('{"analysisVersion":1,"run":{}}'),
    ],
    recogniseFile,
  ),
  'heap dump': ofBytes(() => [fixtureDump('go1.26.dump')], analysed),
  'gctrace line': ofText(() => lines(fixtures('probe', '.stderr.txt')).slice(0, 200), findGctrace),
  'gctrace log': {
    seconds: 5,
    prepare: async (folder) => {
      const real = [...fixtures('gctrace', '.txt'), ...fixtures('gctrace', '.log')];
      const path = join(folder, 'gctrace.log');
      return async (seed) => {
        const input = mutated(real, seededStream(seed, 'fuzz'));
        const document = logDocument(input);
        assertFinite(JSON.parse(jsonDocument(document)));
        assertPlain(writeText(gctraceDocument(document, document.processes.slice(0, 3)), { width: 80 }));
        // The charts take some time.
        if (seed % 50 === 0) {
          writeFileSync(path, input);
          const io = fakeIo({ cwd: folder });
          const code = await program(['gctrace', path, '--format', 'html'], io);
          if (code !== 0 && code !== 2) throw new Error(`exit ${code}: ${io.written.stderr}`);
          assertPlain(io.written.stdout);
        }
        return document.processes.length === 0;
      };
    },
  },
  'access log': {
    seconds: 5,
    prepare: async (folder) => {
      const real = [...fixtures('access-log', '.log'), ...fixtures('access-log', '.json')];
      const path = join(folder, 'access.log');
      return async (seed) => {
        writeFileSync(path, mutated(real, seededStream(seed, 'fuzz')));
        const log = await readAccessLog({ path, methods: undefined, seconds: 60 });
        if ('code' in log) return true;
        const { arrivals, draw } = stretchOf(log, 2, 1);
        let before = 0;
        for (let index = 0; index < 3 * log.requests.length; index++) {
          const at = arrivals.next().value ?? Number.NaN;
          if (!(at >= before)) throw new Error(`an arrival at ${at} after one at ${before}`);
          before = at;
          const request = draw();
          if (!/^\/[!-~]*$/.test(request.path)) throw new Error(`a path that cannot be sent: ${request.path}`);
        }
        return false;
      };
    },
  },
  'expvar JSON': ofText(probes('.expvar.json'), parseExpvar),
  'Prometheus text': ofText(probes('.prometheus.txt'), parsePrometheus),
  'pprof text': ofText(probes('.pprof-tail.txt'), parsePprofTail),
  'MemStats text': ofText(
    () => [
      ...fixtures('explain', '.txt'),
      ...fixtures('probe', '.expvar.json'),
      ...fixtures('probe', '.prometheus.txt'),
    ],
    explained,
  ),
  'several dumps': {
    seconds: 5,
    prepare: async (folder) => {
      const path = join(folder, 'dumps.txt');
      const io = fakeIo({ cwd: folder });
      const samples = [series(12), series(3), ...fixtures('explain', '.txt').slice(0, 4)];
      return (seed) =>
        attempt(
          async (input) => {
            writeFileSync(path, input);
            const given = { rss: undefined, pprof: undefined, instance: undefined };
            const document = await explainSaved([path, path].slice(seed % 2), given, io);
            JSON.parse(jsonDocument(document));
            const blocks = 'series' in document ? seriesDocument(document) : explanationDocument(document);
            assertPlain(writeText(blocks, { width: 80 }));
          },
          mutated(samples, seededStream(seed, 'fuzz')),
        );
    },
  },
  'sizes and settings as people write them': ofText(
    () => lines(fixtures('explain', '.txt')),
    (text) => {
      const all = [parseWrittenSize(text), scanSize(text, 0), scanPlainNumber(text, 0), gogcInGo(text)];
      for (const match of text.matchAll(/\d/g)) {
        if (all.length > 200) break;
        all.push(scanSize(text, match.index), scanPlainNumber(text, match.index));
      }
      assertSizes(all);
      const limit = gomemlimitInGo(text);
      if (limit !== undefined && limit !== 'off') assertSizes([{ value: limit }]);
    },
  ),
  'docker stats JSON': ofText(
    () => [file('test/fixtures/probe/docker-stats-cgroup1.json')],
    (text) => parseContainerStats(JSON.parse(text)),
  ),
  'engine progress': ofBytes(
    () => [Buffer.from('{"stream":"Step 1/2 : FROM scratch\\n"}\r\n{"aux":{"ID":"sha256:1"}}\r\n')],
    (input) => {
      const stream = new PassThrough();
      stream.end(input);
      return readProgress(stream);
    },
  ),
  'cgroup files': ofText(
    () => fixtures('probe/cgroup1', ''),
    (text) => [
      cgroupFigures(1, () => text),
      cgroupFigures(2, () => text),
      cgroupMemory(1, () => text),
      cgroupMemory(2, () => text),
    ],
  ),
  'smaps and environ': ofText(
    () => [...fixtures('linux', '.smaps'), Buffer.from('PATH=/bin\0GOGC=50\0GOMEMLIMIT=1GiB\0GODEBUG=gctrace=1\0')],
    (text) => {
      const reader = new SmapsReader('/heapd');
      for (const line of text.split('\n')) reader.line(line);
      settingsInForce({}, parseGoEnvironment(text));
      return reader.result();
    },
  ),
  '/proc texts': ofText(
    () => ['status', 'stat', 'net/tcp', 'mountinfo', 'cgroup'].map((name) => readFileSync(`/proc/self/${name}`)),
    (text) => [
      parseStatus(text),
      parseProcStat(text),
      parseListeningPorts(text),
      parseCgroupMounts(text, text),
      parseCpuList(text),
    ],
  ),
  'Go program (ELF)': ofBytes(
    () => [true, false].map((wide) => oldElf(wide, wide, 'go1.16.6', `${MARK}path\tx\nmod\tx\t(devel)\t\n${MARK}`)),
    (input) => readBuildInfoFrom(byteSourceOf(input)),
  ),
  'memory of a Go process': ofBytes(
    () => SAVED.map(excerptOf),
    (input) => SAVED.map((version) => lookThrough(runsOf(input), layoutOf(`go${version}`))),
  ),
  'Go program (Mach-O)': ofBytes(
    () => [smallMachO('go1.26.8', `${MARK}path\tx\nmod\tx\t(devel)\t\n${MARK}`)],
    (input) => readBuildInfoFrom(byteSourceOf(input)),
  ),
  'symbols of a program': ofBytes(
    () => [programWithSymbols()],
    async (input) => {
      const symbols = await readSymbols(byteSourceOf(input));
      return [symbols.variable(0x7008), symbols.function(0x4010)];
    },
  ),
  'commands on a damaged run': {
    seconds: 60,
    prepare: async (folder) => {
      const patients = await makePatients(folder);
      return async (seed) => {
        const outcomes = await tryMutation(patients, seed, { commands: 1, slowShare: 0.01 });
        for (const { argv, mutation, fault } of outcomes)
          if (fault !== undefined) throw new Error(`${mutation}\n  gctune ${argv.join(' ')}\n  ${fault}`);
        return outcomes.some(({ code }) => code !== 0);
      };
    },
  },
};
