import type { ChosenSetting, Recommendation } from '../../analysis/recommend/recommendation.ts';
import { shellWord, systemdAssignment, yamlText } from '../../text/quoted.ts';
import { AIM_PHRASES } from './aim-phrases.ts';
import { writeSize } from '../../units/units.ts';

/** One way of setting a Go program's environment. */
export interface PasteForm {
  readonly name: 'environment' | 'docker' | 'compose' | 'kubernetes' | 'systemd';
  /** `Docker`. */
  readonly short: string;
  readonly title: string;
  readonly text: string;
}

/** The chosen setting as it is written where programs are run: as it was measured, so with a GOMEMLIMIT only where it had one. */
export function pasteForms({ gogc, gomemlimit }: Pick<ChosenSetting, 'gogc' | 'gomemlimit'>): readonly PasteForm[] {
  const variables: readonly (readonly [name: string, value: string])[] = [
    ['GOGC', String(gogc)],
    ...(gomemlimit === 'off' ? [] : [['GOMEMLIMIT', writeSize(gomemlimit)] as const]),
  ];
  const pairs = variables.map(([name, value]) => `${name}=${value}`);
  return [
    { name: 'environment', short: 'Environment', title: 'Environment', text: pairs.map(shellWord).join(' ') },
    {
      name: 'docker',
      short: 'Docker',
      title: 'Docker',
      text: `docker run ${pairs.map((pair) => `-e ${shellWord(pair)}`).join(' ')} …`,
    },
    {
      name: 'compose',
      short: 'Compose',
      title: 'Compose, in the service',
      text: ['environment:', ...variables.map(([name, value]) => `  ${name}: ${yamlText(value)}`)].join('\n'),
    },
    {
      name: 'kubernetes',
      short: 'Kubernetes',
      title: 'Kubernetes, in the container spec',
      text: [
        'env:',
        ...variables.flatMap(([name, value]) => [`  - name: ${name}`, `    value: ${yamlText(value)}`]),
      ].join('\n'),
    },
    {
      name: 'systemd',
      short: 'systemd',
      title: 'systemd, as a drop-in (systemctl edit <service>)',
      text: ['[Service]', ...variables.map(([name, value]) => `Environment=${systemdAssignment(name, value)}`)].join(
        '\n',
      ),
    },
  ];
}

/** The settings that are recommended and are not the baseline, each once, with what it is for: `For memory`. */
export function settingsToPaste({
  answers,
}: Recommendation): readonly { readonly chosen: ChosenSetting; readonly aims: readonly string[] }[] {
  const moved = answers.flatMap(({ chosen, goal }) =>
    chosen === undefined || chosen.baseline ? [] : [{ chosen, aim: AIM_PHRASES[goal.kind].lead }],
  );
  return [...Map.groupBy(moved, ({ chosen }) => chosen.label).values()].flatMap((own) => {
    const [first] = own;
    return first === undefined ? [] : [{ chosen: first.chosen, aims: own.map(({ aim }) => aim) }];
  });
}
