import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { names, readText, Scene, type CaseRunner, type End, type ExperimentParts } from './scene.ts';

/** What the harness may lack on a machine. */
export type Need = 'root' | 'docker' | 'dockerd' | 'tmux' | 'script' | 'chattr';

/** One fault, at one moment, with one runner, and what is to come of it. */
export interface FaultCase extends ExperimentParts {
  readonly fault: string;
  readonly phase: string;
  readonly runner: CaseRunner;
  readonly needs?: readonly Need[];
  /** Makes ready what has to be there before gctune starts. */
  readonly before?: (scene: Scene) => Promise<void>;
  /** Starts gctune, where that is not done as usual. */
  readonly begin?: (scene: Scene) => void;
  /** Brings the fault about; its end is the moment from which time is counted. Absent where the target brings it about. */
  readonly act?: (scene: Scene) => Promise<void>;
  /** Repairs what is still broken after gctune has ended, before it goes on. */
  readonly repair?: (scene: Scene) => Promise<void>;
  /** How gctune may end. */
  readonly ends: readonly End[];
  /** What is stated of the time from the fault to the end, beside that of the trials that still run. */
  readonly within: number;
  /** `run-ended` of the journal; absent where it was killed, in which case nothing is said there. */
  readonly why?: string | RegExp;
  /** The run is to tell of these faults: codes of `trial-fault`. */
  readonly faults?: readonly string[];
  /** Outcomes that some trial is to have. */
  readonly outcomes?: readonly string[];
  /** What gctune is to say on stderr. */
  readonly says?: RegExp;
  /** The run was killed in a way that leaves something: `gctune clean` removes it. */
  readonly killed?: true;
  /** The run folder is out of reach when gctune ends, so that its lock stays in it; it is nobody's then. */
  readonly away?: true;
  /** Nothing was measured, so that there is no folder to go on with. */
  readonly noRun?: true;
  /** How `gctune resume` may end, where that is not 0. */
  readonly resumes?: readonly End[];
  /** Looks at what only this case has. */
  readonly check?: (scene: Scene) => Promise<readonly string[]>;
}

/** What came of a case. */
export interface Verdict {
  readonly case: FaultCase;
  /** How gctune ended and what the journal calls it. */
  readonly outcome: string;
  /** Finished trials that were lost. */
  readonly lost: number;
  readonly resumed: 'yes' | 'no' | '–';
  readonly left: number;
  /** Seconds that it took longer than is stated. */
  readonly over: number;
  /** What is not as it should be; empty where the case passed. */
  readonly problems: readonly string[];
}

/** Nothing may take longer than what is stated and this. */
const SLACK_SECONDS = 30;

/** Fills a case's name for people. */
export function caseName({ fault, phase, runner }: FaultCase): string {
  return `${fault} / ${phase} / ${runner}`;
}

/** Plays one case on this machine. `binary`: the target. */
export async function tryCase(of: FaultCase, binary: string): Promise<Verdict> {
  await using scene = new Scene(of.runner);
  try {
    return await play(of, scene, binary);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return { case: of, outcome: 'the case broke', lost: 0, resumed: 'no', left: 0, over: 0, problems: [said] };
  }
}

async function play(of: FaultCase, scene: Scene, binary: string): Promise<Verdict> {
  const problems: string[] = [];
  const expect = (holds: boolean, problem: string): void => {
    if (!holds) problems.push(problem);
  };
  scene.write(binary, of);
  await of.before?.(scene);
  (of.begin ?? ((each: Scene) => each.begin()))(scene);
  const { run } = scene;
  if (run === undefined) throw new Error('the case started nothing');

  await of.act?.(scene);
  const done = trialsDone(scene);
  const at = performance.now();
  const stated = of.within + secondsAhead(of, scene);
  const end = await scene.wait(run, stated + SLACK_SECONDS + 5);
  const over = Math.max(0, (performance.now() - at) / 1000 - stated);
  expect(end !== 'hung', `no end within ${(stated + SLACK_SECONDS).toFixed(0)} s`);
  expect(isOneOf(of.ends, end, scene), `ended ${end}, not ${of.ends.join(' or ')}: ${lastLine(run.stderr())}`);
  expect(!/bug in gctune|SuppressedError|\n\s+at .*:\d+:\d+/.test(run.stderr()), `a bug: ${lastLine(run.stderr())}`);
  if (of.says !== undefined) expect(of.says.test(run.stderr()), `does not say ${of.says}: ${lastLine(run.stderr())}`);
  await of.repair?.(scene);

  let left = await settled(scene, of.killed === true ? 0 : 20);
  if (of.killed === true) {
    const cleaned = await cleanRun(scene);
    expect(cleaned === '0', `clean ended ${cleaned}`);
    left = (await settled(scene, 6)).filter((item) => item !== 'run.lock');
  }
  if (of.away === true) left = left.filter((item) => item !== 'run.lock');
  if (of.noRun === true) {
    // Who is killed cannot take its folder away; `report` says that there is nothing in it.
    expect(of.killed === true || scene.runFolder() === undefined, 'left a run folder in which there is nothing');
    expect(left.length === 0, `left: ${left.join('; ')}`);
    return { case: of, outcome: end, lost: 0, resumed: '–', left: left.length, over, problems };
  }

  const journal = scene.journal();
  const ended = journal.findLast(({ type }) => type === 'run-ended');
  const why = typeof ended?.['why'] === 'string' ? ended['why'] : 'killed';
  const { why: expected = 'killed' } = of;
  expect(
    typeof expected === 'string' ? why === expected : expected.test(why),
    `the journal says ${why}, not ${expected}`,
  );
  const faults = journal.filter(({ type }) => type === 'trial-fault').map((event) => String(event['code']));
  for (const code of of.faults ?? [])
    expect(faults.includes(code), `no fault ${code} in the journal (${faults.join(', ')})`);
  const lost = done.filter((trial) => !trialsDone(scene).includes(trial)).length;
  expect(lost === 0, `${lost} finished trials lost`);
  const cut = (of.why ?? 'killed') !== 'plan-done';
  await checkReport(scene, cut, expect);
  const kinds = outcomes(scene).map(({ kind }) => kind);
  for (const kind of of.outcomes ?? [])
    expect(kinds.includes(kind), `no trial ${kind}, but ${[...new Set(kinds)].join(', ')}`);
  problems.push(...((await of.check?.(scene)) ?? []));

  const resumed = await resume(of, scene, expect);
  left = [...new Set([...left, ...(await settled(scene, 6))])];
  expect(left.length === 0, `left: ${left.join('; ')}`);
  const outcome = `${end}, ${why}${faults.length === 0 ? '' : `, ${faults.length} × ${[...new Set(faults)].join(' ')}`}`;
  return { case: of, outcome, lost, resumed, left: left.length, over, problems };
}

/** Names of the trials that have ended: folders with a record in them. */
export function trialsDone(scene: Scene): readonly string[] {
  const folder = scene.runFolder();
  if (folder === undefined) return [];
  const trials = join(folder, 'trials');
  return names(trials).filter((name) => !name.startsWith('.') && readText(join(trials, name, 'trial.json')) !== '');
}

function outcomes(scene: Scene): readonly { readonly kind: string; readonly apparatus?: boolean }[] {
  return trialsDone(scene).map((name) => {
    const record: unknown = JSON.parse(readText(join(scene.theRun, 'trials', name, 'trial.json')));
    return (record as { outcome: { kind: string; apparatus?: boolean } }).outcome;
  });
}

/** Whether an end is one of these. A machine with other work spoils trials, so that a run is complete and not all of it counts. */
function isOneOf(allowed: readonly End[], end: End, scene: Scene): boolean {
  if (allowed.includes(end)) return true;
  if (end !== '4' || !allowed.includes('0')) return false;
  return outcomes(scene).every(
    ({ kind, apparatus }) => kind === 'completed' || (kind === 'invalid' && apparatus === true),
  );
}

/** What the trials that are still to come are to take, as the run itself forecast it; nothing where the fault ends it. */
function secondsAhead({ why }: FaultCase, scene: Scene): number {
  if (why !== 'plan-done' && why !== 'failed') return 0;
  const started = scene.events().find(({ type }) => type === 'run-started');
  return typeof started?.['estimatedSeconds'] === 'number' ? started['estimatedSeconds'] : 20;
}

/** What is left once nothing is, or this long after the end. */
async function settled(scene: Scene, seconds: number): Promise<readonly string[]> {
  for (const limit = performance.now() + seconds * 1000; ; await sleep(100)) {
    const left = await scene.leftovers();
    if (left.length === 0 || performance.now() > limit) return left;
  }
}

/** Cleans what the run left; not everybody's leftovers, which others on this machine may be looking at. */
export async function cleanRun(scene: Scene): Promise<End> {
  const folder = scene.runFolder();
  if (folder === undefined) return (await scene.gctune('clean')).end;
  return (await scene.gctune('clean', '--run', folder.slice(scene.results.length + 1))).end;
}

async function checkReport(
  scene: Scene,
  cut: boolean,
  expect: (holds: boolean, problem: string) => void,
): Promise<void> {
  const none = trialsDone(scene).length === 0;
  const report = await scene.gctune('report', scene.theRun, '--format', 'text');
  expect(
    (none ? ['5'] : ['0', '4', '5']).includes(report.end),
    `report ended ${report.end}: ${lastLine(report.stderr)}`,
  );
  if (cut && !none) expect(report.stdout.includes('Cut short:'), 'the report does not say that the run was cut short');
}

/** Goes on with the run, and compares what comes of it with what an undisturbed run gives. */
async function resume(
  of: FaultCase,
  scene: Scene,
  expect: (holds: boolean, problem: string) => void,
): Promise<Verdict['resumed']> {
  const { end, stderr } = await scene.gctune('resume', scene.theRun);
  const allowed = of.resumes ?? ['0'];
  const ends = isOneOf(allowed, end, scene);
  expect(ends, `resume ended ${end}, not ${allowed.join(' or ')}: ${lastLine(stderr)}`);
  const problems = await missing(scene);
  expect(problems === undefined, problems ?? '');
  return problems === undefined && ends ? 'yes' : 'no';
}

/** In what a run differs from an undisturbed one: simulated, in its analysis; real, in its trials. */
export async function missing(scene: Scene): Promise<string | undefined> {
  const manifest = JSON.parse(readText(join(scene.theRun, 'run.json'))) as { plan: { trials: { id: string }[] } };
  const done = new Set(trialsDone(scene).map((name) => name.split('~')[0]));
  const absent = manifest.plan.trials.filter(({ id }) => !done.has(id)).map(({ id }) => id);
  if (absent.length > 0) return `without ${absent.join(', ')}`;
  if (scene.runner !== 'simulated') return undefined;
  const same = analysisOf(scene.theRun, scene.name) === (await undisturbed(scene));
  return same ? undefined : 'another analysis than that of the undisturbed run';
}

const undisturbedAnalyses = new Map<string, Promise<string>>();

/** The analysis of the same simulated experiment that nothing happens to; made once for each experiment. */
function undisturbed(scene: Scene): Promise<string> {
  const text = readText(scene.file).replaceAll(scene.name, 'undisturbed');
  const known = undisturbedAnalyses.get(text);
  if (known !== undefined) return known;
  const make = async (): Promise<string> => {
    await using quiet = new Scene('simulated');
    writeFileSync(quiet.file, text.replaceAll('undisturbed', quiet.name));
    const { end, stderr } = await quiet.gctune('run', quiet.file, '--output', quiet.results);
    if (end !== '0') throw new Error(`the undisturbed run ended ${end}: ${stderr}`);
    return analysisOf(quiet.theRun, quiet.name);
  };
  const made = make();
  undisturbedAnalyses.set(text, made);
  return made;
}

/** A run's analysis but for its name, for what says when, and for the warning that trials were repeated, which there is a reason for. */
function analysisOf(folder: string, name: string): string {
  const text = readText(join(folder, 'analysis.json'));
  if (text === '') return '';
  const analysis = JSON.parse(text) as {
    run: { id: string; startedAt: string };
    warnings: { code: string }[];
    sessions?: unknown;
  };
  delete analysis.sessions;
  analysis.warnings = analysis.warnings.filter(({ code }) => code !== 'machine-faults');
  const { id, startedAt } = analysis.run;
  return JSON.stringify(analysis, null, 1)
    .replaceAll(id, '<id>')
    .replaceAll(startedAt, '<start>')
    .replaceAll(name, '<name>');
}

function lastLine(text: string): string {
  return text.trim().split('\n').slice(-3).join(' | ').slice(0, 300);
}
