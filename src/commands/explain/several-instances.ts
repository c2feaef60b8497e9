import { UserError } from '../../errors.ts';
import type { SeveralInstances } from '../../probe/memstats-text.ts';
import { plainText } from '../../text/plain-text.ts';

/** Asks which of several processes is meant. */
export function severalInstances(
  { instances }: SeveralInstances,
  instance: string | undefined,
  name: string,
): UserError {
  if (instances.length === 1 && instances[0] === '') {
    const alone = `${name} shows one process, without labels`;
    return new UserError({ code: 'bad-value', message: alone, at: '--instance', hint: 'leave it out' });
  }
  const list = instances.slice(0, 8).map((one) => plainText(one === '' ? 'the one without labels' : one).slice(0, 200));
  const more = instances.length > list.length ? `, and ${instances.length - list.length} more` : '';
  const message =
    instance === undefined
      ? `${name} has the counters of ${instances.length} processes`
      : instances.length === 1
        ? `${name} has no process ${JSON.stringify(instance)}`
        : `--instance ${JSON.stringify(instance)} does not name exactly one of the ${instances.length} processes in ${name}`;
  const example = /(\w+)="((?:[^"\\]|\\.)*)"/.exec(instances[0] ?? '')?.[2] ?? instances[0] ?? '';
  return new UserError({
    code: instance === undefined ? 'several-processes' : 'bad-value',
    message: `${message}: ${list.join(', ')}${more}`,
    at: '--instance',
    hint: `name one by a label or its value, e.g. --instance '${plainText(example).slice(0, 100)}'`,
  });
}
