import { experimentJsonSchema } from '../../experiment/schema/json-schema.ts';
import { METRICS } from '../../metrics/metrics.ts';
import type { Document, Fact } from '../../report/document/document.ts';
import type { Answer } from '../../session/print-answer.ts';

/** `gctune help metrics`: the registry, as it is. */
export function metricsHelp(): Pick<Answer, 'document' | 'json'> {
  return {
    document: Object.values(METRICS).flatMap(({ id, label, unit, better, reducer, definition }): Document => {
      const direction = better === 'neither' ? '' : `, ${better} is better`;
      return [
        { kind: 'heading', level: 2, text: `${id} (${label}, ${unit}${direction})` },
        { kind: 'prose', text: `${definition} Value of a trial: ${reducer}.` },
      ];
    }),
    json: METRICS,
  };
}

/** `gctune help experiment`: every key of an experiment file, from its schema. */
export function experimentHelp(): Pick<Answer, 'document' | 'json'> {
  const schema = experimentJsonSchema();
  const intro =
    'The keys of an experiment file. gctune init writes a file to start from; gctune schema is for editors.';
  return {
    document: [
      { kind: 'prose', text: intro },
      { kind: 'facts', facts: keyFacts(schema, '') },
    ],
    json: schema,
  };
}

function keyFacts(schema: unknown, above: string): readonly Fact[] {
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
    const text = `${typeof description === 'string' ? description : ''}${remark}`;
    return [[`${above}${key}`, text], ...keyFacts(innerSchema(value), `${above}${key}.`)];
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
