import type { ExplanationDocument } from '../../analysis/explain/explanation-document.ts';
import { ExitCode, UserError, type Diagnostic } from '../../errors.ts';
import { documentPage } from '../../report/document/document-page.ts';
import { withProcessView } from '../../analysis/explain/process-view.ts';
import type { SeriesDocument } from '../../analysis/explain/series.ts';
import { explanationBrief, seriesBrief } from '../../report/explain/explain-brief.ts';
import { drawnWaterfall, explanationDocument } from '../../report/explain/explain-document.ts';
import { drawnSeries, seriesDocument } from '../../report/explain/series-document.ts';
import { explainRun } from './explain-run.ts';
import { sizeOf, type GivenSizes } from './explain-sizes.ts';
import type { ProcessIdentity } from '../../probe/process-identity.ts';
import type { Io } from '../../cli/io.ts';
import { toolVersion } from '../../cli/tool-version.ts';
import { namedRun } from '../../session/file-kind.ts';
import { printAnswer, type Answer, type PrintValues } from '../../session/print-answer.ts';

/** What `gctune explain` is called with. */
export interface ExplainValues extends PrintValues {
  readonly run: string | undefined;
  readonly url: string | undefined;
  readonly pid: number | undefined;
  readonly container: string | undefined;
  readonly memstats: readonly string[] | undefined;
  readonly for: number | undefined;
  readonly every: number | undefined;
  readonly rss: string | undefined;
  readonly 'pprof-heap': string | undefined;
  readonly instance: string | undefined;
}

/** Explains the memory of a run's cells, of a living process or of saved figures. */
export async function explain(values: ExplainValues, io: Io): Promise<ExitCode> {
  checkCombination(values);
  if ([values.run, values.url, values.pid, values.container, values.memstats].every((each) => each === undefined)) {
    await printAnswer(await (await import('./explain-machine.ts')).explainMachine(), values, io);
    return ExitCode.ok;
  }
  if (values.run !== undefined) {
    const explained = await explainRun(namedRun(values.run, io.cwd, 'explain', '<run>'), values.run);
    await printAnswer(explained, values, io);
    return explained.usable ? ExitCode.ok : ExitCode.noUsableResult;
  }
  const document = await documentOf(values, io);
  await printAnswer('series' in document ? answerOfSeries(document) : answerOf(document, values), values, io);
  return ExitCode.ok;
}

function answerOf(document: ExplanationDocument, { pid, for: watched }: ExplainValues): Answer {
  const title = `Where the memory is: ${document.source.name}`;
  return {
    title,
    document: explanationDocument(document),
    brief: {
      brief: explanationBrief(document),
      foot:
        pid === undefined || watched !== undefined
          ? [{ name: 'More', text: '--verbose has every part, what it is, and what is unknown' }]
          : [{ name: 'Next', text: `gctune explain --pid ${pid} --for 10m (does anything grow?)` }],
    },
    json: document,
    page: async () =>
      documentPage(explanationDocument(document, await drawnWaterfall(document.reconciliation)), title, toolVersion()),
  };
}

function answerOfSeries(document: SeriesDocument): Answer {
  const title = `Memory over time: ${document.source.name}`;
  const charts = async () => ({
    series: await drawnSeries(document.series),
    last: await drawnWaterfall(document.last.reconciliation),
  });
  return {
    title,
    document: seriesDocument(document),
    brief: {
      brief: seriesBrief(document),
      foot: [{ name: 'More', text: '--verbose has each reading, and the last one explained' }],
    },
    json: document,
    page: async () => documentPage(seriesDocument(document, await charts()), title, toolVersion()),
  };
}

/** Loads only what the input at hand needs. */
async function documentOf(values: ExplainValues, io: Io): Promise<ExplanationDocument | SeriesDocument> {
  const { memstats, container, url, pid } = values;
  const given: GivenSizes = {
    rss: values.rss === undefined ? undefined : sizeOf(values.rss, '--rss'),
    pprof: values['pprof-heap'] === undefined ? undefined : sizeOf(values['pprof-heap'], '--pprof-heap'),
    instance: values.instance,
  };
  if (memstats !== undefined) return (await import('./explain-saved.ts')).explainSaved(memstats, given, io);
  const { processFacts } = await import('./process-facts.ts');
  const look = async (): Promise<ExplanationDocument> => {
    const document = await (container === undefined
      ? (await import('./explain-process.ts')).explainProcess(url, pid, given, io)
      : (await import('./explain-container.ts')).explainContainer(container, url, given, io));
    return withProcessView(document, await processFacts(document.source.pid));
  };
  if (values.for === undefined) return look();
  const { EVERY_SECONDS, explainWatch } = await import('./explain-watch.ts');
  const { processIdentity } = await import('../../probe/process-identity.ts');
  const identity = async ({ source }: ExplanationDocument): Promise<ProcessIdentity | undefined> =>
    source.pid === undefined ? undefined : processIdentity(source.pid);
  return explainWatch(look, identity, { forSeconds: values.for, everySeconds: values.every ?? EVERY_SECONDS }, io);
}

function checkCombination(values: ExplainValues): void {
  const { run, url, pid, container, memstats, rss, 'pprof-heap': pprof, instance } = values;
  const problems: Diagnostic[] = [];
  const wrong = (message: string, at: string, hint: string): void => {
    problems.push({ code: 'bad-combination', message, at, hint });
  };
  const inputs = [
    ['<run>', run],
    ['--container', container],
    ['--memstats', memstats?.[0]],
    ['--url', container === undefined ? url : undefined],
    ['--pid', url === undefined || container !== undefined ? pid : undefined],
  ].flatMap(([name, value]) => (value === undefined ? [] : [String(name)]));
  const first = inputs[1];
  if (first !== undefined) wrong(`only one of ${inputs.join(', ')} can be explained at a time`, first, 'leave one out');
  if (values.for !== undefined && [url, pid, container].every((each) => each === undefined))
    wrong('only a running process can be watched', '--for', 'give --pid, --url or --container');
  if (values.every !== undefined && values.for === undefined)
    wrong('it needs --for', '--every', 'e.g. --for 10m --every 10s');
  if (rss !== undefined && (run !== undefined || pid !== undefined || container !== undefined))
    wrong('RSS is read from the process and cannot be given', '--rss', 'leave it out');
  if (inputs.length === 0 && (rss ?? pprof ?? values.output) !== undefined)
    wrong(
      'it belongs to one process, and none is named',
      rss === undefined ? (pprof === undefined ? '--output' : '--pprof-heap') : '--rss',
      'name a run, or give --pid, --url, --container or --memstats',
    );
  if (pprof !== undefined && run !== undefined)
    wrong('a run already knows its live heap', '--pprof-heap', 'leave it out');
  if (instance !== undefined && run !== undefined)
    wrong('a run has no page with several processes', '--instance', 'leave it out');
  if (problems.length > 0) throw new UserError(problems);
}
