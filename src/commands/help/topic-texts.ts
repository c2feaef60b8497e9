import { experimentJsonSchema } from '../../experiment/schema/json-schema.ts';
import { counted } from '../../text/words.ts';
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

/** So many keys below a key stand beside it; more have a topic of their own. */
const MOST_BELOW = 12;

/**
 * `gctune help experiment`: the sections of an experiment file, from its schema, and `gctune help experiment.target`: the
 * keys of one; undefined where there is no such key, or nothing below it.
 */
export function experimentHelp(path: readonly string[] = []): Pick<Answer, 'document' | 'json'> | undefined {
  const schema = path.reduce<unknown>(
    (above, key) => innerSchema(asRecord(asRecord(above)['properties'])[key]),
    experimentJsonSchema(),
  );
  if (propertiesOf(schema).length === 0) return undefined;
  const intro =
    path.length === 0
      ? 'The sections of an experiment file. gctune init writes a file to start from; gctune schema is for editors.'
      : `The keys of ${path.join('.')}.`;
  return {
    document: [
      { kind: 'prose', text: intro },
      { kind: 'facts', facts: keyFacts(schema, path, '') },
    ],
    json: schema,
  };
}

/** The keys below a place; what has many below it is told by its topic, in the index all that have any. */
function keyFacts(schema: unknown, path: readonly string[], above: string): readonly Fact[] {
  const required = new Set(asArray(asRecord(schema)['required']));
  return propertiesOf(schema).flatMap(([key, value]) => {
    const inner = innerSchema(value);
    const below = keysBelow(inner);
    const own = [...path, key];
    const folded = below > (path.length === 0 ? 0 : MOST_BELOW);
    const more = folded ? ` ${counted(below, 'key')}: gctune help experiment.${own.join('.')}` : '';
    const fact: Fact = [`${above}${key}`, `${keyText(value, required.has(key), folded)}${more}`];
    return [fact, ...(folded ? [] : keyFacts(inner, own, `${above}${key}.`))];
  });
}

function keyText(value: unknown, required: boolean, folded: boolean): string {
  const { description, default: standard, examples } = asRecord(value);
  const simple = typeof standard === 'string' || typeof standard === 'number' || typeof standard === 'boolean';
  const example: unknown = folded ? undefined : asArray(examples)[0];
  const remark = required
    ? ' Required.'
    : simple
      ? ` Default: ${String(standard)}.`
      : example === undefined
        ? ''
        : ` Example: ${JSON.stringify(example, null, 1).replaceAll(/\n\s*/g, ' ')}`;
  return `${typeof description === 'string' ? description : ''}${remark}`;
}

function keysBelow(schema: unknown): number {
  return propertiesOf(schema).reduce((sum, [, value]) => sum + 1 + keysBelow(innerSchema(value)), 0);
}

function propertiesOf(schema: unknown): readonly (readonly [key: string, value: unknown])[] {
  return Object.entries(asRecord(asRecord(schema)['properties']));
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
