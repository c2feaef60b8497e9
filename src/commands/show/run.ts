import { counted } from '../../text/words.ts';
import { ExitCode, UserError } from '../../errors.ts';
import { nearest } from '../../text/nearest.ts';
import type { Preload, RunManifest, TrialRecord } from '../../results/format.ts';
import { openRun } from '../../results/run-folder.ts';
import type { Io } from '../../cli/io.ts';
import { outcomeText } from '../../results/outcome-text.ts';
import type { Document } from '../../report/document/document.ts';
import { namedRun } from '../../session/file-kind.ts';
import { printAnswer, type PrintValues } from '../../session/print-answer.ts';
import { formatBytes, formatWait } from '../../units/format-units.ts';

/** What `gctune show` is called with. */
export interface ShowValues extends PrintValues {
  readonly run: string;
  readonly trial: string | undefined;
}

/** Prints a run or one of its trials. */
export async function showRun(values: ShowValues, io: Io): Promise<ExitCode> {
  const run = await openRun(namedRun(values.run, io.cwd, 'show', '<run>'));
  const records: TrialRecord[] = [];
  for await (const { record } of run.trials()) records.push(record);
  if (values.trial === undefined) {
    const { manifest } = run;
    await printAnswer(
      {
        title: manifest.id,
        document: runDocument(manifest, records),
        json: { formatVersion: 1, manifest, trials: records },
      },
      values,
      io,
    );
    return ExitCode.ok;
  }
  const attempts = records.filter((record) => record.id === values.trial);
  if (attempts.length === 0) throw noSuchTrial(values.trial, run.manifest, records);
  await printAnswer(
    { title: values.trial, document: attempts.flatMap(trialBlocks), json: { formatVersion: 1, attempts } },
    values,
    io,
  );
  return ExitCode.ok;
}

function runDocument(manifest: RunManifest, records: readonly TrialRecord[]): Document {
  const { artifact, placement, plan } = manifest;
  return [
    {
      kind: 'facts',
      facts: [
        ['run', manifest.id],
        ['started', manifest.startedAt],
        ['gctune', manifest.toolVersion],
        ['target', `${artifact.description}, ${artifact.digest}`],
        ['runner', manifest.runner],
        ['GOMAXPROCS', String(manifest.gomaxprocs)],
        ['CPUs', `target ${placement.target ?? 'any'}, generator ${placement.generator ?? 'any'}`],
        [
          'plan',
          `${counted(plan.trials.length, 'trial')}, ${counted(plan.blocks, 'block')}, ${counted(plan.cells.length, 'cell')}, seed ${plan.seed}`,
        ],
        ...Object.entries(manifest.environment).map(([name, value]) => [name, String(value)] as const),
      ],
    },
    { kind: 'warnings', warnings: manifest.warnings.map(({ message }) => message) },
    {
      kind: 'table',
      name: 'Trials',
      columns: [
        { head: 'trial' },
        { head: 'attempt', align: 'right' },
        { head: 'took', align: 'right' },
        { head: 'outcome', shrink: true },
      ],
      rows: records.map(({ id, attempt, phases, outcome, warnings }) => ({
        cells: [
          id,
          String(attempt),
          formatWait(phases.at(-1)?.endSeconds ?? 0),
          [outcomeText(outcome), ...warnings.map(({ message }) => message)].join('; '),
        ],
      })),
    },
  ];
}

function trialBlocks(record: TrialRecord): Document {
  const { work, exit, effective, preload, outcome } = record;
  const seconds = (value: number): string => `${value.toFixed(2)} s`;
  const shown = (value: number | undefined): string => (value === undefined ? 'unknown' : String(value));
  return [
    {
      kind: 'facts',
      facts: [
        ['trial', `${record.id}, attempt ${record.attempt}`],
        ['cell', record.cell],
        ['outcome', outcomeText(outcome)],
        ['started', record.startedAt],
        ...record.phases.map((p) => [p.name, `${seconds(p.startSeconds)} to ${seconds(p.endSeconds)}`] as const),
        ['probes', record.probes.join(', ') || 'none'],
        ...(record.tried ?? []).flatMap(({ probe, ok, message }) =>
          ok ? [] : [['no answer', `${probe}: ${message}`] as const],
        ),
        ['in effect', `GOGC ${shown(effective.gogcPercent)}, GOMAXPROCS ${shown(effective.gomaxprocs)}`],
        ...(record.purpose === 'profile'
          ? [['purpose', 'a profile was taken in its window, so none of its figures count'] as const]
          : []),
        ...(preload === undefined ? [] : [['preload', preloadText(preload)] as const]),
        ...(work === undefined
          ? []
          : [['work', `${work.completed} of ${work.intended} (${work.unit}), ${work.dropped} dropped`] as const]),
        ...(exit === undefined ? [] : [['exit', `code ${exit.code ?? '-'}, signal ${exit.signal ?? '-'}`] as const]),
      ],
    },
    { kind: 'warnings', warnings: record.warnings.map(({ message }) => message) },
    ...('log' in outcome && outcome.log.length > 0
      ? ([
          { kind: 'prose', text: 'The end of its output:' },
          { kind: 'code', text: outcome.log.join('\n') },
        ] as const)
      : []),
  ];
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
    hint: meant === undefined ? 'gctune show without a trial id lists them' : `did you mean ${meant}?`,
  });
}
