import type { ChosenSetting } from '../../analysis/recommend/recommendation.ts';
import { shellWord, systemdAssignment, yamlText } from '../../experiment/quoted.ts';
import { writeSize } from '../../experiment/units.ts';

/** One way of setting a Go program's environment. */
export interface PasteForm {
  readonly name: 'environment' | 'docker' | 'kubernetes' | 'systemd';
  readonly title: string;
  readonly text: string;
}

/** The chosen setting as it is written where programs are run, with its memory limit where one can be given. */
export function pasteForms({ gogc, memoryLimit }: ChosenSetting): readonly PasteForm[] {
  const gomemlimit = memoryLimit.kind === 'none' ? undefined : writeSize(memoryLimit.gomemlimitBytes);
  const variables: readonly (readonly [name: string, value: string])[] = [
    ['GOGC', String(gogc)],
    ...(gomemlimit === undefined ? [] : [['GOMEMLIMIT', gomemlimit] as const]),
  ];
  const container = memoryLimit.kind === 'limit' ? memoryLimit.containerBytes : undefined;
  const pairs = variables.map(([name, value]) => `${name}=${value}`);
  return [
    { name: 'environment', title: 'Environment', text: pairs.map(shellWord).join(' ') },
    {
      name: 'docker',
      title: 'Docker',
      // Docker's m is 2^20 bytes.
      text: `docker run ${pairs.map((pair) => `-e ${shellWord(pair)}`).join(' ')}${container === undefined ? '' : ` --memory ${mebibytes(container)}m`} …`,
    },
    {
      name: 'kubernetes',
      title: 'Kubernetes, in the container’s entry',
      text: [
        'env:',
        ...variables.flatMap(([name, value]) => [`  - name: ${name}`, `    value: ${yamlText(value)}`]),
        ...(container === undefined ? [] : ['resources:', '  limits:', `    memory: ${mebibytes(container)}Mi`]),
      ].join('\n'),
    },
    {
      name: 'systemd',
      title: 'systemd, as a drop-in (systemctl edit <service>)',
      text: [
        '[Service]',
        ...variables.map(([name, value]) => `Environment=${systemdAssignment(name, value)}`),
        ...(container === undefined ? [] : [`MemoryMax=${mebibytes(container)}M`]),
      ].join('\n'),
    },
  ];
}

function mebibytes(bytes: number): number {
  return Math.ceil(bytes / 2 ** 20);
}
