import { experimentJsonSchema } from '../../experiment/schema/json-schema.ts';
import { METRICS } from '../../metrics/metrics.ts';

/** `gctune help metrics`: the registry, as it is. */
export function metricsText(): string {
  return Object.values(METRICS)
    .map(({ id, label, unit, better, reducer, definition }) => {
      const direction = better === 'neither' ? '' : `, ${better} is better`;
      return `${id}  (${label}, ${unit}${direction})\n    ${definition}\n    One number of a trial: ${reducer}.\n`;
    })
    .join('\n');
}

/** `gctune help experiment`: every key of an experiment file, from its schema. */
export function experimentText(): string {
  const intro =
    'The keys of an experiment file. gctune init writes a file to begin from; gctune schema is for editors.\n\n';
  return intro + keyLines(experimentJsonSchema(), 0).join('\n') + '\n';
}

function keyLines(schema: unknown, depth: number): readonly string[] {
  const indent = '  '.repeat(depth);
  const required = new Set(asArray(asRecord(schema)['required']));
  return Object.entries(asRecord(asRecord(schema)['properties'])).flatMap(([key, value]) => {
    const { description, default: standard, examples } = asRecord(value);
    const simple = typeof standard === 'string' || typeof standard === 'number' || typeof standard === 'boolean';
    const example: unknown = asArray(examples)[0];
    const remark = required.has(key)
      ? ' Required.'
      : simple
        ? ` Default: ${String(standard)}.`
        : example === undefined
          ? ''
          : ` Example: ${JSON.stringify(example)}`;
    const inner = keyLines(innerSchema(value), depth + 1);
    return [`${indent}${key}: ${typeof description === 'string' ? description : ''}${remark}`, ...inner];
  });
}

/** Where the keys below a key are described: in itself, in its entries, in its values, or in one of its forms. */
function innerSchema(value: unknown): unknown {
  const { items, additionalProperties, anyOf } = asRecord(value);
  const forms = [value, items, additionalProperties, ...asArray(anyOf)];
  return forms.find((form) => Object.keys(asRecord(asRecord(form)['properties'])).length > 0);
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
