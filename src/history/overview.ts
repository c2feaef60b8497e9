import { METRIC_IDS, type MetricId } from '../metrics/metrics.ts';
import { SIMULATED_WARNING } from '../metrics/warning.ts';
import type { Estimate } from '../statistics/estimate.ts';
import { medianEstimate } from '../statistics/median.ts';
import { courseOf, LEAST_NIGHTS, type Course } from './course.ts';
import { MOST_NIGHTS } from './judge-night.ts';
import { placeOfNight, type Night, type NightEstimate } from './night.ts';
import { seriesOf, type Series } from './series.ts';
import { unusableNights, type CanaryMove } from './unusable.ts';

/** Version of what `gctune history --json` prints. */
export const OVERVIEW_VERSION = 1;
const CONFIDENCE = 0.95;
/** A change of a metric that no gate judges is shown from this share on. */
const SMALL = 0.01;

/** What a history shows of one experiment on one kind of machine. */
export interface HistoryOverview {
  readonly overviewVersion: number;
  readonly experiment: string;
  readonly place: string;
  readonly canary: string | undefined;
  /** Oldest first. */
  readonly nights: readonly NightSummary[];
  /** Nights that are not looked at: of other experiments, of other kinds of machines, and longer ago. */
  readonly leftOut: { readonly experiments: readonly string[]; readonly otherPlaces: number; readonly earlier: number };
  /** Nights that it takes to tell how much they differ. */
  readonly needed: number;
  /** What a gate judges. */
  readonly metrics: readonly MetricId[];
  readonly series: readonly SeriesOverview[];
  /** The canary's own: what changes in them is the machine. */
  readonly canaries: readonly SeriesOverview[];
  /** Of the daemon and of the machine, newest first. */
  readonly changes: readonly ChangeOverview[];
  /** Single nights in which series of one metric of the daemon were off a level that they came back to, newest first. */
  readonly odd: readonly OddOverview[];
  readonly warnings: readonly string[];
}

/** One night, without its figures. */
export interface NightSummary extends Pick<Night, 'run' | 'startedAt' | 'commit' | 'branch' | 'job' | 'toolVersion'> {
  readonly digests: readonly string[];
  readonly goVersions: readonly string[];
  /** What its canary did where it moved: the night is unusable. */
  readonly moved?: CanaryMove;
}

/** One metric of one cell. */
export interface SeriesOverview {
  readonly cell: string;
  readonly metric: MetricId;
  /** Changes are looked for in the ratio to the canary. */
  readonly relative: boolean;
  readonly points: readonly OverviewPoint[];
  /** Since the last change: the median of the nights, in the metric's unit. */
  readonly level: Estimate;
  /** Standard deviation from night to night of what is judged, as a share of its level; null with too few nights. */
  readonly noise: number | null;
}

/** A night of a series. */
export interface OverviewPoint extends NightEstimate {
  /** Index of its night. */
  readonly night: number;
  readonly toCanary?: NightEstimate;
}

/** A place where series of one metric change in the same night. */
export interface ChangeOverview {
  readonly metric: MetricId;
  /** Index of the first night after the change. */
  readonly night: number;
  /** `machine`: of the canary. */
  readonly of: 'daemon' | 'machine';
  readonly cells: readonly { readonly cell: string; readonly change: number; readonly p: number }[];
  /** Commits of the nights around it, where they are known. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** Whether the programs that it is of are the same to the byte in the two nights: then no code is behind it. */
  readonly samePrograms: boolean;
}

/** A night that was of no level in some series of one metric. */
export interface OddOverview {
  readonly metric: MetricId;
  /** Index of the night. */
  readonly night: number;
  /** How far each was off, as a share of its level. */
  readonly cells: readonly { readonly cell: string; readonly change: number }[];
}

/** Looks at a history: the nights of one experiment (else of the newest night) on the machine of its newest night. */
export function overviewOf(
  history: readonly Night[],
  options: {
    readonly experiment?: string | undefined;
    readonly nights?: number;
    /** What could not be read; asked when everything has been. */
    readonly warnings?: () => readonly string[];
  } = {},
): HistoryOverview | undefined {
  const experiment = options.experiment ?? history.at(-1)?.experiment;
  const own = history.filter((night) => night.experiment === experiment);
  const newest = own.at(-1);
  if (newest === undefined || experiment === undefined) return undefined;
  const here = own.filter((night) => placeOfNight(night) === placeOfNight(newest));
  // One whose figures could not be read is a warning, and no night.
  const nights = here.slice(-(options.nights ?? MOST_NIGHTS)).filter(({ cells }) => cells.length > 0);
  const floors = new Map(
    METRIC_IDS.flatMap((metric) => (newest.gate[metric] === undefined ? [] : [[metric, newest.gate[metric]]])),
  );
  const unusable = unusableNights(nights, floors);
  const indexOf = new Map(nights.map(({ run }, index) => [run, index]));
  const found = seriesOf(nights).map((one) =>
    overviewOfSeries(one, unusable, indexOf, floors.get(one.metric) ?? SMALL),
  );
  return {
    overviewVersion: OVERVIEW_VERSION,
    experiment,
    place: placeOfNight(newest),
    canary: newest.canary,
    nights: nights.map((night) => summaryOf(night, unusable.get(night.run))),
    leftOut: {
      experiments: [...new Set(history.map((night) => night.experiment))].filter((name) => name !== experiment),
      otherPlaces: own.length - here.length,
      earlier: Math.max(0, here.length - (options.nights ?? MOST_NIGHTS)),
    },
    needed: LEAST_NIGHTS,
    metrics: [...floors.keys()],
    series: found.filter(({ canary }) => !canary).map(({ overview }) => overview),
    canaries: found.filter(({ canary }) => canary).map(({ overview }) => overview),
    changes: changesOf(found, nights).toSorted((a, b) => b.night - a.night || a.cells.length - b.cells.length),
    odd: oddOf(found.filter(({ canary }) => !canary)),
    warnings: [...(newest.runner === 'simulated' ? [SIMULATED_WARNING.message] : []), ...(options.warnings?.() ?? [])],
  };
}

interface FoundSeries {
  readonly overview: SeriesOverview;
  readonly canary: boolean;
  readonly changes: readonly { readonly night: number; readonly change: number; readonly p: number }[];
  readonly odd: readonly { readonly night: number; readonly change: number }[];
}

function overviewOfSeries(
  { cell, metric, canary, baseline, relative, points }: Series,
  unusable: ReadonlyMap<string, CanaryMove>,
  indexOf: ReadonlyMap<string, number>,
  floor: number,
): FoundSeries {
  // The canary's own course shows the machine, in every night.
  const used = canary ? points : points.filter(({ night }) => !unusable.has(night.run));
  const course = courseOf(
    used.map(({ log }) => log),
    `${canary ? 'canary ' : ''}${cell} ${metric}`,
  );
  const { changes, stretches, scatter } = course;
  const means = stretches.map((stretch) => stretch.reduce((sum, value) => sum + value, 0) / stretch.length);
  const last = used.slice(-(stretches.at(-1)?.length ?? 0));
  const nightOf = (run: string | undefined): number => indexOf.get(run ?? '') ?? 0;
  return {
    canary,
    overview: {
      cell,
      metric,
      relative,
      points: points.map(({ night, figure: { value, low, high, n, toCanary } }) => ({
        night: nightOf(night.run),
        value,
        low,
        high,
        n,
        ...(toCanary === undefined ? {} : { toCanary }),
      })),
      level: medianEstimate(
        (last.length > 0 ? last : points).map(({ figure }) => figure.value),
        CONFIDENCE,
      ),
      noise: scatter.degrees > 1 ? scatter.sd : null,
    },
    // A change of the judged version comes to the baseline some nights later, and would be told of again.
    changes: (baseline ? [] : changes)
      .map(({ index, p }, i) => ({
        night: nightOf(used[index]?.night.run),
        change: Math.expm1((means[i + 1] ?? 0) - (means[i] ?? 0)),
        p,
      }))
      .filter(({ change }) => Math.abs(change) >= floor),
    odd: (baseline ? [] : course.odd)
      .map((index) => ({ night: nightOf(used[index]?.night.run), change: Math.expm1(offLevel(course, index)) }))
      .filter(({ change }) => Math.abs(change) >= floor),
  };
}

/** How far a night is off the steady ones of its stretch. */
function offLevel({ stretches, odd }: Course, at: number): number {
  let before = 0;
  for (const stretch of stretches) {
    const rest = stretch.filter((_, i) => !odd.includes(before + i));
    const value = stretch[at - before];
    if (value !== undefined) return value - rest.reduce((sum, one) => sum + one, 0) / Math.max(1, rest.length);
    before += stretch.length;
  }
  return 0;
}

/** What series of one metric have in the same night: of all cells of the daemon, or of the canary, what is farthest off first. */
function together<T extends { readonly change: number }>(
  found: readonly FoundSeries[],
  of: (series: FoundSeries) => readonly (readonly [night: number, what: T])[],
): readonly Together<T>[] {
  const groups = new Map<string, Omit<Together<T>, 'cells'> & { readonly cells: (T & { readonly cell: string })[] }>();
  for (const series of found) {
    const { overview, canary } = series;
    for (const [night, what] of of(series)) {
      const key = `${overview.metric} ${night} ${canary}`;
      const group = groups.get(key) ?? { metric: overview.metric, night, canary, cells: [] };
      group.cells.push({ cell: overview.cell, ...what });
      groups.set(key, group);
    }
  }
  return [...groups.values()].map(({ cells, ...group }) => ({
    ...group,
    cells: cells.toSorted((a, b) => Math.abs(b.change) - Math.abs(a.change)),
  }));
}

interface Together<T> {
  readonly metric: MetricId;
  readonly night: number;
  readonly canary: boolean;
  readonly cells: readonly (T & { readonly cell: string })[];
}

function oddOf(found: readonly FoundSeries[]): readonly OddOverview[] {
  return together(found, ({ odd }) => odd.map(({ night, ...off }) => [night, off]))
    .map(({ metric, night, cells }) => ({ metric, night, cells }))
    .toSorted((a, b) => b.night - a.night);
}

function changesOf(found: readonly FoundSeries[], nights: readonly Night[]): readonly ChangeOverview[] {
  const groups = together(found, ({ changes }) => changes.map(({ night, ...change }) => [night, change]));
  return groups.map(({ metric, night, canary, cells }): ChangeOverview => {
    const [before, after] = [nights[night - 1], nights[night]];
    return {
      metric,
      night,
      of: canary ? 'machine' : 'daemon',
      cells,
      from: before && commitOf(before),
      to: after && commitOf(after),
      samePrograms:
        before !== undefined &&
        after !== undefined &&
        sameText(digestsOf(programsThat(canary, before)), digestsOf(programsThat(canary, after))),
    };
  });
}

/** The commit that CI or git told, else the one that the linker wrote into what was watched. */
export function commitOf(night: Night): string | undefined {
  return night.commit ?? programsThat(false, night).find(({ revision }) => revision !== undefined)?.revision;
}

function summaryOf(night: Night, moved: CanaryMove | undefined): NightSummary {
  const { run, startedAt, branch, job, toolVersion, programs } = night;
  const commit = commitOf(night);
  return {
    run,
    startedAt,
    toolVersion,
    ...(commit === undefined ? {} : { commit }),
    ...(branch === undefined ? {} : { branch }),
    ...(job === undefined ? {} : { job }),
    digests: digestsOf(programs),
    goVersions: [...new Set(programs.map(({ goVersion }) => goVersion))],
    ...(moved === undefined ? {} : { moved }),
  };
}

function digestsOf(programs: Night['programs']): readonly string[] {
  return programs.map(({ digest }) => digest).toSorted();
}

/** The canary's programs, or those that are judged: neither the canary's nor what they are held to. */
function programsThat(isCanary: boolean, { programs, canary, baseline }: Night): Night['programs'] {
  return programs.filter(({ version }) =>
    isCanary ? version === canary : version === undefined || (version !== canary && version !== baseline),
  );
}

function sameText(one: readonly string[], other: readonly string[]): boolean {
  return one.join(' ') === other.join(' ');
}
