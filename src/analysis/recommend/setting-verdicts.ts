import type { Experiment } from '../../experiment/experiment.ts';
import type { CellAnalysis, WorkloadAnalysis } from '../analysis.ts';
import { blocksNeeded, type Forecast } from './blocks-needed.ts';
import { exclusionOf } from '../inference/complete-blocks.ts';
import { gainOf } from './gain.ts';
import { judge } from './judge.ts';
import type { SettingVerdict } from './recommendation.ts';
import type { Rule } from './wishes.ts';

/** Every measured setting with how it stands to each limit and to the aim, under each workload. */
export function settingVerdicts(
  experiment: Pick<Experiment, 'confidence'>,
  workloads: readonly WorkloadAnalysis[],
  { goal, limits }: Rule,
  forecast: Forecast = blocksNeeded,
): readonly SettingVerdict[] {
  const all = workloads.flatMap((workload) =>
    workload.cells.filter(({ role }) => role === 'level').map((cell) => ({ workload, cell })),
  );
  const groups = [...Map.groupBy(all, ({ cell }) => settingKey(cell)).values()];
  return groups.flatMap((group): readonly SettingVerdict[] => {
    const [first] = group;
    if (first === undefined) return [];
    const { levels, label, baseline } = first.cell;
    const several = workloads.length > 1;
    const exclusions = group.flatMap(({ workload, cell }) => {
      const mostValid = Math.max(...workload.cells.map(({ valid }) => valid));
      const reason = exclusionOf(cell, mostValid);
      return reason === undefined ? [] : [`${several ? `${workload.workload}: ` : ''}${reason}`];
    });
    if (group.length < workloads.length) exclusions.push('it was not measured under every workload');
    return [
      {
        gogc: levels.gogc,
        gomemlimit: levels.gomemlimit,
        label,
        baseline,
        cells: group.map(({ cell }) => cell.id),
        excluded: exclusions.length === 0 ? undefined : exclusions.join('; '),
        judgements: group.flatMap(({ workload, cell }) =>
          limits.map((limit) => judge(experiment, workload, cell, limit, workload.axes, forecast)),
        ),
        gains: baseline
          ? []
          : group.map(({ workload, cell }) => gainOf(experiment, workload, cell.id, goal, workload.axes, forecast)),
      },
    ];
  });
}

/** What tells settings apart, whatever the workload. */
function settingKey({ levels }: CellAnalysis): string {
  return JSON.stringify([levels.gogc, levels.gomemlimit]);
}
