import type { Problem } from './diagnose.ts';
import type { ReadSections } from '../sections.ts';
import { writeSize } from '../../units/units.ts';

/** The largest file of an operation. */
const LARGEST_BYTES = 256 * 2 ** 20;

/** What the operations of kubo workloads need of each other and of the rest of the file. */
export function checkKubo(file: ReadSections): Problem[] {
  return Object.entries(file.workloads ?? {}).flatMap(([name, { kubo }]) => {
    if (kubo === undefined) return [];
    const firstAdd = kubo.preload.findIndex(({ add }) => add !== undefined);
    const problems = (operation: Operation, at: Problem['path'], hasFiles: boolean): Problem[] => [
      ...sizeProblems(operation, at),
      ...(hasFiles ? [] : needsFiles(operation, at)),
      ...(file.companion === undefined ? needsCompanion(operation, at) : []),
    ];
    const path = ['workloads', name, 'kubo'];
    return [
      ...kubo.preload.flatMap((operation, index) =>
        problems(operation, [...path, 'preload', index], firstAdd !== -1 && firstAdd < index),
      ),
      ...kubo.operations.flatMap((operation, index) =>
        problems(operation, [...path, 'operations', index], firstAdd !== -1),
      ),
    ];
  });
}

type Kubo = NonNullable<NonNullable<ReadSections['workloads']>[string]['kubo']>;
type Operation = Omit<Kubo['operations'][number], 'weight'>;

function sizeProblems(operation: Operation, at: Problem['path']): Problem[] {
  return (['add', 'dag_put', 'mfs_write', 'exchange'] as const).flatMap((kind): Problem[] => {
    const size = operation[kind]?.size;
    if (size === undefined) return [];
    const path = [...at, kind, 'size'];
    const range = typeof size === 'number' ? { from: size, to: size } : size;
    if (range.from > range.to) {
      return [
        { code: 'bad-range', path: [...path, 'to'], message: 'it is less than “from”', hint: 'exchange the two' },
      ];
    }
    if (range.to <= LARGEST_BYTES) return [];
    const message = `the load generator holds each file in memory, and ${writeSize(range.to)} is too much`;
    return [{ code: 'bad-size', path, message, hint: `write at most ${writeSize(LARGEST_BYTES)}` }];
  });
}

function needsFiles(operation: Operation, at: Problem['path']): Problem[] {
  const kind = (['cat', 'block_get', 'pin'] as const).find((each) => operation[each] !== undefined);
  if (kind === undefined) return [];
  const message = 'there is no file for it: the preload adds none before';
  const hint = 'add to the preload: {add: {size: 256KiB}, count: 100}';
  return [{ code: 'no-files', path: [...at, kind], atKey: true, message, hint }];
}

function needsCompanion(operation: Operation, at: Problem['path']): Problem[] {
  if (operation.exchange === undefined) return [];
  const message = 'there is no second node to exchange with';
  const hint = 'add at the left margin: companion: {gogc: 100}';
  return [{ code: 'no-companion', path: [...at, 'exchange'], atKey: true, message, hint }];
}
