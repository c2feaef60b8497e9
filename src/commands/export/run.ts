import { ExitCode, UserError } from '../../errors.ts';
import { exposition, type Exposition } from '../../export/exposition.ts';
import { exportedRun, resultFamilies, type ExportedRun } from '../../export/result-families.ts';
import type { Io } from '../../cli/io.ts';
import { spoolReadings } from '../../session/export-readings.ts';
import { exportSource, type ExportSource } from '../../session/export-source.ts';
import { analyseRun } from '../../session/report-run.ts';
import { SampleSpool } from '../../session/sample-spool.ts';
import { writeOutputPieces } from '../../session/write-output.ts';
import { plainText } from '../../text/plain-text.ts';
import { shellWord } from '../../text/quoted.ts';

/** What `gctune export` is called with. */
export interface ExportValues {
  readonly folder: string;
  readonly what: 'results' | 'readings';
  readonly format: Exposition;
  readonly output: string | undefined;
  readonly quiet: boolean;
}

/** What was written, for the line that says so. */
interface Extent {
  readonly what: string;
  readonly firstMilliseconds: number;
  readonly lastMilliseconds: number;
}

/** Writes what was found, or what was read, in a format of Prometheus. */
export async function exportResults(values: ExportValues, io: Io): Promise<ExitCode> {
  const { what, format, folder } = values;
  if (what === 'readings' && format === 'prometheus') {
    throw new UserError({
      code: 'bad-combination',
      message: 'what is scraped has no place for readings of the past',
      at: '--format',
      hint: 'export readings as openmetrics, and load them with promtool tsdb create-blocks-from openmetrics',
    });
  }
  const source = await exportSource(folder, io.cwd);
  const extent = await (what === 'readings' ? exportReadings(source, values, io) : exportFigures(source, values, io));
  for (const warning of source.warnings()) io.stderr.write(`warning: ${plainText(warning)}\n`);
  if (values.output !== undefined && !values.quiet) sayHowToLoad(extent, values.output, format, io);
  return ExitCode.ok;
}

async function exportReadings(source: ExportSource, { folder, output }: ExportValues, io: Io): Promise<Extent> {
  if (source.kind === 'history') {
    throw new UserError({
      code: 'no-readings',
      message: `${folder} is a history, which keeps results and no readings`,
      at: '--what',
      hint: 'name the folder of a run, or export the results',
    });
  }
  using spool = await SampleSpool.open();
  for (const run of source.runs) await spoolReadings(run, spool, io.signal);
  const { samples, firstMilliseconds, lastMilliseconds } = spool.extent;
  if (samples === 0) {
    throw new UserError(
      {
        code: 'no-readings',
        message: `${folder} has no readings`,
        hint: 'a published run is without its trials; its results can be exported: leave out --what readings',
      },
      ExitCode.noUsableResult,
    );
  }
  await write(spool.pieces(), output, io);
  return { what: `${samples} samples of readings`, firstMilliseconds, lastMilliseconds };
}

async function exportFigures(source: ExportSource, { folder, format, output }: ExportValues, io: Io): Promise<Extent> {
  const runs =
    source.kind === 'history'
      ? source.nights.map((night) => ({ night, unixSeconds: began(night) }))
      : await analysed(source.runs);
  if (runs.every(({ night }) => night.cells.every(({ metrics }) => Object.keys(metrics).length === 0))) {
    throw new UserError(
      {
        code: 'nothing-to-export',
        message: `no cell of ${folder} has a figure`,
        hint: `gctune show ${shellWord(folder)} says what became of its trials`,
      },
      ExitCode.noUsableResult,
    );
  }
  const ordered = runs.toSorted((a, b) => a.unixSeconds - b.unixSeconds);
  const request = { runs: ordered, history: source.kind === 'history', newest: format === 'prometheus' };
  await write(exposition(resultFamilies(request), format), output, io);
  return {
    what: `results of ${runs.length} ${runs.length === 1 ? 'run' : 'runs'}`,
    firstMilliseconds: 1000 * (ordered[0]?.unixSeconds ?? 0),
    lastMilliseconds: 1000 * (ordered.at(-1)?.unixSeconds ?? 0),
  };
}

async function analysed(folders: Extract<ExportSource, { kind: 'runs' }>['runs']): Promise<readonly ExportedRun[]> {
  const runs: ExportedRun[] = [];
  for (const { folder } of folders) {
    const analysis = await analyseRun(folder);
    runs.push(exportedRun(analysis, began(analysis.run)));
  }
  return runs;
}

function* untilAborted<T>(pieces: Iterable<T>, signal: AbortSignal): Generator<T, void, undefined> {
  for (const piece of pieces) {
    signal.throwIfAborted();
    yield piece;
  }
}

/** When a run began, in Unix seconds. */
function began({ startedAt }: { readonly startedAt: string }): number {
  return Date.parse(startedAt) / 1000;
}

async function write(pieces: Iterable<Uint8Array | string>, output: string | undefined, io: Io): Promise<void> {
  if (output !== undefined) return writeOutputPieces(untilAborted(pieces, io.signal), output, io.cwd);
  const decoder = new TextDecoder();
  for (const piece of untilAborted(pieces, io.signal)) {
    io.stdout.write(typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true }));
    // A reader that is slower than this must not fill the memory; one that has gone gets no more.
    if ((await io.stdout.flushed()) !== undefined) return;
  }
}

function sayHowToLoad(
  { what, firstMilliseconds, lastMilliseconds }: Extent,
  file: string,
  format: Exposition,
  io: Io,
): void {
  const time = (milliseconds: number): string => new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
  const span =
    firstMilliseconds === lastMilliseconds
      ? time(firstMilliseconds)
      : `${time(firstMilliseconds)} to ${time(lastMilliseconds)}`;
  io.stderr.write(`Exported: ${what}, ${span}, to ${plainText(file)}\n`);
  if (format === 'openmetrics')
    io.stderr.write(`Load:     promtool tsdb create-blocks-from openmetrics ${shellWord(file)} <data of Prometheus>\n`);
}
