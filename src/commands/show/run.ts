import { jsonText } from '../../text/json-text.ts';
import { resolve } from 'node:path';
import { ExitCode, UserError } from '../../errors.ts';
import { nearest } from '../../text/nearest.ts';
import { plainText } from '../../text/plain-text.ts';
import type { Preload, RunManifest, TrialRecord } from '../../results/format.ts';
import { openRun } from '../../results/run-folder.ts';
import type { Io } from '../../cli/io.ts';
import { outcomeText } from '../../cli/terminal/lasting-line.ts';
import { styleOf, type ColorChoice, type Style } from '../../cli/terminal/style.ts';
import { tableLines } from '../../cli/terminal/table.ts';
import { factLines } from '../../cli/terminal/fact-lines.ts';
import { formatBytes, formatWait } from '../../units/format-units.ts';

/** What `gctune show` is called with. */
export interface ShowValues {
  readonly run: string;
  readonly trial: string | undefined;
  readonly json: boolean;
  readonly color: ColorChoice;
}

/** Prints a run or one of its trials. */
export async function showRun(values: ShowValues, io: Io): Promise<ExitCode> {
  const run = await openRun(resolve(io.cwd, values.run));
  const records: TrialRecord[] = [];
  for await (const { record } of run.trials()) records.push(record);
  const style = styleOf(io.stdout, values.color, io.env);
  const print = (lines: readonly string[]): void => io.stdout.write(`${lines.join('\n')}\n`);
  if (values.trial === undefined) {
    if (values.json) io.stdout.write(`${jsonText({ formatVersion: 1, manifest: run.manifest, trials: records }, 2)}\n`);
    else print(runLines(run.manifest, records, style, io.stdout.size()?.columns));
    return ExitCode.ok;
  }
  const attempts = records.filter((record) => record.id === values.trial);
  if (attempts.length === 0) throw noSuchTrial(values.trial, run.manifest, records);
  if (values.json) io.stdout.write(`${jsonText({ formatVersion: 1, attempts }, 2)}\n`);
  else for (const record of attempts) print(trialLines(record, style));
  return ExitCode.ok;
}

function runLines(
  manifest: RunManifest,
  records: readonly TrialRecord[],
  style: Style,
  width: number | undefined,
): readonly string[] {
  const { artifact, placement, plan } = manifest;
  return [
    ...factLines(
      [
        ['run', manifest.id],
        ['started', manifest.startedAt],
        ['gctune', manifest.toolVersion],
        ['target', `${artifact.description}, ${artifact.digest}`],
        ['runner', manifest.runner],
        ['GOMAXPROCS', String(manifest.gomaxprocs)],
        ['CPUs', `target ${placement.target ?? 'any'}, generator ${placement.generator ?? 'any'}`],
        ['plan', `${plan.trials.length} trials, ${plan.blocks} blocks, ${plan.cells.length} cells, seed ${plan.seed}`],
        ...Object.entries(manifest.environment).map(([name, value]) => [name, String(value)] as const),
        ...manifest.warnings.map((warning) => ['warning', warning.message] as const),
      ],
      style,
    ),
    '',
    ...tableLines(
      [
        { head: 'trial' },
        { head: 'attempt', align: 'right' },
        { head: 'took', align: 'right' },
        { head: 'outcome', shrink: true },
      ],
      records.map((record) => [
        plainText(record.id),
        String(record.attempt),
        formatWait(record.phases.at(-1)?.endSeconds ?? 0),
        [outcomeText(record.outcome), ...record.warnings.map((warning) => plainText(warning.message))].join('; '),
      ]),
      style,
      width,
    ),
  ];
}

function trialLines(record: TrialRecord, style: Style): readonly string[] {
  const { work, exit, effective, preload } = record;
  const seconds = (value: number): string => `${value.toFixed(2)} s`;
  const shown = (value: number | undefined): string => (value === undefined ? 'unknown' : String(value));
  return factLines(
    [
      ['trial', `${record.id}, attempt ${record.attempt}`],
      ['cell', record.cell],
      ['outcome', outcomeText(record.outcome)],
      ['started', record.startedAt],
      ...record.phases.map((p) => [p.name, `${seconds(p.startSeconds)} to ${seconds(p.endSeconds)}`] as const),
      ['probes', record.probes.join(', ') || 'none'],
      ...(record.tried ?? []).flatMap(({ probe, ok, message }) =>
        ok ? [] : [['no answer', `${probe}: ${message}`] as const],
      ),
      ['in force', `GOGC ${shown(effective.gogcPercent)}, GOMAXPROCS ${shown(effective.gomaxprocs)}`],
      ...(record.purpose === 'profile'
        ? [['purpose', 'a profile was taken in its window, so none of its figures count'] as const]
        : []),
      ...(preload === undefined ? [] : [['preload', preloadText(preload)] as const]),
      ...(work === undefined
        ? []
        : [['work', `${work.completed} of ${work.intended} (${work.unit}), ${work.dropped} dropped`] as const]),
      ...(exit === undefined ? [] : [['exit', `code ${exit.code ?? '-'}, signal ${exit.signal ?? '-'}`] as const]),
      ...record.warnings.map((warning) => ['warning', warning.message] as const),
      ...('log' in record.outcome ? record.outcome.log.map((line) => ['output', line] as const) : []),
    ],
    style,
  );
}

function preloadText({ requests, seconds, errors, heapAllocBytes }: Preload): string {
  const failed = Object.values(errors).reduce((sum, count) => sum + count, 0);
  const heap = heapAllocBytes === undefined ? '' : `, then HeapAlloc ${formatBytes(heapAllocBytes)}`;
  return `${requests} requests in ${seconds.toFixed(1)} s, ${failed} failed${heap}`;
}

function noSuchTrial(trial: string, { id, plan }: RunManifest, records: readonly TrialRecord[]): UserError {
  const planned = [...plan.trials, ...plan.profiling].some((one) => one.id === trial);
  const meant = nearest(
    trial,
    records.map((record) => record.id),
  );
  return new UserError({
    code: 'no-such-trial',
    message: planned ? `trial ${trial} of ${id} has not been run` : `${id} has no trial ${trial}`,
    at: '<trial>',
    hint: meant === undefined ? 'gctune show without a trial lists them' : `did you mean ${meant}?`,
  });
}
